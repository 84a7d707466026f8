"""A buyer is heard on a finding of abuse, and appeals against a restriction (4.1.3)."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases import queries
from cases.actions.restrictions import answer_finding, appeal
from cases.beside import sums_of_restriction
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.portal.views import buyer
from zestech_aftersales.ui.keyed import KeyedForm, attempt


class WordsForm(KeyedForm):
    """The buyer's own words."""

    words = forms.CharField(
        label=gettext_lazy("In your own words"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )


@login_required
@require_http_methods(["GET", "POST"])
def restriction(request: HttpRequest, pk: int) -> HttpResponse:
    """The finding, what was decided, and what the buyer can say now."""
    by, at = buyer(request), cast(PersonRequest, request).received_at
    found = queries.one(queries.restrictions_for(by).select_related("cover__edition"), pk, by)
    form = WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sender, words = by.with_key(form.cleaned_data["key"]), form.cleaned_data["words"]
        step = answer_finding if found.state == "proposed" else appeal
        if attempt(form, lambda: step(found, words, by=sender, at=at)) is not None:
            messages.success(request, _("Your words are with the auditors."))
            return redirect("portal:restriction", found.pk)
    context = {
        "restriction": found,
        "cover": found.cover,
        "can_appeal": found.is_appealable_at(at),
        "sums": sums_of_restriction(found),
        "form": form,
        "refusal": form.refusal,
    }
    return render(request, "portal/restriction.html", context, status=form.status)
