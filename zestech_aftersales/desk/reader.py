"""Who of the staff reads, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.http import HttpRequest

from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.accounts.models import User


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody of the staff at an instant."""

    user: User
    at: datetime


def reader_of(request: HttpRequest) -> Reader:
    """Who looks at the staff desk with this request."""
    person = cast(PersonRequest, request)
    return Reader(person.user, person.received_at)


def staff_actor(request: HttpRequest) -> Actor:
    """The person at the staff desk, as an action wants them."""
    return Actor(channel=Channel.ADMIN, user=cast(PersonRequest, request).user)
