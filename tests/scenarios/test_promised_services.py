"""What a seller promises beyond the page, methods and services, can be booked (2.3.3, 2.1.1, 2.2.1)."""

from datetime import timedelta

import pytest

from cases.covers import bookable_points, offered_methods, offered_services, terms_for_request
from cases.service_terms import inferred_terms
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.api import a_caller
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)


@pytest.fixture
def product():
    """A page that offers door visits for installation alone."""
    return make.a_product(methods=["door"], service_types=["installation"])


@pytest.fixture
def cover(product):
    return make.a_cover(product)


def refused(cover, **request):
    with pytest.raises(RuleBroken) as told:
        make.requested(cover, at=R0, **request)
    return told.value.code


def test_a_promised_method_and_service_can_be_booked(product, cover):
    installation = {"service_type": ServiceType.INSTALLATION}
    assert refused(cover, method=ServiceMethod.REMOTE, **installation) == "method_not_offered"
    assert refused(cover) == "service_not_offered"
    commit(product, Promise(Dimension.METHODS, "remote"), Promise(Dimension.METHODS, "point"), begins_at=R0 - HOUR)
    commit(product, Promise(Dimension.SERVICE_TYPES, "fault_detection"), begins_at=R0 - HOUR)
    point = make.a_point(product.seller)
    terms = terms_for_request(cover, R0)
    assert offered_methods(cover, terms) == ["door", "point", "remote"]
    assert offered_services(cover, terms) == ["installation", "fault_detection"]
    assert list(bookable_points(cover, terms)) == [point]
    asked = make.requested(cover, at=R0, method=ServiceMethod.REMOTE)
    assert asked.terms["methods"] == ["point", "remote"]
    scope = inferred_terms(cover, asked)["service_scope"]
    assert str(ServiceType.FAULT_DETECTION.label) in scope


def test_a_promise_made_after_the_request_offers_nothing_to_it(product, cover):
    commit(product, Promise(Dimension.METHODS, "remote"), begins_at=R0 + HOUR)
    assert refused(cover, method=ServiceMethod.REMOTE, service_type="installation") == "method_not_offered"


def test_where_the_page_is_silent_a_promise_adds_to_what_the_rules_name():
    product = make.a_product(methods=[], service_types=[])
    cover = make.a_cover(product)
    assert offered_methods(cover, {}) == ["door", "point"]
    commit(product, Promise(Dimension.METHODS, "remote"))
    assert offered_methods(cover, terms_for_request(cover, R0)) == ["door", "point", "remote"]


def test_the_api_and_the_pages_offer_it(client, frozen, product, cover):
    commit(product, Promise(Dimension.METHODS, "remote"), Promise(Dimension.METHODS, "point"))
    commit(product, Promise(Dimension.SERVICE_TYPES, "fault_detection"))
    make.a_point(product.seller)
    told = a_caller(buyer=cover.buyer).get(f"covers/{cover.pk}/").json()
    assert (told["methods"], told["service_types"]) == (
        ["door", "point", "remote"],
        ["installation", "fault_detection"],
    )
    assert told["terms"]["methods"] == ["point", "remote"]
    assert len(told["points"]) == 1
    client.force_login(cover.buyer)
    client.post("/portal/book/", {"cover": cover.pk})
    services = client.get("/portal/book/fault/").context["form"].fields["service_type"].choices
    assert [value for value, _label in services] == ["installation", "fault_detection"]
    client.post("/portal/book/fault/", {"title": "Dead", "description": "No light.", "service_type": "fault_detection"})
    page = client.get("/portal/book/method/").context
    assert [value for value, _label in page["form"].fields["method"].choices] == ["door", "point", "remote"]
    assert page["has_places"]
