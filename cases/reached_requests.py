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
from cases.models import Deadline, ServiceAppointment
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
        _bind(reached.values_list("pk", flat=True), at=at, commitment=commitment.pk)
    if requested := [event for event in events if event.kind == REQUESTED]:
        _bind(_made_meanwhile(requested), at=at)


def _made_meanwhile(requested: Sequence[Event]) -> Iterable[int]:
    """The requests that were on their way into the database while a promise of their seller was judged."""
    since = min(event.effective_at for event in requested) - settle()
    sellers = SellerCommitment.objects.filter(judged_at__gte=since).values("seller")
    keys = [int(event.subject.partition("/")[2]) for event in requested]
    return ServiceAppointment.objects.filter(pk__in=keys, seller__in=sellers).values_list("pk", flat=True)


def _bind(keys: Iterable[int], *, at: datetime, **told: int) -> None:
    """Count the open ones among some requests with what binds them; those that it binds already stay as they are."""
    rows = ServiceAppointment.objects.select_related(
        "case__cover__edition", "case__cover__line__product", "case__cover__order", "case__cover__buyer"
    )
    for appointment in rows.filter(pk__in=list(keys)).select_for_update(of=("self",), no_key=True).order_by("pk"):
        terms = terms_for_request(appointment.case.cover, appointment.received_at)
        if not appointment.is_open or terms == appointment.terms:
            continue
        appointment.terms = terms
        appointment.save(update_fields=["terms"])
        clocks = Clocks(appointment)
        missed = ending_miss(clocks)
        shorter = _shortened(clocks)
        record_change(
            appointment,
            REACHED,
            clause="2.3.3",
            by=system(),
            at=at,
            before=appointment.state,
            clocks=clocks,
            detail={"terms": terms, **told},
        )
        reckon(clocks, shorter, missed, by=system(), at=at, because=PROMISE)


def _shortened(clocks: Clocks) -> list[Deadline]:
    """The clocks that a better promise makes shorter, counted with it."""
    shorter = []
    for row in clocks.rows:
        amount, promised = length_of(row.clock, clocks.law, clocks.appointment.terms)
        if amount < row.amount_by_rule:
            clocks.shorten(row, amount, promised)
            shorter.append(row)
    return shorter
