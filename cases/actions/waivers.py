"""Only the buyer gives up a whole cover: specifically, and confirmed twice (4.1.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cases.actions.offers import end
from cases.corrections.steps import WAIVED
from cases.cover_ends import includes
from cases.deadlines import Clocks, settle_limits
from cases.events import record_change
from cases.lost_covers import requests_under
from cases.models import Cover, CoverState, Waiver, WaiverState
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier, record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

WAIVABLE = (CoverState.ACTIVE, CoverState.RESTRICTED)


@action
def state_waiver(cover: Cover, *, order_number: str, statement: str, by: Actor, at: datetime) -> Waiver:
    """Say that the cover of one order line is given up; nothing changes before `confirm_waiver`.

    The buyer names the order, so that it is specific. RuleBroken: not_specific (422), not_covered (409),
    already_stated (409). PermissionDenied for anybody but the buyer; nobody does it for him.
    """
    cover = _locked(cover, by)
    if made := _made_before(cover, "cover.waiver_stated", by):
        return made
    _must_be_waivable(cover, at=at)
    missing = [] if order_number.strip().casefold() == cover.order.number.casefold() else ["order_number"]
    missing += [] if statement.strip() else ["statement"]
    if missing:
        raise RuleBroken(
            "4.1.1", "not_specific", status=422,
            detail=_("Type the number of the order, and say in your own words what you give up."),
            context={"missing": missing},
        )  # fmt: skip
    if cover.waivers.filter(state=WaiverState.STATED).exists():
        raise RuleBroken("4.1.1", "already_stated", detail=_("You have said so already. Confirm it, or drop it."))
    waiver = Waiver.objects.create(cover=cover, statement=statement.strip(), stated_by_id=cover.buyer_id, stated_at=at)
    _record(waiver, "cover.waiver_stated", before=cover.state, by=by, at=at)
    return waiver


@action
def confirm_waiver(waiver: Waiver, *, by: Actor, at: datetime) -> Waiver:
    """Confirm it, in a second command: the cover is waived for good, and open requests under it end.

    RuleBroken: not_covered (409); TransitionNotAllowed when it was dropped or confirmed before.
    """
    cover = _locked(waiver.cover, by)
    if made := _made_before(cover, "cover.waived", by):
        return made
    _must_be_waivable(cover, at=at)
    waiver = cover.waivers.get(pk=waiver.pk)
    waiver.confirm()
    waiver.ended_at = at
    waiver.save(update_fields=["state", "ended_at"])
    before = cover.state
    cover.waive()
    cover.save(update_fields=["state"])
    _record(waiver, "cover.waived", before=before, by=by, at=at)
    _end_open_requests(cover, by=by, at=at)
    return waiver


@action
def drop_waiver(waiver: Waiver, *, by: Actor, at: datetime) -> Waiver:
    """Think better of it before the confirmation: the cover stays."""
    cover = _locked(waiver.cover, by)
    if made := _made_before(cover, "cover.waiver_dropped", by):
        return made
    waiver = cover.waivers.get(pk=waiver.pk)
    waiver.drop()
    waiver.ended_at = at
    waiver.save(update_fields=["state", "ended_at"])
    _record(waiver, "cover.waiver_dropped", before=cover.state, by=by, at=at)
    return waiver


def _locked(cover: Cover, by: Actor) -> Cover:
    fresh = Cover.objects.select_related("order", "edition").select_for_update(of=("self",), no_key=True)
    cover = fresh.get(pk=cover.pk)
    if by.user_id != cover.buyer_id or by.acting_for is not None:
        raise PermissionDenied(_("Only the buyer himself can give up the cover."))
    return cover


def _must_be_waivable(cover: Cover, *, at: datetime) -> None:
    if cover.state not in WAIVABLE or not includes(cover, at):
        raise RuleBroken("4.1.1", "not_covered", detail=_("There is no running cover to give up."))


def _made_before(cover: Cover, kind: str, by: Actor) -> Waiver | None:
    event = earlier(by)
    if event is None:
        return None
    if (event.kind, event.subject) != (kind, f"cover/{cover.pk}"):
        raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
    return cover.waivers.get(pk=(event.detail or {})["waiver"])


def _end_open_requests(cover: Cover, *, by: Actor, at: datetime) -> None:
    """Given up is given up: what is open ends, excluded for the buyer's reasons; a limit that passed before counts."""
    for appointment in requests_under(cover, at=at):
        clocks = Clocks(appointment)
        if settle_limits(clocks, by=by.with_key(""), at=at):
            # A limit that ran out before stays on the record.
            continue
        before = appointment.state
        appointment.exclude(at, WAIVED)
        end(appointment, clocks, at=at)
        record_change(
            appointment,
            "appointment.excluded",
            clause="4.1.1",
            by=by.with_key(""),
            at=at,
            before=before,
            clocks=clocks,
            detail={"ground": WAIVED},
        )


def _record(waiver: Waiver, kind: str, *, before: str, by: Actor, at: datetime) -> None:
    cover = waiver.cover
    record(
        stream=cover.order.stream,
        subject=f"cover/{cover.pk}",
        kind=kind,
        clause="4.1.1",
        by=by,
        effective_at=at,
        recorded_at=at,
        before={"state": before},
        after={"state": cover.state},
        detail={"waiver": waiver.pk, "statement": waiver.statement},
    )
