"""The end of a cover as a sum, on the page and by the API (2.3.4, 2.3.3, T4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.cover_sums import sum_of_cover
from cases.models import Cover
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory, UserFactory
from tests.factories.api import a_caller
from tests.factories.sellers import commit
from tests.instants import instant

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.4")]

# In the frozen tests it is 2 March 2026.
R0 = instant("2026-03-02T01:15:30Z")
PAID = instant("2025-11-20T09:00:00Z")
A_YEAR, TWO_YEARS = instant("2026-11-20T16:00:00Z"), instant("2027-11-20T16:00:00Z")
DAY = timedelta(days=1)


def text(answer):
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def two_years(product, begins_at):
    return commit(product, Promise(Dimension.COVER_MONTHS, 24), begins_at=begins_at)


@pytest.mark.parametrize(
    ("paid_at", "due_at"),
    [("2024-02-29T10:00:00+08:00", "2025-02-28T16:00:00Z"), ("2025-11-20T17:00:00+08:00", "2026-11-20T16:00:00Z")],
)
def test_a_year_from_the_payment(paid_at, due_at):
    paid_at = instant(paid_at)
    cover = make.a_cover(placed_at=paid_at, paid_at=paid_at)
    told = sum_of_cover(cover, at=paid_at)
    assert (told.started_at, told.number, told.unit, told.amount, told.counted_unit) == (
        paid_at,
        1,
        "years",
        1,
        "years",
    )
    assert (told.clause, told.edition, told.promised, told.zone) == ("2.3.4", 1, "", "Asia/Shanghai")
    assert (told.due_at, told.agrees) == (instant(due_at), True)


@pytest.mark.clause("2.3.3")
def test_longest_months_of_the_page_and_of_later_for_the_requests_after_them():
    product = make.a_product()
    cover = make.a_cover(product)
    two_years(product, PAID + 2 * DAY)
    sums = [sum_of_cover(make.fresh(cover), at=PAID + days * DAY) for days in (1, 2)]
    assert [(told.due_at, told.amount, told.counted_unit) for told in sums] == [
        (A_YEAR, 1, "years"),
        (TWO_YEARS, 24, "months"),
    ]
    assert [source.statement for source in sums[1].sources] == ["months of cover: 24"]
    # An order placed since has it from its payment on.
    later = make.a_cover(product, placed_at=PAID + 3 * DAY, paid_at=PAID + 3 * DAY)
    told = sum_of_cover(later, at=PAID + 3 * DAY)
    assert (told.due_at, later.ends_at) == (instant("2027-11-23T16:00:00Z"), instant("2027-11-23T16:00:00Z"))


@pytest.mark.clause("2.3.3")
def test_as_many_months_as_the_rules_give_are_no_better():
    product = make.a_product()
    commit(product, Promise(Dimension.COVER_MONTHS, 12))
    told = sum_of_cover(make.a_cover(product), at=R0)
    assert (told.due_at, told.promised, told.amount) == (A_YEAR, "", 1)


def test_an_end_that_is_stored_differently_is_said(client, frozen):
    cover = make.a_cover()
    Cover.objects.update(ends_at=A_YEAR + DAY)
    assert not sum_of_cover(make.fresh(cover), at=R0).agrees
    client.force_login(cover.buyer)
    assert "differs from this sum" in text(client.get(f"/portal/covers/{cover.pk}/end/"))


@pytest.mark.clause("2.3.3")
def test_the_page_shows_payment_number_promise_zone_and_end(client, frozen):
    product = make.a_product()
    two_years(product, PAID - DAY)
    cover = make.a_cover(product)
    client.force_login(cover.buyer)
    page = text(client.get(f"/portal/covers/{cover.pk}/end/"))
    for words in (
        "The order was fully paid", "2025-11-20 09:00:00 UTC", "<b>24 months</b>", "better than the 1 year of edition 1",
        "24:00 of the corresponding date in Asia/Shanghai", "24:00 of Sat 20 Nov 2027, Asia/Shanghai",
        "2027-11-20 16:00:00 UTC", "The commitment to 24 months", "months of cover: 24", "/rules/#c-2.3.4",
    ):  # fmt: skip
        assert words in page, words


def test_the_way_to_it_from_the_case_the_orders_and_the_promises(client, frozen):
    appointment = make.requested(at=R0)
    cover, reference = appointment.case.cover, appointment.case.reference
    client.force_login(appointment.buyer)
    for page in (f"cases/{reference}/", "", f"covers/{cover.pk}/promises/"):
        assert f'href="/portal/covers/{cover.pk}/end/"' in text(client.get(f"/portal/{page}")), page
    client.force_login(make.seller_of(cover).user)
    for page in (f"cases/{reference}/", f"covers/{cover.pk}/promises/"):
        assert f'href="/dashboard/covers/{cover.pk}/end/"' in text(client.get(f"/dashboard/{page}")), page


def test_who_sees_it_and_that_there_is_none_before_the_payment(client, frozen):
    cover = make.a_cover()
    for person, portal, dashboard in (
        (cover.buyer, 200, 403),
        (make.seller_of(cover).user, 404, 200),
        (make.an_engineer(cover.seller).user, 404, 404),
        (AuditorFactory(), 200, 403),
        (UserFactory(), 404, 403),
        (make.seller_of(make.a_cover()).user, 404, 404),
    ):
        client.force_login(person)
        assert client.get(f"/portal/covers/{cover.pk}/end/").status_code == portal, person
        assert client.get(f"/dashboard/covers/{cover.pk}/end/").status_code == dashboard, person
    unpaid = make.told(make.an_order_record(cover.line.product, paid_at=None), at=PAID)
    client.force_login(unpaid.buyer)
    assert client.get(f"/portal/covers/{unpaid.pk}/end/").status_code == 404
    assert a_caller(buyer=unpaid.buyer).get(f"covers/{unpaid.pk}/explanation/").status_code == 404


@pytest.mark.clause("2.3.3")
def test_it_is_answered_to_other_systems(frozen):
    product = make.a_product()
    two_years(product, PAID - DAY)
    cover = make.a_cover(product)
    for caller in (a_caller(buyer=cover.buyer), a_caller(seller=cover.seller)):
        told = caller.get(f"covers/{cover.pk}/explanation/").json()
        assert (told["clock"], told["clause"], told["started_at"]) == ("cover", "2.3.4", "2025-11-20T09:00:00.000000Z")
        assert (told["number"], told["unit"], told["amount"], told["amount_unit"]) == (1, "years", 24, "months")
        assert told["due_at"] == told["stored_due_at"] == "2027-11-20T16:00:00.000000Z"
        assert (told["promised"], told["agrees"], len(told["sources"])) == ("cover_months", True, 1)
    assert a_caller(seller=make.a_seller()).get(f"covers/{cover.pk}/explanation/").status_code == 404
