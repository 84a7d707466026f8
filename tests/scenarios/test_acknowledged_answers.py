"""An answer in time that the buyer acknowledges takes the refusal back, once it is classified (domain section 3)."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases.actions.acknowledged import acknowledge_answer
from cases.actions.answers import counter
from cases.actions.mails import classify_as_confirmation, classify_as_offer, dismiss_mail
from cases.mails import mails_to_classify
from cases.models import Deadline
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from cases.waiting import acknowledged
from tests.api.test_appointments import refused as refused_by_api
from tests.factories import cases as make
from tests.factories.accounts import SupportFactory
from tests.factories.api import a_caller
from tests.instants import instant
from tests.pages import as_shown
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.desk.reader import Reader
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.deliveries import deliver_batch
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
LATER = DUE + 5 * HOUR
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
WORDS = "By telephone: Li Wei comes on Friday at ten, free of charge."
WHY = "It names method, time, person and price."
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def appointment():
    appointment = make.requested(make.a_cover(buyer_email="buyer@example.com"), at=R0)
    sweep_batch(at=DUE + HOUR)
    return make.fresh(appointment)


@pytest.fixture
def support():
    return Actor(channel=Channel.ADMIN, user=SupportFactory())


def said(appointment, answered_at=DUE, *, words=WORDS, at=LATER, by=None, key=""):
    by = by or make.with_key(make.buyer_of(appointment), key)
    return acknowledge_answer(appointment, words, answered_at, by=by, at=at)


def code_of(appointment, *args, **given):
    with pytest.raises(RuleBroken) as refused:
        said(appointment, *args, **given)
    return refused.value.code, refused.value.status


def consistent():
    return list(verify(Tally(), at=BEFORE_SEALS)) == []


@pytest.mark.parametrize("answered_at", [R0, DUE])
def test_classified_as_an_offer_it_counts_from_when_it_reached_the_buyer(appointment, support, answered_at):
    message = said(appointment, answered_at)
    assert (message.side, message.body, message.received_at) == ("buyer", WORDS, LATER)
    # His word alone takes nothing back.
    assert make.fresh(appointment).state == "deemed_refused"
    told = Event.objects.get(kind="answer.acknowledged")
    assert (told.clause, told.actor_id, told.effective_at) == ("2.3.1", appointment.buyer_id, LATER)
    assert told.detail["answered_at"] == answered_at.isoformat(timespec="microseconds")
    assert mails_to_classify(appointment) == [message]
    classify_as_offer(appointment, message, make.offer_terms(answered_at), reason=WHY, by=support, at=LATER + HOUR)
    assert make.fresh(appointment).state == "proposed"
    row = Deadline.objects.get(appointment=appointment, clock="response")
    assert (row.state, row.ended_at) == ("met", answered_at)
    assert Deadline.objects.get(appointment=appointment, clock="buyer_silence").started_at == LATER + HOUR
    made = appointment.offers.get()
    assert (made.is_late, made.received_at, made.made_by) == (False, answered_at, None)
    assert Event.objects.get(kind="appointment.rescinded").detail["because"] == "acknowledged"
    assert mails_to_classify(appointment) == []
    assert consistent()


def test_both_sides_read_what_took_the_refusal_back(appointment, support):
    owner = make.seller_of(appointment).user
    message = said(appointment)
    classify_as_offer(appointment, message, make.offer_terms(DUE), reason=WHY, by=support, at=LATER)
    for step in (relay_batch, lambda at: deliver_batch(at=at, limit=50)):
        while step(at=LATER):
            pass
    corrected = {each.to[0]: each.body for each in mail.outbox if "Corrected: the answer was in time" in each.subject}
    assert set(corrected) == {"buyer@example.com", owner.email}
    for text in corrected.values():
        assert "The buyer has acknowledged that the seller’s answer reached him in time" in text
        assert "Respond to the request: by Wed 4 Mar 2026" in text
    heard = [each.to[0] for each in mail.outbox if "Answer acknowledged by the buyer" in each.subject]
    assert heard == [owner.email]


@pytest.mark.parametrize("answered_at", [R0 - MICROSECOND, DUE + MICROSECOND])
def test_an_answer_before_the_request_or_after_the_limit_proves_nothing(appointment, answered_at):
    assert code_of(appointment, answered_at) == ("answer_outside_limit", 422)
    assert mails_to_classify(appointment) == []


def test_an_answer_before_the_counter_offer_is_none_to_it():
    appointment = make.requested(at=R0)
    standing = make.offered(appointment, at=R0 + HOUR)
    wish_at = R0 + 2 * HOUR
    counter(standing, wish="In the evening, please.", by=make.buyer_of(appointment), at=wish_at)
    over_at = wish_at + 48 * HOUR
    assert code_of(appointment, wish_at - MICROSECOND, at=over_at + HOUR) == ("answer_outside_limit", 422)
    # The refusal is returned: the limit that had passed stays applied.
    assert make.fresh(appointment).ended_at == over_at
    assert said(appointment, over_at, at=over_at + HOUR).body == WORDS


def test_nothing_to_take_back_no_words_or_twice(appointment):
    running = make.requested(at=R0)
    assert code_of(running, R0 + HOUR, at=DUE) == ("not_deemed_refused", 409)
    assert code_of(appointment, words="  ") == ("message_empty", 422)
    first = said(appointment, key="k")
    assert said(appointment, key="k").pk == first.pk
    assert code_of(appointment) == ("already_acknowledged", 409)
    assert Event.objects.filter(kind="answer.acknowledged").count() == 1


def test_only_the_buyer_himself_acknowledges(appointment, support):
    for_the_buyer = Actor(channel=Channel.ADMIN, user=support.user, acting_for=appointment.buyer)
    stranger = make.buyer_of(make.a_cover())
    for nobody in (make.seller_of(appointment), support, for_the_buyer, stranger):
        with pytest.raises(PermissionDenied):
            said(appointment, by=nobody)


def test_a_confirmation_that_reached_the_buyer_in_time(support):
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0 + HOUR, windows=make.far_off(R0)), at=R0 + 2 * HOUR)
    row = Deadline.objects.get(appointment=appointment, clock="confirmation")
    at = row.due_at + HOUR
    sweep_batch(at=at)
    assert make.fresh(appointment).state == "deemed_refused"
    message = said(appointment, row.due_at, at=at)
    classify_as_confirmation(make.fresh(appointment), message, reason="It says yes.", by=support, at=at)
    confirmed = make.fresh(appointment)
    assert (confirmed.state, confirmed.has_disclosure_gap) == ("confirmed", True)
    assert Event.objects.get(kind="appointment.rescinded").detail["because"] == "acknowledged"
    assert consistent()


def test_the_buyer_says_so_on_the_page_and_support_finds_it_at_the_desk(client, frozen, appointment, support):
    frozen.move_to(LATER)
    client.force_login(appointment.buyer, backend=BACKEND)
    page = reverse("portal:case", args=[appointment.case.reference])
    assert "The answer reached me in time" in client.get(page).content.decode()
    step = reverse("portal:step", args=[appointment.case.reference, "acknowledge_answer"])
    assert client.get(step).status_code == 200
    late = client.post(step, as_shown(step, {"answered_at": "2026-03-04T01:16", "words": WORDS, "key": "a"}))
    assert "An answer in time came after the request" in late.content.decode()
    assert WORDS in late.content.decode()
    assert (
        client.post(step, as_shown(step, {"answered_at": "2026-03-04T01:15", "words": WORDS, "key": "b"})).status_code
        == 302
    )
    [message] = mails_to_classify(appointment)
    reader = Reader(support.user, LATER)
    assert list(acknowledged(type(appointment).objects.all(), reader)) == [appointment]

    client.force_login(support.user, backend=BACKEND)
    desk = f"/admin/cases/serviceappointment/steps/classify_offer/?thing={appointment.pk}"
    assert "The buyer says that it reached him at Wed 4 Mar 2026, 01:15" in client.get(desk).content.decode()
    typed = {
        "mail": message.pk, "method": "door", "service_type": "fault_detection", "starts_at": "2026-03-06T02:00",
        "ends_at": "2026-03-06T04:00", "contact_name": "Li Wei", "price_terms": "free", "reason": WHY, "key": "c",
    }  # fmt: skip
    assert client.post(desk, typed).status_code == 302
    assert make.fresh(appointment).state == "proposed"
    assert list(acknowledged(type(appointment).objects.all(), reader)) == []


def sent_out(at):
    mail.outbox.clear()
    for step in (relay_batch, lambda at: deliver_batch(at=at, limit=50)):
        while step(at=at):
            pass
    return {each.to[0]: each.body for each in mail.outbox if "no answer" in each.subject}


def test_what_is_no_answer_is_dismissed_and_another_one_can_be_acknowledged(client, frozen, appointment, support):
    owner = make.seller_of(appointment).user
    first = said(appointment, words="He said he would call again.")
    reader, rows = Reader(support.user, LATER), type(appointment).objects.all()
    assert list(acknowledged(rows, reader)) == [appointment]
    frozen.move_to(LATER + HOUR)
    client.force_login(support.user, backend=BACKEND)
    desk = f"/admin/cases/serviceappointment/steps/dismiss_mail/?thing={appointment.pk}"
    assert client.post(desk, {"mail": first.pk, "reason": " ", "key": "a"}).status_code == 200
    assert client.post(desk, {"mail": first.pk, "reason": "No date, nobody named.", "key": "b"}).status_code == 302
    assert make.fresh(appointment).state == "deemed_refused"
    assert (mails_to_classify(appointment), list(acknowledged(rows, reader))) == ([], [])
    told = sent_out(LATER + HOUR)
    assert set(told) == {"buyer@example.com", owner.email}
    assert all("Reason: No date, nobody named." in text for text in told.values())
    # The next one waits for itself alone, and counts like any other.
    second = said(appointment, at=LATER + 2 * HOUR)
    [waits] = acknowledged(rows, reader)
    assert waits.said_at == LATER + 2 * HOUR
    classify_as_offer(appointment, second, make.offer_terms(DUE), reason=WHY, by=support, at=LATER + 3 * HOUR)
    assert make.fresh(appointment).state == "proposed"
    assert consistent()


def test_a_request_refused_once_more_waits_for_no_answer_that_was_read_before(appointment, support):
    message = said(appointment)
    classify_as_offer(appointment, message, make.offer_terms(DUE), reason=WHY, by=support, at=LATER)
    counter(appointment.offers.get(), wish="In the evening.", by=make.buyer_of(appointment), at=LATER + HOUR)
    at = LATER + 50 * HOUR
    sweep_batch(at=at)
    assert make.fresh(appointment).state == "deemed_refused"
    assert list(acknowledged(type(appointment).objects.all(), Reader(support.user, at))) == []


def test_only_support_dismisses_with_a_reason_and_once(appointment, support):
    message = said(appointment)
    for nobody in (make.seller_of(appointment), make.buyer_of(appointment)):
        with pytest.raises(PermissionDenied):
            dismiss_mail(appointment, message, reason="None.", by=nobody, at=LATER)
    for reason, code in (("  ", "reason_required"), ("None.", ""), ("None.", "mail_unfit")):
        with pytest.raises(RuleBroken) if code else nullcontext() as refused:
            dismiss_mail(appointment, message, reason=reason, by=support, at=LATER)
        assert refused is None or refused.value.code == code
    assert Event.objects.filter(kind="mail.dismissed").count() == 1


def test_by_the_api(frozen, appointment):
    frozen.move_to(LATER)
    buyer, seller = a_caller(buyer=appointment.buyer), a_caller(seller=appointment.seller)
    path = f"appointments/{appointment.pk}/acknowledge-answer/"
    body = {"answered_at": "2026-03-04T01:15:30.000000Z", "words": WORDS}
    refused_by_api(seller.post(path, body), 403, "permission_denied")
    late = {**body, "answered_at": "2026-03-04T01:15:30.000001Z"}
    refused_by_api(buyer.post(path, late), 422, "answer_outside_limit", "2.3.1")
    refused_by_api(buyer.post(path, {**body, "words": ""}), 422, "message_empty")
    made = [buyer.post(path, body, key="k") for _click in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    assert made[0].json()["body"] == WORDS
    assert made[0].json()["id"] == made[1].json()["id"]
    refused_by_api(buyer.post(path, body), 409, "already_acknowledged", "2.3.1")
