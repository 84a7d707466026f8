"""A planned visit is moved by agreement: history is kept, no limit moves, nothing without the other side's yes."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.new_dates import accept_new_date, decline_new_date, propose_new_date
from cases.actions.visits import check_in, complete
from cases.models import DateProposal, Deadline, Visit
from cases.terms import Window
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.visits import BEGINS, ENDS, GRACE, R0
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

AT = R0 + timedelta(hours=5)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
SIDES = [(make.seller_of, make.buyer_of), (make.buyer_of, make.seller_of)]


@pytest.fixture
def visit():
    return make_visit.planned()


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def clocks(appointment):
    kept = ("clock", "state", "started_at", "due_at", "ended_at")
    return list(Deadline.objects.filter(appointment=appointment).order_by("id").values_list(*kept))


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_a_visit_is_moved_once_the_other_side_agrees_and_no_limit_moves(visit, one, other):
    appointment = visit.appointment
    before, due_before = clocks(appointment), make.fresh(appointment).next_due_at
    made = make_visit.proposed(appointment, by=one(appointment), at=AT, reason="The engineer is ill.")
    assert (make.fresh(visit).state, make.fresh(appointment).state) == ("planned", "confirmed")
    new = make_visit.taken(made, by=other(appointment), at=AT, window=1)
    assert [each.state for each in Visit.objects.order_by("number")] == ["rescheduled", "planned"]
    assert (new.starts_at, new.engineer, new.number) == (made.shown_windows[1]["starts_at"], visit.engineer, 2)
    assert (clocks(appointment), make.fresh(appointment).next_due_at) == (before, due_before)
    (event,) = Event.objects.filter(kind="visit.rescheduled")
    assert (event.detail["visit"], event.detail["instead_of"], event.before) == (2, 1, {"state": "confirmed"})
    assert make_visit.done(new, at=new.starts_at).state == "completed"


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_a_no_leaves_the_visit_where_it_was(visit, one, other):
    appointment = visit.appointment
    made = make_visit.proposed(appointment, by=one(appointment), at=AT)
    decline_new_date(made, "I cannot.", by=other(appointment), at=AT)
    assert (make.fresh(visit).state, make.fresh(made).state) == ("planned", "declined")
    assert not Deadline.objects.filter(appointment=appointment, clock="new_date").exists()


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_nobody_answers_his_own_proposal(visit, one, other):
    made = make_visit.proposed(visit.appointment, by=one(visit.appointment), at=AT)
    strangers = [make_visit.engineer_of(visit), make.buyer_of(make.a_cover()), make.seller_of(make.a_cover())]
    for nobody in (one(visit.appointment), *strangers):
        with pytest.raises(PermissionDenied):
            accept_new_date(made, window=0, by=nobody, at=AT)
        with pytest.raises(PermissionDenied):
            decline_new_date(made, "No.", by=nobody, at=AT)
    for nobody in strangers:
        with pytest.raises(PermissionDenied):
            make_visit.proposed(visit.appointment, by=nobody, at=AT)
    assert Visit.objects.count() == 1


def test_a_later_proposal_of_either_side_replaces_the_one_before(visit):
    appointment = visit.appointment
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    first = make_visit.proposed(appointment, by=seller, at=AT)
    second = make_visit.proposed(appointment, by=seller, at=AT)
    third = make_visit.proposed(appointment, by=buyer, at=AT)
    assert [each.state for each in DateProposal.objects.order_by("id")] == ["replaced", "replaced", "standing"]
    for old in (first, second):
        assert refused(accept_new_date, old, window=0, by=buyer, at=AT) == ("proposal_not_standing", 409)
        assert refused(decline_new_date, old, "No.", by=buyer, at=AT) == ("proposal_not_standing", 409)
    make_visit.taken(third, by=seller, at=AT)
    assert refused(accept_new_date, third, window=0, by=seller, at=AT) == ("proposal_not_standing", 409)


@pytest.mark.parametrize(
    "windows",
    [
        [],
        [Window(AT, AT + HOUR)],
        [Window(AT - HOUR, AT + HOUR)],
        [Window(AT + HOUR, AT + HOUR)],
        [Window(AT + HOUR, AT + 2 * HOUR), Window(AT + 2 * HOUR, AT + HOUR)],
    ],
)
def test_proposed_times_lie_ahead(visit, windows):
    by = make.seller_of(visit.appointment)
    assert refused(propose_new_date, visit.appointment, windows, by=by, at=AT) == ("windows_invalid", 422)


def test_one_of_several_times_is_named_and_has_not_passed(visit):
    made = make_visit.proposed(visit.appointment, by=make.seller_of(visit.appointment), at=AT)
    buyer, begins = make.buyer_of(visit.appointment), made.shown_windows[0]["starts_at"]
    for window in (None, 2, -1):
        assert refused(accept_new_date, made, window=window, by=buyer, at=AT) == ("window_required", 422)
    assert refused(accept_new_date, made, window=0, by=buyer, at=begins) == ("window_past", 422)
    assert make_visit.taken(made, by=buyer, at=begins - MICROSECOND).starts_at == begins


@pytest.mark.parametrize("state", ["proposed", "in_service", "completed", "cancelled"])
def test_only_an_agreed_or_confirmed_visit_can_be_moved(state):
    if state == "proposed":
        appointment = make.requested(at=R0)
        make.offered(appointment, at=R0)
    else:
        visit = make_visit.planned()
        appointment, seller = visit.appointment, make.seller_of(visit.appointment)
        if state == "cancelled":
            make.cancelled(appointment, at=R0)
        else:
            visit = check_in(visit, by=seller, at=BEGINS)
        if state == "completed":
            complete(visit, "Done.", by=seller, at=BEGINS)
    assert make.fresh(appointment).state == state
    assert refused(make_visit.proposed, appointment, by=make.seller_of(appointment), at=BEGINS) == (
        "no_visit_to_move", 409,
    )  # fmt: skip


def test_what_stood_when_the_service_began_stands_no_more(visit):
    made = make_visit.proposed(visit.appointment, by=make.seller_of(visit.appointment), at=AT)
    check_in(visit, by=make.seller_of(visit.appointment), at=BEGINS)
    buyer = make.buyer_of(visit.appointment)
    assert refused(accept_new_date, made, window=0, by=buyer, at=BEGINS) == ("proposal_not_standing", 409)


def test_a_proposal_nobody_agreed_to_excuses_no_no_show(visit):
    made = make_visit.proposed(visit.appointment, by=make.seller_of(visit.appointment), at=AT)
    make_visit.nobody_came(visit)
    assert make.fresh(made).state == "void"
    buyer = make.buyer_of(visit.appointment)
    assert refused(accept_new_date, made, window=0, by=buyer, at=ENDS + GRACE) == ("proposal_not_standing", 409)


def test_a_double_click_is_one_command(visit):
    appointment = visit.appointment
    seller, buyer = (make.with_key(who(appointment), "twice") for who in (make.seller_of, make.buyer_of))
    made = {make_visit.proposed(appointment, by=seller, at=AT).pk for _click in range(2)}
    (proposal,) = DateProposal.objects.filter(pk__in=made)
    new = {make_visit.taken(proposal, by=buyer, at=AT).pk for _click in range(2)}
    assert len(new) == 1
    assert Visit.objects.count() == 2
