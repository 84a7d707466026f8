"""The buyer's word on a completed service: signed, objected to, or signed by silence; and the life of its case."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases import queries
from cases.actions.bookings import request_service
from cases.actions.case_life import close_case, reopen_case
from cases.actions.sign_offs import object_to, sign_off
from cases.actions.visits import complete
from cases.lapses import sign_silently
from cases.models import Deadline
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import complaints as complain
from tests.factories import visits as make_visit
from tests.factories.visits import BEGINS
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.1.1")]

# Completed on 5 March (09:00 in Shanghai): the seventh natural day ends on 12 March, 24:00 there.
DUE = instant("2026-03-12T16:00:00Z")
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def done():
    """A completed service that waits for its buyer's word."""
    return make_visit.done(make_visit.planned())


def events(appointment, kind):
    return list(Event.objects.filter(subject=appointment.subject, kind=kind))


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def now(appointment):
    appointment = make.fresh(appointment)
    return appointment.sign_off.outcome, appointment.case.state


def test_a_completed_service_waits_seven_natural_days_for_its_buyer(done):
    awaited = make.fresh(done).sign_off
    assert (awaited.state, awaited.started_at, awaited.due_at, awaited.amount) == ("running", BEGINS, DUE, 7)
    assert (now(done), make.fresh(done).next_due_at) == (("", "resolved"), None)


def test_another_visit_waits_for_nothing():
    visit = make_visit.planned()
    make_visit.check_in(visit, by=make.seller_of(visit.appointment), at=BEGINS)
    another = make_visit.window_after(BEGINS)
    goes_on = complete(visit, "Ordered.", another=another, by=make.seller_of(visit.appointment), at=BEGINS)
    assert not hasattr(goes_on, "sign_off")


@pytest.mark.parametrize("at", [BEGINS, DUE])
def test_signing_closes_the_case(done, at):
    sign_off(done, by=make.buyer_of(done), at=at)
    assert now(done) == ("signed", "closed")
    (event,) = events(done, "service.signed")
    assert event.detail["case"] == {"before": "resolved", "after": "closed"}
    assert refused(sign_off, done, by=make.buyer_of(done), at=at) == ("not_awaited", 409)
    assert refused(object_to, done, "No.", by=make.buyer_of(done), at=at) == ("not_awaited", 409)


@pytest.mark.parametrize("at", [BEGINS, DUE])
def test_an_objection_up_to_the_last_instant_opens_the_case_again(done, at):
    assert refused(object_to, done, " ", by=make.buyer_of(done), at=at) == ("reason_required", 422)
    objected = object_to(done, "The buttons are still dead.", by=make.buyer_of(done), at=at)
    assert (now(done), objected.reason) == (("objected", "open"), "The buttons are still dead.")
    assert make.fresh(done).state == "completed"
    again = request_service(
        done.case.cover, make.a_service_request(), by=make.buyer_of(done), at=at, case=make.fresh(done.case)
    )
    assert again.case == done.case
    assert Deadline.objects.filter(appointment=again, clock="response").exists()


def test_one_microsecond_later_silence_has_signed_and_the_objection_is_refused(done):
    at = DUE + MICROSECOND
    assert refused(object_to, done, "Not done.", by=make.buyer_of(done), at=at) == ("deadline_passed", 409)
    assert now(done) == ("silence", "closed")
    (event,) = events(done, "service.signed_by_silence")
    assert (event.effective_at, event.recorded_at, event.actor_kind) == (DUE, at, "system")
    assert refused(sign_off, done, by=make.buyer_of(done), at=at) == ("not_awaited", 409)
    assert make.fresh(done).state == "completed"


def test_silence_is_written_down_after_the_settle_margin_once(done):
    margin = timedelta(seconds=30)
    assert sign_silently(at=DUE + margin) == 0
    assert sign_silently(at=DUE + margin + MICROSECOND) == 1
    assert sign_silently(at=DUE + margin + MICROSECOND) == 0
    assert (now(done), make.fresh(done).sign_off.ended_at) == (("silence", "closed"), DUE)


def test_an_objection_in_time_that_commits_after_the_silence_counts(done):
    sign_silently(at=DUE + timedelta(minutes=1))
    object_to(done, "Not done.", by=make.buyer_of(done), at=DUE)
    assert now(done) == ("objected", "open")


def test_a_word_in_time_that_commits_after_the_silence_is_the_buyers_own(done):
    sign_silently(at=DUE + timedelta(minutes=1))
    sign_off(done, by=make.buyer_of(done), at=DUE)
    assert now(done) == ("signed", "closed")
    assert make.fresh(done).sign_off.ended_at == DUE
    assert [found for found in verify(Tally(), at=DUE) if found.what != "seal"] == []


def test_a_word_on_one_service_closes_no_case_in_which_another_waits_for_its_buyer(done):
    later = BEGINS + timedelta(days=1)
    again = request_service(
        done.case.cover, make.a_service_request(method="remote"), by=make.buyer_of(done), at=later,
        case=make.fresh(done.case),
    )  # fmt: skip
    agreed = make.accepted(make.offered(again, at=later), at=later)
    later = agreed.visits.get().starts_at
    make_visit.done(agreed.visits.get())
    second = make.fresh(again).sign_off
    assert second.is_awaited
    sign_off(done, by=make.buyer_of(done), at=later)
    assert now(done)[1] == "resolved"
    sign_off(again, by=make.buyer_of(again), at=later)
    assert now(again) == ("signed", "closed")


