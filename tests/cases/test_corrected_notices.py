"""What both sides read when a refusal is taken back: by what, and until when the limits run that count now."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.urls import reverse

import cases
from cases.actions.outages import decide_outage
from cases.admin.told import HEADLINES, Told
from cases.causes import CAUSES
from cases.notices import SILENT
from cases.outages import apply_outages
from cases.sweep import sweep_batch
from cases.words import EVENT_WORDS, words_of
from complaints.headlines import headline_of
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.deliveries import deliver_batch
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR = timedelta(hours=1)
SWEPT = DUE + timedelta(minutes=1)
LATER = DUE + 5 * HOUR
BUYER, OWNER, STAFF = "buyer@example.com", "owner@example.com", "staff@example.com"
RESPOND = "Respond to the request: by Wed 4 Mar 2026"
IN_TIME, MOVED = "Corrected: the answer was in time", "Corrected: the limit has moved"
# Kinds of other streams than a case's; and of other apps, which this one reads.
ELSEWHERE = ("cover.", "edition.", "event.", "outage.", "restriction.", "simulation.")
READ_ONLY = ("commitment.", "decision.")
REMINDERS = {"limit.reminded", "visit.reminded"}


def told(at, about=""):
    """The mails that go out at an instant: by address those about something, subject and text."""
    mail.outbox.clear()
    while relay_batch(at=at):
        pass
    while deliver_batch(at=at, limit=50):
        pass
    return {each.to[0]: f"{each.subject}\n{each.body}" for each in mail.outbox if about in each.subject}


@pytest.fixture
def appointment():
    cover = make.a_cover(buyer_email=BUYER)
    make.a_member(cover.seller, Seat.OWNER, email=OWNER, time_zone="Asia/Shanghai")
    make.a_member(cover.seller, Seat.STAFF, email=STAFF, time_zone="UTC")
    appointment = make.requested(cover, at=R0)
    told(R0)
    return appointment


@pytest.fixture
def refused(appointment):
    sweep_batch(at=SWEPT)
    mails = told(SWEPT, about="Deemed refused")
    assert set(mails) == {BUYER, OWNER, STAFF}
    assert all(f"{RESPOND}, " in text for text in mails.values())
    return make.fresh(appointment)


def toll(begins_at, ends_at, *, at):
    outage = claim.an_outage(begins_at, ends_at, at=at)
    decide_outage(outage, approved=True, reason="The logs say so.", by=claim.an_administrator(), at=at)
    apply_outages(now=lambda: at)


@pytest.mark.django_db
@pytest.mark.clause("2.3.1")
def test_an_answer_in_time_is_told_with_the_limit_that_it_kept(refused):
    make.offered(refused, at=DUE)
    mails = told(LATER, about=IN_TIME)
    assert {BUYER, STAFF} <= set(mails)
    for text in mails.values():
        assert "An answer that came in time was committed late." in text
    assert f"{RESPOND}, 01:15 (UTC), rule 2.3.1" in mails[BUYER]
    # The sibling that the miss had voided runs again, and its due instant is told as well.
    assert "Confirm the appointment: by Mon 16 Mar 2026, 16:00 (UTC)" in mails[BUYER]


@pytest.mark.django_db
@pytest.mark.clause("2.3.1")
def test_a_cancellation_in_time_is_no_answer_of_the_seller(refused):
    make.cancelled(refused, at=DUE)
    mails = told(LATER, about="Corrected: the buyer was in time")
    assert {OWNER, STAFF} <= set(mails)
    assert "An answer" not in mails[OWNER]
    assert f"{RESPOND}, 09:15 (UTC+8)" in mails[OWNER]


@pytest.mark.django_db
@pytest.mark.clause("4.1.2")
def test_a_grant_is_told_as_what_moved_the_limit(refused):
    begun = {"begins_at": DUE - 2 * HOUR, "ends_at": DUE + 22 * HOUR}
    claim.granted(claim.claimed(refused, at=LATER, proven=True, **begun), at=LATER + HOUR)
    assert make.fresh(refused).state == "requested"
    mails = told(LATER + HOUR, about=MOVED)
    assert set(mails) == {BUYER, OWNER, STAFF}
    for text in mails.values():
        assert "A claimed exclusion was decided on" in text
        assert "An answer" not in text
    # 24 hours stood still.
    assert "Respond to the request: by Thu 5 Mar 2026, 01:15 (UTC), rule 2.3.1" in mails[BUYER]
    assert "Respond to the request: by Thu 5 Mar 2026, 09:15 (UTC+8), rule 2.3.1" in mails[OWNER]


@pytest.mark.django_db
@pytest.mark.clause("2.3.1")
def test_a_tolled_outage_is_told_as_what_moved_the_limit(refused, client):
    toll(DUE - 2 * HOUR, DUE + 22 * HOUR, at=DUE + 23 * HOUR)
    assert make.fresh(refused).state == "requested"
    mails = told(DUE + 23 * HOUR, about=MOVED)
    assert set(mails) == {BUYER, OWNER, STAFF}
    for text in mails.values():
        assert "An outage of the platform counts against nobody" in text
        assert "An answer" not in text
    assert "Respond to the request: by Thu 5 Mar 2026, 01:15 (UTC), rule 2.3.1" in mails[BUYER]
    event = Event.objects.get(kind="appointment.rescinded")
    # The same words on the page of the case, in its history at the admin, and in packs.
    client.force_login(refused.case.buyer)
    page = client.get(reverse("portal:case", args=[refused.case.reference])).content.decode()
    assert MOVED in page
    assert IN_TIME not in page
    assert str(Told().headline(event)) == str(headline_of(event)) == MOVED


@pytest.mark.django_db
@pytest.mark.clause("2.3.1")
def test_a_refusal_taken_back_before_it_was_told_is_not_told(appointment):
    sweep_batch(at=SWEPT)
    relay_batch(at=SWEPT)
    make.offered(appointment, at=DUE)
    assert told(SWEPT, about="Deemed refused") == {}
    queued = Delivery.objects.filter(event__kind="appointment.deemed_refused")
    assert set(queued.values_list("state", flat=True)) == {"superseded"}


@pytest.mark.django_db
@pytest.mark.clause("2.3.1")
def test_a_refusal_at_an_instant_that_counts_no_longer_is_not_told_beside_the_one_that_counts(appointment):
    sweep_batch(at=SWEPT)
    relay_batch(at=SWEPT)
    toll(DUE - 2 * HOUR, DUE, at=SWEPT)
    sweep_batch(at=LATER)
    assert make.fresh(appointment).state == "deemed_refused"
    mails = told(LATER, about="Deemed refused")
    assert len([each for each in mail.outbox if "Deemed refused" in each.subject]) == 3
    assert f"{RESPOND}, 03:15 (UTC)" in mails[BUYER]


@pytest.mark.django_db
@pytest.mark.clause("2.3.1")
def test_a_cured_miss_whose_answer_was_in_time_is_not_told_as_a_pause(refused):
    with pytest.raises(RuleBroken, match="passed"):
        make.offered(refused, at=LATER, windows=make.far_off(R0))
    make.accepted(refused.offers.get(), at=LATER + HOUR)
    told(LATER + HOUR)
    make.offered(make.fresh(refused), at=DUE, windows=make.far_off(R0))
    mails = told(LATER + 2 * HOUR, about=IN_TIME)
    assert {BUYER, STAFF} <= set(mails)
    assert "pause" not in mails[BUYER]
    assert f"{RESPOND}, 01:15 (UTC)" in mails[BUYER]


def kinds_written():
    """Every event kind that this app names in full."""
    for path in Path(cases.__file__).parent.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                before, dot, after = node.value.partition(".")
                if dot and all(part.replace("_", "").isalpha() and part.islower() for part in (before, after)):
                    yield node.value


def test_every_event_of_a_case_has_words_or_is_silent():
    written = {kind for kind in kinds_written() if not kind.startswith(READ_ONLY)}
    assert {"appointment.rescinded", "limit.corrected", "mail.classified", "cover.waived"} <= written
    # What an action names by the state that the thing has got.
    written |= {f"appointment.{state}" for state in ("refused", "deemed_refused", "lapsed", "cancelled", "excluded")}
    written |= {"claim.granted", "claim.partly_granted", "visit.seller_no_show", "visit.buyer_no_show"}
    assert {kind for kind in written - set(EVENT_WORDS) if not kind.startswith(ELSEWHERE)} == REMINDERS
    # What the sides of a case are told elsewhere, or not at all, has a name for the staff.
    assert written <= set(HEADLINES)
    assert set(SILENT) <= set(EVENT_WORDS)


@pytest.mark.parametrize("because", CAUSES)
def test_only_what_was_in_time_is_said_to_have_been(because):
    was_in_time = because in ("acknowledged", "in_time", "buyer_in_time")
    for kind in ("appointment.rescinded", "limit.corrected"):
        words = words_of(Event(kind=kind, detail={"because": because}))
        # A cured miss is never taken back by what the buyer did.
        if (kind, because) != ("limit.corrected", "buyer_in_time"):
            assert ("in time" in f"{words.headline} {words.sentence}") == was_in_time
