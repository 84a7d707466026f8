"""Dates, visits, parts, seats, reminders and enrolments counted again: each kind of tampering is named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from cases.actions.parts import list_parts
from cases.actions.substitutes import send_another_engineer
from cases.actions.visits import check_in, complete
from cases.models import (
    DateProposal,
    Deadline,
    ExclusionClaim,
    PartsList,
    ProofReminder,
    ReminderSent,
    SignOff,
    SlotSeat,
    UsedPart,
    Visit,
)
from cases.reminders import loop
from cases.terms import ReportDetails
from cases.verification import Tally, verify
from complaints.models import JudgementDeadline, JudgementReminder
from sellers.actions.enrolments import activate, apply
from sellers.models import Enrolment
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import service
from tests.factories import violations as judged
from tests.factories import visits as make_visit
from tests.factories.clearances import in_force
from tests.factories.sellers import member_of
from tests.factories.visits import BEGINS
from tests.instants import instant
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.rulebook.services import ServiceMethod

pytestmark = pytest.mark.django_db

R0 = make_visit.R0
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


def found() -> set[tuple[str, str]]:
    return {(each.thing, each.what) for each in verify(Tally(), at=BEFORE_SEALS)}


@pytest.fixture
def visit():
    """A planned visit with a list of needed parts, a date that was declined and one that stands."""
    visit = make_visit.planned()
    seller, buyer = make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    list_parts(visit.appointment, [service.a_part(brought_by="seller")], by=seller, at=R0 + HOUR)
    make_visit.proposed(visit.appointment, by=seller, at=R0 + 2 * HOUR)
    make_visit.proposed(visit.appointment, by=seller, at=R0 + 3 * HOUR)
    assert buyer
    return visit


def _listed_parts_gone() -> None:
    for each in PartsList.objects.all():
        each.parts.all().delete()
        each.delete()


def _visit_gone() -> None:
    DateProposal.objects.all().delete()
    Visit.objects.all().delete()


# How it is tampered with, and what verify then names: a part of the thing, and what of it.
TAMPERED = {
    "a date said to be accepted": (
        lambda: DateProposal.objects.filter(state="standing").update(state="accepted", accepted_window=0),
        "proposed date", "state",
    ),
    "a date that stands no more": (
        lambda: DateProposal.objects.filter(state="standing").update(state="declined"), "proposed date", "state",
    ),
    "a date received earlier": (
        lambda: DateProposal.objects.filter(state="standing").update(received_at=R0), "proposed date", "received",
    ),
    "a date gone": (lambda: DateProposal.objects.filter(state="standing").delete(), "appointment/", "proposed date"),
    "a visit at another time": (lambda: Visit.objects.update(starts_at=BEGINS - HOUR), "visit 1", "begins"),
    "a visit that ends later": (lambda: Visit.objects.update(ends_at=BEGINS + 9 * HOUR), "visit 1", "ends"),
    "a visit of nobody": (lambda: Visit.objects.update(engineer=None), "visit 1", "engineer"),
    "a visit gone": (_visit_gone, "visit 1", "row"),
    "the needed parts gone": (lambda: PartsList.objects.get().parts.all().delete(), "parts list 1", "parts"),
    "the whole list gone": (_listed_parts_gone, "parts list 1", "parts"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_visit_date_or_list_is_named(visit, what):
    assert found() == set()
    tamper, thing, of_it = TAMPERED[what]
    tamper()
    assert [pair for pair in found() if thing in pair[0] and pair[1].startswith(of_it)], found()


@pytest.mark.clause("2.1.1")
def test_used_parts_that_vanish_are_missed():
    visit = make_visit.planned()
    by = make.seller_of(visit.appointment)
    details = ReportDetails(parts=[service.a_part()])
    complete(check_in(visit, by=by, at=BEGINS), "Done.", details=details, by=by, at=BEGINS + HOUR)
    assert found() == set()
    UsedPart.objects.all().delete()
    assert found() == {(f"{visit.appointment.subject} visit 1", "parts used")}


def test_another_engineer_and_another_date_count_to_the_same(visit):
    seller, buyer = make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    standing = DateProposal.objects.get(state="standing")
    new = make_visit.taken(standing, by=buyer, at=R0 + 4 * HOUR)
    other = make.an_engineer(visit.appointment.seller, user=make.a_member(visit.appointment.seller, Seat.ENGINEER))
    send_another_engineer(new, engineer=other, by=seller, at=R0 + 5 * HOUR)
    assert found() == set()
    make_visit.nobody_came(make.fresh(new), at=new.ends_at + HOUR)
    make_visit.proposed(visit.appointment, by=seller, at=new.ends_at + 2 * HOUR)
    assert found() == set()


@pytest.mark.clause("2.2.1")
@pytest.mark.parametrize("accepted", [True, False])
def test_a_seat_that_was_taken_away_is_missed(accepted):
    cover = make.a_cover()
    point = make.a_point(cover.seller)
    slot = point.slots_between(R0 + timedelta(days=2), R0 + timedelta(days=4))[0]
    appointment = make.requested(cover, at=R0, method=ServiceMethod.POINT, point=point, slot_starts_at=slot.starts_at)
    if accepted:
        standing = make.offered(
            appointment, at=R0 + HOUR, method=ServiceMethod.POINT, point=point, windows=[],
            next_step="Come at the booked time.", next_step_at=slot.starts_at, plan="Read the adapter.",
            disclosure=make.ALL_ITEMS,
        )  # fmt: skip
        make.accepted(standing, at=R0 + 2 * HOUR)
        assert make.fresh(appointment).state == "confirmed"
    assert found() == set()
    SlotSeat.objects.update(released_at=R0 + 3 * HOUR)
    assert found() == {(appointment.subject, "seat")}


@pytest.fixture
def reminded():
    appointment = make.requested(at=R0)
    make.a_member(appointment.seller, Seat.STAFF)
    loop.remind(now=lambda: R0 + 24 * HOUR)
    assert ReminderSent.objects.count() == 1
    return appointment


SILENCED = {
    "put off": (lambda: _response().update(next_reminder_at=R0 + 47 * HOUR), "next reminder"),
    "silenced": (lambda: _response().update(next_reminder_at=None), "next reminder"),
    "said to be over": (lambda: _response().update(reminded_step=90, next_reminder_at=None), "reminded step"),
    "as if nobody was told": (lambda: ReminderSent.objects.all().delete(), "reminded"),
    "told of another step": (lambda: ReminderSent.objects.update(step=75), "reminded"),
    "told to another": (lambda: ReminderSent.objects.update(person=make.a_cover().buyer), "reminded"),
}


def _response():
    return Deadline.objects.filter(clock="response")


@pytest.mark.parametrize("what", SILENCED)
def test_tampered_reminders_are_named(reminded, what):
    assert found() == set()
    tamper, of_it = SILENCED[what]
    tamper()
    assert (f"{reminded.subject} response", of_it) in found()


@pytest.mark.clause("2.1.1")
def test_the_reminders_of_a_sign_off_are_counted_too():
    done = make_visit.done(make_visit.planned())
    loop.remind(now=lambda: BEGINS + timedelta(days=5))
    assert found() == set()
    SignOff.objects.update(next_reminder_at=None)
    assert found() == {(f"{done.subject} sign-off", "next reminder")}


@pytest.mark.clause("4.1.2")
def test_the_reminders_of_a_proof_are_counted_too(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    appointment = make.requested(at=R0)
    make.a_member(appointment.seller, Seat.STAFF)
    filed = claim.claimed(appointment, at=instant("2026-03-03T02:00:00Z"))
    loop.remind(now=lambda: filed.next_reminder_at)
    assert found() == set()
    ProofReminder.objects.all().delete()
    ExclusionClaim.objects.update(reminded_step=0)
    assert {what for thing, what in found() if thing == filed.cause} == {"reminded", "reminded step", "next reminder"}


@pytest.mark.clause("3.2")
def test_the_reminders_of_the_judgement_are_counted_too():
    violation = judged.a_notified()
    make.a_member(violation.seller, Seat.STAFF)
    limit = JudgementDeadline.objects.get()
    loop.remind(now=lambda: limit.next_reminder_at)
    assert found() == set()
    JudgementReminder.objects.all().delete()
    assert found() == {(f"limit/{limit.pk} hearing", "reminded")}


@pytest.fixture
def enrolment():
    seller = make.a_seller()
    owner = member_of(seller)
    return activate(apply(seller, by=owner, at=R0), by=claim.an_auditor(), at=R0 + HOUR)


@pytest.mark.clause("3.2")
@pytest.mark.parametrize(
    ("change", "of_it"),
    [
        ({"state": "withdrawn"}, "state"),
        ({"state": "cleared"}, "state"),
        ({"applied_at": R0 - MICROSECOND}, "applied"),
    ],
)
def test_a_tampered_enrolment_is_named(enrolment, change, of_it):
    assert found() == set()
    Enrolment.objects.filter(pk=enrolment.pk).update(**change)
    assert (f"enrolment/{enrolment.pk}", of_it) in found()


@pytest.mark.clause("3.2")
def test_an_enrolment_that_is_active_under_a_bar_is_named(enrolment):
    in_force(enrolment.seller, at=R0 + 100 * HOUR)
    before = found()
    assert not [pair for pair in before if "bar" in pair[1]]
    # Set back by somebody with the database's own password, a day after the clearance.
    account = make.a_seller(legal_name=enrolment.seller.legal_name)
    row = Enrolment.objects.filter(seller=account).first()
    at = R0 + 130 * HOUR
    if row is None:
        row = Enrolment.objects.create(seller=account, applied_at=at)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Its own guard would refuse it.
            cursor.execute("SET LOCAL session_replication_role = replica")
        Enrolment.objects.filter(pk=row.pk).update(state="active", applied_at=at, decided_at=at)
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = origin")
    assert (f"enrolment/{row.pk}", "application under a bar") in found()
