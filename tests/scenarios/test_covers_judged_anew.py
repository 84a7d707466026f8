"""A judgement after the order: what the order keeps, whether there is a cover, what its buyer hears (1.1, 2.3.3, 2.3.4)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.cover_ends import end_for, end_when_received
from cases.models import Cover, ServiceAppointment
from cases.put_right_promises import read
from cases.service_terms import inferred_terms
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from complaints.models import Violation
from complaints.queries.filing import matters_of, trial_of
from sellers.actions.commitments import judge, judge_anew, record_commitment
from sellers.models import CommitmentSource
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory, SupportFactory
from tests.factories.judged_anew import WHY, put_right, relay_all
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3"), pytest.mark.clause("2.3.4")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
ON_PAPER = make.PLACED - HOUR
# Placed and paid on 2025-11-20.
A_YEAR, TWO_YEARS = instant("2026-11-20T16:00:00Z"), instant("2027-11-20T16:00:00Z")
H24, MONTHS_24 = Promise(Dimension.RESPONSE_HOURS, 24), Promise(Dimension.COVER_MONTHS, 24)
SERVICES = Promise(Dimension.NUMBER_OF_SERVICES, 3)


def auditor():
    return Actor(channel=Channel.ADMIN, user=AuditorFactory())


def reported(product, *terms):
    """Support records what was said before the order; nobody has judged it yet."""
    support = Actor(channel=Channel.ADMIN, user=SupportFactory())
    return record_commitment(
        product.seller, product, source=CommitmentSource.UNILATERAL, statement="Two years!",
        terms=terms or [MONTHS_24], by=support, at=make.PLACED, begins_at=ON_PAPER,
    )  # fmt: skip


def consistent():
    return list(verify(Tally(), at=BEFORE_SEALS)) == []


def told(cover):
    """What its buyer hears of the cover: subject and text of each notice, in order."""
    heard = []
    for event in Event.objects.filter(subject=f"cover/{cover.pk}").order_by("id"):
        announcer = announcer_of(event.stream)
        heard += [announcer.notice(event, each.user) for each in announcer.audience(event) if each.user == cover.buyer]
    return heard


def test_orders_are_locked_before_covers_and_each_in_the_order_of_their_keys():
    """The order feed locks so: the other way round the two could wait for each other for ever."""
    product = make.a_product()
    made = [commit(product, each, begins_at=ON_PAPER) for each in (MONTHS_24, H24)]
    covers = [make.a_cover(product) for _each in range(2)]
    relay_all(R0)
    for each in made:
        judge_anew(each, decisions={each.terms.get().pk: "no_promise"}, reason="No.", by=auditor(), at=R0)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        read(list(Event.objects.filter(kind="commitment.put_right")), at=R0)
    read_whole = [
        (table, "ORDER BY" in query["sql"] and query["sql"].rpartition("ORDER BY")[2].split()[0])
        for query in asked
        for table in ("cases_order", "cases_cover")
        # Not what is read of a single one.
        if query["sql"].startswith(f'SELECT "{table}"."id", ') and "LIMIT" not in query["sql"].rpartition("ORDER BY")[2]
    ]
    # Once for both commitments.
    assert read_whole == [("cases_order", '"cases_order"."id"'), ("cases_cover", '"cases_cover"."id"')]
    assert [make.fresh(each).terms for each in covers] == [{}, {}]
    # Each change by the commitment that speaks of it: of the months before anything else.
    causes = {event.detail["commitment"] for event in Event.objects.filter(kind="cover.put_right")}
    assert causes == {made[0].pk}


@pytest.mark.clause("1.1")
def test_without_the_mark_everything_but_the_months_follows():
    product = make.a_product(marked=False)
    said = commit(product, MONTHS_24, SERVICES, begins_at=ON_PAPER)
    cover = make.a_cover(product)
    assert cover.terms == {"cover_months": 24, "number_of_services": 3}
    put_right(said, R0)
    cover = make.fresh(cover)
    assert (cover.terms, cover.state, cover.ends_at) == ({"cover_months": 24}, "active", TWO_YEARS)
    assert Event.objects.get(kind="cover.put_right").detail["terms"] == cover.terms
    # Its end is what it was: nobody is told of it.
    assert told(cover) == []
    assert consistent()


@pytest.mark.clause("1.1")
def test_a_line_without_the_mark_is_covered_by_a_first_judgement_as_by_a_second():
    product, by_way_of_void = (make.a_product(marked=False) for _each in range(2))
    at_once, later = reported(product), reported(by_way_of_void)
    covers = [make.a_cover(each) for each in (product, by_way_of_void)]
    unpaid = make.a_cover(product, paid_at=None)
    judge(at_once, by=auditor(), at=R0)
    judge(later, decisions={later.terms.get().pk: "no_promise"}, reason="No.", by=auditor(), at=R0)
    relay_all(R0)
    assert [make.fresh(each).state for each in covers] == ["active", "not_covered"]
    put_right(later, R0 + HOUR, "extends")
    found = [make.fresh(each) for each in covers]
    assert [(each.state, each.starts_at, each.ends_at) for each in found] == [("active", make.PAID, TWO_YEARS)] * 2
    assert [Event.objects.get(subject=f"cover/{each.pk}").kind for each in covers] == [
        "cover.reached",
        "cover.put_right",
    ]
    [first], [second], [waiting] = (told(each) for each in (*covers, unpaid))
    assert "has a service cover" in first.subject
    assert "20 Nov 2027" in first.text
    assert ("anew" in first.text, "anew" in second.text, WHY in second.text) == (False, True, True)
    assert "has a service cover" in second.subject
    assert "begins when the order is fully paid" in waiting.text
    assert consistent()


@pytest.mark.clause("1.1")
def test_a_first_judgement_leaves_nothing_for_an_unrelated_second_one():
    product = make.a_product(marked=False)
    unrelated, said = commit(product, H24, begins_at=ON_PAPER), reported(product)
    cover = make.a_cover(product)
    judge(said, by=auditor(), at=R0)
    put_right(unrelated, R0 + HOUR)
    # Both were read at once; each is told by its own.
    event = Event.objects.get(subject=f"cover/{cover.pk}")
    assert (event.kind, event.detail) == (
        "cover.reached", {"terms": {"cover_months": 24}, "commitment": said.pk},
    )  # fmt: skip
    assert consistent()


@pytest.mark.clause("1.1")
def test_an_order_that_was_being_stored_while_it_was_first_judged_follows_as_well():
    product = make.a_product(marked=False)
    said = reported(product)
    cover = make.a_cover(product)
    relay_all(R0)
    judge(said, by=auditor(), at=R0)
    read(list(Event.objects.filter(kind="order.placed")), at=R0)
    assert make.fresh(cover).state == "active"


def test_only_who_has_a_cover_is_told_that_its_end_has_moved():
    product = make.a_product()
    said = commit(product, MONTHS_24, begins_at=ON_PAPER)
    standing, refunded, unpaid = (
        make.a_cover(product, **given) for given in ({}, {"refunded_at": make.PAID}, {"paid_at": None})
    )
    waived = make.a_cover(product)
    Cover.objects.filter(pk=waived.pk).update(state="waived")
    put_right(said, R0)
    assert [make.fresh(each).terms for each in (standing, refunded, unpaid, waived)] == [{}] * 4
    assert [len(told(each)) for each in (standing, refunded, unpaid, waived)] == [1, 0, 0, 0]
    [notice] = told(standing)
    assert "has moved" in notice.subject
    assert "20 Nov 2026" in notice.text


def test_nobody_is_told_where_a_later_promise_gives_the_same_end():
    product = make.a_product()
    said = commit(product, MONTHS_24, begins_at=ON_PAPER)
    cover = make.a_cover(product)
    commit(product, Promise(Dimension.COVER_MONTHS, 36), begins_at=make.PAID + HOUR)
    put_right(said, R0)
    event = Event.objects.get(kind="cover.put_right")
    assert (make.fresh(cover).ends_at, event.before["owed_until"]) == (A_YEAR, event.after["owed_until"])
    assert told(cover) == []


def test_a_longer_end_is_told_to_whom_it_still_serves():
    product = make.a_product()
    said = reported(product)
    cover = make.a_cover(product)
    long_ago = instant("2022-01-20T08:00:00Z")
    over = make.a_cover(product, placed_at=long_ago, paid_at=long_ago)
    relay_all(R0)
    judge(said, by=auditor(), at=R0)
    relay_all(R0)
    assert make.fresh(cover).ends_at == TWO_YEARS
    [notice] = told(cover)
    assert "has moved" in notice.subject
    assert "20 Nov 2027" in notice.text
    # Placed before it was said, and over by now.
    assert told(over) == []
    put_right(said, R0 + HOUR)
    assert [each.subject for each in told(cover)] == [notice.subject] * 2
    assert "20 Nov 2026" in told(cover)[1].text


@pytest.mark.parametrize(("at", "is_told"), [(TWO_YEARS, True), (TWO_YEARS + timedelta(microseconds=1), False)])
def test_nobody_is_told_of_an_end_that_is_over_either_way(at, is_told):
    product = make.a_product()
    said = commit(product, MONTHS_24, begins_at=ON_PAPER)
    cover = make.a_cover(product)
    put_right(said, at)
    assert make.fresh(cover).ends_at == A_YEAR
    assert bool(told(cover)) is is_told


def test_of_two_judgements_at_once_the_one_that_takes_away_is_told():
    product = make.a_product()
    first = reported(product, Promise(Dimension.COVER_MONTHS, 18))
    said = commit(product, MONTHS_24, begins_at=ON_PAPER)
    cover = make.a_cover(product)
    relay_all(R0)
    judge(first, by=auditor(), at=R0, decisions={first.terms.get().pk: "extends"}, reason="On paper.")
    put_right(said, R0)
    [event] = Event.objects.filter(subject=f"cover/{cover.pk}", kind__in=["cover.put_right", "cover.reached"])
    assert (event.kind, event.detail["commitment"]) == ("cover.put_right", said.pk)


def trial(appointment, at):
    case = make.fresh(appointment.case)
    [matter] = matters_of(case, at=at)
    return trial_of(case, matter, at=at)


@pytest.mark.parametrize("later", [False, True], ids=["pinned with the order", "made since"])
def test_a_request_that_was_received_inside_the_cover_as_it_stood_stays_inside(later):
    product = make.a_product()
    placed = instant("2025-01-20T08:00:00Z")
    cover = None if later is False else make.a_cover(product, placed_at=placed, paid_at=placed)
    said = commit(product, MONTHS_24, begins_at=placed + HOUR if later else placed - HOUR)
    cover = cover or make.a_cover(product, placed_at=placed, paid_at=placed)
    # In the fourteenth month; missed, and a complaint of it would be accepted.
    ends_at, appointment = instant("2027-01-20T16:00:00Z"), make.requested(cover, at=R0)
    open_one = make.requested(cover, at=R0 + 20 * HOUR)
    sweep_batch(at=R0 + 49 * HOUR)
    assert trial(appointment, R0 + 50 * HOUR).is_accepted
    put_right(said, R0 + 60 * HOUR)
    assert end_for(make.fresh(cover), R0 + 61 * HOUR) == instant("2026-01-20T16:00:00Z")
    appointment = ServiceAppointment.objects.get(pk=appointment.pk)
    tried = trial(appointment, R0 + 61 * HOUR)
    assert tried.is_accepted
    assert Violation.objects.get().state == "candidate"
    # The same end wherever the request is spoken of.
    open_one = ServiceAppointment.objects.get(pk=open_one.pk)
    assert (open_one.state, open_one.terms) == ("requested", {})
    assert [end_when_received(make.fresh(cover), each) for each in (appointment, open_one)] == [ends_at] * 2
    assert "2027" in inferred_terms(make.fresh(cover), appointment)["service_period"]
