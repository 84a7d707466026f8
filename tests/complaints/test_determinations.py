"""Evidence, determination, one objection, review by another officer, closing by time, precedents (3.3, 4.2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cases.photos import Photo
from complaints.actions.officers import assign_complaint
from complaints.models import Complaint, Determination, EvidenceRequest, JudgementDeadline, Objection
from complaints.notices.complaints import ComplaintAnnouncer
from complaints.queries.complaints import precedents, similar_decisions
from complaints.queries.late import kept_late
from complaints.sweep import sweep
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.accounts import AuditorFactory, SupportFactory
from tests.factories.claims import a_supporter, an_auditor
from tests.factories.complaints import HOUR, MICROSECOND, NEGOTIATED
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.2")]

ASKED = NEGOTIATED + HOUR
# Asked on 14 April of the platform's zone: three natural days, and seven for an objection.
EVIDENCE_DUE = instant("2026-04-17T16:00:00Z")
OBJECTION_DUE = instant("2026-04-21T16:00:00Z")
SETTLE = timedelta(seconds=30)


@pytest.fixture
def complaint():
    return file.escalated()


def now(complaint):
    return Complaint.objects.get(pk=complaint.pk)


def code_of(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code


def test_evidence_is_answered_in_the_thread_of_the_case(complaint):
    request = file.asked(complaint, at=ASKED)
    assert request.deadline.due_at == EVIDENCE_DUE
    seller = make.seller_of(complaint)
    with pytest.raises(PermissionDenied):
        file.answered(request, by=make.buyer_of(complaint), at=ASKED)
    assert code_of(file.answered, request, by=seller, at=ASKED, words=" ") == "evidence_required"
    file.answered(request, by=seller, at=EVIDENCE_DUE, photos=[Photo("calls.jpg", b"\xff\xd8\xff")])
    answer = now(complaint).evidence_requests.get().answer
    assert (answer.case, answer.side, answer.body) == (complaint.case, "seller", "Here it is.")
    assert answer.attachments.count() == 1
    assert code_of(file.answered, request, by=seller, at=EVIDENCE_DUE) == "already_answered"


def test_nothing_is_decided_while_somebody_may_still_answer(complaint):
    request = file.asked(complaint, at=ASKED)
    file.asked(complaint, "buyer", at=ASKED)
    file.answered(request, by=make.seller_of(complaint), at=ASKED)
    with pytest.raises(RuleBroken) as told:
        file.determined(complaint, at=EVIDENCE_DUE)
    assert (told.value.code, instant(told.value.context["until"])) == ("evidence_open", EVIDENCE_DUE)
    assert file.determined(complaint, at=EVIDENCE_DUE + SETTLE + MICROSECOND).state == "determined"
    silent = Event.objects.get(kind="complaint.evidence_silent")
    assert (silent.effective_at, silent.detail["side"]) == (EVIDENCE_DUE, "buyer")


def test_silence_is_written_down_and_a_late_answer_refused_unless_it_came_in_time(complaint):
    seller = make.seller_of(complaint)
    request = file.asked(complaint, at=ASKED)
    assert sweep(at=EVIDENCE_DUE + SETTLE) == 0
    assert sweep(at=EVIDENCE_DUE + SETTLE + MICROSECOND) == 1
    assert code_of(file.answered, request, by=seller, at=EVIDENCE_DUE + MICROSECOND) == "evidence_over"
    file.answered(request, by=seller, at=EVIDENCE_DUE)
    assert JudgementDeadline.objects.get(evidence_request=request).state == "met"


def test_an_answer_that_came_late_is_kept_as_late_for_the_officer_to_read(complaint, client):
    request, seller = file.asked(complaint, at=ASKED), make.seller_of(complaint)
    late = EVIDENCE_DUE + MICROSECOND
    for _sent_twice in range(2):
        given = {
            "words": "The call list.",
            "photos": [Photo("calls.jpg", b"\xff\xd8\xff")],
            "at": late,
            "by": seller.with_key("k"),
        }
        assert code_of(file.answered, request, **given) == "evidence_over"
    event = Event.objects.get(kind="complaint.evidence_late")
    message = complaint.case.messages.get(pk=event.detail["message"])
    assert (event.effective_at, event.detail["request"], event.detail["side"]) == (late, request.pk, "seller")
    assert (message.side, message.body, message.attachments.count()) == ("seller", "The call list.", 1)
    # It counts as no answer, before and after the decision.
    assert EvidenceRequest.objects.get().answered_at is None
    file.determined(complaint, at=EVIDENCE_DUE + HOUR)
    assert code_of(file.answered, request, by=seller, at=EVIDENCE_DUE + 2 * HOUR) == "evidence_over"
    client.force_login(a_supporter().user)
    page = client.get(f"/admin/complaints/complaint/{complaint.pk}/change/").text
    assert page.count("An answer after its time, kept as late") == 2
    assert "The call list." in page


def test_a_key_keeps_one_late_answer_and_other_words_under_it_are_never_said_to_be_kept(complaint):
    request, by = file.asked(complaint, at=ASKED), make.seller_of(complaint).with_key("k")
    late = EVIDENCE_DUE + MICROSECOND
    first = {"words": "First words.", "photos": [Photo("calls.jpg", b"one")], "by": by, "at": late}
    assert code_of(file.answered, request, **first) == "evidence_over"
    others: list[dict[str, Any]] = [
        {"words": "Second, better words."}, {"photos": [Photo("calls.jpg", b"two")]}, {"photos": []}
    ]  # fmt: skip
    for changed in others:
        assert code_of(file.answered, request, **first | changed) == "idempotency_key_reused"
    # Another request that can still be answered is not over.
    other = file.asked(complaint, at=late + HOUR)
    assert code_of(file.answered, other, by=by, at=late + HOUR) == "idempotency_key_reused"
    file.answered(other, by=by.with_key("other"), at=late + HOUR)
    assert code_of(file.answered, request, by=by.with_key("other"), at=late + HOUR) == "idempotency_key_reused"
    assert [each.message.body for each in kept_late(complaint)] == ["First words."]
    assert [each.body for each in complaint.case.messages.order_by("id")][-2:] == ["First words.", "Here it is."]


def test_a_key_keeps_one_late_objection(complaint):
    by, late = make.seller_of(complaint).with_key("k"), OBJECTION_DUE + MICROSECOND
    file.determined(complaint)
    assert code_of(file.objected, complaint, by=by, at=late) == "objection_over"
    for changed in ({"text": "We answered twice."}, {"evidence": "The mail of 4 March."}):
        assert code_of(file.objected, complaint, by=by, at=late, **changed) == "idempotency_key_reused"
    assert len(kept_late(complaint)) == 1


def test_an_objection_that_came_late_is_kept_as_late_and_told_to_the_officer_alone(complaint):
    seller = make.seller_of(complaint)
    file.determined(complaint)
    late = OBJECTION_DUE + MICROSECOND
    for _sent_twice in range(2):
        assert code_of(file.objected, complaint, by=seller.with_key("k"), at=late) == "objection_over"
    [kept] = kept_late(complaint)
    assert (kept.at, kept.side, kept.text, kept.message.body) == (
        late,
        "seller",
        "We did answer.",
        "The mail of 3 March.",
    )
    assert (now(complaint).state, Objection.objects.count()) == ("closed", 0)
    told = ComplaintAnnouncer().audience(Event.objects.get(kind="complaint.objection_late"))
    assert [each.user for each in told] == [now(complaint).officer]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"reason": " "}, "reason_required"),
        ({"clauses": []}, "clauses_required"),
        ({"clauses": ["9.9"]}, "clauses_required"),
        ({"liability": "both"}, "liability_unknown"),
        ({"topics": ["weather"]}, "topic_unknown"),
    ],
)
def test_a_decision_has_reasons_clauses_and_an_outcome(complaint, given, code):
    assert code_of(file.determined, complaint, **given) == code
    assert now(complaint).state == "escalated"


def test_only_support_processes_and_determines(complaint):
    for by in (an_auditor(), make.buyer_of(complaint), make.seller_of(complaint)):
        for call in (file.determined, file.reviewed):
            with pytest.raises(PermissionDenied):
                call(complaint, by=by, at=ASKED)
        with pytest.raises(PermissionDenied):
            file.asked(complaint, by=by, at=ASKED)
    assert now(complaint).state == "escalated"


def test_undisputed_it_closes_by_time(complaint):
    file.determined(complaint)
    assert sweep(at=OBJECTION_DUE + SETTLE) == 0
    assert sweep(at=OBJECTION_DUE + SETTLE + MICROSECOND) == 1
    assert (now(complaint).state, now(complaint).ended_at) == ("closed", OBJECTION_DUE)


@pytest.mark.parametrize("side", [make.buyer_of, make.seller_of])
def test_either_side_objects_once_with_new_evidence(complaint, side):
    by, other = side(complaint), make.buyer_of(complaint)
    file.determined(complaint)
    assert code_of(file.objected, complaint, by=by, at=OBJECTION_DUE, text="") == "objection_required"
    assert code_of(file.objected, complaint, by=by, at=OBJECTION_DUE, evidence=" ") == "evidence_required"
    file.objected(complaint, by=by, at=OBJECTION_DUE)
    assert now(complaint).state == "objected"
    assert code_of(file.objected, complaint, by=other, at=OBJECTION_DUE) == "already_objected"
    assert sweep(at=OBJECTION_DUE + HOUR) == 0


def test_an_objection_one_microsecond_late_is_refused_and_one_in_time_reopens_what_was_closed(complaint):
    seller = make.seller_of(complaint)
    file.determined(complaint)
    assert code_of(file.objected, complaint, by=seller, at=OBJECTION_DUE + MICROSECOND) == "objection_over"
    assert now(complaint).state == "closed"
    file.objected(complaint, by=seller, at=OBJECTION_DUE)
    assert (now(complaint).state, now(complaint).ended_at) == ("objected", None)
    assert JudgementDeadline.objects.get(clock="objection").state == "met"


def test_another_officer_reviews_and_may_change_it(complaint):
    first = a_supporter()
    file.determined(complaint, by=first)
    file.objected(complaint, by=make.seller_of(complaint), at=ASKED)
    with pytest.raises(PermissionDenied):
        file.reviewed(complaint, by=first, at=ASKED)
    file.reviewed(complaint, at=ASKED, liability="shared", reason="The mail arrived late.")
    before, after = Determination.objects.order_by("id")
    assert (before.liability, after.liability, after.reviews) == ("seller", "shared", before)
    assert (now(complaint).state, now(complaint).ended_at) == ("reviewed", ASKED)
    assert code_of(file.objected, complaint, by=make.buyer_of(complaint), at=ASKED) == "already_objected"
    assert code_of(file.reviewed, complaint, at=ASKED) == "illegal_transition"


@pytest.mark.parametrize(
    ("liability", "is_judged"), [("seller", True), ("shared", True), ("buyer", False), ("nobody", False)]
)
def test_the_sellers_liability_is_put_before_the_auditors(complaint, liability, is_judged):
    officer = a_supporter()
    file.determined(complaint, by=officer, liability=liability)
    violation = now(complaint).violation
    assert (violation is not None) is is_judged
    if violation is not None:
        assert (violation.state, violation.kind, violation.opened_by) == ("candidate", "missed_limit", officer.user)
        assert (violation.breach, violation.occurred_at) == (complaint.breach, file.BREACH)


def test_what_the_buyer_told_is_a_breach_found_by_the_complaint(complaint):
    told = file.escalated(file.filed(make.fresh(complaint).appointment, clause="2.3.3", breach_at=file.FILED - HOUR))
    file.determined(told, liability="nobody")
    file.objected(told, by=make.buyer_of(told), at=ASKED)
    file.reviewed(told, at=ASKED, liability="shared")
    violation = now(told).violation
    assert (violation.breach, violation.kind, violation.clause) == (told.subject, "complaint", "2.3.3")


def test_a_double_click_decides_once(complaint):
    by = make.with_key(a_supporter(), "once")
    for _click in range(2):
        file.determined(complaint, by=by)
    assert Determination.objects.count() == 1


def test_it_is_taken_on_and_handed_over(complaint):
    one, other = a_supporter(), SupportFactory()
    assign_complaint(complaint, one.user, reason="My turn.", by=one, at=ASKED)
    assert now(complaint).officer == one.user
    assign_complaint(complaint, other, reason="On leave.", by=one, at=ASKED)
    assert now(complaint).officer == other
    assert code_of(assign_complaint, complaint, AuditorFactory(), reason="x", by=one, at=ASKED) == "officer_unknown"
    with pytest.raises(PermissionDenied):
        assign_complaint(complaint, other, reason="x", by=an_auditor(), at=ASKED)


def test_precedents_by_clause_topic_words_and_outcome(complaint):
    file.determined(complaint)
    other = file.escalated()
    file.determined(other, liability="nobody", clauses=["2.3.2", "3.1"], topics=["charges"], reason="All told before.")
    reviewed = file.escalated()
    file.determined(reviewed, topics=["parts"])
    file.objected(reviewed, by=make.buyer_of(reviewed), at=ASKED)
    file.reviewed(reviewed, at=ASKED, liability="buyer", topics=["parts"])

    def of(**asked):
        return [each.complaint for each in precedents(**asked)]

    assert of() == [reviewed, other, complaint]
    assert of(clause="2.3.1") == [reviewed, complaint]
    assert of(clause="3.1") == of(topic="charges") == of(words="told before") == of(liability="nobody") == [other]
    assert of(topic="parts") == of(liability="buyer") == [reviewed]
    assert of(words="ever", clause="2.3.2") == [other]
    assert [each.complaint for each in similar_decisions(complaint, most=1)] == [reviewed]
