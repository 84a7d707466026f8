"""A promise made before a request and judged after it: it has bound the request from the start (2.3.3)."""

from datetime import timedelta

import pytest

from cases.actions.longer_limits import accept_longer_limit, propose_longer_limit
from cases.actions.messages import write
from cases.actions.promises import record_promise
from cases.explanation import explanation, limits_for
from cases.models import Deadline, ServiceAppointment
from cases.reached_requests import read
from cases.verification import Tally, verify
from sellers.actions.commitments import judge, record_commitment
from sellers.models import CommitmentSource
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory, SupportFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
SHORT, LONG = R0 + 24 * HOUR, R0 + 48 * HOUR
# Seals are the relay's; a check of clocks looks at a time when none was due yet.
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")


@pytest.fixture
def product():
    return make.a_product()


@pytest.fixture
def appointment(product):
    return make.requested(make.a_cover(product), at=R0)


def reported(product, *terms, at, begins_at=R0 - HOUR):
    """Support records what a buyer has reported: said before the request was made."""
    support = Actor(channel=Channel.ADMIN, user=SupportFactory())
    return record_commitment(
        product.seller, product, source=CommitmentSource.UNILATERAL, statement="Within a day!",
        terms=terms or [Promise(Dimension.RESPONSE_HOURS, 24)], by=support, at=at, begins_at=begins_at,
    )  # fmt: skip


def judged(said, *, at):
    judge(said, by=Actor(channel=Channel.ADMIN, user=AuditorFactory()), at=at)
    relay_batch(at=at)


def response(appointment):
    return Deadline.objects.get(appointment=appointment, clock="response")


def now(appointment):
    return ServiceAppointment.objects.get(pk=appointment.pk)


def consistent():
    return list(verify(Tally(), at=BEFORE_SEALS)) == []


def test_the_running_limit_is_counted_with_it_from_its_start(product, appointment):
    seller = make.seller_of(appointment).user
    judged(reported(product, at=R0 + 2 * HOUR), at=R0 + 10 * HOUR)
    row = response(appointment)
    assert (row.amount, row.promised, row.due_at, row.state) == (24, "response_hours", SHORT, "running")
    request = now(appointment)
    assert (request.terms, request.next_due_at) == ({"response_hours": 24}, SHORT)
    told = Event.objects.get(kind="promise.reached")
    assert (told.subject, told.clause, told.detail["terms"]) == (request.subject, "2.3.3", {"response_hours": 24})
    assert explanation(limits_for(make.buyer_of(appointment)).get(pk=row.pk)).sources[0].statement == "Within a day!"
    hearing = {each.user for each in announcer_of(told.stream).audience(told)}
    assert hearing == {appointment.buyer, seller}
    assert "3 Mar 2026, 01:15" in announcer_of(told.stream).notice(told, appointment.buyer).text
    assert consistent()
    # Told again, nothing more happens.
    assert Event.objects.filter(kind="promise.reached").count() == 1
    make.offered(appointment, at=SHORT)
    assert now(appointment).state == "proposed"
    assert consistent()


def test_a_shorter_limit_that_is_over_was_missed_then(product, appointment):
    judged(reported(product, at=R0 + 2 * HOUR), at=R0 + 30 * HOUR)
    request = now(appointment)
    assert (request.state, request.ended_at, request.next_due_at) == ("deemed_refused", SHORT, None)
    refusal = Event.objects.get(kind="appointment.deemed_refused")
    assert (refusal.effective_at, refusal.recorded_at) == (SHORT, R0 + 30 * HOUR)
    assert consistent()


def test_an_answer_after_the_shorter_limit_is_a_late_offer_that_the_buyer_can_still_take(product, appointment):
    made = make.offered(appointment, at=R0 + 30 * HOUR)
    judged(reported(product, at=R0 + 31 * HOUR), at=R0 + 32 * HOUR)
    assert (now(appointment).state, response(appointment).state) == ("deemed_refused", "missed")
    assert make.fresh(made).is_late
    assert consistent()
    make.accepted(make.fresh(made), at=R0 + 33 * HOUR)
    assert now(appointment).state == "agreed"
    assert consistent()


def test_what_goes_on_already_goes_on_and_the_breach_stays_on_the_record(product, appointment):
    made = make.offered(appointment, at=R0 + 30 * HOUR)
    make.accepted(made, at=R0 + 31 * HOUR)
    judged(reported(product, at=R0 + 32 * HOUR), at=R0 + 33 * HOUR)
    assert (now(appointment).state, response(appointment).state) == ("agreed", "missed")
    assert Event.objects.filter(kind="limit.missed").exists()
    assert consistent()


