"""A mail is a message until support classifies it; then it counts from its receipt (domain section 3, responding)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases.actions.mails import classify_as_confirmation, classify_as_offer, record_mail
from cases.mails import mails_to_classify
from cases.models import Deadline, Message
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory, SupportFactory, UserFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR = timedelta(hours=1)
LATER = DUE + 5 * HOUR
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
WHY = "It names method, time, person and price."


@pytest.fixture
def appointment():
    return make.requested(at=R0)


@pytest.fixture
def support():
    return Actor(channel=Channel.ADMIN, user=SupportFactory())


def kept(appointment, support, *, received_at, at=LATER, sender=None, **more):
    person = sender or make.seller_of(appointment).user
    return record_mail(
        appointment.case, sender=person, body="We come on Friday.", received_at=received_at, by=support, at=at, **more
    )


def classified(appointment, mail, support, *, at=LATER):
    terms = make.offer_terms(mail.received_at)
    classify_as_offer(make.fresh(appointment), mail, terms, reason=WHY, by=support, at=at)


def consistent():
    return list(verify(Tally(), at=BEFORE_SEALS)) == []


def test_a_mail_alone_stops_nothing(appointment, support):
    kept(appointment, support, received_at=R0 + 2 * HOUR)
    assert (make.fresh(appointment).state, make.fresh(appointment).ended_at) == ("deemed_refused", DUE)


def test_classified_as_an_offer_it_counts_from_its_receipt_and_takes_the_refusal_back(appointment, support):
    sweep_batch(at=DUE + HOUR)
    assert make.fresh(appointment).state == "deemed_refused"
    mail = kept(appointment, support, received_at=DUE)
    classified(appointment, mail, support)
    assert make.fresh(appointment).state == "proposed"
    row = Deadline.objects.get(appointment=appointment, clock="response")
    assert (row.state, row.ended_at) == ("met", DUE)
    # The buyer learns of it only now: his own seven days begin now.
    assert Deadline.objects.get(appointment=appointment, clock="buyer_silence").started_at == LATER
    made = Event.objects.get(kind="appointment.proposed")
    assert (made.channel, made.actor_id, made.effective_at) == ("mail", mail.author_id, DUE)
    told = Event.objects.get(kind="mail.classified")
    assert (told.actor_id, told.detail["as"], told.detail["reason"]) == (support.user.pk, "offer", WHY)
    assert mails_to_classify(appointment) == []
    assert consistent()
    with pytest.raises(RuleBroken, match="waits"):
        classified(appointment, mail, support)


def test_a_late_mail_is_a_late_offer(appointment, support):
    mail = kept(appointment, support, received_at=DUE + timedelta(microseconds=1))
    classified(appointment, mail, support)
    assert make.fresh(appointment).state == "deemed_refused"
    assert appointment.offers.get().is_late
    assert consistent()


def test_a_mail_after_a_lapse_is_kept_as_a_late_offer_that_nobody_can_take(appointment, support):
    make.offered(appointment, at=R0 + HOUR)
    lapsed_at = Deadline.objects.get(appointment=appointment, clock="buyer_silence").due_at
    received_at, later = lapsed_at + timedelta(microseconds=1), lapsed_at + HOUR
    classified(appointment, kept(appointment, support, received_at=received_at, at=later), support, at=later)
    made = appointment.offers.latest("id")
    assert (make.fresh(appointment).state, made.state, made.is_late) == ("lapsed", "void", True)
    assert mails_to_classify(appointment) == []
    assert consistent()


@pytest.mark.scenario("S10")
def test_an_automatic_answer_is_never_one(appointment, support):
    mail = kept(appointment, support, received_at=R0 + HOUR, is_automatic=True, at=R0 + 2 * HOUR)
    assert mails_to_classify(appointment) == []
    with pytest.raises(RuleBroken) as refused:
        classified(appointment, mail, support, at=R0 + 3 * HOUR)
    assert refused.value.code == "mail_unfit"
    assert Deadline.objects.get(appointment=appointment, clock="response").state == "running"
    sweep_batch(at=LATER)
    assert (make.fresh(appointment).state, make.fresh(appointment).ended_at) == ("deemed_refused", DUE)


@pytest.mark.clause("3.1")
def test_a_confirmation_by_mail_without_the_items_is_valid_with_a_gap(appointment, support):
    make.accepted(make.offered(appointment, at=R0 + HOUR), at=R0 + 2 * HOUR)
    mail = kept(appointment, support, received_at=R0 + 3 * HOUR)
    classify_as_confirmation(make.fresh(appointment), mail, reason="It says yes.", by=support, at=LATER)
    confirmed = make.fresh(appointment)
    assert (confirmed.state, confirmed.has_disclosure_gap) == ("confirmed", True)
    assert consistent()


def test_who_keeps_and_whose_mail_it_is(appointment, support):
    for nobody in (Actor(channel=Channel.ADMIN, user=AuditorFactory()), make.seller_of(appointment)):
        with pytest.raises(PermissionDenied):
            kept(appointment, nobody, received_at=R0 + HOUR)
    competitor = make.seller_of(make.a_cover()).user
    for stranger in (competitor, UserFactory()):
        with pytest.raises(RuleBroken) as refused:
            kept(appointment, support, received_at=R0 + HOUR, sender=stranger)
        assert refused.value.code == "not_a_side"
    for when in (R0 - HOUR, LATER + HOUR):
        with pytest.raises(RuleBroken) as refused:
            kept(appointment, support, received_at=when)
        assert refused.value.code == "instants_out_of_order"
    mine = kept(appointment, support, received_at=R0 + HOUR, sender=appointment.buyer)
    assert mine.side == "buyer"
    assert mails_to_classify(appointment) == []


def test_support_does_it_at_the_desk(client, frozen, appointment, support):
    client.force_login(support.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    frozen.move_to(R0 + 6 * HOUR)
    step = "/admin/cases/serviceappointment/steps/{}/?thing=" + str(appointment.pk)
    page = client.get(reverse("admin:cases_serviceappointment_change", args=[appointment.pk])).content.decode()
    assert "Keep a mail" in page
    mail = {
        "sender": make.seller_of(appointment).user.email, "received_at": "2026-03-02T03:15:30",
        "body": "We come on Friday at ten.", "key": "m",
    }  # fmt: skip
    assert client.post(step.format("record_mail"), mail).status_code == 302
    kept = Message.objects.exclude(side="buyer").get()
    assert kept.received_at == R0 + 2 * HOUR
    typed = {
        "mail": kept.pk, "method": "door", "service_type": "fault_detection", "starts_at": "2026-03-06T02:00",
        "ends_at": "2026-03-06T04:00", "contact_name": "Li Wei", "price_terms": "free", "reason": WHY, "key": "c",
    }  # fmt: skip
    assert client.post(step.format("classify_offer"), typed).status_code == 302
    made = appointment.offers.get()
    assert (made.contact_name, made.received_at) == ("Li Wei", R0 + 2 * HOUR)
