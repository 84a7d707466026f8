"""The lists of the judgement at the desk: as many queries for three rows as for one, and what a search means."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import complaints as file
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.accounts import AuditorFactory

pytestmark = pytest.mark.django_db

COMPLAINTS, LOSSES, VIOLATIONS = (
    reverse(f"admin:complaints_{each}_changelist") for each in ("complaint", "lossclaim", "violation")
)


@pytest.fixture
def desk(client, frozen):
    client.force_login(AuditorFactory())
    return client


def queries_of(desk, page):
    desk.get(page)
    with CaptureQueriesContext(connection) as counted:
        assert desk.get(page).status_code == 200
    return len(counted)


@pytest.mark.parametrize(
    ("page", "make_one", "queries"), [(COMPLAINTS, file.filed, 5), (LOSSES, lost.a_draft, 7), (VIOLATIONS, judged.a_confirmed, 7)]
)  # fmt: skip
def test_three_rows_take_the_queries_of_one(desk, page, make_one, queries):
    make_one()
    assert queries_of(desk, page) == queries
    make_one()
    make_one()
    assert queries_of(desk, page) == queries


def test_a_search_finds_by_reference_order_seller_and_buyer(desk):
    complaint, other = file.filed(), file.filed()
    order = complaint.case.cover.order
    for words in (complaint.reference, order.number, complaint.seller.name, complaint.buyer.email[:-2]):
        page = desk.get(COMPLAINTS, {"q": words}).content.decode()
        assert complaint.reference in page, words
        assert other.reference not in page, words
    assert complaint.reference not in desk.get(COMPLAINTS, {"q": "nobody at all"}).content.decode()


def test_the_filters_of_violations_read_no_list_of_everybody(desk):
    violation, mine = judged.a_confirmed(), AuditorFactory()
    violation.officer = mine
    violation.save(update_fields=["officer"])
    for narrowed, is_there in (({"officer": mine.pk}, True), ({"officer": AuditorFactory().pk}, False), ({"clause": "2.3.1"}, True), ({"clause": "2.3.4"}, False)):  # fmt: skip
        page = desk.get(VIOLATIONS, narrowed).content.decode()
        assert (reverse("admin:complaints_violation_change", args=[violation.pk]) in page) is is_there, narrowed