def test_an_answer_inside_the_shorter_limit_stays_in_time(product, appointment):
    make.offered(appointment, at=SHORT)
    judged(reported(product, at=R0 + 31 * HOUR), at=R0 + 32 * HOUR)
    row = response(appointment)
    assert (now(appointment).state, row.state, row.due_at) == ("proposed", "met", SHORT)
    assert consistent()


def test_a_longer_limit_that_the_buyer_has_accepted_stays(product, appointment):
    asked = propose_longer_limit(
        response(appointment), 72, "The part is late.", by=make.seller_of(appointment), at=R0 + HOUR
    )
    accept_longer_limit(asked, by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    judged(reported(product, at=R0 + 3 * HOUR), at=R0 + 30 * HOUR)
    row = response(appointment)
    assert (row.amount, row.agreed_from, row.promised) == (72, 24, "response_hours")
    assert (row.due_at, row.state) == (R0 + 72 * HOUR, "running")
    assert consistent()


def test_a_promise_of_days_and_one_without_a_clock(product, appointment):
    said = reported(
        product, Promise(Dimension.CONFIRMATION_DAYS, 7), Promise(Dimension.NUMBER_OF_SERVICES, 3), at=R0 + HOUR
    )
    judged(said, at=R0 + 2 * HOUR)
    row = Deadline.objects.get(appointment=appointment, clock="confirmation")
    assert (row.amount, row.due_at) == (7, instant("2026-03-09T16:00:00Z"))
    assert response(appointment).amount == 48
    assert now(appointment).terms == {"confirmation_days": 7, "number_of_services": 3}
    assert consistent()


@pytest.mark.parametrize("case", ["made after the request", "void", "of another product", "ended before the order"])
def test_what_does_not_reach_a_request(product, appointment, case):
    about, begins_at, hours = product, R0 - HOUR, 24
    if case == "made after the request":
        begins_at = R0 + HOUR
    elif case == "void":
        hours = 72
    elif case == "of another product":
        about = make.a_product(product.seller)
    else:
        begins_at = make.PLACED - 10 * HOUR
    said = reported(about, Promise(Dimension.RESPONSE_HOURS, hours), at=R0 + 2 * HOUR, begins_at=begins_at)
    if case == "ended before the order":
        type(said).objects.filter(pk=said.pk).update(ended_at=begins_at + HOUR)
        said = type(said).objects.get(pk=said.pk)
    judged(said, at=R0 + 30 * HOUR)
    assert (response(appointment).amount, now(appointment).terms) == (48, {})
    assert not Event.objects.filter(kind="promise.reached").exists()


def test_requests_that_have_ended_are_left_as_they_were(product, appointment):
    make.cancelled(appointment, at=R0 + HOUR)
    judged(reported(product, at=R0 + 2 * HOUR), at=R0 + 30 * HOUR)
    assert (now(appointment).state, now(appointment).terms) == ("cancelled", {})


def test_a_word_of_the_thread_that_the_seller_stands_by_later_reaches_the_next_request(product, appointment):
    """Said in the first request's time, recorded only after the second one was received."""
    said = write(appointment.case, "We reply within 24 hours.", by=make.seller_of(appointment), at=R0 + HOUR)
    make.cancelled(appointment, at=R0 + 2 * HOUR)
    later = make.requested(appointment.case.cover, at=R0 + 3 * HOUR)
    terms = [Promise(Dimension.RESPONSE_HOURS, 24)]
    record_promise(said, terms, by=make.seller_of(appointment), at=R0 + 4 * HOUR)
    relay_batch(at=R0 + 4 * HOUR)
    assert response(later).due_at == R0 + 27 * HOUR
    assert consistent()


def test_a_request_that_was_being_stored_while_a_promise_was_judged_is_bound_as_well(product):
    """The judgement is read before the request is there to be seen; the request's own event then tells of it."""
    said = reported(product, at=R0 - HOUR / 2)
    appointment = make.requested(make.a_cover(product), at=R0)
    judge(said, by=Actor(channel=Channel.ADMIN, user=AuditorFactory()), at=R0)
    assert response(appointment).amount == 48
    read(list(Event.objects.filter(kind="appointment.requested")), at=R0)
    assert response(appointment).amount == 24
    assert consistent()
