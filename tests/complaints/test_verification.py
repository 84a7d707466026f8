"""The judgement is counted again: states, limits, and each breach against its violation (T8)."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.offers import offer
from cases.models import Deadline
from cases.verification import Tally, verify
from complaints.models import Complaint, JudgementDeadline, Violation
from complaints.sweep import sweep
from complaints.verification import recount
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories import violations as judged
from zestech_aftersales.timeline.models import Event, Undelivered, Verification

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

HOUR = timedelta(hours=1)
# Seals are of no interest here.
BEFORE_SEALS = judged.R0 - timedelta(days=1)


def differences():
    found = [each for each in verify(Tally(), at=BEFORE_SEALS) if each.what != "seal"]
    return [(each.thing.partition("/")[0], each.what, each.stored) for each in found]


def test_a_whole_life_counts_to_the_same():
    judged.an_overturned()
    judged.an_answered()
    tally = Tally()
    assert list(recount(tally, at=BEFORE_SEALS, case=None)) == []
    assert (tally.judged, tally.limits) == (2, 3)
    assert differences() == []


@pytest.mark.clause("3.4")
@pytest.mark.parametrize("swept", [False, True])
def test_a_complaint_that_is_settled_or_withdrawn_counts_to_the_same(swept):
    settled, withdrawn = file.filed(), file.filed()
    if swept:
        sweep(at=file.ESCALATED + timedelta(minutes=1))
    for by in (make.buyer_of(settled), make.seller_of(settled)):
        file.proposed(settled, "A visit on Monday.", by=by, at=file.ESCALATED)
    if not swept:
        file.asked(file.escalated(withdrawn), at=file.ESCALATED)
    file.withdrawn(withdrawn, at=file.ESCALATED)
    assert (make.fresh(settled).state, make.fresh(withdrawn).state) == ("settled", "withdrawn")
    assert differences() == []


def test_a_state_written_past_the_events_is_found():
    violation = judged.a_notified()
    Violation.objects.filter(pk=violation.pk).update(state="confirmed")
    assert ("violation", "state", "confirmed") in differences()


def test_a_moved_limit_is_found():
    violation = judged.a_notified()
    JudgementDeadline.objects.filter(violation=violation).update(due_at=judged.HEARD + HOUR)
    assert [each[1] for each in differences()] == ["due"]


@pytest.mark.clause("3.3")
def test_the_times_of_a_complaint_are_counted_again():
    complaint = file.filed()
    assert differences() == []
    kept = next(item for item in complaint.acceptance if item["code"] == "out_of_time")
    kept["facts"]["until"] = (complaint.file_until + HOUR).isoformat()
    moved = {"acceptance": complaint.acceptance, "negotiation_ends_at": file.NEGOTIATED + HOUR}
    Complaint.objects.filter(pk=complaint.pk).update(**moved)
    assert [each[:2] for each in differences()] == [("complaint", "filed until"), ("limit", "negotiation")]


@pytest.mark.clause("3.3")
@pytest.mark.parametrize("complaints", [1, 3])
def test_outages_and_the_law_are_read_once_however_many_complaints_there_are(complaints):
    for _each in range(complaints):
        file.filed()
    with CaptureQueriesContext(connection) as asked:
        assert list(recount(Tally(), at=BEFORE_SEALS)) == []
    # One reading for the times to file and one for the limits; of the law when editions begin, and what is better since.
    tables = ("cases_outage", "rulebook_ruleedition")
    assert [sum(f'FROM "{table}"' in each["sql"] for each in asked) for table in tables] == [2, 2]


def test_a_breach_without_its_violation_is_found_once_the_relay_had_its_turn():
    judged.unanswered()
    assert differences() == []
    Undelivered.objects.all().delete()
    assert differences() == [("deadline", "violation", "missing")]


def test_the_missing_one_is_opened_by_command_and_what_is_right_stays(frozen):
    frozen.move_to(judged.SWEPT)
    judged.unanswered()
    Undelivered.objects.all().delete()
    for _n in range(2):
        call_command("open_candidates")
    assert Violation.objects.get().state == "candidate"
    assert Event.objects.filter(stream__startswith="violation/").count() == 1
    assert differences() == []


def test_a_violation_without_its_breach_is_found():
    violation = judged.a_candidate()
    key = int(violation.breach.partition("/")[2])
    Deadline.objects.filter(pk=key).update(state="met", ended_at=judged.R0 + HOUR)
    told = [found for found in differences() if found[1] == "breach"]
    assert told == [("deadline", "breach", "candidate")]


def test_what_the_loop_is_about_to_let_fall_is_no_difference():
    violation = judged.a_confirmed()
    by = make.seller_of(violation.appointment)
    offer(violation.appointment, make.offer_terms(judged.DUE), by=by, at=judged.DUE)
    judged.read(at=judged.CONFIRMED + HOUR)
    assert make.fresh(violation).groundless_since is not None
    assert differences() == []


def test_a_full_run_keeps_how_much_was_judged(frozen):
    frozen.move_to(judged.NOTIFIED + HOUR)
    judged.a_notified()
    judged.read(at=judged.NOTIFIED + HOUR)
    call_command("verify")
    assert (Verification.objects.get().judged, Verification.objects.get().differences) == (1, 0)
