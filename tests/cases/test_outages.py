"""The platform's outage: two administrators, every clock it reached, once."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from cases.actions.answers import counter
from cases.actions.exclusions import add_proof, lapse_claim
from cases.actions.outages import decide_outage, propose_outage, toll_batch
from cases.actions.restrictions import answer_finding, decide_restriction
from cases.models import Deadline, Outage, Pause
from cases.outages import apply_outages
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.accounts.actors import Actor, Channel, system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Decision, Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
C2_DUE = instant("2026-03-16T16:00:00Z")
HOUR = timedelta(hours=1)
AWAY = {"begins_at": DUE - 2 * HOUR, "ends_at": DUE + 2 * HOUR}
AFTER = DUE + 3 * HOUR


def proposed(**given):
    wanted = {**AWAY, "reason": "The database was away.", "by": claim.an_administrator(), "at": AFTER}
    return propose_outage(**wanted | given)


def approved(outage=None, at=AFTER):
    return decide_outage(
        outage or proposed(), approved=True, reason="The logs say so.", by=claim.an_administrator(), at=at
    )


@pytest.fixture(autouse=True)
def counted_again():
    """After each test everything is counted again from the events alone, and nothing may differ."""
    yield
    # Nothing relayed here: seals are not looked at.
    assert [found for found in verify(Tally(), at=R0) if found.what != "seal"] == []


def clock(appointment, kind):
    return Deadline.objects.filter(appointment=appointment, clock=kind).latest("id")


def test_one_administrator_alone_tolls_nothing():
    one = claim.an_administrator()
    outage = proposed(by=one)
    with pytest.raises(PermissionDenied):
        decide_outage(outage, approved=True, reason="yes", by=one, at=AFTER)
    assert apply_outages(now=lambda: AFTER) == 0
    assert make.fresh(outage).state == "proposed"


@pytest.mark.parametrize("person", [claim.an_auditor, system])
def test_nobody_but_administrators_tolls(person):
    with pytest.raises(PermissionDenied):
        proposed(by=person())
    outage = proposed()
    with pytest.raises(PermissionDenied):
        decide_outage(outage, approved=True, reason="yes", by=person(), at=AFTER)


@pytest.mark.parametrize("wrong", [{"ends_at": AWAY["begins_at"]}, {"ends_at": AFTER + HOUR}])
def test_an_outage_is_over_and_lasted(wrong):
    with pytest.raises(RuleBroken, match="interval_invalid"):
        proposed(**wrong)


def test_an_outage_is_neither_proposed_nor_declined_without_a_reason():
    with pytest.raises(RuleBroken, match="reason_required"):
        proposed(reason=" ")
    outage = proposed()
    with pytest.raises(RuleBroken, match="reason_required"):
        decide_outage(outage, approved=False, reason=" ", by=claim.an_administrator(), at=AFTER)
    assert make.fresh(outage).state == "proposed"


def test_a_declined_outage_tolls_nothing():
    appointment = make.requested(at=R0)
    outage = decide_outage(proposed(), approved=False, reason="It was up.", by=claim.an_administrator(), at=AFTER)
    assert outage.state == "declined"
    assert apply_outages(now=lambda: AFTER) == 0
    assert clock(appointment, "response").due_at == DUE


def test_two_administrators_toll_every_clock_it_reached_of_both_sides():
    running = make.requested(at=R0)
    with_buyer = make.requested(at=R0)
    made = make.offered(with_buyer, at=R0 + HOUR)
    answered = make.requested(at=R0)
    begun_later = make.requested(at=AWAY["ends_at"])
    outage = approved()
    assert apply_outages(now=lambda: AFTER) == 2 + 1
    assert made.pk
    assert clock(running, "response").due_at == make.fresh(running).next_due_at == DUE + 4 * HOUR
    assert clock(running, "confirmation").due_at == C2_DUE + 24 * HOUR
    assert clock(with_buyer, "buyer_silence").due_at == instant("2026-03-10T16:00:00Z")
    assert clock(answered, "response").due_at == DUE + 4 * HOUR
    assert not Pause.objects.filter(deadline__appointment=begun_later).exists()
    assert Event.objects.filter(kind="limit.tolled").count() == 3
    assert make.fresh(outage).state == "applied"
    decision = Decision.objects.get()
    assert (decision.kind, decision.state) == ("outage_toll", "approved")
    assert decision.proposer != decision.approver


def test_applied_again_it_tolls_nothing_more():
    appointment = make.requested(at=R0)
    outage = approved()
    assert toll_batch(outage, batch=10, by=system(), at=AFTER) == 1
    assert toll_batch(outage, batch=10, by=system(), at=AFTER) == 0
    assert apply_outages(now=lambda: AFTER) == 0
    assert Pause.objects.filter(deadline__appointment=appointment).count() == 2


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_whatever_the_size_of_its_batches(batch):
    for _n in range(5):
        make.requested(at=R0)
    approved()
    assert apply_outages(now=lambda: AFTER, batch=batch) == 5
    assert set(Deadline.objects.filter(clock="response").values_list("due_at", flat=True)) == {DUE + 4 * HOUR}


def test_a_deemed_refusal_inside_the_outage_is_taken_back():
    appointment = make.requested(at=R0)
    assert sweep_batch(at=DUE + HOUR) == 1
    approved()
    apply_outages(now=lambda: AFTER)
    assert make.fresh(appointment).state == "requested"
    assert make.fresh(appointment).next_due_at == DUE + 4 * HOUR
    make.offered(appointment, at=AFTER)
    assert make.fresh(appointment).state == "proposed"


def test_the_buyers_own_lapse_inside_the_outage_is_taken_back_with_his_offer():
    appointment = make.requested(at=R0)
    made = make.offered(appointment, at=R0 + HOUR)
    lapsed_at = clock(appointment, "buyer_silence").due_at
    assert sweep_batch(at=lapsed_at + HOUR) == 1
    assert make.fresh(made).state == "void"
    at = lapsed_at + 3 * HOUR
    approved(proposed(begins_at=lapsed_at - HOUR, ends_at=lapsed_at + HOUR, at=at), at=at)
    apply_outages(now=lambda: at)
    assert (make.fresh(appointment).state, make.fresh(made).state) == ("proposed", "standing")
    assert clock(appointment, "confirmation").due_at is None
    assert make.accepted(made, at=at + HOUR).state == "agreed"


@pytest.mark.parametrize("late_by", [timedelta(0), timedelta(microseconds=1)])
def test_an_outage_counts_that_began_at_the_due_instant_and_not_a_microsecond_later(late_by):
    appointment = make.requested(at=R0)
    sweep_batch(at=DUE + HOUR)
    approved(proposed(begins_at=DUE + late_by))
    apply_outages(now=lambda: AFTER)
    assert make.fresh(appointment).state == "deemed_refused"
    assert clock(appointment, "response").ended_at == (DUE if late_by else DUE + 2 * HOUR)


def test_it_counts_once_beside_a_claim_for_the_same_time(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    appointment = make.requested(at=R0)
    claim.claimed(appointment, at=DUE - HOUR, proven=True, **{name: AWAY[name] for name in ("begins_at", "ends_at")})
    approved()
    apply_outages(now=lambda: AFTER)
    assert clock(appointment, "response").due_at == DUE + 4 * HOUR


def test_a_limit_that_a_claim_moves_into_an_earlier_outage_is_tolled_for_it_as_well(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    appointment = make.requested(at=R0)
    outage = proposed(begins_at=DUE + HOUR, ends_at=DUE + 2 * HOUR)
    approved(outage)
    apply_outages(now=lambda: AFTER)
    assert clock(appointment, "response").due_at == DUE
    filed = claim.claimed(appointment, at=AFTER, begins_at=DUE - HOUR, ends_at=DUE + HOUR / 2, proven=True)
    claim.granted(filed, at=AFTER)
    # An hour and a half by the claim, and the hour of the outage that it now reaches.
    assert clock(appointment, "response").due_at == DUE + 2.5 * HOUR


def test_proof_has_as_much_longer_as_the_platform_was_away_also_where_the_claim_had_lapsed(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    asked, over = make.requested(at=R0), make.requested(at=R0)
    due = claim.claimed(asked, at=R0 + 24 * HOUR).proof_due_at
    lapsed = claim.claimed(over, at=R0 + 24 * HOUR)
    lapse_claim(lapsed, by=system(), at=due + HOUR)
    at = due + 3 * HOUR
    approved(proposed(begins_at=due - HOUR, ends_at=due + 2 * HOUR, at=at), at=at)
    apply_outages(now=lambda: at)
    for each in (asked, over):
        # 15 natural days and three hours, rounded up to 24:00 once.
        assert each.claims.get().proof_due_at == due + 24 * HOUR
    add_proof(lapsed, "Weather office", [claim.PHOTO], by=make.seller_of(over), at=due + 24 * HOUR)
    assert make.fresh(lapsed).state == "in_review"
    late = make.requested(at=due - 2 * HOUR)
    known = due - 2 * HOUR + 48 * HOUR + 3 * HOUR
    given = {"begins_at": due - 5 * HOUR, "ends_at": None, "duties": ["confirmation"]}
    assert claim.claimed(late, at=known, **given).state == "proof_pending"


@pytest.mark.clause("4.1.3")
def test_a_buyer_who_is_heard_or_can_appeal_has_as_much_longer():
    one, other = make.a_cover(), make.a_cover()
    heard = claim.a_restriction(one, at=R0)
    decided = claim.a_restriction(other, at=R0)
    answer_finding(decided, "No.", by=make.buyer_of(other), at=R0)
    decided = decide_restriction(decided, approved=True, reason="Yes.", by=claim.an_auditor(), at=R0)
    begins, ends = heard.hearing_due_at - HOUR, heard.hearing_due_at + HOUR
    approved(proposed(begins_at=begins, ends_at=ends, at=ends), at=ends)
    apply_outages(now=lambda: ends)
    assert make.fresh(heard).hearing_due_at == heard.hearing_due_at + 24 * HOUR
    assert make.fresh(decided).appeal_due_at == decided.appeal_due_at + 24 * HOUR
    assert make.fresh(decided).hearing_due_at == decided.hearing_due_at
    answered = answer_finding(heard, "Different faults.", by=make.buyer_of(one), at=heard.hearing_due_at + 24 * HOUR)
    assert answered.answered_at is not None
    assert Event.objects.filter(kind="restriction.tolled").count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_approved_and_applied_by_several_at_once_it_tolls_each_clock_once():
    for _n in range(12):
        make.requested(at=R0)
    outage = proposed()
    people = [claim.an_administrator() for _n in range(3)]

    def approve(by: Actor):
        return lambda: decide_outage(outage, approved=True, reason="yes", by=by, at=AFTER)

    outcomes = side_by_side(*map(approve, people))
    assert [type(answer) for answer in outcomes].count(Outage) == 1
    assert [type(answer) for answer in outcomes].count(TransitionNotAllowed) == 2
    side_by_side(*[lambda: apply_outages(now=lambda: AFTER, batch=3)] * 3)
    assert Pause.objects.count() == 24
    assert Event.objects.filter(kind="limit.tolled").count() == 12
    assert make.fresh(outage).state == "applied"
    assert Event.objects.filter(kind="outage.applied").count() == 1


def test_channel_of_the_tolls_is_the_one_that_applied_them():
    make.requested(at=R0)
    toll_batch(approved(), batch=5, by=Actor(channel=Channel.ADMIN), at=AFTER)
    assert Event.objects.get(kind="limit.tolled").channel == "admin"


@pytest.mark.parametrize(("received_at", "moved"), [(AWAY["ends_at"] - HOUR, HOUR), (AWAY["ends_at"], 0 * HOUR)])
def test_what_was_received_in_an_outage_and_stored_after_its_toll_is_tolled_too(received_at, moved):
    approved()
    apply_outages(now=lambda: AFTER)
    appointment = make.requested(at=received_at)
    assert clock(appointment, "response").due_at == received_at + 48 * HOUR + moved
    # The seller's limit begins with a counter-offer that was long on its way, too.
    other = make.requested(at=R0)
    made = make.offered(other, at=R0 + HOUR)
    counter(made, wish="Only after six.", by=make.buyer_of(other), at=received_at)
    assert clock(other, "counter").due_at == received_at + 48 * HOUR + moved
