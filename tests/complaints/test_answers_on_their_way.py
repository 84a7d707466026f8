"""Nobody is judged while an answer in time can still be on its way (T5, T10); no loss rests on a breach that is gone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.restrictions import answer_finding, decide_restriction
from cases.deadlines import settle
from complaints.actions import losses
from complaints.models import Violation
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as file
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.complaints import HOUR, MICROSECOND, NEGOTIATED
from tests.instants import instant
from zestech_aftersales.accounts.models import User
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.2")]

EVIDENCE_DUE = instant("2026-04-17T16:00:00Z")
HEARD = instant("2026-03-07T16:00:00Z")
R0 = instant("2026-03-02T01:15:30Z")


def refusal(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code


@pytest.mark.parametrize("wait", [timedelta(0), MICROSECOND, settle()])
def test_no_complaint_is_determined_while_evidence_in_time_may_come(wait):
    complaint = file.escalated()
    request = file.asked(complaint, at=NEGOTIATED + HOUR)
    assert request.deadline.due_at == EVIDENCE_DUE
    assert refusal(file.determined, complaint, at=EVIDENCE_DUE + wait) == "evidence_open"
    file.answered(request, by=make.seller_of(complaint), at=EVIDENCE_DUE)
    assert file.determined(complaint, at=EVIDENCE_DUE + wait + MICROSECOND).state == "determined"


def test_after_the_margin_silence_is_decided_on_file():
    complaint = file.escalated()
    file.asked(complaint, at=NEGOTIATED + HOUR)
    assert file.determined(complaint, at=EVIDENCE_DUE + settle() + MICROSECOND).state == "determined"
    assert Event.objects.get(kind="complaint.evidence_silent").effective_at == EVIDENCE_DUE


@pytest.mark.clause("3.4")
@pytest.mark.parametrize("wait", [MICROSECOND, settle()])
def test_no_claim_is_settled_while_the_sellers_answer_in_time_may_come(wait):
    found = lost.a_notified()
    at = lost.ANSWER_DUE + wait
    item = found.items.order_by("pk").first()
    assert refusal(losses.make_final, found, reason="Silence.", by=lost.of_finance(), at=at) == "answer_open"
    lower = {item.pk: item.amount / 2}
    assert refusal(losses.adjust, found, lower, reason="Half.", by=lost.of_finance(), at=at) == "answer_open"
    contested = losses.answer(
        found, "Not ours.", contests=True, by=make.seller_of(found), at=lost.ANSWER_DUE
    )  # fmt: skip
    assert contested.state == "contested"


@pytest.mark.clause("3.4")
def test_after_the_margin_silence_is_final():
    found = lost.a_notified()
    at = lost.ANSWER_DUE + settle() + MICROSECOND
    assert losses.make_final(found, reason="Silence.", by=lost.of_finance(), at=at).state == "final"
    assert Event.objects.get(kind="loss.uncontested").effective_at == lost.ANSWER_DUE


@pytest.mark.clause("4.1.3")
@pytest.mark.parametrize("wait", [MICROSECOND, settle()])
def test_no_restriction_is_decided_while_the_buyers_answer_in_time_may_come(wait):
    restriction = claim.a_restriction(make.a_cover(), at=R0)
    assert restriction.hearing_due_at == HEARD
    by = claim.an_auditor()
    assert (
        refusal(decide_restriction, restriction, approved=True, reason="So.", by=by, at=HEARD + wait) == "hearing_open"
    )
    answer_finding(restriction, "Different faults.", by=make.buyer_of(restriction.cover), at=HEARD)
    assert decide_restriction(restriction, approved=True, reason="So.", by=by, at=HEARD + wait).state == "in_force"


@pytest.mark.clause("3.4")
def test_no_loss_goes_on_upon_a_violation_whose_ground_is_gone():
    drafted, notified = lost.a_draft(), lost.an_accepted()
    Violation.objects.update(groundless_since=lost.DRAFTED)
    by, at = lost.of_finance(), lost.DRAFTED + 3 * HOUR
    assert refusal(losses.draft, drafted.violation, [lost.ATTORNEY], reason="x", by=by, at=at) == "breach_not_confirmed"
    assert refusal(losses.put_up, drafted, reason="x", by=by, at=at) == "breach_not_confirmed"
    assert refusal(losses.make_final, notified, reason="x", by=by, at=at) == "breach_not_confirmed"


@pytest.mark.clause("3.4")
def test_one_who_left_finance_is_no_second_role_for_another_of_finance():
    first = lost.of_finance()
    found = losses.put_up(lost.a_draft(), reason="Look.", by=first, at=lost.DRAFTED)
    User.objects.filter(pk=first.user.pk).update(platform_role="", is_staff=False)
    for by in (lost.of_finance(), claim.an_auditor()):
        with pytest.raises(PermissionDenied):
            losses.approve(found, reason="So.", by=by, at=lost.DRAFTED + HOUR)
    assert make.fresh(found).state == "draft"
    losses.decline(found, reason="Put it up anew.", by=lost.of_finance(), at=lost.DRAFTED + HOUR)
    assert make.fresh(found).decision is None


@pytest.mark.clause("3.4")
def test_who_put_it_up_as_finance_and_is_an_auditor_now_does_not_make_two_roles_of_one():
    first = lost.of_finance()
    found = losses.put_up(lost.a_draft(), reason="Look.", by=first, at=lost.DRAFTED)
    User.objects.filter(pk=first.user.pk).update(platform_role="auditor")
    changed = replace(first, user=User.objects.get(pk=first.user.pk))
    for by in (changed, lost.of_finance(), claim.an_auditor()):
        with pytest.raises(PermissionDenied):
            losses.approve(found, reason="So.", by=by, at=lost.DRAFTED + HOUR)
    losses.decline(found, reason="Put it up anew.", by=lost.of_finance(), at=lost.DRAFTED + HOUR)
    losses.put_up(found, reason="Look.", by=changed, at=lost.DRAFTED + HOUR)
    assert losses.approve(found, reason="So.", by=lost.of_finance(), at=lost.DRAFTED + HOUR).state == "notified"


def test_a_dismissal_waits_as_a_confirmation_does():
    violation = judged.a_notified()
    at = judged.HEARD + settle()
    with pytest.raises(RuleBroken, match="hearing_open"):
        judged.a_confirmed(violation, at=at)
    assert judged.an_answered(violation, at=judged.HEARD).answered_at == judged.HEARD
