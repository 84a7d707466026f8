"""A visit that did not take place: who may report it and when, the 48 hours for a new date, and what a miss means."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.answers import accept
from cases.actions.bookings import request_service
from cases.actions.cancel import cancel
from cases.actions.confirm import confirm
from cases.actions.messages import write
from cases.actions.new_dates import decline_new_date
from cases.actions.no_shows import dispute_no_show
from cases.actions.offers import refuse
from cases.actions.visits import check_in
from cases.models import DateProposal, Deadline, Message, Offer
from cases.photos import Photo
from cases.sweep import one_by_one, sweep_batch
from tests.cases.constellations import rows_of
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.claims import claimed
from tests.factories.visits import BEGINS, ENDS, GRACE
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

REPORTED = ENDS + GRACE
DUE = REPORTED + timedelta(hours=48)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def visit():
    return make_visit.planned()


@pytest.fixture
def missed(visit):
    """A visit to which nobody came; the seller has until DUE."""
    return make_visit.nobody_came(visit)


def now(thing):
    return make.fresh(thing)


def new_date(visit, state=None):
    rows = Deadline.objects.filter(appointment=visit.appointment, clock="new_date")
    return (rows.filter(state=state) if state else rows).latest("id")


def events(visit, kind):
    return list(Event.objects.filter(subject=visit.appointment.subject, kind=kind).order_by("id"))


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def test_a_seller_who_did_not_come_has_48_hours_to_offer_a_new_date(visit):
    photo = Photo("door.jpg", b"\xff\xd8\xff")
    make_visit.nobody_came(visit, photos=[photo])
    appointment = now(visit.appointment)
    assert (appointment.state, now(visit).state) == ("confirmed", "seller_no_show")
    clock = new_date(visit)
    assert (clock.state, clock.started_at, clock.due_at, clock.clause) == ("running", REPORTED, DUE, "2.3.1")
    assert appointment.next_due_at == DUE
    (event,) = events(visit, "visit.seller_no_show")
    assert event.detail["visit"] == 1
    evidence = Message.objects.get(pk=event.detail["message"])
    assert (evidence.body, evidence.side, evidence.attachments.count()) == ("I waited all morning.", "buyer", 1)


@pytest.mark.parametrize(
    ("report", "earliest"), [(make_visit.nobody_came, ENDS + GRACE), (make_visit.nobody_home, BEGINS + GRACE)]
)
def test_a_no_show_can_be_reported_from_the_last_instant_of_the_grace_on(visit, report, earliest):
    assert refused(report, visit, at=earliest - MICROSECOND) == ("too_early", 409)
    assert now(visit).state == "planned"
    report(visit, at=earliest)
    assert now(visit).state.endswith("_no_show")


def test_the_grace_is_a_setting_of_the_platform(visit, settings):
    settings.NO_SHOW_GRACE_MINUTES = 5
    make_visit.nobody_came(visit, at=ENDS + timedelta(minutes=5))
    assert now(visit).state == "seller_no_show"


@pytest.mark.parametrize("report", [make_visit.nobody_came, make_visit.nobody_home])
def test_a_report_needs_its_evidence_and_a_planned_visit(visit, report):
    assert refused(report, visit, at=REPORTED, evidence=" ") == ("evidence_required", 422)
    check_in(visit, by=make.seller_of(visit.appointment), at=BEGINS)
    assert refused(report, visit, at=REPORTED) == ("not_planned", 409)
    assert not Message.objects.filter(body__contains="waited").exists()


def test_only_one_side_can_report_a_visit(missed):
    assert refused(make_visit.nobody_home, missed, at=REPORTED) == ("not_planned", 409)
    assert refused(make_visit.nobody_came, missed, at=REPORTED) == ("not_planned", 409)


def test_a_visit_of_a_cancelled_appointment_was_not_missed(visit):
    cancel(visit.appointment, by=make.buyer_of(visit.appointment), at=BEGINS)
    assert refused(make_visit.nobody_came, visit) == ("not_planned", 409)


def strangers(visit):
    """People who may neither report for the buyer nor for the seller."""
    colleague = make.an_engineer(visit.appointment.seller)
    other = Actor(channel=Channel.DASHBOARD, user=colleague.user, seller_id=colleague.seller_id, seat="engineer")
    return [other, make.buyer_of(make.a_cover()), make.seller_of(make.a_cover())]


def test_who_may_report_what(visit):
    buyer, owner = make.buyer_of(visit.appointment), make.seller_of(visit.appointment)
    for nobody in (owner, make_visit.engineer_of(visit), *strangers(visit)):
        with pytest.raises(PermissionDenied):
            make_visit.nobody_came(visit, by=nobody)
    for nobody in (buyer, *strangers(visit)):
        with pytest.raises(PermissionDenied):
            make_visit.nobody_home(visit, by=nobody)


@pytest.mark.parametrize("who", ["owner", "staff", "engineer"])
@pytest.mark.clause("4.1.1")
def test_a_buyer_who_was_not_there_keeps_the_appointment_and_no_clock_runs(visit, who):
    by = make_visit.engineer_of(visit) if who == "engineer" else make.seller_of(visit.appointment, who)
    make_visit.nobody_home(visit, by=by)
    appointment = now(visit.appointment)
    assert (appointment.state, appointment.next_due_at, now(visit).state) == ("confirmed", None, "buyer_no_show")
    (event,) = events(visit, "visit.buyer_no_show")
    assert (event.clause, Message.objects.get(pk=event.detail["message"]).side) == ("4.1.1", "seller")
    made = make_visit.proposed(appointment, by=make.seller_of(appointment), at=REPORTED)
    again = make_visit.taken(made, by=make.buyer_of(appointment), at=REPORTED)
    assert (again.number, again.state, again.engineer) == (2, "planned", visit.engineer)
    assert events(visit, "visit.planned_anew")[0].detail["instead_of"] == 1
    assert not Deadline.objects.filter(appointment=appointment, clock="new_date").exists()


@pytest.mark.clause("4.1.1")
def test_a_claim_for_the_buyers_reasons_names_the_visit_that_he_missed(visit):
    make_visit.nobody_home(visit)
    claim = claimed(visit.appointment, ground="buyer_reason", at=REPORTED)
    assert (claim.visit, claim.state) == (visit, "in_review")


@pytest.mark.parametrize(
    ("report", "accused", "accuser"),
    [(make_visit.nobody_came, make.seller_of, make.buyer_of), (make_visit.nobody_home, make.buyer_of, make.seller_of)],
)
def test_the_accused_side_disputes_a_report_which_changes_nothing(visit, report, accused, accuser):
    by = accused(visit.appointment)
    assert refused(dispute_no_show, visit, "I was there.", by=make.seller_of(visit.appointment), at=BEGINS) == (
        "no_such_no_show", 409,
    )  # fmt: skip
    report(visit, at=REPORTED)
    with pytest.raises(PermissionDenied):
        dispute_no_show(visit, "I was there.", by=accuser(visit.appointment), at=REPORTED)
    assert refused(dispute_no_show, visit, "", by=by, at=REPORTED) == ("evidence_required", 422)
    state = now(visit).state
    dispute_no_show(visit, "I was there.", by=by, at=REPORTED)
    (event,) = events(visit, "visit.no_show_disputed")
    assert Message.objects.get(pk=event.detail["message"]).body == "I was there."
    assert now(visit).state == state


@pytest.mark.parametrize("before", [timedelta(hours=47), MICROSECOND, timedelta(0)])
def test_a_new_date_up_to_the_last_instant_meets_the_limit(missed, before):
    made = make_visit.proposed(missed.appointment, by=make.seller_of(missed.appointment), at=DUE - before)
    assert (new_date(missed).state, new_date(missed).ended_at) == ("met", DUE - before)
    assert now(missed.appointment).next_due_at is None
    visit = make_visit.taken(made, by=make.buyer_of(missed.appointment), at=DUE + timedelta(days=1), window=1)
    assert (visit.number, visit.starts_at) == (2, DateProposal.objects.get().shown_windows[1]["starts_at"])
    assert now(missed).state == "seller_no_show"


def test_a_date_one_microsecond_late_is_a_deemed_refusal_and_a_late_offer_the_buyer_may_take(missed):
    appointment, at = missed.appointment, DUE + MICROSECOND
    seller = make.with_key(make.seller_of(appointment), "late")
    for _click in range(2):
        assert refused(make_visit.proposed, appointment, by=seller, at=at) == ("deadline_passed", 409)
    ended = now(appointment)
    assert (ended.state, ended.ended_at, ended.end_reason) == ("deemed_refused", DUE, "new_date")
    (event,) = events(missed, "appointment.deemed_refused")
    assert (event.effective_at, event.recorded_at, event.before) == (DUE, at, {"state": "confirmed"})
    late = Offer.objects.get(is_late=True)
    assert (late.state, len(late.windows)) == ("standing", 2)
    accept(late, window=0, by=make.buyer_of(appointment), at=at)
    cured = confirm(now(appointment), by=make.seller_of(appointment), at=at)
    assert cured.state == "confirmed"
    assert [each.state for each in cured.visits.all()] == ["seller_no_show", "planned"]
    assert Deadline.objects.filter(appointment=appointment, clock="new_date", state="missed").exists()


@pytest.mark.parametrize(
    "command",
    [
        lambda a, at: write(a.case, "Where is he?", by=make.buyer_of(a), at=at),
        lambda a, at: refused(cancel, a, by=make.buyer_of(a), at=at),
        lambda a, at: refused(refuse, a, "No.", by=make.seller_of(a), at=at),
        lambda a, at: refused(make_visit.proposed, a, by=make.buyer_of(a), at=at),
        lambda a, at: request_service(a.case.cover, make.a_service_request(), by=make.buyer_of(a), at=at, case=a.case),
    ],
)
def test_every_command_applies_the_missed_limit_first(missed, command):
    command(missed.appointment, DUE + MICROSECOND)
    assert (now(missed.appointment).state, new_date(missed).state) == ("deemed_refused", "missed")


def test_the_sweep_applies_it_after_the_settle_margin(missed):
    assert sweep_batch(at=DUE + timedelta(seconds=30)) == 0
    assert sweep_batch(at=DUE + timedelta(seconds=30) + MICROSECOND) == 1
    assert (now(missed.appointment).state, now(missed.appointment).ended_at) == ("deemed_refused", DUE)
    assert new_date(missed).state_before == "confirmed"


@pytest.mark.postgres
def test_both_paths_of_the_sweep_write_the_same_rows():
    by_statement, by_transition = (make_visit.nobody_came(make_visit.planned()).appointment_id for _n in range(2))
    at = DUE + timedelta(minutes=1)
    assert one_by_one([by_transition], at=at, refused=set()) == 1
    assert sweep_batch(at=at) == 1
    one, other = rows_of([by_statement]), rows_of([by_transition])
    for row in (*one, *other):
        row["events"] = [each for each in row["events"] if each["kind"] == "appointment.deemed_refused"]
        del row["undelivered"]
        for name in ("seller_id", "buyer_id"):
            del row["appointment"][name]
        for each in row["deadlines"]:
            del each["voided_by_id"]
    assert one == other


@pytest.mark.parametrize("swept", [False, True])
def test_an_on_time_date_that_commits_after_the_miss_takes_it_back(missed, swept):
    appointment = missed.appointment
    if swept:
        sweep_batch(at=DUE + timedelta(minutes=1))
    else:
        write(appointment.case, "Nobody again?", by=make.buyer_of(appointment), at=DUE + MICROSECOND)
    assert now(appointment).state == "deemed_refused"
    make_visit.proposed(appointment, by=make.seller_of(appointment), at=DUE)
    restored = now(appointment)
    assert (restored.state, restored.ended_at, new_date(missed).state) == ("confirmed", None, "met")
    assert len(events(missed, "appointment.rescinded")) == 1


def test_the_buyers_no_starts_a_fresh_limit_for_the_seller(missed):
    appointment, at = missed.appointment, REPORTED + timedelta(hours=10)
    buyer, seller = make.buyer_of(appointment), make.seller_of(appointment)
    made = make_visit.proposed(appointment, by=seller, at=REPORTED)
    assert refused(decline_new_date, made, " ", by=buyer, at=at) == ("wish_required", 422)
    decline_new_date(made, "Only after six.", by=buyer, at=at)
    assert (now(made).state, now(made).wish) == ("declined", "Only after six.")
    assert (new_date(missed, "running").due_at, now(appointment).next_due_at) == (at + timedelta(hours=48),) * 2
    assert refused(make_visit.taken, made, by=buyer, at=at) == ("proposal_not_standing", 409)
    sweep_batch(at=at + timedelta(hours=49))
    assert now(appointment).ended_at == at + timedelta(hours=48)


def test_the_seller_meets_the_limit_by_taking_the_buyers_own_date(missed):
    appointment, at = missed.appointment, REPORTED + timedelta(hours=1)
    made = make_visit.proposed(appointment, by=make.buyer_of(appointment), at=at)
    assert new_date(missed, "running").due_at == DUE
    visit = make_visit.taken(made, by=make.seller_of(appointment), at=DUE)
    assert (visit.state, new_date(missed).state, new_date(missed).ended_at) == ("planned", "met", DUE)


def test_taking_the_buyers_date_too_late_is_kept_and_refused(missed):
    appointment = missed.appointment
    made = make_visit.proposed(appointment, by=make.buyer_of(appointment), at=REPORTED)
    seller = make.with_key(make.seller_of(appointment), "late")
    for _click in range(2):
        assert refused(make_visit.taken, made, by=seller, at=DUE + MICROSECOND) == ("deadline_passed", 409)
    assert len(events(missed, "new_date.late")) == 1
    assert now(appointment).state == "deemed_refused"


def test_dropping_out_and_cancelling_end_it_as_ever(visit):
    other = make_visit.nobody_came(make_visit.planned())
    make_visit.nobody_came(visit)
    assert refuse(visit.appointment, "Nobody free.", by=make.seller_of(visit.appointment), at=DUE).state == "refused"
    assert cancel(other.appointment, by=make.buyer_of(other.appointment), at=DUE).state == "cancelled"
    assert new_date(visit).state == new_date(other).state == "voided"


@pytest.mark.clause("2.3.2")
def test_a_service_point_owes_a_new_date_as_well():
    visit = make_visit.planned(method="remote")
    make_visit.nobody_came(visit)
    assert new_date(visit).due_at == DUE


def test_both_sides_are_told_with_the_limit(missed):
    relay_batch(at=REPORTED)
    told = Delivery.objects.filter(event__kind="visit.seller_no_show")
    seller, engineer = make.seller_of(missed.appointment).user, missed.engineer.user
    assert {each.recipient for each in told} == {missed.appointment.buyer, seller, engineer}


def test_a_double_click_is_one_report(visit):
    by = make.with_key(make.buyer_of(visit.appointment), "twice")
    for _click in range(2):
        make_visit.nobody_came(visit, by=by)
    assert len(events(visit, "visit.seller_no_show")) == 1
