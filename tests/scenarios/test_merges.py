"""Staff merges duplicates: both histories stay, nothing moves, the surviving case shows everything."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.bookings import request_service
from cases.actions.case_life import close_case, reopen_case
from cases.actions.merges import merge_cases
from cases.actions.messages import write
from cases.actions.sign_offs import object_to
from cases.case_file import case_file
from cases.lapses import sign_silently
from cases.models import Deadline, Message, ServiceAppointment, ServiceCase
from cases.queries import listed_cases
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.accounts import UserFactory
from tests.factories.visits import BEGINS, R0
from tests.instants import instant
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.4")]
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
LATE = instant("2026-03-04T01:15:30.000001Z")


def staff(role="support"):
    return Actor(channel=Channel.ADMIN, user=UserFactory(platform_role=role))


@pytest.fixture
def survivor():
    """The case in which the fault goes on."""
    return make.requested(at=R0, title="No CAN-bus signal")


@pytest.fixture
def duplicate(survivor):
    """The same fault booked again an hour later, and cancelled."""
    again = make.requested(survivor.case.cover, at=R0 + HOUR, title="Buttons dead")
    return make.cancelled(again, at=R0 + 2 * HOUR)


def merged(duplicate, survivor, *, by=None, at=R0 + 3 * HOUR, reason="The same wire."):
    return merge_cases(duplicate.case, survivor.case, reason=reason, by=by or staff(), at=at)


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def everything():
    clocks = list(Deadline.objects.order_by("pk").values())
    appointments = list(ServiceAppointment.objects.order_by("pk").values())
    events = list(Event.objects.exclude(kind="case.merged").order_by("pk").values())
    return clocks, appointments, events, list(Message.objects.order_by("pk").values())


def test_nothing_moves_and_both_histories_are_read_in_the_survivor(duplicate, survivor):
    write(duplicate.case, "It is the wire.", by=make.seller_of(duplicate), at=R0 + 2 * HOUR)
    before = everything()
    merged(duplicate, survivor)
    assert everything() == before
    row = ServiceCase.objects.get(pk=duplicate.case_id)
    assert (row.merged_into_id, row.merged_at) == (survivor.case_id, R0 + 3 * HOUR)
    for by in (make.buyer_of(survivor), make.seller_of(survivor)):
        file = case_file(ServiceCase.objects.get(pk=survivor.case_id), by, at=R0 + 4 * HOUR)
        assert [each.case for each in file.merged] == [duplicate.case]
        assert file.appointment == survivor
        assert ("It is the wire.", duplicate.case.reference) in [
            (entry.text, entry.badges[-1]) for entry in file.thread if entry.badges
        ]
        words = [str(each.words) for each in file.history]
        assert words == ["Case merged", "New message", "Request cancelled", "Service requested", "Service requested"]
    told = Event.objects.get(kind="case.merged")
    assert (told.stream, told.detail["reference"]) == (duplicate.case.stream, survivor.case.reference)


def test_what_follows_belongs_in_the_survivor(duplicate, survivor):
    merged(duplicate, survivor)
    case, buyer = ServiceCase.objects.get(pk=duplicate.case_id), make.buyer_of(survivor)
    at = R0 + 4 * HOUR
    assert refused(write, case, "Hello?", by=buyer, at=at) == ("case_merged", 409)
    assert refused(close_case, case, by=buyer, at=at) == ("case_merged", 409)
    assert refused(reopen_case, case, "Back.", by=buyer, at=at) == ("case_merged", 409)
    wish = make.a_service_request()
    assert refused(request_service, case.cover, wish, by=buyer, at=at, case=case) == ("case_merged", 409)
    names = {choice.name for choice in case_file(case, buyer, at=at).choices}
    assert not names & {"book_again", "close_case", "reopen_case"}
    make.cancelled(survivor, at=at)
    again = request_service(case.cover, wish, by=buyer, at=at, case=survivor.case)
    assert again.case_id == survivor.case_id


def test_an_open_appointment_is_not_merged_away(duplicate, survivor):
    assert refused(merged, survivor, duplicate) == ("open_in_duplicate", 409)
    merged(duplicate, survivor)
    assert make.fresh(survivor).state == "requested"


def test_a_limit_that_has_passed_is_applied_first(survivor):
    late = make.requested(survivor.case.cover, at=R0)
    offer = make.offered(survivor, at=R0)
    assert offer.state == "standing"
    assert merged(late, survivor, at=LATE) == survivor.case
    now = make.fresh(late)
    assert (now.state, now.ended_at) == ("deemed_refused", instant("2026-03-04T01:15:30Z"))


def test_a_cure_in_the_duplicate_is_still_possible_and_counts_as_the_open_one(survivor):
    twin = make.requested(survivor.case.cover, at=R0)
    make.cancelled(survivor, at=R0)
    make.requested(survivor.case.cover, at=R0, title="Another fault")
    merged(twin, survivor, at=LATE)
    assert refused(make.offered, twin, at=LATE) == ("deadline_passed", 409)
    make.accepted(twin.offers.get(), at=LATE)
    assert make.fresh(twin).state == "agreed"
    by, wish = make.buyer_of(survivor), make.a_service_request()
    call = refused(request_service, survivor.case.cover, wish, by=by, at=LATE, case=survivor.case)
    assert call == ("already_open", 409)


def test_the_buyer_s_word_on_a_merged_service_is_not_lost(survivor):
    done = make_visit.done(make_visit.planned(cover=survivor.case.cover))
    merged(done, survivor, at=BEGINS + HOUR)
    file = case_file(ServiceCase.objects.get(pk=survivor.case_id), make.buyer_of(done), at=BEGINS + HOUR)
    assert {"sign_off", "object"} <= {choice.name for choice in file.merged[0].choices}
    assert object_to(done, "Still dead.", by=make.buyer_of(done), at=BEGINS + HOUR).outcome == "objected"


@pytest.mark.parametrize("by_silence", [False, True])
def test_an_objection_in_the_duplicate_opens_the_surviving_case_again(survivor, by_silence):
    done = make_visit.done(make_visit.planned(cover=survivor.case.cover))
    make.cancelled(survivor, at=R0 + HOUR)
    buyer, at = make.buyer_of(done), make.fresh(done).sign_off.due_at
    close_case(survivor.case, by=buyer, at=R0 + HOUR)
    merged(done, survivor, at=BEGINS + HOUR)
    if by_silence:
        assert sign_silently(at=at + HOUR) == 1
    before = make.fresh(done.case).state
    object_to(done, "Still dead.", by=make.with_key(buyer, "once"), at=at)
    object_to(done, "Still dead.", by=make.with_key(buyer, "once"), at=at)
    assert (make.fresh(survivor.case).state, make.fresh(done.case).state) == ("open", before)
    told = Event.objects.filter(stream=survivor.case.stream, detail__case__after="open").get()
    assert (told.kind, told.detail["case"]["before"], told.recorded_at) == ("case.reopened", "closed", at)
    for person in (buyer, make.seller_of(survivor)):
        assert list(listed_cases(person).filter(state="open")) == [survivor.case]
    assert [each for each in verify(Tally(), at=R0) if each.what != "seal"] == []
    again = request_service(survivor.case.cover, make.a_service_request(), by=buyer, at=at, case=survivor.case)
    assert again.case == survivor.case


@pytest.fixture
def two_done(survivor):
    """A completed service in each of two merged cases; both wait for their buyer's word, until the same instant."""
    make.cancelled(survivor, at=R0)
    first, second = (make_visit.done(make_visit.planned(cover=survivor.case.cover)) for _case in range(2))
    merged(second, first, at=BEGINS + HOUR)
    assert first.sign_off.due_at == second.sign_off.due_at
    return first, second


