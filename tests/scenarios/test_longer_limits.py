"""A longer limit for one request: proposed by the seller, binding once the buyer accepted it in time (2.3.3)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.actions.longer_limits import accept_longer_limit, decline_longer_limit, propose_longer_limit
from cases.deadlines import settle
from cases.explanation import explanation, limits_for
from cases.models import Deadline, LongerLimit
from cases.sweep import sweep_batch
from sellers.terms import Dimension, Promise
from tests.cases.appointment_oracle import day_end, days_after
from tests.factories import cases as make
from tests.factories.accounts import SupportFactory, UserFactory
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel, Seat, system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
DUE_72 = instant("2026-03-05T01:15:30Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
def appointment():
    return make.requested(at=R0)


def clock(appointment, kind="response"):
    return Deadline.objects.get(appointment=appointment, clock=kind)


def proposed(appointment, amount=72, *, kind="response", at=R0 + HOUR, **more):
    seller = more.pop("by", None) or make.seller_of(appointment)
    return propose_longer_limit(clock(appointment, kind), amount, "The part comes on Thursday.", by=seller, at=at)


def accepted(proposal, *, at=R0 + 2 * HOUR, **more):
    return accept_longer_limit(proposal, by=more.get("by") or make.buyer_of(proposal.deadline.appointment), at=at)


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def kinds(appointment):
    return list(Event.objects.filter(subject=appointment.subject).order_by("id").values_list("kind", flat=True))


def test_a_proposal_alone_moves_nothing(appointment):
    before = (make.fresh(appointment).next_due_at, clock(appointment).due_at)
    made = proposed(appointment)
    assert (made.state, made.instead_of, made.amount) == ("standing", 48, 72)
    assert (make.fresh(appointment).next_due_at, clock(appointment).due_at) == before
    sweep_batch(at=DUE + settle() + MICROSECOND)
    assert make.fresh(appointment).state == "deemed_refused"
    assert not make.fresh(made).is_open_at(DUE)


def test_accepted_it_moves_this_limit_and_no_other(appointment):
    confirmation = clock(appointment, "confirmation").due_at
    accepted(proposed(appointment))
    row = clock(appointment)
    assert (row.amount, row.agreed_from, row.due_at, row.promised) == (72, 48, DUE_72, "")
    assert make.fresh(appointment).next_due_at == DUE_72
    assert clock(appointment, "confirmation").due_at == confirmation
    assert kinds(appointment)[-2:] == ["limit.longer_proposed", "limit.longer_agreed"]
    # The sweep honours it to the microsecond, and so does the seller's answer.
    assert sweep_batch(at=DUE_72 + settle()) == 0
    assert make.offered(appointment, at=DUE_72).is_late is False


@pytest.mark.parametrize(("late", "state"), [(0 * MICROSECOND, "requested"), (MICROSECOND, "deemed_refused")])
def test_the_last_instant_to_accept_is_the_due_instant(appointment, late, state):
    made = proposed(appointment)
    if late:
        assert refused(accepted, made, at=DUE + late) == ("deadline_passed", 409)
        assert kinds(appointment)[-2:] == ["appointment.deemed_refused", "longer_limit.late"]
    else:
        accepted(made, at=DUE)
    assert make.fresh(appointment).state == state
    assert clock(appointment).amount == (48 if late else 72)


def test_an_acceptance_in_time_that_is_committed_after_the_sweep_takes_the_miss_back(appointment):
    made = proposed(appointment)
    sweep_batch(at=DUE + settle() + MICROSECOND)
    assert make.fresh(appointment).state == "deemed_refused"
    accepted(made, at=DUE)
    assert (make.fresh(appointment).state, make.fresh(appointment).next_due_at) == ("requested", DUE_72)
    assert clock(appointment).state == "running"


def test_and_an_offer_that_had_come_late_by_then_is_in_time(appointment):
    made = proposed(appointment)
    with pytest.raises(RuleBroken):
        make.offered(appointment, at=DUE + MICROSECOND)
    accepted(made, at=DUE)
    assert make.fresh(appointment).state == "proposed"
    assert [offer.is_late for offer in appointment.offers.all()] == [False]
    # The same as if the acceptance had been committed first.
    other = make.requested(at=R0)
    accepted(proposed(other), at=DUE)
    make.offered(other, at=DUE + MICROSECOND)
    shown = ("clock", "state", "started_at", "due_at", "ended_at", "amount")
    rows = [list(each.deadlines.order_by("clock").values_list(*shown)) for each in (appointment, other)]
    assert rows[0] == rows[1]


def test_a_cancellation_that_had_come_late_by_then_stands(appointment):
    made = proposed(appointment)
    with pytest.raises(RuleBroken):
        make.cancelled(appointment, at=DUE + MICROSECOND)
    accepted(made, at=DUE)
    ended = make.fresh(appointment)
    assert (ended.state, ended.ended_at) == ("cancelled", DUE + MICROSECOND)


@pytest.mark.parametrize("amount", [48, 47, 1, 0, -5, 8761])
def test_it_never_shortens(appointment, amount):
    assert refused(proposed, appointment, amount) == ("limit_not_longer", 422)
    assert not LongerLimit.objects.exists()


def test_a_reason_is_needed(appointment):
    seller = make.seller_of(appointment)
    assert refused(propose_longer_limit, clock(appointment), 72, " ", by=seller, at=R0) == ("reason_required", 422)


def test_only_the_seller_proposes_and_only_the_buyer_himself_accepts(appointment):
    engineer = make.an_engineer(appointment.seller).user
    strangers = [
        make.buyer_of(appointment),
        Actor(channel=Channel.DASHBOARD, user=engineer, seller_id=appointment.seller_id, seat=Seat.ENGINEER),
        make.seller_of(make.a_cover()),
        Actor(channel=Channel.PORTAL, user=UserFactory()),
        Actor(channel=Channel.ADMIN, user=SupportFactory()),
        system(),
    ]
    for nobody in strangers:
        with pytest.raises(PermissionDenied):
            proposed(appointment, by=nobody)
    made = proposed(appointment)
    for_buyer = Actor(channel=Channel.ADMIN, user=SupportFactory(), acting_for=appointment.buyer)
    for nobody in [make.seller_of(appointment), for_buyer, *strangers[1:]]:
        with pytest.raises(PermissionDenied):
            accepted(made, by=nobody)
    assert clock(appointment).amount == 48


def test_the_buyer_may_decline_and_the_limit_stays(appointment):
    made = proposed(appointment)
    decline_longer_limit(made, "I need it sooner.", by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    declined = make.fresh(made)
    assert (declined.state, declined.answer, clock(appointment).due_at) == ("declined", "I need it sooner.", DUE)
    assert refused(accepted, made, at=R0 + 3 * HOUR) == ("longer_limit_not_standing", 409)


def test_a_second_proposal_replaces_the_first(appointment):
    first, second = proposed(appointment), proposed(appointment, 60)
    assert refused(accepted, first) == ("longer_limit_not_standing", 409)
    accepted(second)
    assert [each.state for each in LongerLimit.objects.order_by("id")] == ["replaced", "accepted"]
    # Agreed on once more, it grows again; what the rules gave stays known.
    accepted(proposed(appointment, 72, at=R0 + 3 * HOUR), at=R0 + 4 * HOUR)
    row = clock(appointment)
    assert (row.amount, row.agreed_from, row.due_at) == (72, 48, DUE_72)


def test_the_same_command_twice_is_one(appointment):
    seller, buyer = (make.with_key(each, "k") for each in (make.seller_of(appointment), make.buyer_of(appointment)))
    made = proposed(appointment, by=seller)
    assert proposed(appointment, by=seller) == made
    accepted(made, by=buyer)
    assert accepted(made, by=buyer).pk == made.pk
    assert (LongerLimit.objects.count(), len(kinds(appointment))) == (1, 3)
    late = make.with_key(make.seller_of(appointment), "late")
    for _twice in range(2):
        assert refused(proposed, appointment, 96, by=late, at=DUE_72 + MICROSECOND) == ("deadline_passed", 409)
    assert kinds(appointment)[3:] == ["appointment.deemed_refused", "longer_limit.late"]


def test_a_proposal_takes_no_miss_back(appointment):
    sweep_batch(at=DUE + settle() + MICROSECOND)
    assert refused(proposed, appointment, at=DUE) == ("deadline_passed", 409)
    assert make.fresh(appointment).state == "deemed_refused"


def test_a_limit_that_does_not_run_cannot_be_longer(appointment):
    response = clock(appointment)
    make.offered(appointment, at=R0 + HOUR)
    seller = make.seller_of(appointment)
    for row in (response, clock(appointment, "buyer_silence")):
        outcome = refused(propose_longer_limit, row, 100, "More time.", by=seller, at=R0 + 2 * HOUR)
        assert outcome == ("limit_not_running", 409)


def test_a_paused_limit_can_be_longer_and_is_counted_with_its_pauses(appointment):
    offered = make.offered(appointment, at=R0 + HOUR)
    accepted(proposed(appointment, 20, kind="confirmation", at=R0 + 2 * HOUR), at=R0 + 3 * HOUR)
    assert clock(appointment, "confirmation").due_at is None
    make.accepted(offered, at=R0 + 4 * HOUR)
    assert clock(appointment, "confirmation").due_at == day_end(days_after(R0, 20) + 3 * HOUR)


def test_a_promise_of_the_page_is_what_it_is_longer_than():
    product = make.a_product()
    commit(product, Promise(Dimension.RESPONSE_HOURS, 24))
    appointment = make.requested(make.a_cover(product), at=R0)
    accepted(proposed(appointment, 30))
    row = clock(appointment)
    assert (row.amount, row.agreed_from, row.promised) == (30, 24, "response_hours")
    told = explanation(limits_for(make.buyer_of(appointment)).get(pk=row.pk))
    assert (told.number, told.by_rule, told.amount, told.agrees) == (48, 24, 30, True)
    assert [(each.amount, each.instead_of, each.reason) for each in told.agreements] == [
        (30, 24, "The part comes on Thursday.")
    ]
    assert [source.statement for source in told.sources]


AFTER = st.one_of(
    st.tuples(st.just("due"), st.sampled_from([-1, 0, 1])),
    st.tuples(st.just("hours"), st.integers(0, 80)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(AFTER, st.integers(1, 200), st.sampled_from(["yes", "no", "sweep"])), max_size=5))
def test_whatever_is_proposed_only_a_yes_in_time_lengthens(steps):
    """The oracle: start, the last amount accepted in time, 48 at first; nothing shortens it, nothing else moves it."""
    appointment = make.requested(at=R0)
    at, amount, is_over = R0, 48, False
    for (kind, step), wanted, what in steps:
        due = R0 + amount * HOUR
        at = max(at, due + step * MICROSECOND if kind == "due" else R0 + step * HOUR)
        is_over = is_over or at > due
        if is_over or wanted <= amount:
            assert refused(proposed, appointment, wanted, at=at)[0] in ("deadline_passed", "limit_not_longer")
            continue
        made = proposed(appointment, wanted, at=at)
        if what == "yes":
            accepted(made, at=at)
            amount = wanted
        elif what == "no":
            decline_longer_limit(made, by=make.buyer_of(appointment), at=at)
        else:
            sweep_batch(at=at + settle())
    due = R0 + amount * HOUR
    sweep_batch(at=due + settle())
    row = clock(appointment)
    assert (row.amount, row.due_at, row.state) == (amount, due, "missed" if is_over else "running")
    sweep_batch(at=due + settle() + MICROSECOND)
    ended = make.fresh(appointment)
    assert (ended.state, ended.ended_at) == ("deemed_refused", due)
