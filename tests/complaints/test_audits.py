"""An audit from its frozen checklist over the hearing to its result; another auditor judges what it found (3.2)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.verification import Tally
from complaints import checklist
from complaints.actions.assignment import assign
from complaints.actions.audit_results import answer, close_clean, close_with_findings, notify
from complaints.actions.audits import add_case, find, open_audit
from complaints.actions.hearings import notify as notify_violation
from complaints.actions.judging import confirm
from complaints.models import AuditItem, JudgementDeadline, Violation
from complaints.sweep import sweep
from complaints.verification import recount
from sellers.actions.enrolments import withdraw
from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import violations as judged
from tests.factories.accounts import AuditorFactory
from tests.factories.sellers import EnrolmentFactory
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def auditor():
    return claim.an_auditor()


def kinds_of(thing):
    return list(Event.objects.filter(stream=thing.subject).order_by("id").values_list("kind", flat=True))


def line(opened, question="answered"):
    return opened.items.get(question=question)


def found(item, verdict, by, at=audit.NOTIFIED, note="So it was."):
    return find(AuditItem.objects.select_related("audit").get(pk=item.pk), verdict=verdict, note=note, by=by, at=at)


def closed(opened, by, at=audit.CLOSED):
    return close_with_findings(opened, reason="Proven.", by=by, at=at)


def test_a_checklist_has_a_line_for_each_clause_and_names_the_facts(auditor):
    appointment = judged.unanswered()
    opened = audit.an_audit(appointment, by=auditor)
    assert (opened.part, opened.opened_by, opened.officer) == ("cause", auditor.user, auditor.user)
    lines = list(opened.items.order_by("id").values_list("question", "clause", "fact"))
    name = f"deadline/{appointment.deadlines.get(clock='response').pk}"
    assert lines == [
        ("answered", "2.3.1", name),
        ("visited", "2.3.1", ""),
        ("promised", "2.3.3", ""),
        ("refused", "2.3.4", ""),
        ("told", "3.1", ""),
    ]
    evidence = line(opened).evidence
    assert evidence["about"]["case"] == appointment.case.reference
    assert evidence["fact"]["occurred_at"] == "2026-03-04T01:15:30.000000+00:00"
    assert [row["state"] for row in evidence["limits"]] == ["missed"]
    assert appointment.buyer.email not in str(evidence)
    assert appointment.phone not in str(evidence)


def test_frozen_evidence_stays_as_it_was_when_the_case_goes_on(auditor):
    appointment = judged.unanswered()
    opened = audit.an_audit(appointment, by=auditor)
    before = {item.pk: (item.evidence, item.evidence_hash) for item in opened.items.all()}
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=audit.OPENED + HOUR)
    make.accepted(appointment.offers.get(), at=audit.OPENED + 2 * HOUR)
    assert {item.pk: (item.evidence, item.evidence_hash) for item in opened.items.all()} == before
    assert all(checklist.is_intact(item) for item in opened.items.all())
    other = audit.an_audit(make.fresh(appointment), at=audit.OPENED + 3 * HOUR)
    assert line(other).evidence["about"]["state"] == "agreed"
    assert line(other).evidence_hash != line(opened).evidence_hash
    kept = Event.objects.get(stream=opened.subject, kind="audit.frozen").detail["evidence"]
    assert kept == {str(key): hashed for key, (_evidence, hashed) in before.items()}


def test_evidence_that_somebody_touched_is_noticed(auditor):
    item = line(audit.an_audit(by=auditor))
    item.evidence["limits"][0]["state"] = "met"
    assert not checklist.is_intact(item)


def test_more_cases_of_the_seller_are_looked_at_once_each(auditor, settings):
    settings.AUDIT_CASES = 1
    first = judged.unanswered()
    second = make.requested(make.a_cover(make.a_product(first.seller)), at=judged.R0)
    opened = audit.an_audit(first, by=auditor)
    looked_at = set(opened.items.values_list("appointment", flat=True))
    other = second if looked_at == {first.pk} else first
    assert len(looked_at) == 1
    add_case(opened, other, by=auditor, at=audit.OPENED + HOUR)
    assert set(opened.items.values_list("appointment", flat=True)) == {first.pk, second.pk}
    with pytest.raises(RuleBroken, match="case_looked_at"):
        add_case(opened, other, by=auditor, at=audit.OPENED + HOUR)
    with pytest.raises(RuleBroken, match="case_of_another"):
        add_case(opened, judged.unanswered(), by=auditor, at=audit.OPENED + HOUR)


def test_a_finding_stands_behind_the_candidate_of_the_same_fact_and_another_auditor_judges(auditor):
    candidate = judged.a_candidate()
    opened = audit.a_notified(audit.an_audit(candidate.appointment, by=auditor), by=auditor)
    ended = audit.with_findings(opened, by=auditor)
    assert (ended.state, ended.closed_by, ended.result) == ("findings", auditor.user, "The silence is proven.")
    violation = Violation.objects.get()
    assert (violation.pk, violation.opened_by, violation.kind) == (candidate.pk, auditor.user, "missed_limit")
    assert line(ended).violation == violation
    assert kinds_of(ended)[-3:] == ["audit.notified", "audit.hearing_over", "audit.findings"]
    notify_violation(violation, by=auditor, at=audit.CLOSED + HOUR)
    later = audit.CLOSED + timedelta(days=6)
    with pytest.raises(PermissionDenied):
        confirm(make.fresh(violation), reason="As I found.", by=auditor, at=later)
    assert confirm(make.fresh(violation), reason="So it is.", by=claim.an_auditor(), at=later).state == "confirmed"


def test_a_finding_without_a_fact_opens_a_violation_of_its_own_once(auditor):
    appointment = judged.unanswered()
    for _n in range(2):
        opened = audit.an_audit(appointment, by=auditor)
        audit.looked_through(opened, by=auditor, breaches=("answered", "promised"))
        notify(opened, by=auditor, at=audit.NOTIFIED)
        closed(opened, auditor)
    item = line(opened, "promised")
    assert (item.violation.breach, item.violation.kind) == (f"audited/promised/{appointment.pk}", "audit")
    assert (item.violation.clause, item.violation.opened_by) == ("2.3.3", auditor.user)
    # Both were found twice and are judged once, whether a fact tells of them or only people found them.
    breaches = sorted(Violation.objects.values_list("breach", flat=True))
    assert [name.partition("/")[0] for name in breaches] == ["audited", "deadline"]
    assert item.violation.audit_items.count() == 2
    judged.read(at=audit.CLOSED + HOUR)
    assert Violation.objects.count() == 2


@pytest.mark.parametrize("said", [None, judged.R0 + HOUR])
def test_what_no_fact_dates_took_effect_when_the_auditor_says_and_never_when_it_was_frozen(auditor, said):
    appointment = judged.unanswered()
    opened = audit.an_audit(appointment, by=auditor)
    audit.looked_through(opened, by=auditor, breaches=())
    item = line(opened, "promised")
    with pytest.raises(RuleBroken, match="occurred_at_invalid"):
        find(
            item, verdict="breach", note="So.", occurred_at=item.frozen_at + MICROSECOND, by=auditor, at=audit.NOTIFIED
        )
    find(item, verdict="breach", note="Not as promised.", occurred_at=said, by=auditor, at=audit.NOTIFIED)
    notify(opened, by=auditor, at=audit.NOTIFIED)
    with pytest.raises(RuleBroken, match="not_heard_on"):
        find(item, verdict="breach", note="Not as promised.", occurred_at=judged.R0, by=auditor, at=audit.NOTIFIED)
    closed(opened, auditor)
    ended_at = make.fresh(appointment).ended_at
    assert ended_at < audit.OPENED
    assert line(opened, "promised").violation.occurred_at == (said or ended_at)


def test_the_figures_of_a_month_are_judged_once_and_as_of_its_end(auditor):
    judged.unanswered()
    sampled = audit.a_sample().audits.get()
    audit.looked_through(sampled, by=auditor, breaches=("figures",), at=audit.DRAWN)
    notify(sampled, by=auditor, at=audit.DRAWN)
    closed(sampled, auditor, at=audit.DRAWN + timedelta(days=9))
    violation = Violation.objects.get(kind="audit")
    assert violation.breach == f"audited/figures/{sampled.seller_id}/2026-03"
    assert violation.occurred_at == audit.OVER


def test_an_answer_counts_to_the_last_instant_and_not_a_microsecond_longer(auditor):
    in_time = audit.an_answered(audit.a_notified(), at=audit.HEARD)
    assert (in_time.answer, in_time.answered_at) == ("Our desk was closed.", audit.HEARD)
    with pytest.raises(RuleBroken, match="already_answered"):
        audit.an_answered(in_time, at=audit.HEARD)
    late = audit.a_notified(by=auditor)
    with pytest.raises(RuleBroken, match="hearing_over"):
        audit.an_answered(late, at=audit.HEARD + MICROSECOND)
    late = make.fresh(late)
    assert (late.answer, late.answered_at) == ("", None)
    assert kinds_of(late)[-2:] == ["audit.hearing_over", "audit.hearing_late"]
    over = Event.objects.get(stream=late.subject, kind="audit.hearing_over")
    assert (over.effective_at, over.recorded_at) == (audit.HEARD, audit.HEARD + MICROSECOND)
    assert Event.objects.get(stream=late.subject, kind="audit.hearing_late").detail["words"] == "Our desk was closed."
    by = make.seller_of(late).with_key("k")
    for words, code in (("First.", "hearing_over"), ("First.", "hearing_over"), ("Second.", "idempotency_key_reused")):
        with pytest.raises(RuleBroken, match=code):
            answer(late, words, by=by, at=audit.HEARD + HOUR)


def test_the_sweep_ends_the_hearing_and_an_answer_in_time_takes_that_back():
    told = audit.a_notified()
    assert sweep(at=audit.HEARD) == 0
    assert sweep(at=audit.CLOSED) == 1
    limit = JudgementDeadline.objects.get(audit=told)
    assert (limit.state, limit.ended_at, limit.due_at) == ("missed", audit.HEARD, audit.HEARD)
    assert audit.an_answered(told, at=audit.HEARD).answered_at == audit.HEARD
    assert make.fresh(limit).state == "met"


def test_nothing_is_found_before_the_seller_was_heard(auditor):
    opened = audit.an_audit(by=auditor)
    with pytest.raises(RuleBroken, match="items_open"):
        notify(opened, by=auditor, at=audit.NOTIFIED)
    audit.looked_through(opened, by=auditor)
    with pytest.raises(RuleBroken, match="not_notified"):
        closed(opened, auditor)
    notify(opened, by=auditor, at=audit.NOTIFIED)
    with pytest.raises(RuleBroken, match="hearing_open"):
        closed(opened, auditor, at=audit.CLOSED - MICROSECOND)
    with pytest.raises(RuleBroken, match="breaches_found"):
        close_clean(opened, reason="Fine.", by=auditor, at=audit.CLOSED)
    assert not Violation.objects.exists()
    assert closed(opened, auditor).state == "findings"
    with pytest.raises(RuleBroken, match="audit_closed"):
        found(line(opened), "in_order", auditor, at=audit.CLOSED + HOUR)


def test_once_answered_it_can_be_closed_at_once_and_what_the_seller_explained_is_no_finding(auditor):
    told = audit.an_answered(audit.a_notified(by=auditor))
    found(line(told), "in_order", auditor, at=audit.NOTIFIED + 2 * HOUR)
    ended = close_clean(told, reason="The seller has explained it.", by=auditor, at=audit.NOTIFIED + 3 * HOUR)
    assert ended.state == "no_finding"
    assert not Violation.objects.exists()


def test_closed_early_without_a_finding_the_hearing_runs_no_more(auditor):
    told = audit.a_notified(by=auditor)
    found(line(told), "not_applicable", auditor)
    close_clean(told, reason="Looked at again.", by=auditor, at=audit.NOTIFIED + HOUR)
    assert JudgementDeadline.objects.get(audit=told).state == "voided"
    with pytest.raises(RuleBroken, match="hearing_over"):
        audit.an_answered(told, at=audit.NOTIFIED + 2 * HOUR)


def test_the_seller_is_heard_on_everything_that_is_found(auditor):
    told = audit.a_notified(by=auditor)
    with pytest.raises(RuleBroken, match="not_heard_on"):
        found(line(told, "told"), "breach", auditor)
    with pytest.raises(RuleBroken, match="findings_told"):
        add_case(told, judged.unanswered(), by=auditor, at=audit.NOTIFIED)
    with pytest.raises(RuleBroken, match="finding_missing"):
        found(line(told), "breach", auditor, note=" ")
    with pytest.raises(RuleBroken, match="finding_unknown"):
        found(line(told), "", auditor)


def test_whoever_closes_has_found_every_breach_himself(auditor):
    told = audit.a_notified(by=auditor)
    other = claim.an_auditor()
    with pytest.raises(RuleBroken, match="found_by_another"):
        closed(told, other)
    found(line(told), "breach", other, note=line(told).note)
    assert closed(told, other).state == "findings"
    violation = Violation.objects.get()
    assert violation.opened_by == other.user
    notify_violation(violation, by=other, at=audit.CLOSED)
    with pytest.raises(PermissionDenied):
        # Who found it first judges it no more than who opened it.
        confirm(violation, reason="Late.", by=auditor, at=audit.CLOSED + timedelta(days=9))


def test_what_is_excused_meanwhile_is_no_finding(auditor):
    appointment = judged.unanswered()
    filed = claim.claimed(appointment, at=judged.SWEPT + HOUR, proven=True)
    told = audit.a_notified(audit.an_audit(appointment, by=auditor), by=auditor)
    claim.granted(filed, at=audit.NOTIFIED + 2 * HOUR)
    with pytest.raises(RuleBroken, match="fact_gone"):
        closed(told, auditor)
    found(line(told), "not_applicable", auditor)
    assert close_clean(told, reason="Excused.", by=auditor, at=audit.CLOSED).state == "no_finding"


def test_the_audit_of_a_seller_who_withdraws_goes_on(auditor):
    """S69's other half: leaving carries no bar, but what was begun can still end in a clearance (4.3)."""
    appointment = judged.unanswered()
    enrolment = EnrolmentFactory(seller=appointment.seller)
    opened = audit.an_audit(appointment, by=auditor)
    owner = make.seller_of(appointment)
    withdraw(enrolment, by=owner, at=audit.OPENED + HOUR, reason="We leave.")
    told = audit.a_notified(opened, by=auditor)
    assert audit.an_answered(told).answer
    ended = closed(told, auditor)
    violation = line(ended).violation
    assert (ended.state, make.fresh(enrolment).state, violation.state) == ("findings", "withdrawn", "candidate")
    judged.a_confirmed(judged.a_notified(violation, at=audit.CLOSED), at=audit.CLOSED + timedelta(days=6))
    assert make.fresh(violation).stands


