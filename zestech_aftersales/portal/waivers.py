"""Giving up a cover: said on one page, confirmed on another, each a command of its own (4.1.1)."""

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
from cases.actions.waivers import confirm_waiver, drop_waiver, state_waiver
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.portal.views import buyer
from zestech_aftersales.ui.keyed import KeyedForm, attempt


class WaiverForm(KeyedForm):
    """The order by its number, and what the buyer gives up in his own words."""

    order_number = forms.CharField(
        label=gettext_lazy("Number of the order"),
        max_length=60,
        help_text=gettext_lazy("Type it, so that it is clear which cover you mean."),
    )
    statement = forms.CharField(
        label=gettext_lazy("In your own words: what do you give up, and why?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@login_required
@require_http_methods(["GET", "POST"])
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """First: say which cover is given up. Nothing changes yet."""
    by, at = buyer(request), cast(PersonRequest, request).received_at
    cover = queries.one(queries.covers_for(by), pk, by)
    stated = cover.waivers.filter(state="stated").first()
    if stated is not None:
        return redirect("portal:confirm_waiver", stated.pk)
    form = WaiverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sender, typed = by.with_key(form.cleaned_data["key"]), form.cleaned_data
        waiver = attempt(
            form,
            lambda: state_waiver(
                cover, order_number=typed["order_number"], statement=typed["statement"], by=sender, at=at
            ),
        )
        if waiver is not None:
            return redirect("portal:confirm_waiver", waiver.pk)
    context = {"cover": cover, "form": form, "refusal": form.refusal}
    return render(request, "portal/waive.html", context, status=form.status)


@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Second: confirm it, or think better of it."""
    by, at = buyer(request), cast(PersonRequest, request).received_at
    waiver = queries.one(queries.waivers_for(by), pk, by)
    form = KeyedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sender = by.with_key(form.cleaned_data["key"])
        is_dropped = request.POST.get("answer") == "drop"
        step = drop_waiver if is_dropped else confirm_waiver
        if attempt(form, lambda: step(waiver, by=sender, at=at)) is not None:
            messages.success(request, _("Your cover stays.") if is_dropped else _("The cover is given up."))
            return redirect("portal:orders")
    elif waiver.state != "stated":
        return redirect("portal:orders")
    context = {"waiver": waiver, "cover": waiver.cover, "at": at, "form": form, "refusal": form.refusal}
    return render(request, "portal/waive_confirm.html", context, status=form.status)