def test_only_the_buyer_signs_objects_closes_and_reopens(done):
    for nobody in (make.seller_of(done), make.seller_of(done, "staff"), make.buyer_of(make.a_cover())):
        for command in (
            lambda by=nobody: sign_off(done, by=by, at=BEGINS),
            lambda by=nobody: object_to(done, "No.", by=by, at=BEGINS),
            lambda by=nobody: close_case(done.case, by=by, at=BEGINS),
            lambda by=nobody: reopen_case(done.case, "Back.", by=by, at=BEGINS),
        ):
            with pytest.raises(PermissionDenied):
                command()
    assert now(done) == ("", "resolved")


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (lambda a, by: sign_off(a, by=by, at=BEGINS), "service.signed"),
        (lambda a, by: object_to(a, "No.", by=by, at=BEGINS), "service.objected"),
        (lambda a, by: close_case(a.case, by=by, at=BEGINS), "case.closed"),
        (lambda a, by: reopen_case(a.case, "Back.", by=by, at=BEGINS), "case.taken_up_again"),
    ],
)
def test_a_double_click_is_one_command(done, command, kind):
    for _click in range(2):
        command(done, make.with_key(make.buyer_of(done), "twice"))
    assert len(events(done, kind)) == 1


def test_services_used_are_the_completed_ones_of_the_cover(done):
    cover = done.case.cover
    assert queries.services_used(cover) == 1
    make.cancelled(make.requested(cover, at=BEGINS), at=BEGINS)
    assert queries.services_used(cover) == 1


def test_a_buyer_closes_a_case_once_nothing_is_open_in_it(done):
    buyer = make.buyer_of(done)
    assert close_case(done.case, by=buyer, at=BEGINS).state == "closed"
    assert refused(close_case, done.case, by=buyer, at=BEGINS) == ("already_closed", 409)
    open_one = make.requested(at=BEGINS)
    assert refused(close_case, open_one.case, by=make.buyer_of(open_one), at=BEGINS) == ("still_open", 409)
    make.cancelled(open_one, at=BEGINS)
    assert close_case(open_one.case, by=make.buyer_of(open_one), at=BEGINS).state == "closed"


@pytest.mark.clause("2.3.4")
def test_a_case_is_reopened_with_a_reason_while_the_cover_runs(done):
    case, buyer, ends_at = done.case, make.buyer_of(done), done.case.cover.ends_at
    assert refused(reopen_case, case, " ", by=buyer, at=BEGINS) == ("reason_required", 422)
    assert refused(reopen_case, case, "It is back.", by=buyer, at=ends_at + MICROSECOND) == ("cover_expired", 422)
    assert reopen_case(case, "It is back.", by=buyer, at=ends_at).state == "open"
    assert refused(reopen_case, case, "Again.", by=buyer, at=ends_at) == ("already_open_case", 409)
    assert events(done, "case.taken_up_again")[0].detail["reason"] == "It is back."
    assert sign_silently(at=DUE + timedelta(minutes=1)) == 1
    assert now(done) == ("silence", "open")


def test_a_follow_up_in_the_same_case_resolves_and_closes_it_again(done):
    sign_off(done, by=make.buyer_of(done), at=BEGINS)
    again = request_service(
        done.case.cover, make.a_service_request(method="remote"), by=make.buyer_of(done), at=BEGINS,
        case=make.fresh(done.case),
    )  # fmt: skip
    agreed = make.accepted(make.offered(again, at=BEGINS), at=BEGINS)
    make_visit.done(agreed.visits.get())
    assert now(again) == ("", "resolved")
    sign_off(again, by=make.buyer_of(again), at=agreed.visits.get().starts_at)
    assert now(again) == ("signed", "closed")
    assert queries.services_used(done.case.cover) == 2


@pytest.mark.clause("2.3.4")
def test_a_buyer_who_takes_the_case_up_again_in_time_has_objected_to_the_report(done):
    reopen_case(done.case, "The fault is back.", by=make.with_key(make.buyer_of(done), "k"), at=DUE)
    reopen_case(done.case, "The fault is back.", by=make.with_key(make.buyer_of(done), "k"), at=DUE)
    assert now(done) == ("objected", "open")
    assert make.fresh(done).sign_off.reason == "The fault is back."
    sign_silently(at=DUE + timedelta(days=1))
    assert now(done) == ("objected", "open")
    assert len(events(done, "service.objected")) == len(events(done, "case.taken_up_again")) == 1
    assert [found for found in verify(Tally(), at=DUE) if found.what != "seal"] == []


@pytest.mark.clause("2.3.4")
def test_a_case_taken_up_again_afterwards_leaves_what_silence_has_signed(done):
    sign_silently(at=DUE + timedelta(minutes=1))
    reopen_case(done.case, "The fault is back.", by=make.buyer_of(done), at=DUE + MICROSECOND)
    assert now(done) == ("silence", "open")


@pytest.mark.clause("3.3")
def test_a_complaint_about_the_service_objects_to_its_report(done):
    complain.filed(done, statement="He broke the screen.", clause="2.1.1", breach_at=BEGINS, at=DUE)
    assert now(done) == ("objected", "open")
    assert [found for found in verify(Tally(), at=DUE) if found.what != "seal"] == []


@pytest.mark.clause("2.3.3")
def test_a_service_that_its_buyer_disputes_does_not_count_as_used(done):
    cover = done.case.cover
    assert (queries.services_used(cover), queries.services_used_under([cover])[cover.pk]) == (1, 1)
    object_to(done, "Still dead.", by=make.buyer_of(done), at=BEGINS)
    assert (queries.services_used(cover), queries.services_used_under([cover])[cover.pk]) == (0, 0)
