"""The seller is heard 5 natural days, one who did not open it judges, a third decides the appeal of 15 days (3.2)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django_fsm import TransitionNotAllowed

from cases.deadlines import settle
from complaints.actions.hearings import answer, appeal, notify
from complaints.actions.judging import confirm, dismiss, overturn, uphold
from complaints.consequences import CONSEQUENCES
from complaints.models import JudgementDeadline, Violation
from complaints.notices.violations import ViolationAnnouncer
from complaints.sweep import sweep
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import violations as judged
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Delivery, Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
NOTIFIED, HEARD, CONFIRMED, APPEALED = judged.NOTIFIED, judged.HEARD, judged.CONFIRMED, judged.APPEALED


def refusal_of(code):
    return pytest.raises(RuleBroken, match=code)


def limit_of(violation, clock):
    return JudgementDeadline.objects.filter(violation=violation, clock=clock).latest("id")


def kinds_of(violation):
    return list(Event.objects.filter(stream=violation.subject).order_by("id").values_list("kind", flat=True))


def test_notified_the_seller_is_heard_until_24_00_of_the_fifth_day():
    violation = judged.a_notified()
    limit = limit_of(violation, "hearing")
    assert (violation.state, limit.state, limit.started_at, limit.due_at) == ("notified", "running", NOTIFIED, HEARD)
    assert (limit.clause, limit.amount) == ("3.2", 5)


def test_an_answer_at_the_last_instant_is_heard_and_one_microsecond_later_is_kept_as_late():
    violation = judged.a_notified()
    other = judged.a_notified()
    judged.an_answered(violation, at=HEARD)
    assert make.fresh(violation).answered_at == HEARD
    assert limit_of(violation, "hearing").state == "met"
    with refusal_of("hearing_over"):
        judged.an_answered(other, at=HEARD + MICROSECOND)
    assert (make.fresh(other).answer, limit_of(other, "hearing").state) == ("", "missed")
    late = Event.objects.get(kind="violation.hearing_late")
    assert late.detail["words"] == "Our desk was closed."
    assert kinds_of(other)[-2:] == ["violation.hearing_over", "violation.hearing_late"]
    over = Event.objects.get(kind="violation.hearing_over")
    assert (over.effective_at, over.recorded_at) == (HEARD, HEARD + MICROSECOND)


@pytest.mark.parametrize(("step", "due_at"), [(answer, HEARD), (appeal, APPEALED)])
def test_a_key_keeps_one_late_text_and_another_one_under_it_is_never_said_to_be_kept(step, due_at):
    violation = judged.a_notified() if step is answer else judged.a_confirmed()
    by, late = make.seller_of(violation).with_key("k"), due_at + MICROSECOND
    for words, code in (("First.", "_over"), (" First. ", "_over"), ("Second.", "idempotency_key_reused")):
        with refusal_of(code):
            step(violation, words, by=by, at=late)
    assert [event.detail["words"] for event in Event.objects.filter(kind__endswith="_late")] == ["First."]


def test_an_answer_in_time_counts_although_the_sweep_was_first():
    violation = judged.a_notified()
    assert sweep(at=HEARD + settle()) == 0
    assert sweep(at=HEARD + settle() + MICROSECOND) == 1
    assert limit_of(violation, "hearing").state == "missed"
    judged.an_answered(violation, at=HEARD)
    assert (make.fresh(violation).answered_at, limit_of(violation, "hearing").state) == (HEARD, "met")
    assert sweep(at=HEARD + HOUR) == 0


@pytest.mark.parametrize("step", ["confirm", "dismiss"])
def test_nothing_is_judged_before_the_answer_or_the_end_of_the_hearing(step):
    violation = judged.a_notified()
    more = {"code": "not_proven"} if step == "dismiss" else {}
    verb = confirm if step == "confirm" else dismiss
    for at in (NOTIFIED + HOUR, HEARD, HEARD + settle()):
        with refusal_of("hearing_open"):
            verb(violation, reason="So it was.", by=claim.an_auditor(), at=at, **more)
    assert kinds_of(violation)[-1] == "violation.notified"
    verb(violation, reason="So it was.", by=claim.an_auditor(), at=HEARD + settle() + MICROSECOND, **more)
    assert make.fresh(violation).state == {"confirm": "confirmed", "dismiss": "dismissed"}[step]
    assert "violation.hearing_over" in kinds_of(violation)


def test_answered_it_can_be_judged_at_once_and_is_answered_once():
    violation = judged.an_answered()
    with refusal_of("already_answered"):
        judged.an_answered(violation, at=NOTIFIED + 2 * HOUR)
    judged.a_confirmed(violation, at=NOTIFIED + 3 * HOUR)
    assert make.fresh(violation).state == "confirmed"


def test_a_candidate_the_seller_was_not_told_of_cannot_be_confirmed_but_dismissed():
    violation = judged.a_candidate()
    with pytest.raises(TransitionNotAllowed):
        judged.a_confirmed(violation)
    dismiss(violation, code="duplicate", reason="Judged as V-1.", by=claim.an_auditor(), at=NOTIFIED)
    assert (make.fresh(violation).state, make.fresh(violation).dismissal) == ("dismissed", "duplicate")


def test_each_judgement_needs_its_reasons_and_a_dismissal_one_of_the_auditors_codes():
    violation = judged.an_answered()
    with refusal_of("reason_required"):
        confirm(violation, reason=" ", by=claim.an_auditor(), at=CONFIRMED)
    for code in ("rescinded", "no_duty", "because"):
        with refusal_of("code_unknown"):
            dismiss(violation, code=code, reason="So.", by=claim.an_auditor(), at=CONFIRMED)
    with refusal_of("answer_missing"):
        answer(violation, "  ", by=make.seller_of(violation), at=NOTIFIED)


def test_whoever_opened_it_does_not_judge_it():
    one, other = claim.an_auditor(), claim.an_auditor()
    for verb, more in ((confirm, {}), (dismiss, {"code": "minor"})):
        violation = notify(judged.opened_by(one), by=one, at=NOTIFIED)
        with pytest.raises(PermissionDenied):
            verb(violation, reason="I say so.", by=one, at=CONFIRMED, **more)
        assert make.fresh(violation).state == "notified"
        verb(violation, reason="I say so.", by=other, at=CONFIRMED, **more)
        assert make.fresh(violation).judged_by == other.user


def test_the_database_refuses_one_who_opened_and_judged_or_judged_and_reviewed():
    one = claim.an_auditor().user
    violation = judged.a_confirmed()
    for values in ({"opened_by": violation.judged_by}, {"appeal_decided_by": violation.judged_by}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Violation.objects.filter(pk=violation.pk).update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Violation.objects.filter(pk=violation.pk).update(opened_by=one, appeal_decided_by=one)


def test_only_auditors_judge_and_only_the_sellers_owner_and_staff_answer():
    violation = judged.a_notified()
    seller = make.seller_of(violation)
    strangers = [claim.a_supporter(), claim.an_administrator(), seller, system()]
    for by in strangers:
        with pytest.raises(PermissionDenied):
            confirm(violation, reason="So.", by=by, at=CONFIRMED)
        with pytest.raises(PermissionDenied):
            notify(violation, by=by, at=NOTIFIED)
    engineer = make.seller_of(violation, "engineer")
    other = make.seller_of(judged.a_candidate())
    buyer = make.buyer_of(violation.appointment)
    for by in (engineer, other, buyer, claim.an_auditor(), system()):
        with pytest.raises(PermissionDenied):
            answer(violation, "No.", by=by, at=NOTIFIED + HOUR)
    answer(violation, "Yes.", by=make.seller_of(violation, "staff"), at=NOTIFIED + HOUR)


def test_the_appeal_runs_15_natural_days_from_the_confirmation_and_its_last_instant_is_inside():
    violation, other = judged.a_confirmed(), judged.a_confirmed()
    limit = limit_of(violation, "appeal")
    # Confirmed on 11 March 00:00:30 in Shanghai: heard until 24:00 of 26 March.
    assert (limit.started_at, limit.due_at, limit.amount) == (CONFIRMED, APPEALED, 15)
    judged.an_appealed(violation, at=APPEALED)
    assert (make.fresh(violation).state, limit_of(violation, "appeal").state) == ("appealed", "met")
    with refusal_of("appeal_over"):
        judged.an_appealed(other, at=APPEALED + MICROSECOND)
    assert make.fresh(other).state == "confirmed"
    assert kinds_of(other)[-2:] == ["violation.appeal_over", "violation.appeal_late"]


def test_an_appeal_in_time_counts_although_the_sweep_was_first():
    violation = judged.a_confirmed()
    assert sweep(at=APPEALED + settle() + MICROSECOND) == 1
    judged.an_appealed(violation, at=APPEALED)
    assert make.fresh(violation).state == "appealed"


def test_a_third_person_decides_the_appeal():
    one, two, three = (claim.an_auditor() for _n in range(3))
    for verb, state in ((uphold, "upheld"), (overturn, "overturned")):
        violation = judged.a_confirmed(notify(judged.opened_by(one), by=one, at=NOTIFIED), by=two)
        judged.an_appealed(violation)
        for by in (one, two, claim.a_supporter(), claim.an_administrator(), make.seller_of(violation)):
            with pytest.raises(PermissionDenied):
                verb(violation, reason="So it is.", by=by, at=APPEALED + HOUR)
        verb(violation, reason="So it is.", by=three, at=APPEALED + HOUR)
        assert (make.fresh(violation).state, make.fresh(violation).appeal_decided_by) == (state, three.user)


def test_there_is_one_appeal_and_none_against_what_is_not_confirmed():
    violation = judged.an_appealed()
    with refusal_of("not_confirmed"):
        judged.an_appealed(violation)
    with refusal_of("not_confirmed"):
        judged.an_appealed(judged.a_notified())


def test_what_rests_on_it_falls_in_the_same_transaction_or_nothing_does():
    violation = judged.an_appealed()
    seen = []

    def broken(fallen, *, by, at):
        seen.append((fallen.state, by.key, at))
        raise ValueError("the clearance cannot be lifted")

    CONSEQUENCES.append(broken)
    try:
        with pytest.raises(ValueError, match="cannot be lifted"):
            judged.an_overturned(violation)
    finally:
        CONSEQUENCES.remove(broken)
    assert seen == [("overturned", "", APPEALED + HOUR)]
    assert make.fresh(violation).state == "appealed"
    assert kinds_of(violation)[-1] == "violation.appealed"


def test_the_same_command_twice_is_one():
    violation = judged.a_notified()
    by = make.with_key(make.seller_of(violation), "a")
    for _n in range(2):
        answer(violation, "Once.", by=by, at=NOTIFIED + HOUR)
    assert kinds_of(violation).count("violation.answered") == 1
    judged.a_confirmed(violation)
    for _n in range(2):
        appeal(violation, "Once.", by=make.with_key(by, "b"), at=CONFIRMED + HOUR)
    assert kinds_of(violation).count("violation.appealed") == 1


def test_owner_and_staff_are_told_and_nobody_else():
    violation = judged.a_candidate()
    owner, staff = make.seller_of(violation).user, make.seller_of(violation, "staff").user
    make.seller_of(violation, "engineer")
    Delivery.objects.all().delete()
    judged.a_notified(violation)
    judged.read(at=NOTIFIED + HOUR)
    told = set(Delivery.objects.filter(event__stream=violation.subject).values_list("recipient", flat=True))
    assert told == {owner.pk, staff.pk}


def test_of_a_candidate_dismissed_before_the_seller_was_told_nobody_hears():
    violation = judged.a_candidate()
    dismiss(violation, code="duplicate", reason="Twice.", by=claim.an_auditor(), at=NOTIFIED)
    judged.read(at=NOTIFIED + HOUR)
    assert not Delivery.objects.filter(event__stream=violation.subject).exists()


def test_the_notice_says_until_when_one_is_heard_and_where():
    violation = judged.a_notified()
    event = Event.objects.get(kind="violation.notified")
    notice = ViolationAnnouncer().notice(event, make.seller_of(violation).user)
    assert "You are heard on a possible violation" in notice.subject
    assert "Tue 10 Mar 2026, 16:00 (UTC)" in notice.text
    assert notice.url == f"/dashboard/judgement/violations/{violation.pk}/"