def outcomes(*appointments):
    return [make.fresh(each).sign_off.outcome for each in appointments]


@pytest.mark.clause("2.1.1")
@pytest.mark.parametrize("by_silence", [False, True])
@pytest.mark.parametrize("beyond", [timedelta(0), MICROSECOND])
def test_who_takes_the_surviving_case_up_again_in_time_objects_to_the_merged_service_too(two_done, by_silence, beyond):
    first, second = two_done
    due = first.sign_off.due_at
    if by_silence:
        assert sign_silently(at=due + HOUR) == 2
    reopen_case(make.fresh(first.case), "It is back.", by=make.buyer_of(first), at=due + beyond)
    sign_silently(at=due + HOUR)
    assert outcomes(first, second) == (["silence"] * 2 if beyond else ["objected"] * 2)
    assert make.fresh(first.case).state == "open"
    assert [each for each in verify(Tally(), at=R0) if each.what != "seal"] == []


@pytest.mark.clause("2.1.1")
@pytest.mark.parametrize("objected", [0, 1])
@pytest.mark.parametrize("by_silence", [False, True])
def test_an_objection_to_one_service_leaves_the_other_to_its_own_silence(two_done, objected, by_silence):
    due, disputed, other = two_done[0].sign_off.due_at, two_done[objected], two_done[1 - objected]
    if by_silence:
        assert sign_silently(at=due + HOUR) == 2
    object_to(disputed, "Still dead.", by=make.buyer_of(disputed), at=due)
    sign_silently(at=due + HOUR)
    assert outcomes(disputed, other) == ["objected", "silence"]
    assert make.fresh(two_done[0].case).state == "open"
    assert [each for each in verify(Tally(), at=R0) if each.what != "seal"] == []


