"""Shipments of spare parts and accessories: announced and sent by the seller, received by the buyer (2.1.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cases.actions.steps import apply_passed_limits_of, hold_case, is_repeat
from cases.models import ServiceCase, Shipment, ShipmentState
from cases.permissions import must_be_buyer, must_be_seller
from cases.validators import only_https
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier, record

if TYPE_CHECKING:
    from cases.terms import Parcel
    from zestech_aftersales.accounts.actors import Actor

CLAUSE = "2.1.1"
PARCEL = ("carrier", "tracking_number", "tracking_url")


@action
def announce_shipment(case: ServiceCase, kind: str, contents: str, *, by: Actor, at: datetime) -> Shipment:
    """Tell the buyer what will be sent; it stops no limit. RuleBroken contents_required (422)."""
    must_be_seller(case, by)
    hold_case(case.pk)
    if event := earlier(by):
        subject = event.subject if event.stream == case.stream else ""
        is_repeat(subject, "shipment.announced", by)
        return Shipment.objects.get(pk=int(subject.removeprefix("shipment/")), case=case)
    if not contents.strip():
        raise RuleBroken(
            CLAUSE, "contents_required", status=422, detail=_("Say what is inside."), context={"missing": ["contents"]}
        )
    apply_passed_limits_of(case, by=by, at=at)
    made = Shipment.objects.create(
        case=case, kind=kind, contents=contents.strip(), announced_by=by.user, announced_at=at
    )
    _record(made, "shipment.announced", before="", by=by, at=at)
    return made


@action
def ship(shipment: Shipment, parcel: Parcel, *, by: Actor, at: datetime) -> Shipment:
    """It is on its way: with carrier, tracking number and, if there is one, an https link.

    RuleBroken: shipment_incomplete (422) naming what is missing or no https link.
    """
    must_be_seller(shipment.case, by)
    shipment = _locked(shipment, by=by, at=at)
    if is_repeat(shipment.subject, "shipment.shipped", by):
        return shipment
    _must_be_traceable(parcel)
    before = shipment.state
    shipment.ship(at)
    _take_over(shipment, parcel)
    shipment.save(update_fields=["state", "shipped_at", *PARCEL])
    _record(shipment, "shipment.shipped", before=before, by=by, at=at, carrier=shipment.carrier)
    return shipment


@action
def correct_tracking(shipment: Shipment, parcel: Parcel, *, by: Actor, at: datetime) -> Shipment:
    """Another carrier, tracking number or link than was told; the earlier one stays in the history.

    RuleBroken: shipment_incomplete (422), not_on_its_way (409).
    """
    must_be_seller(shipment.case, by)
    shipment = _locked(shipment, by=by, at=at)
    if is_repeat(shipment.subject, "shipment.corrected", by):
        return shipment
    if shipment.state != ShipmentState.SHIPPED:
        raise _not_on_its_way()
    _must_be_traceable(parcel)
    before = {"carrier_before": shipment.carrier, "number_before": shipment.tracking_number}
    _take_over(shipment, parcel)
    shipment.save(update_fields=PARCEL)
    _record(shipment, "shipment.corrected", before=shipment.state, by=by, at=at, carrier=shipment.carrier, **before)
    return shipment


@action
def receive(shipment: Shipment, *, by: Actor, at: datetime) -> Shipment:
    """The buyer confirms that it has come; also after it was given up for lost."""
    must_be_buyer(shipment.case, by)
    shipment = _locked(shipment, by=by, at=at)
    if is_repeat(shipment.subject, "shipment.received", by):
        return shipment
    before = shipment.state
    shipment.receive(at)
    shipment.save(update_fields=["state", "ended_at"])
    _record(shipment, "shipment.received", before=before, by=by, at=at)
    return shipment


@action
def report_missing(shipment: Shipment, statement: str, *, by: Actor, at: datetime) -> Shipment:
    """The buyer says that it has not come: the seller must look for it or send another; it may still turn up.

    RuleBroken: reason_required (422), not_on_its_way (409).
    """
    must_be_buyer(shipment.case, by)
    shipment = _locked(shipment, by=by, at=at)
    if is_repeat(shipment.subject, "shipment.not_received", by):
        return shipment
    if shipment.state != ShipmentState.SHIPPED:
        raise _not_on_its_way()
    _must_say_why(statement)
    shipment.missed_at = at
    shipment.save(update_fields=["missed_at"])
    _record(shipment, "shipment.not_received", before=shipment.state, by=by, at=at, statement=statement.strip())
    return shipment


@action
def end_shipment(shipment: Shipment, outcome: str, reason: str, *, by: Actor, at: datetime) -> Shipment:
    """The seller says that it is lost, or that it came back to him; the duty to deliver stays.

    `outcome` is lost or returned. RuleBroken reason_required (422).
    """
    must_be_seller(shipment.case, by)
    shipment = _locked(shipment, by=by, at=at)
    kind = f"shipment.{outcome}"
    if is_repeat(shipment.subject, kind, by):
        return shipment
    _must_say_why(reason)
    before = shipment.state
    if outcome == ShipmentState.LOST:
        shipment.lose(at)
    else:
        shipment.come_back(at)
    shipment.save(update_fields=["state", "ended_at"])
    _record(shipment, kind, before=before, by=by, at=at, reason=reason.strip())
    return shipment


def _locked(shipment: Shipment, *, by: Actor, at: datetime) -> Shipment:
    """The shipment as it is now, its case locked and the limit that has passed there applied."""
    hold_case(shipment.case_id)
    apply_passed_limits_of(shipment.case, by=by, at=at)
    return Shipment.objects.select_related("case").select_for_update(of=("self",), no_key=True).get(pk=shipment.pk)


def _take_over(shipment: Shipment, parcel: Parcel) -> None:
    for name in PARCEL:
        setattr(shipment, name, getattr(parcel, name).strip())


def _not_on_its_way() -> RuleBroken:
    return RuleBroken(CLAUSE, "not_on_its_way", detail=_("This shipment is not on its way. Reload to see where it is."))


def _must_be_traceable(parcel: Parcel) -> None:
    missing = [name for name in ("carrier", "tracking_number") if not getattr(parcel, name).strip()]
    fields: dict[str, list[str]] = {}
    if parcel.tracking_url.strip():
        try:
            only_https(parcel.tracking_url.strip())
        except ValidationError as wrong:
            fields["tracking_url"] = list(wrong.messages)
    if missing or fields:
        raise RuleBroken(
            CLAUSE,
            "shipment_incomplete",
            status=422,
            detail=_("Name the carrier and the tracking number; a link begins with https://."),
            context={"missing": missing, "fields": fields},
        )


def _must_say_why(words: str) -> None:
    if not words.strip():
        raise RuleBroken(CLAUSE, "reason_required", status=422, detail=_("Say what is known of it."))


def _record(shipment: Shipment, kind: str, *, before: str, by: Actor, at: datetime, **detail: str) -> None:
    record(
        stream=shipment.case.stream,
        subject=shipment.subject,
        kind=kind,
        clause=CLAUSE,
        by=by,
        effective_at=at,
        recorded_at=at,
        before={"state": before},
        after={"state": shipment.state},
        detail={"kind": shipment.kind, **detail},
    )
