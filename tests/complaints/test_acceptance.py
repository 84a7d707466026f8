"""The acceptance test item by item, breaches that a case shows, and what a buyer tells himself (3.3)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.offers import refuse
from cases.photos import Photo
from complaints.acceptance import TEST, Facts, acceptance_test, is_accepted
from complaints.actions.filing import ComplaintTerms, file_complaint
from complaints.models import Complaint
from complaints.queries.filing import matters_of, next_limit, trial_of
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories import visits as make_visit
from tests.factories.accounts import AuditorFactory, SupportFactory, UserFactory
from tests.factories.complaints import BREACH, FILED, HOUR, MICROSECOND, R0
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.clause("3.3")

COVER_ENDS = instant("2026-11-20T16:00:00Z")
UNTIL = instant("2026-06-02T16:00:00Z")
GOOD = Facts(
    is_order_buyer=True,
    is_online=True,
    protection="trade_assurance",
    is_marked=True,
    clause="2.3.1",
    request_received_at=R0,
    cover_starts_at=instant("2025-11-20T09:00:00Z"),
    cover_ends_at=COVER_ENDS,
    breach_at=BREACH,
    file_until=UNTIL,
    filed_at=FILED,
)


def failed(**changes):
    return [item.code for item in acceptance_test(replace(GOOD, **changes)) if not item.passed]


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"is_order_buyer": False}, ["not_the_buyer"]),
        ({"is_online": False}, ["not_online"]),
        ({"protection": "bank_transfer"}, ["not_trade_assurance"]),
        ({"is_marked": False}, ["not_marked"]),
        ({"clause": ""}, ["not_a_duty"]),
        ({"clause": "3.1"}, ["not_a_duty"]),
        ({"request_received_at": None}, ["request_outside_cover"]),
        ({"cover_starts_at": None, "cover_ends_at": None}, ["request_outside_cover"]),
        ({"request_received_at": COVER_ENDS}, []),
        ({"request_received_at": COVER_ENDS + MICROSECOND}, ["request_outside_cover"]),
        ({"request_received_at": GOOD.cover_starts_at}, []),
        ({"request_received_at": GOOD.cover_starts_at - MICROSECOND}, ["request_outside_cover"]),
        ({"filed_at": UNTIL}, []),
        ({"filed_at": UNTIL + MICROSECOND}, ["out_of_time"]),
        ({"duplicate_of": "ZC-2026-000001"}, ["duplicate"]),
        ({"settled_as": "ZC-2026-000001"}, ["settled_before"]),
        ({"is_online": False, "clause": "", "settled_as": "x"}, ["not_online", "not_a_duty", "settled_before"]),
    ],
)
def test_each_item_stands_for_itself(changes, codes):
    assert failed(**changes) == codes
    assert is_accepted(acceptance_test(replace(GOOD, **changes))) is (codes == [])


def test_every_item_says_why_and_where_to_go_where_it_fails():
    bad = Facts(
        False, False, "card", False, "", None, None, None, BREACH, UNTIL, UNTIL + MICROSECOND,
        duplicate_of="ZC-1", settled_as="ZC-2",
    )  # fmt: skip
    for good, wrong in zip(acceptance_test(GOOD), acceptance_test(bad), strict=True):
        assert good.passed
        assert not good.pointer
        assert good.reason
        assert not wrong.passed
        assert wrong.pointer
        assert wrong.reason != good.reason
        assert "%" not in good.reason + wrong.reason
    assert len(TEST) == 9


@pytest.mark.django_db
def test_the_case_shows_its_breaches_and_the_limit_that_still_runs():
    appointment = make.requested(at=R0)
    case = appointment.case
    assert matters_of(case, at=BREACH) == []
    assert next_limit(case).due_at == BREACH
    (unwritten,) = matters_of(case, at=BREACH + MICROSECOND)
    assert (unwritten.at, unwritten.clause, unwritten.clock) == (BREACH, "2.3.1", "response")
    refused_one = make.requested(at=R0)
    refuse(refused_one, "No parts.", by=make.seller_of(refused_one), at=R0 + HOUR)
    (refusal,) = matters_of(refused_one.case, at=BREACH)
    assert (refusal.key, refusal.at) == (f"refusal/{refused_one.pk}", R0 + HOUR)
    visit = make_visit.nobody_came(make_visit.planned())
    (missed,) = matters_of(visit.appointment.case, at=make_visit.ENDS + HOUR)
    assert (missed.key, missed.clause) == (f"visit/{visit.pk}", "2.3.1")
    assert len({unwritten.words, refusal.words, missed.words}) == 3


@pytest.mark.django_db
def test_a_limit_that_has_only_just_passed_is_written_down_by_the_complaint():
    appointment = make.requested(at=R0)
    key = f"deadline/{next_limit(appointment.case).pk}"
    terms = ComplaintTerms("Nobody answered.", breach=key)
    with pytest.raises(RuleBroken) as told:
        file_complaint(appointment.case, terms, by=make.buyer_of(appointment), at=BREACH)
    assert (told.value.code, told.value.status) == ("breach_unknown", 409)
    assert instant(told.value.context["earliest"]) == BREACH
    complaint = file_complaint(appointment.case, terms, by=make.buyer_of(appointment), at=BREACH + MICROSECOND)
    assert (complaint.state, complaint.breach_at) == ("negotiating", BREACH)
    assert make.fresh(appointment).state == "deemed_refused"


@pytest.mark.django_db
def test_what_the_buyer_tells_has_its_instant_which_is_never_in_the_future():
    appointment = make.requested(at=R0)
    told = {"clause": "2.3.3", "breach_at": R0 + HOUR}
    assert file.filed(appointment, at=R0 + HOUR, **told).state == "negotiating"
    future = told | {"breach_at": R0 + HOUR + MICROSECOND}
    assert refused(file.filed, appointment, at=R0 + HOUR, **future) == ("breach_at_invalid", 422)
    assert refused(file.filed, appointment, at=R0 + HOUR, breach="", **{**told, "breach_at": None}) == (
        "breach_at_invalid", 422,
    )  # fmt: skip
    assert refused(file.filed, appointment, at=R0, **told | {"clause": "9.9"}) == ("clause_unknown", 422)
    assert refused(file.filed, appointment, at=R0 + HOUR, **told | {"statement": " "}) == ("statement_required", 422)
    before = file.filed(appointment, at=R0 + HOUR, clause="2.3.1", breach_at=R0 - MICROSECOND)
    assert before.failed_codes == ["request_outside_cover"]
    assert before.appointment is None


@pytest.mark.django_db
def test_the_same_breach_is_complained_of_once():
    appointment = file.unanswered()
    first = file.filed(appointment)
    again = file.filed(appointment)
    assert (again.state, again.failed_codes) == ("rejected", ["duplicate"])
    assert first.reference in next(item["reason"] for item in again.acceptance if not item["passed"])
    told = {"clause": "2.3.3", "breach_at": FILED - HOUR}
    assert file.filed(appointment, **told).state == "negotiating"
    assert file.filed(appointment, **told | {"breach_at": FILED - 2 * HOUR}).failed_codes == ["duplicate"]
    assert file.filed(appointment, **told | {"clause": "2.3.4"}).state == "negotiating"
    assert file.filed(appointment, **told | {"breach_at": FILED - timedelta(days=2)}).state == "negotiating"


@pytest.mark.django_db
def test_what_the_request_shows_is_not_told_with_another_instant():
    appointment = file.unanswered()
    late = file.filed(appointment, at=UNTIL + MICROSECOND, clause="2.3.1", breach_at=UNTIL)
    assert (late.breach, late.breach_at) == (file.fact_of(appointment), BREACH)
    assert late.failed_codes == ["out_of_time"]
    settled = file.filed(appointment)
    for by in (make.buyer_of(settled), make.seller_of(settled)):
        file.proposed(settled, "A visit on Monday.", by=by)
    again = file.filed(appointment, at=FILED + 2 * HOUR, clause="2.3.1", breach_at=FILED + HOUR)
    assert again.failed_codes == ["settled_before"]


@pytest.mark.django_db
def test_settled_it_is_over_and_withdrawn_it_can_be_filed_again():
    appointment = file.unanswered()
    first = file.filed(appointment)
    file.withdrawn(first)
    second = file.filed(appointment, at=FILED + 2 * HOUR)
    assert second.state == "negotiating"
    offer = "A visit on Monday."
    for by in (make.buyer_of(second), make.seller_of(second)):
        file.proposed(second, offer, by=by, at=FILED + 3 * HOUR)
    third = file.filed(appointment, at=FILED + 4 * HOUR)
    assert third.failed_codes == ["settled_before"]


@pytest.mark.django_db
def test_who_may_file():
    appointment = file.unanswered()
    support = SupportFactory()
    for_him = Actor(channel=Channel.ADMIN, user=support, acting_for=appointment.buyer)
    strangers = [
        make.seller_of(appointment),
        make.buyer_of(make.a_cover()),
        Actor(channel=Channel.ADMIN, user=support),
        Actor(channel=Channel.ADMIN, user=AuditorFactory(), acting_for=appointment.buyer),
        Actor(channel=Channel.ADMIN, user=support, acting_for=UserFactory()),
    ]
    for by in strangers:
        with pytest.raises(PermissionDenied):
            file.filed(appointment, by=by)
    complaint = file.filed(appointment, by=for_him)
    assert (complaint.buyer, complaint.filed_by) == (appointment.buyer, support)
    event = Event.objects.get(stream=complaint.subject)
    assert (event.actor, event.acting_for) == (support, appointment.buyer)


@pytest.mark.django_db
def test_a_double_click_is_one_complaint_and_photos_stand_in_the_thread():
    appointment = file.unanswered()
    by = make.with_key(make.buyer_of(appointment), "twice")
    photo = Photo("wait.jpg", b"\xff\xd8\xff")
    one, other = (file.filed(appointment, by=by, photos=[photo]) for _click in range(2))
    assert one == other == Complaint.objects.get()
    message = appointment.case.messages.latest("id")
    assert (message.body, message.attachments.count()) == ("Nobody ever answered.", 1)


@pytest.mark.django_db
def test_what_would_be_stores_nothing_and_asks_a_bounded_number_of_questions():
    appointment = file.unanswered()
    case = appointment.case
    (matter,) = matters_of(case, at=FILED)
    with CaptureQueriesContext(connection) as asked:
        trial = trial_of(case, matter, at=FILED)
    assert trial.is_accepted
    assert trial.file_until == UNTIL
    assert len(asked) <= 6
    assert not Complaint.objects.exists()