@pytest.mark.parametrize("role", ["finance", "administrator"])
def test_only_support_and_auditors_merge(duplicate, survivor, role):
    for by in (staff(role), make.buyer_of(survivor), make.seller_of(survivor)):
        with pytest.raises(PermissionDenied):
            merged(duplicate, survivor, by=by)
    assert merged(duplicate, survivor, by=staff("auditor")) == survivor.case


def test_what_is_not_a_duplicate(duplicate, survivor):
    other = make.cancelled(make.requested(at=R0), at=R0)
    assert refused(merged, other, survivor) == ("case_of_another_line", 422)
    assert refused(merged, duplicate, duplicate) == ("same_case", 422)
    assert refused(merged, duplicate, survivor, reason=" ") == ("reason_required", 422)
    merged(duplicate, survivor)
    assert refused(merged, duplicate, survivor) == ("already_merged", 409)
    third = make.cancelled(make.requested(survivor.case.cover, at=R0), at=R0)
    assert refused(merged, third, duplicate) == ("already_merged", 409)
    make.cancelled(survivor, at=R0 + 3 * HOUR)
    assert refused(merged, survivor, third) == ("has_merged", 409)
    merged(third, survivor)


def test_the_same_key_changes_nothing(duplicate, survivor):
    by = make.with_key(staff(), "merge")
    assert merged(duplicate, survivor, by=by) == merged(duplicate, survivor, by=by, at=R0 + 5 * HOUR)
    assert Event.objects.filter(kind="case.merged").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_nothing_is_booked_in_a_case_that_is_merged_at_the_same_moment():
    survivor = make.cancelled(make.requested(at=R0), at=R0)
    twin = make.cancelled(make.requested(survivor.case.cover, at=R0), at=R0)
    wish, buyer, by = make.a_service_request(), make.buyer_of(twin), staff()
    book = partial(request_service, twin.case.cover, wish, by=buyer, at=R0 + HOUR, case=twin.case)
    outcomes = side_by_side(partial(merged, twin, survivor, by=by), book)
    assert [each.code for each in outcomes if isinstance(each, RuleBroken)] in (["case_merged"], ["open_in_duplicate"])
    is_merged = ServiceCase.objects.get(pk=twin.case_id).merged_into_id is not None
    assert is_merged != twin.case.appointments.filter(state="requested").exists()


def test_a_case_that_was_merged_since_it_was_read_is_neither_booked_nor_closed_nor_reopened(duplicate, survivor):
    read, buyer, at = ServiceCase.objects.get(pk=duplicate.case_id), make.buyer_of(survivor), R0 + 4 * HOUR
    merged(duplicate, survivor)
    wish = make.a_service_request()
    assert refused(request_service, read.cover, wish, by=buyer, at=at, case=read) == ("case_merged", 409)
    assert refused(close_case, read, by=buyer, at=at) == ("case_merged", 409)
    assert refused(reopen_case, read, "Back.", by=buyer, at=at) == ("case_merged", 409)


@pytest.mark.parametrize("change", [{"merged_into": None, "merged_at": None}, {"merged_at": R0}])
def test_a_tampered_merge_is_found(duplicate, survivor, change):
    merged(duplicate, survivor)
    rows = ServiceCase.objects.filter(pk=duplicate.case_id)
    kept = rows.values("merged_into", "merged_at").get()
    rows.update(**change)
    assert {each.place for each in verify(Tally(), at=instant("2020-01-01T00:00:00Z"))} == {duplicate.case.reference}
    rows.update(**kept)
