"""The same command leaves the same event by whatever door it came; only who knocked differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from cases.actions.answers import accept
from cases.actions.bookings import request_service
from cases.actions.cancel import cancel
from cases.actions.confirm import confirm
from cases.actions.offers import offer, refuse
from cases.models import ServiceAppointment
from cases.terms import OfferTerms, Window
from tests.api.bodies import ITEMS, a_request, an_offer
from tests.clock_fixture import R0
from tests.factories.api import a_caller
from tests.factories.cases import ALL_ITEMS, a_cover, a_service_request, buyer_of, seller_of
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Door:
    """One way in: how the buyer books, the seller offers, and so on."""

    book: Callable[[Any], int]
    offer: Callable[[ServiceAppointment], int]
    accept: Callable[[ServiceAppointment, int], object]
    confirm: Callable[[ServiceAppointment], object]
    refuse: Callable[[ServiceAppointment], object]
    cancel: Callable[[ServiceAppointment], object]


def terms() -> OfferTerms:
    told = an_offer()
    windows = [
        Window(datetime.fromisoformat(each["starts_at"]), datetime.fromisoformat(each["ends_at"]))
        for each in told["windows"]
    ]
    return OfferTerms(**told | {"windows": windows})


PAGES = Door(
    book=lambda cover: request_service(cover, a_service_request(), by=buyer_of(cover), at=R0).pk,
    offer=lambda thing: offer(thing, terms(), by=seller_of(thing), at=R0).pk,
    accept=lambda thing, pk: accept(thing.offers.get(pk=pk), window=0, by=buyer_of(thing), at=R0),
    confirm=lambda thing: confirm(thing, items=ALL_ITEMS, by=seller_of(thing), at=R0),
    refuse=lambda thing: refuse(thing, "No engineer.", by=seller_of(thing), at=R0),
    cancel=lambda thing: cancel(thing, "It works.", by=buyer_of(thing), at=R0),
)


def machines(cover: Any) -> Door:
    seller, buyer = a_caller(seller=cover.seller), a_caller(buyer=cover.buyer)

    def done(answer: Any) -> Any:
        assert answer.status_code in (200, 201), answer.json()
        return answer.json()

    return Door(
        book=lambda cover: done(buyer.post("appointments/", a_request(cover.pk)))["id"],
        offer=lambda thing: done(seller.post(f"appointments/{thing.pk}/offer/", an_offer()))["id"],
        accept=lambda thing, pk: done(buyer.post(f"appointments/{thing.pk}/accept/", {"offer": pk, "window": 0})),
        confirm=lambda thing: done(seller.post(f"appointments/{thing.pk}/confirm/", {"disclosure": ITEMS})),
        refuse=lambda thing: done(seller.post(f"appointments/{thing.pk}/refuse/", {"reason": "No engineer."})),
        cancel=lambda thing: done(buyer.post(f"appointments/{thing.pk}/cancel/", {"reason": "It works."})),
    )


def story(end: str, by_api: bool) -> list[dict[str, Any]]:
    """What stands on the timeline after an appointment went its way to an end, without who and which."""
    cover = a_cover()
    door = machines(cover) if by_api else PAGES
    thing = ServiceAppointment.objects.get(pk=door.book(cover))
    if end == "confirm":
        door.accept(thing, door.offer(thing))
        door.confirm(thing)
    else:
        getattr(door, end)(thing)
    events = []
    for event in Event.objects.filter(stream=f"case/{thing.case_id}").order_by("id"):
        detail = {name: value for name, value in (event.detail or {}).items() if name not in ("offer", "visit")}
        told = (event.kind, event.clause, event.before, event.after, event.effective_at, event.recorded_at, detail)
        assert event.channel == ("api" if by_api else event.channel)
        events.append(dict(enumerate(told)))
    return events


@pytest.mark.parametrize("end", ["confirm", "refuse", "cancel"])
def test_the_api_leaves_the_same_events_as_the_pages(frozen, end):
    by_pages, by_api = story(end, by_api=False), story(end, by_api=True)
    assert by_api == by_pages
    assert len(by_api) >= 2
