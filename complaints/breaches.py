"""The breaches that cases tell by themselves: missed limits, express refusals, visits nobody came to (2.3.1, 2.3.4).

Read from the facts as they stand, never from what was said about them once: a rescission, a granted excuse, a
revoked one or a refund each change the answer, whenever and in whatever order they are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from cases.models import (
    AppointmentState,
    Clock,
    CoverState,
    Deadline,
    DeadlineState,
    Duty,
    ExclusionClaim,
    Pause,
    ServiceAppointment,
    Visit,
    VisitState,
)
from cases.models.exclusion import GRANTED_CLAIMS, OF_THE_BUYER
from complaints.models import (
    FOUND_BY_COMPLAINT,
    SELLERS_FAULT,
    BreachKind,
    Determination,
    DismissalCode,
    Violation,
)
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.models import Event

SELLERS_CLOCKS = [Clock.RESPONSE, Clock.CONFIRMATION, Clock.SOLUTION, Clock.COUNTER, Clock.NEW_DATE]
REFUSED, DEEMED_REFUSED, CANCELLED = "appointment.refused", "appointment.deemed_refused", "appointment.cancelled"
# Told of a refused request, these came before the refusal: a limit that moved, a cancellation that was committed late.
OVERTAKES_A_REFUSAL = (DEEMED_REFUSED, CANCELLED)
# From what on a service that was late goes on.
GOES_ON = ("appointment.agreed", "appointment.confirmed", "appointment.checked_in", "visit.planned_anew")
EXCUSES = Q(cause__startswith="claim/") | Q(cause__startswith="outage/")


@dataclass(frozen=True, slots=True)
class Breach:
    """One duty that was not done. `against` says why it is none after all; "" while it is a fact."""

    name: str
    kind: BreachKind
    clause: str
    seller_id: int
    appointment_id: int
    occurred_at: datetime
    cured_at: datetime | None = None
    against: str = ""

    @property
    def is_fact(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.against


def breaches_of(appointments: Collection[int]) -> dict[str, Breach]:
    """The breaches of some appointments by their names; five queries whatever their number."""
    asked = ServiceAppointment.objects.filter(pk__in=appointments).order_by("pk")
    rows = {row["pk"]: row for row in asked.values("pk", "case", "seller", "case__cover__state", "case__cover__order__refunded_at")}  # fmt: skip
    told = _events_of(rows)
    claims = _granted_claims(rows)
    found = sorted([*_missed_limits(rows), *_refusals(rows, told), *_no_shows(rows)], key=lambda each: each.name)
    return {
        each.name: replace(
            each,
            cured_at=_cured_at(each, told[each.appointment_id]),
            against=_against(each, rows[each.appointment_id], claims[each.appointment_id]),
        )
        for each in found
    }


def why_gone(violations: Iterable[Violation], found: Mapping[str, Breach]) -> dict[int, DismissalCode]:
    """As what the violations end whose breach is no fact any more, by their keys; those of a fact are left out."""
    looked_at = list(violations)
    gone = [each for each in looked_at if each.is_of_a_case]
    gone = [each for each in gone if each.breach not in found or not found[each.breach].is_fact]
    limits = [_key(each) for each in gone if each.breach.startswith("deadline/")]
    excused = Pause.objects.filter(EXCUSES, deadline__in=limits, voided_at=None) if limits else Pause.objects.none()
    moved = set(excused.values_list("deadline_id", flat=True))
    ended = {each.pk: _code(each, found.get(each.breach), moved) for each in gone}
    return ended | dict.fromkeys(_cleared_on_review(looked_at), DismissalCode.REVIEWED)


def _cleared_on_review(violations: Iterable[Violation]) -> list[int]:
    """The violations that only a complaint had found, and that complaint has cleared the seller on review."""
    founded = {_key(each): each.pk for each in violations if each.breach.startswith(FOUND_BY_COMPLAINT)}
    if not founded:
        return []
    reviews = Determination.objects.filter(complaint__in=founded, reviews__isnull=False)
    return [founded[key] for key in reviews.exclude(liability__in=SELLERS_FAULT).values_list("complaint", flat=True)]


def _code(violation: Violation, breach: Breach | None, moved: set[int]) -> DismissalCode:
    if breach is not None:
        return DismissalCode(breach.against)
    is_refusal = violation.breach.startswith("refusal/")
    if is_refusal and violation.appointment and violation.appointment.state != AppointmentState.CANCELLED:
        # By the limit that counts now the request was refused before: that breach is another one.
        return DismissalCode.DUPLICATE
    is_moved = violation.breach.startswith("deadline/") and _key(violation) in moved
    return DismissalCode.EXCUSED if is_moved else DismissalCode.RESCINDED


def _key(violation: Violation) -> int:
    return int(violation.breach.partition("/")[2])


def _missed_limits(rows: Mapping[int, Any]) -> Iterator[Breach]:
    missed = Deadline.objects.filter(appointment__in=rows, state=DeadlineState.MISSED, clock__in=SELLERS_CLOCKS)
    for row in missed:
        if row.ended_at is not None:
            seller = rows[row.appointment_id]["seller"]
            kind = BreachKind.MISSED_LIMIT
            yield Breach(f"deadline/{row.pk}", kind, row.clause, seller, row.appointment_id, row.ended_at)


def _refusals(rows: Mapping[int, Any], told: Mapping[int, list[Event]]) -> Iterator[Breach]:
    """Express refusals; every request was received inside its cover, or it would not have been taken (2.3.4)."""
    for appointment, row in rows.items():
        for n, refused in enumerate(_refused(told[appointment]), start=1):
            name = f"refusal/{appointment}" if n == 1 else f"refusal/{appointment}/{n}"
            kind = BreachKind.EXPRESS_REFUSAL
            yield Breach(name, kind, "2.3.4", row["seller"], appointment, refused.effective_at)


def _refused(told: Sequence[Event]) -> list[Event]:
    """Each time that the seller refused: one that was cured and then drops out again has refused twice."""
    went_on = [event.effective_at for event in told if event.kind in GOES_ON]
    refused: list[Event] = []
    for event in told:
        if event.kind == REFUSED:
            if not refused or any(refused[-1].effective_at < at <= event.effective_at for at in went_on):
                refused.append(event)
        elif event.kind in OVERTAKES_A_REFUSAL and (event.before or {}).get("state") == "refused":
            refused = refused[:-1]
    return refused


def _no_shows(rows: Mapping[int, Any]) -> Iterator[Breach]:
    for visit in Visit.objects.filter(appointment__in=rows, state=VisitState.SELLER_NO_SHOW):
        seller = rows[visit.appointment_id]["seller"]
        missed_at = visit.ends_at or visit.starts_at
        yield Breach(f"visit/{visit.pk}", BreachKind.NO_SHOW, "2.3.1", seller, visit.appointment_id, missed_at)


def _events_of(rows: Mapping[int, Any]) -> dict[int, list[Event]]:
    """What was refused and what went on, by appointment, oldest first."""
    told: dict[int, list[Event]] = defaultdict(list)
    wanted = {f"appointment/{pk}": pk for pk in rows}
    streams = {f"case/{row['case']}" for row in rows.values()}
    events = Event.objects.filter(stream__in=streams, kind__in=[REFUSED, *OVERTAKES_A_REFUSAL, *GOES_ON])
    for event in events.order_by("id"):
        if event.subject in wanted:
            told[wanted[event.subject]].append(event)
    return told


def _granted_claims(rows: Mapping[int, Any]) -> dict[int, list[ExclusionClaim]]:
    claims: dict[int, list[ExclusionClaim]] = defaultdict(list)
    for claim in ExclusionClaim.objects.filter(appointment__in=rows, state__in=GRANTED_CLAIMS):
        claims[claim.appointment_id].append(claim)
    return claims


def _cured_at(breach: Breach, told: Iterable[Event]) -> datetime | None:
    """When the service went on after all: the buyer accepted what came late."""
    went_on = (event.effective_at for event in told if event.kind in GOES_ON)
    return next((at for at in went_on if at > breach.occurred_at), None)


def _against(breach: Breach, row: Mapping[str, Any], claims: Iterable[ExclusionClaim]) -> str:
    refunded_at = row["case__cover__order__refunded_at"]
    if row["case__cover__state"] == CoverState.VOID and refunded_at and on_time(refunded_at, breach.occurred_at):
        return DismissalCode.NO_DUTY
    return DismissalCode.EXCUSED if any(_excuses(claim, breach) for claim in claims) else ""


def _excuses(claim: ExclusionClaim, breach: Breach) -> bool:
    """Whether a granted claim speaks against a breach that no moved limit has taken away already."""
    if breach.kind == BreachKind.NO_SHOW and claim.visit_id is not None and breach.name == f"visit/{claim.visit_id}":
        return True
    if claim.ground in OF_THE_BUYER:
        return on_time(claim.filed_at, breach.occurred_at)
    if breach.kind == BreachKind.MISSED_LIMIT or Duty.VISIT not in claim.granted_duties:
        return False
    begins_at, ends_at = claim.granted_begins_at, claim.granted_ends_at
    begun = begins_at is not None and begins_at <= breach.occurred_at
    return begun and (ends_at is None or on_time(breach.occurred_at, ends_at))
