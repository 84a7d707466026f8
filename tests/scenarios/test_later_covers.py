"""A promise of a longer cover that was made after the order: it lengthens the cover for later requests (2.3.3, 2.3.4)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions.messages import write
from cases.actions.promises import record_promise
from cases.cover_ends import end_for, includes, is_bookable, last_to_end, still_owed, with_longest_months
from cases.cover_sums import sum_of_cover
from cases.covers import must_be_owed
from cases.explanation import would_be
from cases.models import Cover
from cases.sweep import sweep_batch
from complaints.queries.filing import matters_of, trial_of
from sellers.actions import commitments
from sellers.actions.verdicts import give_verdicts
from sellers.models import CommitmentSource
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories import complaints as complaint
from tests.factories.accounts import SupportFactory
from tests.factories.api import a_caller
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.rulebook.models import RuleEdition

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3"), pytest.mark.clause("2.3.4")]

# Paid on 2025-11-20: the year ends at 24:00 of 2026-11-20, two years a year later, 18 months on 2027-05-20.
ENDS = instant("2026-11-20T16:00:00Z")
IN_TWO_YEARS = instant("2027-11-20T16:00:00Z")
TICK = timedelta(microseconds=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SAID = instant("2026-06-01T02:00:00Z")


def months(number):
    return [Promise(Dimension.COVER_MONTHS, number)]


@pytest.fixture
def cover():
    return make.a_cover(paid_at=instant("2025-11-20T09:00:00Z"))


def promise(cover, number=24, at=SAID, **given):
    about = {"source": CommitmentSource.UNILATERAL, "statement": f"{number} months of service.", **given}
    by = make.seller_of(cover)
    said = commitments.promise_to_all(cover.seller, cover.line.product, terms=months(number), by=by, at=at, **about)
    give_verdicts(said, by=by, at=at)
    return said


def code_at(cover, at):
    try:
        must_be_owed(make.fresh(cover), at=at)
    except RuleBroken as broken:
        return broken.code
    return ""


def test_requests_after_it_have_the_longer_cover_requests_before_it_have_not(cover):
    promise(cover)
    assert make.fresh(cover).ends_at == ENDS
    assert [end_for(cover, SAID + step) for step in (-TICK, 0 * TICK)] == [ENDS, IN_TWO_YEARS]
    assert [code_at(cover, at) for at in (ENDS + TICK, IN_TWO_YEARS, IN_TWO_YEARS + TICK)] == ["", "", "cover_expired"]
    assert would_be(cover, "door", at=IN_TWO_YEARS)
    assert make.requested(cover, at=IN_TWO_YEARS).received_at == IN_TWO_YEARS


def test_a_narrower_one_shortens_nothing(cover):
    assert promise(cover, 6).state == "void"
    assert end_for(cover, SAID) == ENDS


def test_said_to_a_buyer_it_binds_for_that_buyer_alone(cover):
    neighbour = make.a_cover(cover.line.product, paid_at=cover.starts_at)
    appointment = make.requested(cover, at=SAID - DAY)
    seller = make.seller_of(cover)
    word = write(appointment.case, "For you two years.", by=seller, at=SAID)
    record_promise(word, months(24), by=seller, at=SAID + DAY)
    assert [end_for(each, SAID) for each in (cover, neighbour)] == [IN_TWO_YEARS, ENDS]


def test_taking_it_away_changes_nothing_for_an_order_that_was_placed(cover):
    said = promise(cover)
    commitments.end(said, reason="Too costly.", by=make.seller_of(cover), at=SAID + DAY)
    later = make.a_cover(cover.line.product, placed_at=SAID + 2 * DAY, paid_at=SAID + 2 * DAY)
    assert end_for(cover, SAID + 2 * DAY) == IN_TWO_YEARS
    assert end_for(later, SAID + 3 * DAY) == later.ends_at == instant("2027-06-03T16:00:00Z")


@pytest.mark.parametrize(
    ("paid_at", "number"),
    [
        ("2025-11-20T09:00:00Z", 24),
        ("2024-02-29T03:00:00Z", 18),
        ("2025-01-31T16:30:00Z", 13),
        ("2025-08-31T01:00:00Z", 18),
    ],
)
def test_lists_ask_the_same_to_the_last_instant(paid_at, number):
    paid_at = instant(paid_at)
    cover = make.a_cover(placed_at=paid_at, paid_at=paid_at)
    promise(cover, number, at=paid_at + 40 * DAY)
    end = end_for(cover, paid_at + 41 * DAY)
    assert end > cover.ends_at
    for at in (paid_at + 40 * DAY - TICK, cover.ends_at, cover.ends_at + TICK, end - DAY, end, end + TICK):
        listed = Cover.objects.select_related("edition").filter(still_owed(at))
        assert listed.filter(pk=cover.pk).exists() == includes(cover, at) == is_bookable(cover, at), at
        assert last_to_end(listed, at=at) == (cover if includes(cover, at) else None)
        [annotated] = with_longest_months(Cover.objects.filter(pk=cover.pk), at=at)
        assert end_for(annotated, at) == end_for(cover, at)


def test_a_complaint_of_such_a_request_is_inside_the_cover():
    order = {"placed_at": instant("2024-11-20T09:00:00Z"), "paid_at": instant("2024-11-20T09:00:00Z")}
    cover = make.a_cover(**order)
    promise(cover, 18, at=instant("2025-06-01T02:00:00Z"))
    appointment = make.requested(cover, at=complaint.R0)
    sweep_batch(at=complaint.R0 + 49 * HOUR)
    [matter] = matters_of(appointment.case, at=complaint.FILED)
    trial = trial_of(make.fresh(appointment.case), matter, at=complaint.FILED)
    assert (trial.is_accepted, cover.ends_at < complaint.R0) == (True, True)


def test_pages_and_api_show_the_end_that_counts_now(cover, client, frozen):
    promise(cover)
    for at, is_owed in (("2027-11-20T16:00:00Z", True), ("2027-11-20T16:00:00.000001Z", False)):
        frozen.move_to(at)
        client.force_login(cover.buyer)
        caller = a_caller(buyer=cover.buyer)
        orders = client.get(reverse("portal:orders"), follow=True).content.decode()
        assert (f"?cover={cover.pk}" in orders) is is_owed
        assert "20 Nov 2027" in orders or "21 Nov 2027" in orders
        [listed] = caller.get("covers/").json()["results"]
        assert listed == {**listed, "ends_at": "2027-11-20T16:00:00.000000Z", "is_expired": not is_owed}
        assert caller.get(f"covers/{cover.pk}/").json()["ends_at"] == listed["ends_at"]


def in_force(years, since):
    """A later edition that gives so many years."""
    RuleEdition.objects.create(
        number=2, numbers=NUMBERS | {"cover_years": years}, published_at=since - 30 * DAY, effective_at=since
    )


def test_an_edition_that_gives_more_years_lengthens_the_cover_for_what_is_requested_since(cover):
    in_force(2, SAID)
    before, since = SAID - TICK, SAID
    assert (end_for(cover, before), end_for(cover, since)) == (ENDS, IN_TWO_YEARS)
    assert (code_at(cover, IN_TWO_YEARS), code_at(cover, IN_TWO_YEARS + TICK)) == ("", "cover_expired")
    covers = Cover.objects.all()
    for at in (before, since, IN_TWO_YEARS):
        [brought] = with_longest_months(covers, at=at)
        assert end_for(brought, at) == end_for(cover, at) == sum_of_cover(cover, at=at).due_at
        assert list(covers.filter(still_owed(at))) == [cover] == [last_to_end(covers, at=at)]
    assert not covers.filter(still_owed(IN_TWO_YEARS + TICK)).exists()
    told = sum_of_cover(cover, at=since)
    assert (told.edition, told.order_edition, told.amount) == (2, 1, 2)


def test_an_edition_that_gives_fewer_years_changes_no_cover_of_before(cover):
    law = NUMBERS | {"cover_years": 3}
    RuleEdition.objects.create(number=2, numbers=law, published_at=SAID - 30 * DAY, effective_at=SAID)
    RuleEdition.objects.create(number=3, numbers=NUMBERS, published_at=SAID, effective_at=SAID + 30 * DAY)
    later = SAID + 60 * DAY
    # What is better counts on, also when a still later edition gives less.
    assert end_for(cover, later) == instant("2028-11-20T16:00:00Z") == sum_of_cover(cover, at=later).due_at
    bought_since = make.a_cover(paid_at=later)
    assert end_for(bought_since, later) == bought_since.ends_at


@pytest.mark.parametrize("by_edition", [True, False], ids=["edition", "promise"])
def test_what_comes_when_a_cover_is_over_covers_the_line_again_from_then_on(cover, by_edition):
    since = ENDS + 10 * DAY
    in_force(2, since) if by_edition else promise(cover, at=since)
    told = ["", "cover_expired", "cover_expired", "", "", "cover_expired"]
    for at, code in zip((ENDS, ENDS + TICK, since - TICK, since, IN_TWO_YEARS, IN_TWO_YEARS + TICK), told, strict=True):
        assert code_at(cover, at) == code, at
        assert Cover.objects.filter(still_owed(at)).exists() == (code == ""), at


def test_an_edition_that_gives_no_more_years_costs_the_lists_nothing(cover):
    in_force(1, SAID)
    counted = []
    for at in (SAID - TICK, SAID):
        with CaptureQueriesContext(connection) as asked:
            assert list(Cover.objects.filter(still_owed(at))) == [cover] == [last_to_end(Cover.objects.all(), at=at)]
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_an_edition_that_gives_back_what_one_between_took_counts_for_the_orders_of_that_one(cover):
    for number, years, days in ((2, 2, -90), (3, 1, -60), (4, 2, 30)):
        law, at = NUMBERS | {"cover_years": years}, SAID + days * DAY
        RuleEdition.objects.create(number=number, numbers=law, published_at=at - 30 * DAY, effective_at=at)
    since = SAID + 30 * DAY
    bought = make.a_cover(placed_at=SAID, paid_at=SAID)
    for at in (since - TICK, since):
        in_two_years = instant("2028-06-01T16:00:00Z")
        assert (end_for(bought, at) == in_two_years) == (at == since)
        owed = Cover.objects.filter(still_owed(in_two_years)).filter(pk=bought.pk)
        assert owed.exists()


def test_the_staff_desk_shows_the_end_for_a_request_of_now(cover, client, frozen):
    promise(cover)
    frozen.move_to(SAID)
    client.force_login(SupportFactory())
    address = reverse("admin:cases_cover_change", args=[cover.pk])
    pages = {
        each: client.get(each).content.decode()
        for each in (
            address,
            reverse("admin:cases_cover_changelist"),
            reverse("admin:cases_order_change", args=[cover.order_id]),
        )
    }
    assert all("20 Nov 2027" in page for page in pages.values())
    # The raw end stands on its own page only, as what it is.
    assert [address] == [each for each, page in pages.items() if "20 Nov 2026" in page]
    assert "end as it stood with the payment" in pages[address].lower()
    assert "ends, for a request of now" in pages[address].lower()
