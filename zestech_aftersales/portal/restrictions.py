"""A buyer is heard on a finding of abuse, and appeals against a restriction (4.1.3)."""

from __future__ import annotations

from datetime import datetime
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
from cases.late_words import late_words
from cases.models import Restriction
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.pages.kept import is_kept_late
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
    found = _found(pk, by)
    form = WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sender, words = by.with_key(form.cleaned_data["key"]), form.cleaned_data["words"]
        # An answer that is sent after the decision is no appeal: which of the two was written, the form tells.
        step = appeal if request.POST.get("step") == "appeal" else answer_finding
        if attempt(form, lambda: step(found, words, by=sender, at=at)) is not None:
            messages.success(request, _("Your words are with the auditors."))
            return redirect("portal:restriction", found.pk)
        if is_kept_late(request, form):
            return redirect("portal:restriction", found.pk)
        found = _found(pk, by)
    context = {
        "restriction": found,
        "cover": found.cover,
        "step": _step(found, at=at),
        "late": late_words(found),
        "sums": sums_of_restriction(found),
        "form": form,
        "refusal": form.refusal,
    }
    return render(request, "portal/restriction.html", context, status=form.status)


def _found(pk: int, by: Actor) -> Restriction:
    return queries.one(queries.restrictions_for(by).select_related("cover__edition"), pk, by)


def _step(found: Restriction, *, at: datetime) -> str:
    if found.is_heard:
        return "answer"
    return "appeal" if found.is_appealable_at(at) else ""
