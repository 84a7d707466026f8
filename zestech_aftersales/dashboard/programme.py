"""The seller's part in the after-sales programme: where it stands, joining, leaving."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases.queries import newest_owed_cover
from cases.worklists import COUNTED, counts
from sellers import queries
from sellers.actions.enrolments import apply, withdraw
from sellers.models import Enrolment, EnrolmentState
from sellers.permissions import owns
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.forms import ApplyForm, WithdrawForm
from zestech_aftersales.dashboard.people import speakers_only
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.ui.keyed import attempt

IN_HAND = (EnrolmentState.APPLIED, EnrolmentState.ACTIVE)


@require_GET
@speakers_only
def programme(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """Where the seller stands, since when, what that means, and what the owner can do."""
    at = cast(PersonRequest, request).received_at
    enrolments = list(queries.enrolments_for(by)[:COUNTED])
    latest = enrolments[0] if enrolments else None
    barred_until = queries.bar_until(enrolments[0].seller) if enrolments else None
    context = {
        "latest": latest,
        "earlier": enrolments[1:],
        "barred_until": barred_until if barred_until and on_time(at, barred_until) else None,
        "is_owner": _is_owner(by),
        "can_apply": latest is None or latest.state not in IN_HAND,
        "can_withdraw": latest is not None and latest.state == EnrolmentState.ACTIVE,
        **_at_stake(by, request),
    }
    return render(request, "dashboard/programme.html", context)


@require_http_methods(["GET", "POST"])
@speakers_only
def apply_page(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """Apply for the programme; only the owner."""
    _owner_only(by)
    seller = queries.sellers_for(by).get()
    form = ApplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor, at = by.with_key(form.cleaned_data["key"]), cast(PersonRequest, request).received_at
        if attempt(form, lambda: apply(seller, by=actor, at=at, statement=form.cleaned_data["statement"])):
            messages.success(request, _("Your application is in hand."))
            return redirect("dashboard:programme")
    return render(request, "dashboard/apply.html", {"form": form, "refusal": form.refusal}, status=form.status)


@require_http_methods(["GET", "POST"])
@speakers_only
def withdraw_page(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """Leave the programme, with what follows from it shown first; only the owner."""
    _owner_only(by)
    enrolment = queries.enrolments_for(by).first()
    if enrolment is None:
        return redirect("dashboard:programme")
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor, at = by.with_key(form.cleaned_data["key"]), cast(PersonRequest, request).received_at
        if attempt(form, lambda: withdraw(enrolment, by=actor, at=at, reason=form.cleaned_data["reason"])):
            messages.success(request, _("You have left the programme."))
            return redirect("dashboard:programme")
    elif request.method == "GET" and not _is_active(enrolment):
        return redirect("dashboard:programme")
    context = {"form": form, "refusal": form.refusal, **_at_stake(by, request)}
    return render(request, "dashboard/withdraw.html", context, status=form.status)


def _at_stake(by: Actor, request: HttpRequest) -> dict[str, object]:
    """What leaving would touch and what it would not."""
    at = cast(PersonRequest, request).received_at
    marked = queries.marked_products(by, at)[: COUNTED + 1].count()
    cover = newest_owed_cover(by, at=at)
    open_cases = counts(by, at=at).open
    return {
        "marked": f"{COUNTED}+" if marked > COUNTED else marked,
        "open_cases": f"{COUNTED}+" if open_cases > COUNTED else open_cases,
        "owed_until": cover.ends_at if cover else None,
    }


def _is_active(enrolment: Enrolment) -> bool:
    return bool(enrolment.state == EnrolmentState.ACTIVE)


def _is_owner(by: Actor) -> bool:
    return by.seller_id is not None and owns(by.seller_id, by)


def _owner_only(by: Actor) -> None:
    if not _is_owner(by):
        raise PermissionDenied(_("Only the seller’s owner joins or leaves the programme."))
