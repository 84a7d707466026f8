"""The limits beside the clocks, counted again and told as sums: proof, sign-off, hearing, appeal (4.1.2, 4.1.3, 5.1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions.bookings import request_service
from cases.actions.case_life import close_case, reopen_case
from cases.actions.exclusions import add_proof
from cases.actions.outages import decide_outage
from cases.actions.restrictions import answer_finding, decide_restriction
from cases.actions.shipments import correct_tracking
from cases.actions.sign_offs import sign_off
from cases.beside import limit_of_sign_off, sum_of, sum_of_proof, sums_of_restriction
from cases.lapses import sign_silently
from cases.models import (
    Cover,
    ExclusionClaim,
    ProofReminder,
    Restriction,
    RestrictionReminder,
    Shipment,
    SignOff,
    VisitReminder,
)
from cases.outages import apply_outages
from cases.reminders import loop
from cases.reminders.visits import remind_of_visits
from cases.terms import Parcel
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import service
from tests.factories import visits as make_visit
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.factories.visits import BEGINS
from tests.instants import instant
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HEARD = instant("2026-03-07T16:00:00Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def found() -> set[tuple[str, str]]:
    return {(each.thing, each.what) for each in verify(Tally(), at=BEFORE_SEALS)}


def tolled(begins_at, *, hours=2, at=None):
    """An outage of the platform, tolled as soon as it is over unless told otherwise."""
    ends_at = begins_at + hours * HOUR
    at = at or ends_at
    outage = claim.an_outage(begins_at, ends_at, at=at)
    decide_outage(outage, approved=True, reason="The logs say so.", by=claim.an_administrator(), at=at)
    apply_outages(now=lambda: at)


def restricted():
    """A buyer who has answered at once and can appeal."""
    restriction = claim.a_restriction(make.a_cover(), at=R0)
    answer_finding(restriction, "No.", by=make.buyer_of(restriction.cover), at=R0)
    return decide_restriction(restriction, approved=True, reason="Yes.", by=claim.an_auditor(), at=R0 + HOUR)


def awaited():
    """A claim whose proof is awaited: 15 natural days from 3 March in Shanghai."""
    return claim.claimed(make.requested(at=R0), at=R0 + 24 * HOUR)


@pytest.mark.clause("4.1.2")
def test_the_sum_of_a_proof_with_an_outage():
    due = instant("2026-03-18T16:00:00Z")
    filed = awaited()
    told = sum_of_proof(filed)
    assert (told.started_at, told.number, told.unit, told.clause) == (R0 + 24 * HOUR, 15, "days", "4.1.2")
    assert (told.due_at, told.agrees, told.pauses) == (due, True, ())
    tolled(due - HOUR)
    told = sum_of_proof(make.fresh(filed))
    assert (told.unpaused_due_at, told.paused, told.due_at) == (due, 2 * HOUR, due + 24 * HOUR)
    assert (told.agrees, [each.reading for each in told.pauses]) == (True, ["counts"])
    assert found() == set()


@pytest.mark.clause("4.1.2")
def test_a_proof_that_was_given_is_not_moved_by_a_later_outage():
    filed = awaited()
    add_proof(filed, "Weather office", [claim.PHOTO], by=make.seller_of(filed.appointment), at=R0 + 48 * HOUR)
    tolled(R0 + 72 * HOUR)
    told = sum_of_proof(make.fresh(filed))
    assert (told.due_at, told.agrees, told.pauses) == (instant("2026-03-18T16:00:00Z"), True, ())
    assert found() == set()


@pytest.mark.clause("4.1.3")
def test_the_sums_of_a_hearing_and_an_appeal():
    restriction = restricted()
    hearing, appeal = sums_of_restriction(restriction)
    assert (hearing.due_at, hearing.number, hearing.clause, hearing.agrees) == (HEARD, 5, "4.1.3", True)
    assert (appeal.started_at, appeal.number, appeal.agrees) == (R0 + HOUR, 15, True)
    assert appeal.due_at == instant("2026-03-17T16:00:00Z")
    tolled(HEARD - HOUR)
    hearing, appeal = sums_of_restriction(Restriction.objects.select_related("cover__edition").get())
    assert (hearing.due_at, hearing.agrees) == (HEARD, True), "it was over"
    assert (appeal.due_at, appeal.agrees) == (instant("2026-03-18T16:00:00Z"), True)
    assert found() == set()


@pytest.mark.clause("2.1.1")
def test_the_sum_of_a_sign_off():
    signed = make_visit.done(make_visit.planned()).sign_off
    told = sum_of(limit_of_sign_off(signed))
    assert (told.number, told.unit, told.due_at, told.agrees) == (7, "days", signed.due_at, True)
    SignOff.objects.update(due_at=signed.due_at + MICROSECOND)
    assert not sum_of(limit_of_sign_off(SignOff.objects.get())).agrees


@pytest.mark.clause("2.1.1")
@pytest.mark.clause("5.1")
def test_the_sum_of_a_sign_off_counts_an_outage_that_was_tolled_after_the_new_end():
    signed = make_visit.done(make_visit.planned()).sign_off
    sign_silently(at=signed.due_at + HOUR)
    before = make.fresh(signed).due_at
    tolled(before - 2 * HOUR, hours=4, at=before + 3 * DAY)
    assert sign_silently(at=before + 3 * DAY + HOUR) == 1
    again = make.fresh(signed)
    assert (again.outcome, again.ended_at) == ("silence", before + DAY)
    told = sum_of(limit_of_sign_off(again))
    assert (told.agrees, told.due_at) == (True, before + DAY)


def silent():
    """A service that was signed by silence, with its case closed."""
    done = make_visit.done(make_visit.planned())
    sign_silently(at=done.sign_off.due_at + HOUR)
    assert (make.fresh(done.case).state, make.fresh(done).sign_off.outcome) == ("closed", "silence")
    return done


def gone_on(done):
    """The buyer books again in the case; that service is done and signed, and the case closed once more."""
    at = done.sign_off.due_at + 24 * HOUR
    request = make.a_service_request(method="remote")
    again = request_service(done.case.cover, request, by=make.buyer_of(done), at=at, case=make.fresh(done.case))
    agreed = make.accepted(make.offered(again, at=at), at=at)
    at = agreed.visits.get().starts_at
    make_visit.done(agreed.visits.get())
    sign_off(again, by=make.buyer_of(again), at=at)
    return at


def opened_again(done):
    """The buyer opens the case again after his silence, and closes it himself."""
    at = done.sign_off.due_at + HOUR
    reopen_case(done.case, "It is back.", by=make.buyer_of(done), at=at)
    close_case(done.case, by=make.buyer_of(done), at=at + HOUR)
    return at + HOUR


@pytest.mark.clause("2.1.1")
@pytest.mark.parametrize("take_up", [gone_on, opened_again])
def test_what_silence_signed_stays_signed_once_the_case_was_taken_up_again(take_up):
    done = silent()
    signed = make.fresh(done).sign_off
    at = take_up(done)
    assert make.fresh(done.case).state == "closed"
    tolled(signed.due_at - 3 * HOUR, at=at + HOUR)
    after = make.fresh(done).sign_off
    assert (after.state, after.outcome, after.due_at) == ("missed", "silence", signed.due_at)
    assert found() == set()


@pytest.mark.clause("5.1")
def test_pages_and_api_tell_these_sums_to_who_may_see_them(client, frozen):
    frozen.move_to(BEGINS + 2 * HOUR)
    done = make_visit.done(make_visit.planned())
    filed, restriction = awaited(), restricted()
    addresses = {
        f"appointments/{done.pk}/sign-off/explanation/": done,
        f"claims/{filed.pk}/explanation/": filed.appointment,
        f"restrictions/{restriction.pk}/explanation/": restriction.cover,
    }
    for address, thing in addresses.items():
        told = a_caller(buyer=thing.buyer).get(address).json()
        sums = told.get("limits", [told])
        assert [each["agrees"] for each in sums] == [True] * len(sums)
        assert {each["clock"] for each in sums} <= {"sign_off", "force_majeure_proof", "hearing", "appeal"}
        assert a_caller(buyer=UserFactory()).get(address).status_code == 404
    assert a_caller(buyer=filed.appointment.buyer).get("claims/99/explanation/").status_code == 404
    unasked = f"appointments/{filed.appointment_id}/sign-off/explanation/"
    assert a_caller(buyer=filed.appointment.buyer).get(unasked).status_code == 404
    pages = {
        f"sign-off/{done.pk}": (done, "2026-03-"),
        f"claims/{filed.pk}": (filed.appointment, "2026-03-18 16:00:00 UTC"),
    }
    for path, (appointment, due) in pages.items():
        for user, channel in ((appointment.buyer, "portal"), (make.seller_of(appointment).user, "dashboard")):
            client.force_login(user)
            case = f"/{channel}/cases/{appointment.case.reference}/"
            assert f"{case}{path}/limit/" in client.get(case).content.decode()
            assert due in client.get(f"{case}{path}/limit/").content.decode()
        client.force_login(UserFactory())
        assert client.get(f"/portal/cases/{appointment.case.reference}/{path}/limit/").status_code == 404
    client.force_login(restriction.cover.buyer)
    page = client.get(f"/portal/restrictions/{restriction.pk}/").content.decode()
    assert "2026-03-07 16:00:00 UTC" in page
    assert "2026-03-17 16:00:00 UTC" in page


def shipped():
    shipment = service.sent_to(make.requested(at=R0))
    return correct_tracking(shipment, Parcel("DHL", "1", ""), by=make.seller_of(shipment.case), at=R0 + HOUR)


def reminded_proof():
    filed = awaited()
    loop.remind(now=lambda: filed.filed_at + (filed.proof_due_at - filed.filed_at) / 2)


def reminded_buyer():
    claim.a_restriction(make.a_cover(), at=R0)
    loop.remind(now=lambda: R0 + (HEARD - R0) / 2)


def decided_after_a_reminder(*, approved):
    reminded_buyer()
    at = HEARD + HOUR
    return decide_restriction(
        Restriction.objects.get(), approved=approved, reason="Seen.", by=claim.an_auditor(), at=at
    )


@pytest.mark.clause("4.1.3")
@pytest.mark.parametrize("approved", [True, False])
def test_a_decision_after_a_reminder_of_the_hearing_leaves_the_reminder_told(approved):
    restriction = decided_after_a_reminder(approved=approved)
    assert RestrictionReminder.objects.get().restriction == restriction
    assert found() == set()


def reminded_engineer():
    visit = make_visit.planned()
    visit.engineer.user = make.a_member(visit.appointment.seller, Seat.ENGINEER)
    visit.engineer.save()
    assert remind_of_visits(at=BEGINS) == 1


def later(model, name):
    model.objects.update(**{name: getattr(model.objects.get(), name) + HOUR})


CORRUPTED = {
    "proof due later": (awaited, lambda: later(ExclusionClaim, "proof_due_at"), "claim/", "proof due"),
    "proof reminder gone": (reminded_proof, lambda: ProofReminder.objects.all().delete(), "claim/", "reminded"),
    "hearing due later": (restricted, lambda: later(Restriction, "hearing_due_at"), "hearing", "due"),
    "appeal due later": (restricted, lambda: later(Restriction, "appeal_due_at"), "appeal", "due"),
    "begun later": (restricted, lambda: later(Restriction, "begins_at"), "restriction/", "begins"),
    "no longer in force": (restricted, lambda: Restriction.objects.update(state="lifted"), "restriction/", "state"),
    "a free cover": (restricted, lambda: Cover.objects.update(state="active"), "cover/", "state"),
    "buyer not reminded": (reminded_buyer, lambda: RestrictionReminder.objects.all().delete(), "", "reminded"),
    "of the appeal": (reminded_buyer, lambda: RestrictionReminder.objects.update(clock="appeal"), "", "reminded"),
    "reminded later": (reminded_buyer, lambda: later(RestrictionReminder, "sent_at"), "", "reminded"),
    "at another step": (reminded_buyer, lambda: RestrictionReminder.objects.update(step=75), "", "reminded"),
    "engineer not reminded": (reminded_engineer, lambda: VisitReminder.objects.all().delete(), "visit/", "reminded"),
    "another step": (reminded_engineer, lambda: VisitReminder.objects.update(step="report"), "visit/", "reminded"),
    "another carrier": (shipped, lambda: Shipment.objects.update(carrier="Post"), "shipment/", "carrier"),
    "an accessory": (shipped, lambda: Shipment.objects.update(kind="accessory"), "shipment/", "kind"),
    "sent later": (shipped, lambda: later(Shipment, "shipped_at"), "shipment/", "shipped"),
    "said missing": (shipped, lambda: Shipment.objects.update(missed_at=R0), "shipment/", "not received"),
    "no shipment": (shipped, lambda: Shipment.objects.all().delete(), "shipment/", "row"),
}  # fmt: skip


@pytest.mark.clause("2.1.1")
@pytest.mark.parametrize("what", CORRUPTED)
def test_a_corrupted_row_is_named(what):
    arrange, corrupt, thing, of_it = CORRUPTED[what]
    arrange()
    assert found() == set()
    corrupt()
    assert [each for each in found() if thing in each[0] and each[1] == of_it], found()


def test_staff_reads_these_events_in_words(client):
    restriction = restricted()
    tolled(R0 + 2 * HOUR)
    assert Event.objects.filter(kind="restriction.tolled").exists()
    client.force_login(claim.an_auditor().user)
    page = client.get(f"/admin/cases/restriction/{restriction.pk}/history/").content.decode()
    assert "You have more time: the platform was away" in page
    assert "restriction." not in page.replace("restriction/", "")
