"""A promise said in the thread of a case, recorded by either side, judged, and binding for later requests (2.3.3)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.messages import write
from cases.actions.promises import record_promise
from cases.models import ChatPromise, Deadline
from cases.promises import promised_for_cover, promised_for_request, requests_bound_by
from sellers.actions.commitments import judge
from sellers.models import SellerCommitment
from sellers.readings import promises_in
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory, SupportFactory, UserFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel, Seat, system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
WORDS = "For you we reply within 24 hours, but not before 72 hours in holidays."
TERMS = [Promise(Dimension.RESPONSE_HOURS, 24), Promise(Dimension.RESPONSE_HOURS, 72)]


@pytest.fixture
def appointment():
    return make.requested(at=R0)


@pytest.fixture
def message(appointment):
    return write(appointment.case, WORDS, by=make.seller_of(appointment), at=R0 + HOUR)


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def judged(promise, at=R0 + 3 * HOUR):
    auditor = Actor(channel=Channel.ADMIN, user=AuditorFactory())
    return judge(SellerCommitment.objects.get(pk=promise.commitment_id), by=auditor, at=at)


def asked_again(appointment, at):
    make.cancelled(appointment, at=at)
    return make.requested(appointment.case.cover, at=at + HOUR)


def response(appointment):
    return Deadline.objects.get(appointment=appointment, clock="response")


def test_what_the_buyer_reports_waits_for_an_auditor(appointment, message):
    made = record_promise(message, promises_in(WORDS), by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    said = made.commitment
    assert (said.state, said.source, said.made_to, said.begins_at) == (
        "recorded", "communication", appointment.buyer, message.received_at,
    )  # fmt: skip
    assert said.evidence.startswith(appointment.case.reference)
    assert promised_for_cover(appointment.case.cover, at=R0 + 2 * HOUR) == []
    assert judged(made).state == "split"
    assert response(asked_again(appointment, R0 + 4 * HOUR)).amount == 24


def test_the_sellers_own_word_is_judged_at_once_and_binds_later_requests_only(appointment, message):
    made = record_promise(message, TERMS, by=make.seller_of(appointment), at=R0 + 2 * HOUR)
    assert made.commitment.state == "split"
    assert [term.reason for term in made.commitment.terms.all()] == ["extends", "narrows_rules"]
    # The request that ran when it was said keeps its limit; the next one has the better one, and says why.
    assert response(appointment).amount == 48
    later = asked_again(appointment, R0 + 4 * HOUR)
    assert (response(later).amount, response(later).promised) == (24, "response_hours")
    assert promised_for_request(appointment) == []
    [promised] = promised_for_request(later)
    assert (promised.message, [term.value for term in promised.terms]) == (message, [24])
    bound = requests_bound_by(made.commitment, make.seller_of(appointment))
    assert list(bound) == [later]


def test_it_binds_for_that_buyer_only(appointment, message):
    record_promise(message, TERMS, by=make.seller_of(appointment), at=R0 + 2 * HOUR)
    product = appointment.case.cover.line.product
    assert response(make.requested(make.a_cover(product), at=R0 + 5 * HOUR)).amount == 48


def test_the_other_side_hears_of_it_and_the_buyer_of_the_judgement(appointment, message):
    made = record_promise(message, TERMS, by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    judged(made)
    told = Event.objects.get(kind="promise.recorded")
    assert (told.stream, told.detail["message"]) == (appointment.case.stream, message.pk)
    hearing = {each.user for each in announcer_of(told.stream).audience(told)}
    assert appointment.buyer not in hearing
    assert make.seller_of(appointment).user in hearing
    verdict = Event.objects.get(kind="commitment.split")
    hearing = {each.user for each in announcer_of(verdict.stream).audience(verdict)}
    assert hearing == {appointment.buyer, make.seller_of(appointment).user}
    notice = announcer_of(verdict.stream).notice(verdict, appointment.buyer)
    assert (notice.subject, notice.url) == ("What the seller promised you binds in part", "/portal/")


def test_only_the_two_sides_record_and_only_the_sellers_word(appointment, message):
    engineer = make.an_engineer(appointment.seller).user
    nobodies = [
        Actor(channel=Channel.DASHBOARD, user=engineer, seller_id=appointment.seller_id, seat=Seat.ENGINEER),
        make.seller_of(make.a_cover()),
        Actor(channel=Channel.PORTAL, user=UserFactory()),
        Actor(channel=Channel.ADMIN, user=SupportFactory()),
        system(),
    ]
    for nobody in nobodies:
        with pytest.raises(PermissionDenied):
            record_promise(message, TERMS, by=nobody, at=R0 + 2 * HOUR)
    buyer = make.buyer_of(appointment)
    mine = write(appointment.case, "You promised 24 hours!", by=buyer, at=R0 + HOUR)
    assert refused(record_promise, mine, TERMS, by=buyer, at=R0 + 2 * HOUR) == ("not_the_sellers_word", 422)
    assert refused(record_promise, message, [], by=buyer, at=R0 + 2 * HOUR) == ("terms_missing", 422)
    assert not SellerCommitment.objects.exists()


def test_each_side_records_a_message_once(appointment, message):
    buyer = make.with_key(make.buyer_of(appointment), "k")
    made = record_promise(message, TERMS, by=buyer, at=R0 + 2 * HOUR)
    assert record_promise(message, TERMS, by=buyer, at=R0 + 2 * HOUR) == made
    anew = make.buyer_of(appointment)
    assert refused(record_promise, message, TERMS, by=anew, at=R0 + 3 * HOUR) == ("already_recorded", 409)
    # What the buyer reported does not keep the seller from standing by his word.
    record_promise(message, TERMS[:1], by=make.seller_of(appointment), at=R0 + 3 * HOUR)
    assert [each.side for each in ChatPromise.objects.all()] == ["buyer", "seller"]
    assert Event.objects.filter(kind="promise.recorded").count() == 2