def test_a_repeated_command_changes_nothing(auditor):
    appointment = judged.unanswered()
    keyed = make.with_key(auditor, "k1")
    opened = open_audit(appointment.seller, cause="Silence.", by=keyed, at=audit.OPENED)
    assert open_audit(appointment.seller, cause="Silence.", by=keyed, at=audit.OPENED + HOUR).pk == opened.pk
    told = audit.a_notified(opened, by=auditor)
    owner = make.with_key(make.seller_of(told), "k2")
    for _n in range(2):
        answer(told, "Once.", by=owner, at=audit.NOTIFIED + HOUR)
    assert kinds_of(told).count("audit.answered") == 1


def test_only_auditors_audit_and_only_the_seller_answers(auditor):
    told = audit.a_notified(by=auditor)
    item = AuditItem.objects.select_related("audit").filter(audit=told).first()
    at = audit.NOTIFIED + HOUR
    stranger = make.seller_of(judged.unanswered())
    buyer = make.buyer_of(item.appointment)
    people = [claim.a_supporter(), claim.an_administrator(), make.seller_of(told), stranger, buyer, system()]
    for person in people:
        for step in (
            lambda by: open_audit(told.seller, cause="Mine.", by=by, at=at),
            lambda by: find(item, verdict="in_order", by=by, at=at),
            lambda by: add_case(told, item.appointment, by=by, at=at),
            lambda by: notify(told, by=by, at=at),
            lambda by: close_clean(told, reason="Mine.", by=by, at=at),
            lambda by: closed(told, by),
            lambda by: assign(told, auditor.user, reason="Mine.", by=by, at=at),
        ):
            with pytest.raises(PermissionDenied):
                step(person)
    for person in (claim.a_supporter(), auditor, make.seller_of(told, "engineer"), stranger, buyer):
        with pytest.raises(PermissionDenied):
            answer(told, "Mine.", by=person, at=at)
    assert audit.an_answered(told, seat="staff").answered_at == at


