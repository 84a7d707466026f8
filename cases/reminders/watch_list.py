"""The watch list of the platform, the last rung of the ladder: limits that somebody of the staff looks after."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from cases.models import Clock, Deadline, Message, Offer, Pause
from cases.models.deadline import SELLERS_CLOCKS
from cases.reminders.schedule import last_step


def near_its_end(rows: QuerySet[Deadline], *, at: datetime) -> QuerySet[Deadline]:
    """A seller's limits that run and are past their last reminder, or past their end and still to be established."""
    nearly_over = Q(reminded_step__gte=last_step(), due_at__isnull=False) | Q(due_at__lt=at)
    return rows.filter(nearly_over, state="running", clock__in=SELLERS_CLOCKS).order_by("due_at", "id")


def unruled(rows: QuerySet[Deadline], *, at: datetime) -> QuerySet[Deadline]:
    """Flagged offers that the platform has not ruled on in its own time (2.3.1)."""
    return rows.filter(state="running", due_at__lt=at, clock=Clock.OFFER_RULING).order_by("due_at", "id")


def standing(rows: QuerySet[Deadline], *, at: datetime) -> QuerySet[Deadline]:
    """A seller's limits that stand by an event whose end nobody has told: without a due instant nothing is reminded of.

    While the buyer decides on an offer they stand as well, but by his own limit that has an end.
    """
    lasting = Pause.objects.filter(
        deadline=OuterRef("pk"), ends_at=None, voided_at=None, begins_at__lte=at, cause__startswith="claim/"
    )
    stopped = rows.filter(Exists(lasting), state="running", due_at__isnull=True, clock__in=SELLERS_CLOCKS)
    return stopped.order_by("started_at", "id")


def without_reaction(rows: QuerySet[Deadline], *, at: datetime) -> QuerySet[Deadline]:
    """A seller's missed limits in open cases, after which he has neither offered nor written anything until `at`."""
    since_then = {"received_at__gt": OuterRef("ended_at"), "received_at__lte": at, "side": "seller"}
    offered = Offer.objects.filter(appointment=OuterRef("appointment"), **since_then)
    written = Message.objects.filter(case=OuterRef("appointment__case"), **since_then)
    missed = rows.filter(
        state="missed",
        clock__in=SELLERS_CLOCKS,
        appointment__state="deemed_refused",
        # Equal, said so that the database does not take it for a rarity and read every row to find the oldest.
        appointment__ended_at__gte=F("ended_at"),
        appointment__ended_at__lte=F("ended_at"),
        appointment__case__state="open",
    )
    return missed.exclude(Exists(offered)).exclude(Exists(written)).order_by("-due_at", "-id")
