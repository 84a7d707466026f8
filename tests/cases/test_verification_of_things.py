"""Offers, visits and sign-offs counted again from the events: a corrupted row is named, a true one is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions.rulings import flag, rule_on_offer
from cases.actions.sign_offs import object_to, sign_off
from cases.lapses import sign_silently
from cases.models import Offer, SignOff, Visit
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import visits as make_visit
from tests.factories.visits import BEGINS
from tests.instants import instant

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.1.1")]

BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
AFTER_SILENCE = instant("2026-03-14T00:00:00Z")


def found() -> set[tuple[str, str]]:
    return {(each.thing, each.what) for each in verify(Tally(), at=BEFORE_SEALS)}


@pytest.fixture
def done():
    """A service made and reported on, which waits for its buyer's word."""
    return make_visit.done(make_visit.planned())


# How it is corrupted, and what verify then names: a part of the thing, and what of it.
CORRUPTED = {
    "an offer no longer accepted": (lambda: Offer.objects.update(state="standing"), "offer/", "state"),
    "an offer held unreasonable": (lambda: Offer.objects.update(state="held_unreasonable"), "offer/", "state"),
    "a visit never made": (lambda: Visit.objects.update(state="planned"), "visit 1", "state"),
    "a visit said to be missed": (lambda: Visit.objects.update(state="seller_no_show"), "visit 1", "state"),
    "a visit said to be put off": (lambda: Visit.objects.update(state="rescheduled"), "visit 1", "state"),
    "an offer that waits still": (lambda: Offer.objects.update(state="flagged"), "appointment/", "offers on the table"),
    "a visit only begun": (lambda: Visit.objects.update(state="checked_in"), "visit 1", "state"),
    "a visit of another time": (lambda: Visit.objects.update(done_at=BEGINS + MICROSECOND), "visit 1", "done"),
    "a visit begun at another time": (lambda: Visit.objects.update(checked_in_at=None), "visit 1", "checked in"),
    "a sign-off given": (lambda: SignOff.objects.update(state="met", outcome="signed"), "sign-off", "outcome"),
    "a sign-off due later": (lambda: SignOff.objects.update(due_at=AFTER_SILENCE), "sign-off", "due"),
    "a sign-off begun later": (lambda: SignOff.objects.update(started_at=BEGINS + HOUR), "sign-off", "started"),
    "a sign-off of more days": (lambda: SignOff.objects.update(amount=9), "sign-off", "amount"),
    "a sign-off gone": (lambda: SignOff.objects.all().delete(), "appointment/", "sign-off"),
}  # fmt: skip


@pytest.mark.parametrize("what", CORRUPTED)
def test_a_corrupted_row_is_named(done, what):
    assert found() == set()
    corrupt, thing, of_it = CORRUPTED[what]
    corrupt()
    assert [pair for pair in found() if thing in pair[0] and pair[1] == of_it], found()


def test_an_acceptance_that_nobody_gave_is_named():
    made = make.offered(make.requested(at=make_visit.R0), at=make_visit.R0)
    assert found() == set()
    Offer.objects.update(state="accepted")
    assert (f"offer/{made.pk}", "state") in found()


@pytest.mark.parametrize(
    ("state", "what"), [("flagged", "state"), ("held_reasonable", "state"), ("void", ""), ("replaced", "")]
)
def test_an_offer_on_the_table_is_as_events_say(state, what):
    made = make.offered(make.requested(at=make_visit.R0), at=make_visit.R0)
    Offer.objects.update(state=state)
    thing = (f"offer/{made.pk}", what) if what else (made.appointment.subject, "offers on the table")
    assert found() == {thing}


def test_visits_that_did_not_take_place_or_were_put_off_count_to_the_same():
    missed = make_visit.nobody_came(make_visit.planned())
    visit = make_visit.planned()
    seller, buyer = make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    made = make_visit.proposed(visit.appointment, by=seller, at=make_visit.R0 + HOUR)
    make_visit.taken(made, by=buyer, at=make_visit.R0 + 2 * HOUR)
    assert found() == set()
    Visit.objects.filter(number=1).update(state="planned")
    assert {thing for thing, _what in found()} == {f"{each.appointment.subject} visit 1" for each in (missed, visit)}


@pytest.mark.parametrize("answer", ["signed", "objected", "silence"])
def test_every_answer_of_the_buyer_counts_to_the_same(done, answer):
    if answer == "signed":
        sign_off(done, by=make.buyer_of(done), at=BEGINS + HOUR)
    elif answer == "objected":
        object_to(done, "It is still broken.", by=make.buyer_of(done), at=BEGINS + HOUR)
    else:
        sign_silently(at=AFTER_SILENCE)
    assert SignOff.objects.get().outcome == answer
    assert found() == set()
    SignOff.objects.update(ended_at=BEGINS)
    assert {what for _thing, what in found()} == {"ended"}


def test_a_ruling_counts_to_the_same():
    made = make.offered(make.requested(at=make_visit.R0), at=make_visit.R0)
    flag(made, "Too far away.", by=make.buyer_of(made.appointment), at=make_visit.R0 + HOUR)
    rule_on_offer(made, is_reasonable=False, reason="It is.", by=claim.an_auditor(), at=make_visit.R0 + 2 * HOUR)
    assert found() == set()
    Offer.objects.update(state="void")
    assert found() == {(f"offer/{made.pk}", "state")}
