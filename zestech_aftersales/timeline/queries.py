"""What is read of the timeline: histories, somebody's notices, and how the loops are doing."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min, QuerySet

from zestech_aftersales.accounts.models import User
from zestech_aftersales.timeline.models import Decision, Delivery, Event, Heartbeat, Undelivered, Verification
from zestech_aftersales.timeline.models.delivery import DeliveryQuerySet

UNREAD_SHOWN = 99


def events_of(stream: str) -> QuerySet[Event]:
    """The history of one thing, oldest first, with the people in it."""
    return Event.objects.filter(stream=stream).select_related("actor", "acting_for").order_by("id")


def notices_for(user: User) -> DeliveryQuerySet:
    """Somebody's own notices in the application, newest first."""
    return Delivery.objects.in_app().filter(recipient=user).select_related("event").order_by("-id")


def unread_count(user: User) -> int:
    """How many notices somebody has not read; counts no further than one over UNREAD_SHOWN."""
    return len(notices_for(user).unread().values_list("pk")[: UNREAD_SHOWN + 1])


def decisions_about(subject: str) -> QuerySet[Decision]:
    """The decisions about one thing, newest first, with both people."""
    return Decision.objects.filter(subject=subject).select_related("proposer", "approver").order_by("-id")


def last_beat(name: str) -> datetime | None:
    """When the periodic job `name` last went through."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def oldest_undelivered(at: datetime) -> datetime | None:
    """Since when the longest waiting notice or event is owed; None if nothing is.

    What is quarantined or is to go out later does not count.
    """
    events = Undelivered.objects.filter(quarantined_at__isnull=True).aggregate(at=Min("event__recorded_at"))["at"]
    notices = Delivery.objects.filter(state="pending", not_before__lte=at).aggregate(at=Min("not_before"))["at"]
    return min((instant for instant in (events, notices) if instant is not None), default=None)


def quarantined() -> tuple[int, int]:
    """How many events and how many notices were given up and wait for a person."""
    return (
        Undelivered.objects.filter(quarantined_at__isnull=False).count(),
        Delivery.objects.filter(state="quarantined").count(),
    )


def last_verification() -> Verification | None:
    """The last time everything was counted again from its events."""
    return Verification.objects.order_by("-id").first()
