"""Requests and replies through their actions: how many statements each takes, and how long the slowest."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import quantiles
from typing import Any

from django.db import connection

from benchmarks.figures import Figure, at_most
from cases.actions.bookings import request_service
from cases.actions.offers import offer
from cases.models import Cover
from cases.terms import OfferTerms, ServiceRequest, Window
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Actor, Channel, Seat
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

TIMES = 200


def measured(_size: int) -> list[Figure]:
    """Statements (at most) and p99 milliseconds of TIMES requests for service and the replies to them."""
    at = clock.now()
    Cover.objects.filter(pk__lte=TIMES).update(starts_at=at - timedelta(days=9), ends_at=at + timedelta(days=9))
    asked: list[Any] = []
    figures = []
    for name, step in (("create", _request), ("respond", _respond)):
        took, statements = [], []
        for n in range(TIMES):
            given = Cover.objects.select_related("buyer").get(pk=n + 1) if step is _request else asked[n]
            seen: list[str] = []
            began = time.perf_counter()
            with connection.execute_wrapper(_counting(seen)):
                made = step(given, f"bench-{n}")
            took.append(1000 * (time.perf_counter() - began))
            statements.append(len([sql for sql in seen if "SAVEPOINT" not in sql]))
            if step is _request:
                asked.append(made)
        figures.append(at_most(f"{name}, statements", max(statements), 12, size=TIMES, unit="statements"))
        figures.append(at_most(f"{name}, p99", quantiles(took, n=100)[98], 150, size=TIMES))
    return figures


def _counting(seen: list[str]) -> Callable[..., Any]:
    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    return note


def _request(cover: Cover, key: str) -> Any:
    wish = ServiceRequest(
        title="No CAN-bus signal", description="The steering-wheel buttons do nothing.", method=ServiceMethod.DOOR,
        service_type=ServiceType.FAULT_DETECTION, address="5 Palm Street", city="Dubai", country="AE", phone="",
    )  # fmt: skip
    by = Actor(channel=Channel.PORTAL, user=cover.buyer, key=key)
    return request_service(cover, wish, by=by, at=clock.now())


def _respond(appointment: Any, key: str) -> Any:
    at = clock.now()
    begins = at + timedelta(days=2)
    terms = OfferTerms(
        method=ServiceMethod.DOOR, service_type=ServiceType.FAULT_DETECTION, contact_name="Service desk",
        windows=[Window(begins, begins + timedelta(hours=2))], price_terms="free of charge",
    )  # fmt: skip
    by = Actor(channel=Channel.API, client_id="bench", seller_id=appointment.seller_id, seat=Seat.OWNER, key=key)
    return offer(appointment, terms, by=by, at=at)
