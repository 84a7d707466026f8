"""A judgement that was put right: running and missed limits, ends and covers follow as if it had been so (2.3.3)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actions.bookings import request_service
from cases.actions.longer_limits import accept_longer_limit, propose_longer_limit
from cases.causes import PUT_RIGHT
from cases.cover_ends import end_for
from cases.explanation import explanation, limits_for
from cases.models import Deadline, ServiceAppointment
from cases.put_right_promises import read
from cases.reminders.kinds import CLOCKS
from cases.reminders.loop import remind_batch
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from complaints.models import Violation
from sellers.actions.commitments import judge_anew
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory
from tests.factories.judged_anew import WHY, put_right, relay_all
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
SHORT, LONG = R0 + 24 * HOUR, R0 + 48 * HOUR
# Seals are the relay's; a check of clocks looks at a time when none was due yet.
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
H24, H36 = Promise(Dimension.RESPONSE_HOURS, 24), Promise(Dimension.RESPONSE_HOURS, 36)
ON_PAPER = make.PLACED - HOUR


@pytest.fixture
def product():
    return make.a_product()


@pytest.fixture
def said(product):
    """The page was read as "24 hours" when the product was imported, and judged to bind at once."""
    return commit(product, H24, begins_at=ON_PAPER)


@pytest.fixture
def appointment(said, product):
    made = make.requested(make.a_cover(product), at=R0)
    assert response(made).due_at == SHORT
    return made


def swept(at):
    sweep_batch(at=at)
    relay_all(at)


def response(appointment):
    return Deadline.objects.filter(appointment=appointment, clock="response").latest("id")


def now(appointment):
    return ServiceAppointment.objects.get(pk=appointment.pk)


def consistent():
    return list(verify(Tally(), at=BEFORE_SEALS)) == []


def test_a_running_limit_is_counted_without_what_was_never_promised(said, appointment):
    assert consistent()
    put_right(said, at=R0 + 10 * HOUR)
    row = response(appointment)
    assert (row.amount, row.promised, row.due_at, row.state) == (48, "", LONG, "running")
    request = now(appointment)
    assert (request.state, request.terms, request.next_due_at) == ("requested", {}, LONG)
    told = Event.objects.get(kind="promise.put_right")
    assert (told.subject, told.clause, told.detail["reason"]) == (request.subject, "2.3.3", WHY)
    announcer = announcer_of(told.stream)
    assert appointment.buyer in {each.user for each in announcer.audience(told)}
    text = announcer.notice(told, appointment.buyer).text
    assert WHY in text
    assert "4 Mar 2026, 01:15" in text
    assert explanation(limits_for(make.buyer_of(appointment)).get(pk=row.pk)).agrees
    assert consistent()
    # Read again, nothing more happens.
    read(list(Event.objects.filter(kind="commitment.put_right")), at=R0 + 11 * HOUR)
    assert Event.objects.filter(kind="promise.put_right").count() == 1


def test_it_is_in_time_to_the_very_instant_of_the_right_limit(said, appointment):
    put_right(said, at=R0 + 10 * HOUR)
    make.offered(appointment, at=LONG)
    assert (now(appointment).state, response(appointment).state) == ("proposed", "met")
    assert consistent()


def test_and_late_a_microsecond_after_it(said, appointment):
    put_right(said, at=R0 + 10 * HOUR)
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=LONG + TICK)
    assert (now(appointment).state, now(appointment).ended_at) == ("deemed_refused", LONG)
    assert consistent()


def test_a_limit_missed_by_it_was_not_over_and_the_candidate_falls(said, appointment):
    swept(SHORT + HOUR)
    assert (now(appointment).state, Violation.objects.get().state) == ("deemed_refused", "candidate")
    put_right(said, at=R0 + 30 * HOUR)
    request = now(appointment)
    assert (request.state, request.ended_at, request.next_due_at) == ("requested", None, LONG)
    taken_back = Event.objects.get(kind="appointment.rescinded")
    assert taken_back.detail["because"] == PUT_RIGHT
    notice = announcer_of(taken_back.stream).notice(taken_back, appointment.buyer)
    assert "judged anew" in notice.text
    assert "4 Mar 2026, 01:15" in notice.text
    relay_all(R0 + 30 * HOUR)
    assert Violation.objects.get().state == "dismissed"
    assert consistent()
    make.offered(appointment, at=LONG)
    assert now(appointment).state == "proposed"
    assert consistent()


@pytest.mark.parametrize(("late", "state"), [(0 * TICK, "proposed"), (TICK, "deemed_refused")])
def test_an_answer_that_was_kept_as_late_is_judged_by_the_right_limit(said, appointment, late, state):
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=LONG + late, windows=make.far_off(R0))
    put_right(said, at=LONG + HOUR)
    request = now(appointment)
    assert request.state == state
    assert request.offers.get().is_late is bool(late)
    if late:
        assert request.ended_at == LONG
    assert consistent()


def test_a_limit_that_is_over_by_the_right_one_too_was_missed_then(said, appointment):
    swept(LONG + HOUR)
    assert now(appointment).ended_at == SHORT
    put_right(said, at=LONG + 2 * HOUR)
    assert (now(appointment).state, now(appointment).ended_at) == ("deemed_refused", LONG)
    [violation] = Violation.objects.all()
    assert (violation.state, violation.occurred_at) == ("candidate", LONG)
    assert consistent()


def test_a_miss_that_the_buyer_cured_has_never_been(said, appointment):
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=R0 + 30 * HOUR, windows=make.far_off(R0))
    make.accepted(now(appointment).offers.get(), at=R0 + 31 * HOUR)
    assert response(appointment).state == "missed"
    put_right(said, at=R0 + 32 * HOUR)
    row = response(appointment)
    assert (now(appointment).state, row.state, row.ended_at) == ("agreed", "met", R0 + 30 * HOUR)
    assert Event.objects.get(kind="limit.corrected").detail["because"] == PUT_RIGHT
    assert consistent()


def test_a_request_that_was_booked_again_gives_way_without_a_violation(said, appointment):
    swept(SHORT + HOUR)
    again = request_service(
        appointment.case.cover, make.a_service_request(), case=appointment.case, by=make.buyer_of(appointment), at=R0 + 26 * HOUR
    )  # fmt: skip
    put_right(said, at=R0 + 30 * HOUR)
    assert (now(appointment).state, now(again).state) == ("cancelled", "requested")
    assert response(again).due_at == R0 + 74 * HOUR
    assert Violation.objects.get().state == "dismissed"
    assert consistent()


def test_the_words_said_another_number(said, appointment):
    put_right(said, at=R0 + 10 * HOUR, added=[H36])
    row = response(appointment)
    assert (row.amount, row.promised, row.due_at) == (36, "response_hours", R0 + 36 * HOUR)
    assert now(appointment).terms == {"response_hours": 36}
    assert consistent()


def test_what_was_wrongly_void_binds_running_limits_from_their_start(product):
    said = commit(product, Promise(Dimension.RESPONSE_HOURS, 72), begins_at=ON_PAPER)
    early, late = (make.requested(make.a_cover(product), at=R0 + step) for step in (0 * TICK, TICK))
    ended = make.requested(make.a_cover(product), at=R0)
    make.cancelled(ended, at=R0 + HOUR)
    # The first limit was over a microsecond ago, the other one is over now.
    put_right(said, at=SHORT + TICK, added=[H24])
    assert (now(early).state, now(early).ended_at) == ("deemed_refused", SHORT)
    assert (now(late).state, now(late).next_due_at) == ("requested", SHORT + TICK)
    assert (now(ended).state, now(ended).terms, response(ended).amount) == ("cancelled", {}, 48)
    assert consistent()


def test_requests_that_ended_otherwise_and_in_time_are_left_as_they_were(said, appointment):
    make.cancelled(appointment, at=R0 + HOUR)
    put_right(said, at=R0 + 2 * HOUR)
    assert (response(appointment).amount, now(appointment).terms) == (24, {"response_hours": 24})
    assert not Event.objects.filter(kind="promise.put_right").exists()
    assert consistent()


@pytest.mark.parametrize(("agreed", "counts"), [(30, 48), (72, 72)])
def test_a_longer_limit_that_was_agreed_on_never_makes_it_shorter(said, appointment, agreed, counts):
    by = make.seller_of(appointment)
    asked = propose_longer_limit(response(appointment), agreed, "The part is late.", by=by, at=R0 + HOUR)
    accept_longer_limit(asked, by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    put_right(said, at=R0 + 3 * HOUR)
    row = response(appointment)
    assert (row.amount, row.agreed_from, row.due_at) == (counts, 48, R0 + counts * HOUR)
    assert explanation(limits_for(make.buyer_of(appointment)).get(pk=row.pk)).agrees
    assert consistent()
    # Put right once more, what was agreed on counts as before.
    put_right(said, at=R0 + 4 * HOUR, verdict="extends")
    row = response(appointment)
    assert (row.amount, row.agreed_from) == (agreed, 24)
    assert consistent()


def test_reminders_begin_anew_with_the_steps_that_lie_ahead(said, appointment):
    remind_batch(CLOCKS, at=R0 + 12 * HOUR)
    assert response(appointment).reminded_step == 50
    put_right(said, at=R0 + 13 * HOUR)
    row = response(appointment)
    assert (row.reminded_step, row.next_reminder_at) == (0, SHORT)
    assert consistent()
    remind_batch(CLOCKS, at=SHORT)
    put_right(said, at=R0 + 25 * HOUR, added=[Promise(Dimension.RESPONSE_HOURS, 33)])
    # Of the shorter limit 75 % are behind by now.
    row = response(appointment)
    assert (row.reminded_step, row.next_reminder_at) == (75, R0 + 29.7 * HOUR)
    assert consistent()


# Covers: placed and paid in November 2025, with "two years" read where the page said nothing of the kind.
A_YEAR, TWO_YEARS = instant("2026-11-20T16:00:00Z"), instant("2027-11-20T16:00:00Z")
LATER = A_YEAR + 3 * HOUR


def a_cover_of(product):
    cover = make.a_cover(product)
    return cover, commit(product, Promise(Dimension.COVER_MONTHS, 24), begins_at=make.PLACED + HOUR)


@pytest.fixture
def two_years(product):
    return commit(product, Promise(Dimension.COVER_MONTHS, 24), begins_at=ON_PAPER)


def owed_at(cover, at):
    try:
        return bool(make.requested(make.fresh(cover), at=at))
    except RuleBroken as broken:
        return broken.code


@pytest.mark.clause("2.3.4")
def test_a_cover_ends_as_it_should_for_the_requests_that_come_from_then_on(two_years, product, client, frozen):
    cover = make.a_cover(product)
    other = make.a_cover(product)
    open_one = make.requested(cover, at=A_YEAR + HOUR)
    assert cover.ends_at == TWO_YEARS
    put_right(two_years, at=LATER)
    cover = make.fresh(cover)
    assert (cover.terms, cover.ends_at, end_for(cover, LATER)) == ({}, A_YEAR, A_YEAR)
    # Received inside the cover as it stood: it goes on.
    assert (now(open_one).state, now(open_one).next_due_at) == ("requested", A_YEAR + 49 * HOUR)
    assert owed_at(other, A_YEAR) is True
    assert owed_at(other, A_YEAR + TICK) == "cover_expired"
    told = Event.objects.get(kind="cover.put_right", subject=f"cover/{other.pk}")
    assert (told.before["ends_at"], told.after["ends_at"]) == (
        "2027-11-20T16:00:00.000000+00:00", "2026-11-20T16:00:00.000000+00:00",
    )  # fmt: skip
    announcer = announcer_of(told.stream)
    assert [each.user for each in announcer.audience(told)] == [other.buyer]
    notice = announcer.notice(told, other.buyer)
    assert "20 Nov 2026" in notice.text
    assert WHY in notice.text
    assert consistent()
    frozen.move_to(LATER)
    client.force_login(other.buyer)
    page = client.get(notice.url).content.decode()
    assert reverse("portal:promised", args=[other.pk]) == notice.url
    for words in ("Judged anew by the platform", "not promised by these words", WHY):
        assert words in page, words
    put_right(two_years, at=LATER + HOUR, verdict="extends")
    assert make.fresh(other).ends_at == TWO_YEARS
    assert consistent()


@pytest.mark.clause("2.3.4")
def test_a_cover_that_was_lengthened_later_ends_as_it_should_as_well(product):
    cover, said = a_cover_of(product)
    assert end_for(cover, R0) == TWO_YEARS
    put_right(said, at=R0)
    assert end_for(make.fresh(cover), R0) == A_YEAR


@pytest.mark.clause("1.1")
def test_without_the_mark_a_line_gets_the_cover_that_it_was_promised():
    product = make.a_product(marked=False)
    said = commit(product, Promise(Dimension.RESPONSE_HOURS, 24), begins_at=ON_PAPER)
    paid, unpaid, refunded, cancelled = (
        make.a_cover(product, **given)
        for given in ({}, {"paid_at": None}, {"refunded_at": R0}, {"paid_at": None, "cancelled_at": make.PLACED})
    )
    assert (paid.state, paid.reason, owed_at(paid, R0)) == ("not_covered", "unmarked", "not_covered")
    put_right(said, at=R0, added=[Promise(Dimension.COVER_MONTHS, 24)])
    assert [(each.state, each.ends_at) for each in map(make.fresh, (paid, unpaid, refunded, cancelled))] == [
        ("active", TWO_YEARS), ("pending", None), ("not_covered", None), ("not_covered", None),
    ]  # fmt: skip
    assert owed_at(paid, TWO_YEARS) is True
    told = Event.objects.get(kind="cover.put_right", subject=f"cover/{paid.pk}")
    assert (told.before["state"], told.after["state"]) == ("not_covered", "active")
    assert [each.user for each in announcer_of(told.stream).audience(told)] == [paid.buyer]


@pytest.mark.clause("1.1")
def test_without_the_mark_a_cover_that_stands_by_the_promise_alone_is_left_as_it_was():
    product = make.a_product(marked=False)
    said = commit(product, Promise(Dimension.COVER_MONTHS, 24), begins_at=ON_PAPER)
    cover = make.a_cover(product)
    put_right(said, at=R0)
    cover = make.fresh(cover)
    assert (cover.state, cover.ends_at) == ("active", TWO_YEARS)
    assert consistent()


def test_what_was_being_stored_while_it_was_put_right_follows_as_well(said, product):
    """The judgement is read before order and request are there to be seen; their own events then tell of them."""
    cover = make.a_cover(product)
    appointment = make.requested(cover, at=R0)
    relay_all(R0)
    decisions, auditor = {said.terms.get().pk: "no_promise"}, Actor(channel=Channel.ADMIN, user=AuditorFactory())
    judge_anew(said, decisions=decisions, reason=WHY, by=auditor, at=R0)
    for kind in ("order.placed", "appointment.requested"):
        read(list(Event.objects.filter(kind=kind)), at=R0)
    assert Event.objects.filter(kind__in=["cover.put_right", "promise.put_right"]).count() == 2
    assert (make.fresh(cover).terms, response(appointment).amount) == ({}, 48)
    assert consistent()
