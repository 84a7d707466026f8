"""A ruling on an offer, a revision of it, and what was received before and committed after it (T9, invariant 14)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django_fsm import TransitionNotAllowed

from cases.actions.answers import accept, counter
from cases.actions.bookings import request_service
from cases.actions.cancel import cancel
from cases.actions.offers import offer, refuse, revise
from cases.actions.rulings import flag, rule_on_offer
from cases.models import Deadline
from cases.verification import Tally, verify
from complaints.models import Violation
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
# Inside the 48 hours, and once they are over.
INSIDE, OVER = R0 + DAY, DUE + DAY


@pytest.fixture(autouse=True)
def counted_again():
    """After each test everything is counted again from the events alone, and nothing may differ."""
    yield
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


@pytest.fixture
def auditor():
    return Actor(Channel.ADMIN, AuditorFactory())


def terms_at(at):
    return make.offer_terms(at, windows=make.far_off(at))


def offered():
    """An offer in time."""
    appointment = make.requested(at=R0)
    return appointment, offer(appointment, terms_at(R0 + HOUR), by=make.seller_of(appointment), at=R0 + HOUR)


def flagged():
    """An offer in time that the buyer holds unreasonable."""
    appointment, made = offered()
    flag(made, "Too far away.", by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    return appointment, made


def rule(made, auditor, *, at):
    rule_on_offer(made, is_reasonable=False, reason="It is.", by=auditor, at=at)


def answer(name, appointment, made, *, at):
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    match name:
        case "accept":
            accept(made, window=0, by=buyer, at=at)
        case "counter":
            counter(made, wish="on Sunday", by=buyer, at=at)
        case "cancel":
            cancel(appointment, by=buyer, at=at)
        case "revise":
            revise(made, terms_at(at), by=seller, at=at)
        case "refuse":
            refuse(appointment, "No engineer.", by=seller, at=at)


def commit(*commands):
    """Carry them out in this order; what is refused is refused."""
    for command in commands:
        with suppress(RuleBroken, TransitionNotAllowed):
            command()


def outcome(appointment):
    """What has become of a request, its offers and its clocks; but for clocks that have never run."""
    now = make.fresh(appointment)
    clocks = Deadline.objects.filter(appointment=appointment).order_by("started_at", "clock")
    rows = clocks.values_list("clock", "state", "started_at", "due_at", "ended_at")
    offers = appointment.offers.order_by("received_at").values_list("side", "state", "received_at", "is_late")
    return now.state, now.ended_at, now.next_due_at, list(offers), [row for row in rows if row[2] != row[4]]


@pytest.mark.parametrize(
    ("name", "ruled_at", "state"),
    [
        ("accept", INSIDE, "agreed"),
        ("accept", OVER, "agreed"),
        ("revise", INSIDE, "proposed"),
        ("revise", OVER, "proposed"),
        ("cancel", INSIDE, "cancelled"),
        ("cancel", OVER, "cancelled"),
        ("counter", OVER, "countered"),
        ("refuse", OVER, "refused"),
    ],
)
def test_what_was_received_before_a_ruling_counts_whichever_is_committed_first(name, ruled_at, state, auditor):
    at, outcomes = ruled_at - MICROSECOND, []
    for is_ruled_first in (False, True):
        appointment, made = flagged()
        steps = [
            lambda a=appointment, m=made: answer(name, a, m, at=at),
            lambda m=made: rule(m, auditor, at=ruled_at),
        ]
        commit(*(reversed(steps) if is_ruled_first else steps))
        outcomes.append(outcome(appointment))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == state
    response = Deadline.objects.get(appointment=appointment, clock="response")
    assert (response.state, response.ended_at) == ("met", R0 + HOUR)


@pytest.mark.parametrize("ruled_at", [INSIDE, OVER])
def test_what_is_received_with_the_ruling_or_after_it_finds_it(ruled_at, auditor):
    appointment, made = flagged()
    rule(made, auditor, at=ruled_at)
    before = outcome(appointment)
    for name in ("accept", "revise", "counter"):
        with suppress(RuleBroken):
            answer(name, appointment, made, at=ruled_at)
    assert outcome(appointment) == before
    assert before[0] == ("requested" if ruled_at == INSIDE else "deemed_refused")


def test_the_breach_that_the_ruling_made_is_none(auditor):
    appointment, made = flagged()
    rule(made, auditor, at=OVER)
    relay_batch(at=OVER)
    assert Violation.objects.get().state == "candidate"
    answer("accept", appointment, made, at=OVER - MICROSECOND)
    relay_batch(at=OVER)
    assert Violation.objects.get().state == "dismissed"
    told = Event.objects.get(subject=appointment.subject, kind="offer.ruling_overtaken")
    assert (told.detail["offer"], told.before["state"], told.after["state"]) == (made.pk, "requested", "proposed")
    assert (told.effective_at, told.recorded_at) == (OVER - MICROSECOND, OVER)


@pytest.mark.parametrize(("name", "state"), [("accept", "agreed"), ("revise", "proposed"), ("refuse", "refused")])
def test_what_the_seller_offered_after_such_a_ruling_takes_nothing_from_it(name, state, auditor):
    appointment, made = flagged()
    late = OVER + HOUR
    commit(
        lambda: rule(made, auditor, at=OVER),
        lambda: offer(appointment, terms_at(late), by=make.seller_of(appointment), at=late),
        lambda: answer(name, appointment, made, at=OVER - MICROSECOND),
    )
    assert make.fresh(appointment).state == state
    kept = appointment.offers.get(received_at=late)
    # After his refusal, which was received first, the buyer may still take it.
    assert kept.state == ("standing" if name == "refuse" else "void")


def test_a_revision_held_unreasonable_was_accepted_before(auditor):
    outcomes = []
    for is_ruled_first in (False, True):
        appointment = make.requested(at=R0)
        seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
        good = offer(appointment, terms_at(R0 + HOUR), by=seller, at=R0 + HOUR)
        worse = revise(good, terms_at(DUE + HOUR), by=seller, at=DUE + HOUR)
        flag(worse, "Dearer.", by=buyer, at=DUE + 2 * HOUR)
        steps = [
            lambda a=appointment, m=worse: answer("accept", a, m, at=OVER - MICROSECOND),
            lambda m=worse: rule(m, auditor, at=OVER),
        ]
        commit(*(reversed(steps) if is_ruled_first else steps))
        outcomes.append(outcome(appointment))
    assert outcomes[0] == outcomes[1]
    assert [each[1] for each in outcomes[0][3]] == ["replaced", "accepted"]


def test_where_both_have_gone_on_after_the_ruling_it_stands(auditor):
    appointment, made = flagged()
    rule(made, auditor, at=INSIDE)
    make.accepted(make.offered(appointment, at=INSIDE + HOUR), at=INSIDE + 2 * HOUR)
    before = outcome(appointment)
    with pytest.raises(RuleBroken) as refused:
        answer("accept", appointment, made, at=INSIDE - MICROSECOND)
    assert (refused.value.code, outcome(appointment)) == ("offer_not_standing", before)


@pytest.mark.clause("2.3.4")
def test_a_fault_that_was_booked_again_after_the_ruling_leaves_no_breach(auditor):
    appointment, made = flagged()
    rule(made, auditor, at=OVER)
    again = request_service(
        appointment.case.cover, make.a_service_request(), by=make.buyer_of(appointment), at=OVER + HOUR,
        case=appointment.case,
    )  # fmt: skip
    with pytest.raises(RuleBroken) as refused:
        answer("accept", appointment, made, at=OVER - MICROSECOND)
    assert refused.value.code == "already_open"
    assert (make.fresh(appointment).state, make.fresh(again).state) == ("cancelled", "requested")


@pytest.mark.parametrize("is_flagged", [False, True])
@pytest.mark.parametrize(("name", "state"), [("accept", "agreed"), ("counter", "countered")])
@pytest.mark.parametrize("beside", [timedelta(0), MICROSECOND])
def test_an_answer_received_before_the_offer_was_revised_counts(name, state, beside, is_flagged, auditor):
    outcomes = []
    for is_revised_first in (False, True):
        appointment, made = flagged() if is_flagged else offered()
        steps = [
            lambda a=appointment, m=made: answer(name, a, m, at=OVER - beside),
            lambda a=appointment, m=made: answer("revise", a, m, at=OVER),
        ]
        commit(*(reversed(steps) if is_revised_first else steps))
        outcomes.append(outcome(appointment))
    first, second = outcomes
    assert first[0] == state
    if not beside:
        # Received together: what was committed first counts.
        assert second[0] == "proposed"
        return
    # The revision is kept, and nobody can take it.
    assert [each for each in second[3] if each[1] != "void"] == first[3]
    assert (first[:3], first[4]) == (second[:3], second[4])


def test_an_offer_that_was_revised_twice_is_answered_no_more():
    appointment, made = offered()
    answer("revise", appointment, made, at=OVER)
    answer("revise", appointment, appointment.offers.latest("id"), at=OVER + HOUR)
    with pytest.raises(RuleBroken) as refused:
        answer("accept", appointment, made, at=OVER - HOUR)
    assert refused.value.code == "offer_not_standing"
