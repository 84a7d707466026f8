"""The seller's part in the after-sales programme: where it stands, joining, leaving."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases import completeness
from cases.cover_ends import COUNTED_END, end_for
from cases.queries import newest_owed_cover
from cases.worklists import counts
from complaints.queries.clearances import run_off_covers, standing_clearance_for
from complaints.queries.running_audits import running_audits_for
from complaints.sums import sum_of_bar
from sellers import queries
from sellers.actions.enrolments import apply, withdraw
from sellers.bars import bar_until, barred
from sellers.models import Enrolment, EnrolmentState
from sellers.permissions import owns
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.people import speakers_only
from zestech_aftersales.dashboard.programme_forms import ApplyForm, WithdrawForm
from zestech_aftersales.desk.counting import COUNTED
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.ui.keyed import attempt
from zestech_aftersales.ui.keyset import keyset_page

IN_HAND = (EnrolmentState.APPLIED, EnrolmentState.ACTIVE)
# The first of what stays bound, before the whole list.
FIRST = 10


@require_GET
@speakers_only
def programme(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """Where the seller stands, since when, what that means, and what the owner can do."""
    at = cast(PersonRequest, request).received_at
    enrolments = list(queries.enrolments_for(by)[:COUNTED])
    latest = enrolments[0] if enrolments else None
    seller = queries.seller_of(by)
    can_apply = latest is None or latest.state not in IN_HAND
    context = {
        "latest": latest,
        "earlier": enrolments[1:],
        "barred": barred(seller, at) if seller and can_apply else None,
        "told": completeness.completeness(by, at=at),
        "told_days": completeness.DAYS_BACK,
        "is_owner": _is_owner(by),
        "can_apply": can_apply,
        "can_withdraw": latest is not None and latest.state == EnrolmentState.ACTIVE,
        "clearance": standing_clearance_for(by),
        "own_id": by.seller_id,
        **_at_stake(by, request),
    }
    return render(request, "dashboard/programme.html", context)


@require_GET
@speakers_only
def bar_page(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """Until when the seller is barred, and how the bars of its own company are counted (3.2)."""
    seller = queries.seller_of(by)
    found = barred(seller, cast(PersonRequest, request).received_at) if seller else None
    if found is None:
        raise Http404
    return render(request, "dashboard/bar.html", {"barred": found, "sums": [sum_of_bar(bar) for bar in found.own]})


@require_GET
@speakers_only
def run_off_page(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """Every order that stays bound after the seller has left: until when, and what is under way (4.3)."""
    at = cast(PersonRequest, request).received_at
    page = keyset_page(request, run_off_covers(by, at))
    return render(request, "dashboard/run_off.html", {"page": page, "at": at})


@require_http_methods(["GET", "POST"])
@speakers_only
def apply_page(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """Apply for the programme; only the owner."""
    _owner_only(by)
    seller = queries.sellers_for(by).get()
    at = cast(PersonRequest, request).received_at
    before = queries.enrolment_of(seller)
    if request.method == "GET" and ((before and before.state in IN_HAND) or bar_until(seller, at)):
        # The programme's page says why not, and from when on.
        return redirect("dashboard:programme")
    edition = edition_in_force(at)
    form = ApplyForm(request.POST or None, seller=seller, edition=edition, before=before)
    if request.method == "POST" and form.is_valid():
        actor, statement = by.with_key(form.cleaned_data["key"]), form.cleaned_data["statement"]
        if attempt(form, lambda: apply(seller, by=actor, at=at, application=form.application, statement=statement)):
            messages.success(request, _("Your application is in hand."))
            return redirect("dashboard:programme")
    if form.refusal is not None and form.refusal.code == "edition_changed":
        form.show_again(edition)
    context = {"form": form, "refusal": form.refusal, "edition": edition}
    return render(request, "dashboard/apply.html", context, status=form.status)


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
    at = cast(PersonRequest, request).received_at
    context = {
        "form": form,
        "refusal": form.refusal,
        # Which ones they are goes by months of equal length; their order by the ends that are shown.
        "run_off": sorted(
            run_off_covers(by, at).order_by(COUNTED_END.desc(), "-id")[:FIRST],
            key=lambda cover: (end_for(cover, at) or at, cover.pk),
            reverse=True,
        ),
        "first": FIRST,
        "at": at,
        **_at_stake(by, request),
    }
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
        "owed_until": end_for(cover, at) if cover else None,
        "audits": running_audits_for(by)[:COUNTED],
    }


def _is_active(enrolment: Enrolment) -> bool:
    return bool(enrolment.state == EnrolmentState.ACTIVE)


def _is_owner(by: Actor) -> bool:
    return by.seller_id is not None and owns(by.seller_id, by)


def _owner_only(by: Actor) -> None:
    if not _is_owner(by):
        raise PermissionDenied(_("Only the seller’s owner joins or leaves the programme."))