def test_an_audit_is_assigned_to_auditors_only(auditor):
    opened = audit.an_audit(by=auditor)
    other = AuditorFactory()
    assert assign(opened, other, reason="Holidays.", by=auditor, at=audit.NOTIFIED).officer == other
    with pytest.raises(RuleBroken, match="officer_unknown"):
        assign(opened, claim.a_supporter().user, reason="Holidays.", by=auditor, at=audit.NOTIFIED)


def test_audits_count_again_to_the_same(auditor):
    """verify: states from the events, limits from their start (T8)."""
    audit.a_sample()
    audit.with_findings(audit.a_notified(by=auditor), by=auditor)
    audit.an_answered(audit.a_notified())
    with pytest.raises(RuleBroken, match="hearing_over"):
        audit.an_answered(audit.a_notified(), at=audit.HEARD + MICROSECOND)
    judged.read(at=audit.DRAWN)
    tally = Tally()
    assert list(recount(tally, at=audit.DRAWN, case=None)) == []
    # Three audits with a hearing each, and three candidates.
    assert tally.judged == 6


def test_an_audit_of_a_seller_without_requests_ends_without_a_finding(auditor):
    seller = EnrolmentFactory().seller
    opened = open_audit(seller, cause="A letter.", by=auditor, at=audit.NOTIFIED)
    assert not opened.items.exists()
    assert close_clean(opened, reason="There is nothing to look at.", by=auditor, at=audit.CLOSED).state == "no_finding"


def test_what_the_seller_was_told_is_not_written_otherwise_after(auditor):
    told = audit.a_notified(by=auditor)
    item = told.items.get(verdict="breach")
    with pytest.raises(RuleBroken) as refused:
        find(item, verdict="breach", note="Something else entirely.", by=auditor, at=audit.CLOSED)
    assert refused.value.code == "not_heard_on"
    assert find(item, verdict="breach", note=item.note, by=auditor, at=audit.CLOSED).note == item.note


def test_nobody_judges_what_he_has_found_in_an_audit_of_his_own():
    appointment = judged.unanswered()
    judged.read()
    first, second = claim.an_auditor(), claim.an_auditor()
    for by in (first, second):
        audit.with_findings(audit.a_notified(audit.an_audit(appointment, by=by), by=by), by=by)
    violation = Violation.objects.get(appointment=appointment)
    assert violation.audit_items.count() == 2
    notify_violation(violation, by=first, at=audit.CLOSED)
    heard = audit.CLOSED + timedelta(days=9)
    for by in (first, second):
        with pytest.raises(PermissionDenied):
            confirm(violation, reason="Late.", by=by, at=heard)
    assert confirm(violation, reason="Late.", by=claim.an_auditor(), at=heard).state == "confirmed"
