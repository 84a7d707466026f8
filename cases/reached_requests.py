"""A promise that was judged after a request was received, and made before it, has bound the request from the start.

Judging only finds what the words were worth when they were said (2.3.3). So the open requests that they reach are
counted with them as if that had been known: from the clocks' start. A shorter limit that is over by now was missed at
its due instant, whenever that is found (T8), and an answer after it is a late one that the buyer can still take, as for
a pause that did not hold. A request that has ended is left as it was, and so is a longer limit that the buyer has
accepted for it.

The judgement is the lower app's: its event is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cases.causes import PROMISE
from cases.corrections.reckoning import ending_miss, reckon
from cases.covers import terms_for_request
from cases.deadlines import Clocks, length_of, settle
from cases.events import record_change
from cases.models import Deadline, DeadlineState, ServiceAppointment
from cases.models.appointment import OPEN_STATES
from cases.promises import binding_requests
from sellers.models import SellerCommitment
from zestech_aftersales.accounts.actors import system

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event

JUDGED, REQUESTED = ("commitment.binding", "commitment.split"), "appointment.requested"
REACHED = "promise.reached"


def read(events: Sequence[Event], *, at: datetime) -> None:
    """The reader (see `timeline.readers`); a judgement that was read before changes nothing more."""
    judged = [int(event.subject.partition("/")[2]) for event in events if event.kind in JUDGED]
    for commitment in SellerCommitment.objects.filter(pk__in=judged).prefetch_related("terms").order_by("pk"):
        reached = ServiceAppointment.objects.filter(binding_requests(commitment), state__in=OPEN_STATES)
        bind(reached.values_list("pk", flat=True), at=at, commitment=commitment.pk)
    if requested := [event for event in events if event.kind == REQUESTED]:
        bind(made_meanwhile(requested), at=at)


def made_meanwhile(requested: Sequence[Event], judged: str = "judged_at") -> Iterable[int]:
    """The requests that were on their way into the database while a promise of their seller was judged.

    `judged` is the field of a commitment that tells when.
    """
    since = min(event.effective_at for event in requested) - settle()
    sellers = SellerCommitment.objects.filter(**{f"{judged}__gte": since}).values("seller")
    keys = [int(event.subject.partition("/")[2]) for event in requested]
    return ServiceAppointment.objects.filter(pk__in=keys, seller__in=sellers).values_list("pk", flat=True)


def bind(keys: Iterable[int], *, at: datetime, kind: str = REACHED, because: str = PROMISE, **told: object) -> None:
    """Count some requests with what binds them: the open ones, and those that a limit has ended which is longer by that.

    Those that it binds already stay as they are.
    """
    rows = ServiceAppointment.objects.select_related(
        "case__cover__edition", "case__cover__line__product", "case__cover__order", "case__cover__buyer"
    )
    for appointment in rows.filter(pk__in=list(keys)).select_for_update(of=("self",), no_key=True).order_by("pk"):
        terms = terms_for_request(appointment.case.cover, appointment.received_at)
        if terms == appointment.terms:
            continue
        was, appointment.terms = appointment.terms, terms
        clocks = Clocks(appointment)
        if not (appointment.is_open or _was_missed_too_early(clocks)):
            continue
        appointment.save(update_fields=["terms"])
        missed = ending_miss(clocks)
        moved = _counted_anew(clocks, at=at)
        record_change(
            appointment,
            kind,
            clause="2.3.3",
            by=system(),
            at=at,
            before=appointment.state,
            clocks=clocks,
            detail={"terms": terms, "was": was, **told},
        )
        reckon(clocks, moved, missed, by=system(), at=at, because=because)


def _was_missed_too_early(clocks: Clocks) -> bool:
    return any(
        row.state == DeadlineState.MISSED and _length(clocks, row)[0] > row.amount_by_rule for row in clocks.rows
    )


def _counted_anew(clocks: Clocks, *, at: datetime) -> list[Deadline]:
    """The clocks that have another length by what binds the request now, counted with it."""
    moved = [row for row in clocks.rows if _length(clocks, row) != (row.amount_by_rule, row.promised)]
    for row in moved:
        clocks.count_by(row, *_length(clocks, row), at=at)
    return moved


def _length(clocks: Clocks, row: Deadline) -> tuple[int, str]:
    return length_of(row.clock, clocks.law, clocks.appointment.terms)
