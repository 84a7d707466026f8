"""An outage is followed in the judgement until nothing is left to give back, and no longer (T7, T10)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError

from cases.actions.claim_rulings import decide_revocation, propose_revocation
from cases.models import Outage
from cases.verification import Tally, verify
from complaints.actions import tolled
from complaints.actions.hearings import answer
from complaints.actions.tolled import follow_outages, note_followed
from complaints.models import JudgementDeadline
from complaints.notices.complaints import ComplaintAnnouncer
from complaints.sweep import sweep
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as complain
from tests.factories import violations as judged
from tests.factories.claims import away
from tests.instants import instant
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
MICROSECOND, SETTLE = timedelta(microseconds=1), timedelta(seconds=30)


@pytest.fixture(autouse=True)
def counted_again():
    """After each test everything is counted again from the events alone, and nothing may differ."""
    yield
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


def hearing():
    return JudgementDeadline.objects.get(violation=judged.a_notified(), clock="hearing")


def now(row):
    return type(row).objects.get(pk=row.pk)


def followed():
    return Event.objects.filter(kind="outage.followed").count()


@pytest.mark.clause("4.1.2")
def test_only_the_last_round_of_a_hearing_is_given_back():
    appointment = judged.unanswered()
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=judged.SWEPT)
    violation = judged.a_notified(judged.a_candidate(appointment))
    filed = claim.claimed(appointment, at=judged.SWEPT + HOUR, proven=True)
    first = violation.deadlines.get()
    sweep(at=judged.CONFIRMED + SECOND)
    granted = claim.granted(filed, at=judged.CONFIRMED + HOUR)
    judged.read(at=judged.CONFIRMED + HOUR)
    propose_revocation(granted, reason="Forged.", by=claim.an_auditor(), at=judged.CONFIRMED + 2 * HOUR)
    decide_revocation(granted, approved=True, reason="Forged.", by=claim.an_auditor(), at=judged.CONFIRMED + 3 * HOUR)
    judged.read(at=judged.CONFIRMED + 4 * HOUR)
    judged.a_notified(make.fresh(violation), at=judged.CONFIRMED + 5 * HOUR)
    second = violation.deadlines.latest("id")
    assert (now(first).state, second.state) == ("missed", "running")
    at = away(judged.HEARD - 2 * HOUR, judged.HEARD + 2 * HOUR, at=judged.CONFIRMED + 6 * HOUR)
    sweep(at=at)
    assert (now(first).state, now(first).due_at) == ("missed", first.due_at)
    assert (now(second).state, now(second).due_at) == ("running", second.due_at)


def test_an_outage_is_followed_until_no_miss_by_the_old_due_instant_can_come():
    limit = hearing()
    at = away(limit.due_at - 2 * HOUR, limit.due_at - HOUR)
    sweep(at=at)
    # A command that had read the limit before it was tolled writes down that it is over.
    JudgementDeadline.objects.filter(pk=limit.pk).update(
        state="missed", due_at=limit.due_at, ended_at=limit.due_at, next_reminder_at=None
    )
    sweep(at=at + SETTLE)
    assert (now(limit).state, now(limit).due_at, followed()) == ("running", limit.due_at + DAY, 0)
    sweep(at=at + SETTLE + MICROSECOND)
    assert followed() == 1
    sweep(at=at + SETTLE + SECOND)
    assert followed() == 1


def test_two_sweeps_note_once_that_an_outage_is_followed(client):
    limit = hearing()
    at = away(limit.due_at - 2 * HOUR, limit.due_at - HOUR)
    sweep(at=at + HOUR)
    note_followed(Outage.objects.get(), by=system(), at=at + HOUR)
    assert followed() == 1
    client.force_login(claim.an_administrator().user)
    page = client.get(f"/admin/cases/outage/{Outage.objects.get().pk}/history/").content.decode()
    assert "Outage followed to its end in the judgement too" in page


@pytest.mark.parametrize("fault", [DatabaseError, ValueError])
@pytest.mark.parametrize("is_over", [True, False])
def test_a_limit_that_cannot_be_moved_holds_up_no_other_and_is_tried_again(monkeypatch, fault, is_over):
    bad, good = hearing(), hearing()
    if is_over:
        sweep(at=bad.due_at + 31 * SECOND)
    locked = tolled._locked

    def faulty(limit):
        if limit.pk == bad.pk:
            raise fault
        return locked(limit)

    at = away(bad.due_at - 2 * HOUR, bad.due_at + (2 * HOUR if is_over else -HOUR))
    monkeypatch.setattr(tolled, "_locked", faulty)
    follow_outages(at=at + HOUR)
    assert (now(bad).due_at, now(good).due_at) == (bad.due_at, good.due_at + DAY)
    assert followed() == 0
    monkeypatch.setattr(tolled, "_locked", locked)
    follow_outages(at=at + 2 * HOUR)
    assert (now(bad).state, now(bad).due_at, followed()) == ("running", bad.due_at + DAY, 1)


def test_what_was_used_before_the_sweep_had_tolled_it_keeps_its_due_instant():
    limit = hearing()
    at = away(limit.due_at - 2 * HOUR, limit.due_at - HOUR)
    assert at == limit.due_at
    answer(limit.violation, "Here we are.", by=make.seller_of(limit.violation), at=at)
    sweep(at=at + SECOND)
    assert (now(limit).state, now(limit).due_at) == ("met", limit.due_at)
    # The fixture counts it again.


@pytest.mark.parametrize("limits", [1, 3])
def test_a_followed_outage_costs_the_sweep_two_queries_however_many_limits_run(limits, django_assert_num_queries):
    many = [hearing() for _n in range(limits)]
    at = away(many[0].due_at - 2 * HOUR, many[0].due_at - HOUR)
    sweep(at=at + HOUR)
    assert {now(each).due_at for each in many} == {many[0].due_at + DAY}
    # The applied outages, what became of them, and the limits that have passed.
    with django_assert_num_queries(3):
        assert sweep(at=at + 2 * HOUR) == 0


@pytest.mark.clause("3.3")
@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_only_the_side_that_was_asked_hears_that_its_time_for_evidence_is_longer(side):
    request = complain.asked(complain.escalated(), side, at=complain.NEGOTIATED + HOUR)
    seller, limit = make.seller_of(request.complaint).user, JudgementDeadline.objects.get(evidence_request=request)
    asked = seller if side == "seller" else request.complaint.buyer
    at = away(limit.due_at - 2 * HOUR, limit.due_at - HOUR)
    sweep(at=at)
    relay_batch(at=at)
    told = Delivery.objects.filter(event__kind="judgement.tolled")
    assert {each.recipient for each in told} == {asked}
    notice = ComplaintAnnouncer().notice(Event.objects.get(kind="judgement.tolled"), asked)
    assert request.question not in notice.text
    assert notice.text.count("\n\n") == 2


@pytest.mark.clause("3.3")
@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_objection_beside_the_sweep_that_tolls_its_time():
    for _n in range(4):
        complaint = complain.determined()
        limit = JudgementDeadline.objects.get(complaint=complaint, clock="objection")
        at = away(limit.due_at - 2 * HOUR, limit.due_at - HOUR)
        came = side_by_side(
            partial(complain.objected, complaint, by=make.seller_of(complaint), at=at), partial(sweep, at=at)
        )
        assert not [each for each in came if isinstance(each, Exception)]
        assert (now(complaint).state, now(limit).state) == ("objected", "met")
        # An event for each change, each following from the one before it: the fixture counts again.
