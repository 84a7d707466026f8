"""A seller with people in every seat, and a request that waits for an answer."""

from types import SimpleNamespace

import pytest

from tests.factories import cases as make
from tests.factories.accounts import UserFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Seat

R0 = instant("2026-03-02T01:15:30Z")


@pytest.fixture
def appointment(frozen):
    return make.requested(at=R0)


@pytest.fixture
def people(appointment):
    """The owner, staff and engineer of the appointment's seller, its buyer, and somebody from another seller."""
    seller = appointment.seller
    engineer = make.an_engineer(seller)
    return SimpleNamespace(
        owner=make.a_member(seller, Seat.OWNER),
        staff=make.a_member(seller, Seat.STAFF),
        engineer=engineer.user,
        engineer_row=engineer,
        buyer=appointment.buyer,
        stranger=make.a_member(make.a_seller(), Seat.OWNER),
        support=UserFactory(platform_role="support"),
    )


@pytest.fixture
def seller(client, people):
    """A browser of the seller's owner."""
    client.force_login(people.owner)
    return client


def address(appointment, *more):
    return "/".join(["/dashboard/cases", appointment.case.reference, *more, ""])


TERMS = {
    "service_period": "until the cover ends", "number_of_services": "no limit",
    "service_scope": "fault detection", "charging_standard": "free of charge",
}  # fmt: skip
OFFER = {
    "method": "door", "service_type": "fault_detection", "contact_name": "Service desk", "price_terms": "free of charge",
    "starts_at_1": "2026-03-06T10:00", "ends_at_1": "2026-03-06T12:00",
}  # fmt: skip
APPLICATION = {
    "service_types": ["installation", "debugging"], "methods": ["door", "point"], "places": "AE, DE Frankfurt",
    "charging": "Free inside the cover.", "contact_name": "Mei Lin", "contact_email": "desk@example.com",
    "statement": "We have served since 2019.", "edition": "1", "is_agreed": "on",
}  # fmt: skip
