"""Scenarios of pauses and exclusions: S27, S30, S33, S78."""

from datetime import timedelta

import pytest

from cases.actions.bookings import request_service
from cases.actions.claim_rulings import grant
from cases.actions.confirm import confirm
from cases.models import Deadline, ExclusionClaim, Visit
from cases.sweep import sweep_batch
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
C2_DUE = instant("2026-03-16T16:00:00Z")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def due(appointment, kind):
    return Deadline.objects.filter(appointment=appointment, clock=kind).latest("id").due_at


@pytest.mark.scenario("S27")
@pytest.mark.clause("4.1.2")
def test_a_granted_event_moves_both_limits():
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=instant("2026-03-03T02:00:00Z"), proven=True)
    assert filed.state == "in_review"
    claim.granted(filed, at=instant("2026-03-03T08:00:00Z"))
    assert make.fresh(filed).state == "granted"
    assert due(appointment, "response") == instant("2026-03-06T13:15:30Z")
    assert due(appointment, "confirmation") == instant("2026-03-19T16:00:00Z")
    assert make.fresh(appointment).next_due_at == instant("2026-03-06T13:15:30Z")


@pytest.mark.scenario("S27")
@pytest.mark.clause("4.1.2")
def test_granted_only_after_the_sweep_the_deemed_refusal_is_taken_back():
    appointment = make.requested(at=R0)
    assert sweep_batch(at=DUE + HOUR) == 1
    filed = claim.claimed(appointment, at=DUE + 2 * HOUR, begins_at=claim.TYPHOON[0] + 12 * HOUR, proven=True)
    assert (filed.state, filed.is_provisional, make.fresh(appointment).state) == ("in_review", False, "deemed_refused")
    claim.granted(filed, at=DUE + 3 * HOUR)
    appointment = make.fresh(appointment)
    assert (appointment.state, appointment.ended_at) == ("requested", None)
    # 26:44:30 used, then 48 hours paused.
    assert due(appointment, "response") == appointment.next_due_at == DUE + 48 * HOUR
    corrected = Event.objects.get(subject=appointment.subject, kind="appointment.rescinded")
    assert (corrected.before, corrected.after) == ({"state": "deemed_refused"}, {"state": "requested"})


@pytest.mark.scenario("S30")
@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize("filed_at", ["2026-03-03T08:00:00Z", "2026-03-04T03:00:00Z"])
def test_an_event_after_the_limit_excuses_nothing(filed_at):
    appointment = make.requested(at=R0)
    with pytest.raises(RuleBroken) as refused:
        claim.claimed(
            appointment, at=instant(filed_at), begins_at=instant("2026-03-04T10:00:00+08:00"), duties=["response"]
        )
    assert (refused.value.clause, refused.value.code, refused.value.status) == ("4.1.2", "already_late", 409)
    kept = ExclusionClaim.objects.get()
    assert (kept.state, kept.code, kept.decided_by) == ("rejected", "already_late", None)
    assert due(appointment, "response") == DUE
    assert not Deadline.objects.filter(pauses__isnull=False).exists()


@pytest.mark.scenario("S33")
@pytest.mark.clause("4.1.2")
def test_two_overlapping_pauses_count_once():
    appointment = make.requested(at=R0)
    for begin, end, at in ((10, 14, 15), (12, 16, 17)):
        day = instant("2026-03-02T00:00:00Z")
        filed = claim.claimed(
            appointment, at=day + at * HOUR, begins_at=day + begin * HOUR, ends_at=day + end * HOUR, proven=True
        )
        claim.granted(filed, at=day + at * HOUR)
    assert due(appointment, "response") == DUE + 6 * HOUR
    # A day limit rounds the total up once.
    assert due(appointment, "confirmation") == C2_DUE + 24 * HOUR


@pytest.mark.scenario("S78")
@pytest.mark.clause("4.1.1")
def test_a_proven_no_show_of_the_buyer_excludes_the_request_and_nothing_else():
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0 + HOUR), at=R0 + 2 * HOUR)
    confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=R0 + 3 * HOUR)
    visit = Visit.objects.get()
    later = visit.starts_at + 3 * HOUR
    filed = claim.claimed(
        appointment, at=later, ground="buyer_reason", statement="Nobody opened the door.", proven=True
    )
    assert make.fresh(appointment).state == "confirmed"
    grant(filed, reason="Photos of the closed door, two calls.", by=claim.an_auditor(), at=later + HOUR)
    appointment = make.fresh(appointment)
    assert (appointment.state, appointment.end_reason) == ("excluded", "buyer_reason")
    assert make.fresh(visit).state == "buyer_no_show"
    cover = appointment.case.cover
    assert cover.state == "active"
    again = request_service(
        cover, make.a_service_request(), by=make.buyer_of(cover), at=later + 2 * HOUR, case=appointment.case
    )
    assert again.state == "requested"
    assert not Deadline.objects.filter(appointment=appointment, state__in=["running", "missed"]).exists()
