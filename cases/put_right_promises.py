"""A judgement that was put right: what it binds it has bound from the start, what is void has never bound (2.3.3).

So what went by the wrong judgement is counted anew by the right one. Requests that are open follow whichever way it
goes, as for a promise that is judged late (`cases.reached_requests`). One that a missed limit has ended follows where
that limit is longer by the right judgement: it was not over then, and the miss is taken back, or moves. What else has
ended is left as it was. The terms that an order keeps from its placement, and with them the end of its cover, follow
for the requests that come from now on; one that was received inside the cover as it stood goes on.

What an order keeps follows a first judgement as well, whenever it comes: the words have bound since they were said. So
it does not hang on how often a promise was judged whether a line is covered (`cases.pinned_promises`).

The judgement is the lower app's: its event is read here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.causes import PUT_RIGHT
from cases.cover_ends import REQUEST_PUT_RIGHT
from cases.deadlines import settle
from cases.models import Cover, Deadline, DeadlineState, ServiceAppointment
from cases.models.appointment import OPEN_STATES
from cases.pinned_promises import pin_anew
from cases.promises import placed_while_it_held, received_while_it_held
from cases.reached_requests import JUDGED, REQUESTED, bind, made_meanwhile
from sellers.models import SellerCommitment

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event

JUDGED_ANEW, PLACED = "commitment.put_right", "order.placed"


def read(events: Sequence[Event], *, at: datetime) -> None:
    """The reader (see `timeline.readers`); a judgement that was read before changes nothing more."""
    anew = {_key(event): event for event in events if event.kind == JUDGED_ANEW}
    first = {_key(event) for event in events if event.kind in JUDGED}
    found = SellerCommitment.objects.filter(pk__in={*anew, *first}).prefetch_related("terms").order_by("pk")
    # Orders and covers are locked before the requests under them, those of all commitments at once.
    reached = [(commitment, Cover.objects.all()) for commitment in found]
    if placed := [event for event in events if event.kind == PLACED]:
        reached += _placed_meanwhile(placed)
    if concerned := _covers_of(reached):
        pin_anew(concerned, at=at)
    for commitment in found:
        if event := anew.get(commitment.pk):
            told = {"commitment": commitment.pk, "reason": (event.detail or {})["reason"]}
            bind(_concerned(commitment), at=at, kind=REQUEST_PUT_RIGHT, because=PUT_RIGHT, **told)
    if requested := [event for event in events if event.kind == REQUESTED]:
        bind(made_meanwhile(requested, "put_right_at"), at=at, kind=REQUEST_PUT_RIGHT, because=PUT_RIGHT)


def _key(event: Event) -> int:
    return int(event.subject.partition("/")[2])


def _concerned(commitment: SellerCommitment) -> Iterable[int]:
    """The requests that are open, or have missed a limit of a promised length."""
    missed = Deadline.objects.filter(appointment=OuterRef("pk"), state=DeadlineState.MISSED).exclude(promised="")
    rows = ServiceAppointment.objects.filter(received_while_it_held(commitment))
    return rows.filter(Q(state__in=OPEN_STATES) | Q(Exists(missed))).values_list("pk", flat=True)


def _placed_meanwhile(placed: Sequence[Event]) -> list[tuple[SellerCommitment, QuerySet[Cover]]]:
    """What was judged while orders of its seller were on their way into the database, each with those orders' covers."""
    since = min(event.recorded_at for event in placed) - settle()
    covers = Cover.objects.filter(order__in=[int(event.stream.removeprefix("order/")) for event in placed])
    judged = SellerCommitment.objects.filter(judged_at__gte=since, seller__in=covers.values("seller"))
    return [(commitment, covers) for commitment in judged.prefetch_related("terms").order_by("pk")]


def _covers_of(reached: Iterable[tuple[SellerCommitment, QuerySet[Cover]]]) -> dict[int, list[SellerCommitment]]:
    """By their keys the covers whose orders keep what some commitments bind, each with those that reach it."""
    found: defaultdict[int, list[SellerCommitment]] = defaultdict(list)
    for commitment, covers in reached:
        for pk in covers.filter(placed_while_it_held(commitment)).values_list("pk", flat=True):
            found[pk].append(commitment)
    return found
