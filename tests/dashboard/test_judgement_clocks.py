"""Every limit in which a seller can still say something stands as a clock in the one queue, for owner and staff alone."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.models import JudgementDeadline
from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.complaints import HOUR, NEGOTIATED

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

MINUTE = timedelta(minutes=1)


def a_hearing():
    found = judged.a_notified()
    return found, reverse("dashboard:violation", args=[found.pk]), judged.NOTIFIED


def an_appeal():
    found = judged.a_confirmed()
    return found, reverse("dashboard:violation", args=[found.pk]), judged.CONFIRMED


def an_audit_hearing():
    found = audit.a_notified()
    return found, reverse("dashboard:audit", args=[found.pk]), audit.NOTIFIED


def a_loss_answer():
    found = lost.a_notified()
    return found, reverse("dashboard:loss", args=[found.pk]), lost.DRAFTED + HOUR


def of_complaint(found):
    return found, reverse("dashboard:complaint", args=[found.reference])


def a_negotiation():
    return *of_complaint(file.filed()), file.FILED


def an_evidence_request():
    complaint = file.escalated()
    file.asked(complaint, "seller", at=NEGOTIATED + HOUR)
    return *of_complaint(complaint), NEGOTIATED + HOUR


def an_objection():
    return *of_complaint(file.determined()), NEGOTIATED + HOUR


KINDS = [
    (a_hearing, "hearing"),
    (an_appeal, "appeal"),
    (an_audit_hearing, "hearing"),
    (a_loss_answer, "loss_answer"),
    (a_negotiation, "auto_escalation"),
    (an_evidence_request, "evidence"),
    (an_objection, "objection"),
]


def queue(client, person):
    client.force_login(person)
    return client.get(reverse("dashboard:cases")).content.decode()


@pytest.mark.parametrize(("put", "clock"), KINDS, ids=[put.__name__ for put, _clock in KINDS])
def test_it_stands_in_the_queue_with_its_due_instant_and_its_page(client, frozen, put, clock):
    thing, address, at = put()
    frozen.move_to(at + MINUTE)
    limit = JudgementDeadline.objects.get(clock=clock, state="running")
    for seat in ("owner", "staff"):
        told = queue(client, make.seller_of(thing, seat).user)
        assert address in told
        assert f'data-due="{limit.due_at.isoformat()}"' in told
        assert str(limit.get_clock_display()) in told
    others = [make.a_member(make.a_seller()), make.seller_of(thing, "engineer").user]
    for person in others:
        assert address not in queue(client, person)


def test_what_the_buyer_was_asked_for_is_no_clock_of_the_seller(client, frozen):
    complaint = file.escalated()
    file.asked(complaint, "buyer", at=NEGOTIATED + HOUR)
    frozen.move_to(NEGOTIATED + HOUR + MINUTE)
    assert complaint.reference not in queue(client, make.seller_of(complaint).user)


def test_a_loss_that_is_only_drafted_is_nobodys_clock(client, frozen):
    claim = lost.a_draft()
    frozen.move_to(lost.DRAFTED + HOUR)
    assert reverse("dashboard:loss", args=[claim.pk]) not in queue(client, make.seller_of(claim).user)
