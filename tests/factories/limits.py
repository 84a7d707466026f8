"""Many appointments with clocks at chosen instants, written straight to the tables: no events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cases.models import Cover, Deadline, Offer, ServiceAppointment, ServiceCase, SlotSeat
from sellers.models import ServicePoint
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType


@dataclass(frozen=True, slots=True)
class Clocked:
    """A clock of a planned appointment; due None stands for an open pause."""

    clock: str
    due_at: datetime | None
    state: str = "running"


@dataclass(frozen=True, slots=True)
class Plan:
    """An appointment to be: its state, its clocks in the order they were started, an offer, a seat in a slot."""

    state: str
    clocks: tuple[Clocked, ...]
    offer: str = ""
    has_seat: bool = False


def unanswered(number: int, due_at: datetime, *, step: timedelta = timedelta(0)) -> list[Plan]:
    """Door visits whose 48 hours run out at `due_at`, each `step` later than the one before."""
    return [
        Plan("requested", (Clocked("response", due), Clocked("confirmation", due + timedelta(days=12))))
        for due in (due_at + n * step for n in range(number))
    ]


def written(cover: Cover, plans: Sequence[Plan], point: ServicePoint | None = None) -> list[int]:
    """Write the planned appointments, each in a case of its own; returns their keys in the given order."""
    received_at = [min(c.due_at for c in plan.clocks if c.due_at) - timedelta(hours=48) for plan in plans]
    cases = ServiceCase.objects.bulk_create(
        ServiceCase(cover=cover, seller_id=cover.seller_id, buyer_id=cover.buyer_id, title="Fault", opened_at=at)
        for at in received_at
    )
    appointments = ServiceAppointment.objects.bulk_create(
        ServiceAppointment(
            case=case, seller_id=cover.seller_id, buyer_id=cover.buyer_id, method=ServiceMethod.DOOR, state=plan.state,
            service_type=ServiceType.FAULT_DETECTION, received_at=at, next_due_at=at + timedelta(hours=48),
        )
        for case, plan, at in zip(cases, plans, received_at, strict=True)
    )  # fmt: skip
    planned = list(zip(appointments, plans, received_at, strict=True))
    Deadline.objects.bulk_create(
        Deadline(
            appointment=appointment, clock=each.clock, due_at=each.due_at, state=each.state, clause="2.3.1", amount=48,
            started_at=at, ended_at=None if each.state == "running" else at,
            next_reminder_at=at + timedelta(hours=24) if each.state == "running" and each.due_at else None,
        )
        for appointment, plan, at in planned
        for each in plan.clocks
    )  # fmt: skip
    Offer.objects.bulk_create(
        Offer(
            appointment=appointment, state=plan.offer, method=ServiceMethod.DOOR, received_at=at,
            service_type=ServiceType.FAULT_DETECTION, contact_name="Service desk", price_terms="free",
        )
        for appointment, plan, at in planned
        if plan.offer
    )  # fmt: skip
    if point is not None:
        SlotSeat.objects.bulk_create(
            SlotSeat(
                point=point, starts_at=at + timedelta(days=10), seat=appointment.pk % 30_000, appointment=appointment,
                taken_at=at,
            )
            for appointment, plan, at in planned
            if plan.has_seat
        )  # fmt: skip
    return [appointment.pk for appointment in appointments]


def with_offer_and_seat(plan: Plan, number: int) -> Plan:
    """The plan with one of the offers, and every third one with a seat, by its number."""
    offers = ("", "standing", "flagged", "held_reasonable", "replaced", "accepted")
    return replace(plan, offer=offers[number % len(offers)], has_seat=number % 3 == 0)
