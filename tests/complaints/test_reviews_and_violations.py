"""A review that clears the seller takes away what the first decision had founded (3.2, 3.3, 3.4)."""

from datetime import timedelta

import pytest

from cases.verification import Tally
from complaints.models import Clearance, LossClaim, Violation
from complaints.sweep import let_groundless_fall
from complaints.verification import recount
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.claims import an_auditor
from tests.factories.complaints import BREACH, HOUR, NEGOTIATED
from zestech_aftersales.timeline.models import Delivery, Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.3")]

TOLD = {"breach": "", "clause": "2.3.3", "breach_at": BREACH + HOUR}
OBJECTED = NEGOTIATED + 2 * HOUR
REVIEWED = NEGOTIATED + timedelta(days=1)
LATER = NEGOTIATED + timedelta(days=60)


def determined(**given):
    """A complaint decided against the seller, of what the buyer told unless another breach is given."""
    appointment = file.unanswered()
    judged.read(at=file.FILED)
    complaint = file.escalated(file.filed(appointment, **given))
    return file.determined(complaint)


def reviewed(complaint, liability, *, at=REVIEWED):
    file.objected(complaint, by=make.seller_of(complaint), at=OBJECTED)
    return file.reviewed(complaint, liability=liability, at=at)


def now(violation):
    return Violation.objects.get(pk=violation.pk)


@pytest.mark.parametrize("liability", ["nobody", "buyer"])
def test_a_candidate_that_only_the_decision_had_founded_is_dismissed(liability):
    complaint = determined(**TOLD)
    violation = complaint.violation
    assert (violation.breach, violation.state) == (complaint.subject, "candidate")
    reviewed(complaint, liability)
    violation = now(violation)
    assert (violation.state, violation.dismissal, violation.judged_by) == ("dismissed", "reviewed", None)
    told = Event.objects.get(kind="violation.complaint_reviewed")
    assert (told.stream, told.detail) == (
        violation.subject,
        {"complaint": complaint.pk, "reference": complaint.reference, "liability": liability, "has_ground": False},
    )


@pytest.mark.parametrize("liability", ["seller", "shared"])
def test_a_review_that_still_blames_the_seller_changes_nothing(liability):
    complaint = determined(**TOLD)
    reviewed(complaint, liability)
    assert now(complaint.violation).state == "candidate"
    assert not Event.objects.filter(kind="violation.complaint_reviewed").exists()


def test_a_confirmed_one_falls_with_its_losses_and_its_clearance():
    complaint = determined(**TOLD)
    file.objected(complaint, by=make.seller_of(complaint), at=OBJECTED)
    violation = judged.a_notified(complaint.violation, at=OBJECTED)
    violation = judged.a_confirmed(violation, at=OBJECTED + timedelta(days=7))
    claim = lost.a_draft(violation)
    file.reviewed(complaint, liability="nobody", at=LATER)
    assert (now(violation).state, now(violation).groundless_since) == ("confirmed", LATER)
    assert LossClaim.objects.get(pk=claim.pk).state == "draft"
    let_groundless_fall(at=LATER + HOUR)
    assert (now(violation).state, now(violation).dismissal) == ("overturned", "reviewed")
    assert LossClaim.objects.get(pk=claim.pk).state == "withdrawn"
    let_groundless_fall(at=LATER + 2 * HOUR)
    assert Event.objects.filter(kind="violation.fell").count() == 1
    assert Clearance.objects.count() == 0
    assert list(recount(Tally(), at=LATER + 2 * HOUR)) == []


def test_a_fact_of_the_case_stays_a_fact_and_the_violation_says_what_was_decided():
    complaint = determined()
    violation = complaint.violation
    assert violation.breach.startswith("deadline/")
    reviewed(complaint, "nobody")
    assert (now(violation).state, now(violation).groundless_since) == ("candidate", None)
    told = Event.objects.get(kind="violation.complaint_reviewed")
    assert (told.stream, told.detail["has_ground"]) == (violation.subject, True)
    assert (told.before, told.after) == ({"state": "candidate"}, {"state": "candidate"})


def test_the_auditor_who_looks_after_it_is_told_or_all_of_them():
    everybody = [an_auditor().user for _ in range(2)]
    complaint = determined(**TOLD)
    reviewed(complaint, "nobody")
    judged.read(at=REVIEWED)
    mine = Delivery.objects.filter(event__kind="violation.complaint_reviewed").select_related("recipient")
    assert {each.recipient for each in mine} == set(everybody)


def test_whoever_was_judged_already_stays_judged():
    complaint = determined(**TOLD)
    file.objected(complaint, by=make.seller_of(complaint), at=OBJECTED)
    judged_already = judged.a_notified(complaint.violation, at=OBJECTED)
    from complaints.actions.judging import dismiss

    dismiss(judged_already, code="minor", reason="No.", by=an_auditor(), at=OBJECTED + timedelta(days=7))
    file.reviewed(complaint, liability="nobody", at=LATER)
    assert (now(judged_already).state, now(judged_already).dismissal) == ("dismissed", "minor")
