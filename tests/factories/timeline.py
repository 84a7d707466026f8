"""Events and notices for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from tests.factories.accounts import UserFactory
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.timeline.models import Delivery, DeliveryState, Event, Medium
from zestech_aftersales.timeline.record import record

AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)


def make_event(stream: str = "test/1", **given: Any) -> Event:
    """An event as a command writes it, with its undelivered marker; by the system, at AT."""
    at = given.pop("at", AT)
    values: dict[str, Any] = {
        "subject": stream,
        "kind": "test.happened",
        "by": system(),
        "effective_at": at,
        "recorded_at": at,
    }
    return record(stream=stream, **(values | given))


class DeliveryFactory(DjangoModelFactory[Delivery]):
    """A mail that is owed since AT."""

    class Meta:
        model = Delivery

    event = LazyFunction(make_event)
    recipient = SubFactory(UserFactory)
    medium = Medium.MAIL
    not_before = AT


class NoticeFactory(DeliveryFactory):
    """A notice that stands in the application."""

    medium = Medium.IN_APP
    state = DeliveryState.SENT
    sent_at = AT
    subject = Sequence(lambda n: f"Something happened {n}")
    text = "It concerns you."
    url = "/portal/"
