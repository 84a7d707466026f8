"""What the platform watches: limits near their end, flags nobody ruled on, misses nobody reacted to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions.exclusions import end_event
from cases.actions.messages import write
from cases.actions.rulings import flag
from cases.models import CaseState, Clock, Deadline, ServiceCase
from cases.reminders import loop
from cases.reminders.watch_list import near_its_end, standing, unruled, without_reaction
from cases.sweep import sweep
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.accounts import AuditorFactory, UserFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.rulebook import RuleBroken

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
NINETY = R0 + timedelta(hours=43, minutes=12)
DUE = R0 + timedelta(hours=48)
LIST = "/admin/cases/deadline/"


def found(part, at):
    return [(row.clock, row.state) for row in part(Deadline.objects.all(), at=at)]


@pytest.fixture
def appointment():
    cover = make.a_cover()
    make.a_member(cover.seller, Seat.STAFF)
    return make.requested(cover, at=R0)


def test_a_limit_past_its_last_reminder_is_watched_until_it_is_met(appointment):
    loop.remind(now=lambda: NINETY - timedelta(seconds=1))
    assert found(near_its_end, NINETY) == []
    loop.remind(now=lambda: NINETY)
    assert found(near_its_end, NINETY) == [("response", "running")]
    make.offered(appointment, at=NINETY + timedelta(hours=1))
    assert found(near_its_end, NINETY + timedelta(hours=1)) == []


def test_a_passed_limit_is_watched_even_if_nobody_was_reminded(appointment):
    assert found(near_its_end, DUE) == []
    assert found(near_its_end, DUE + timedelta(microseconds=1)) == [("response", "running")]


def test_a_limit_that_stands_without_an_end_is_watched_until_somebody_tells_the_end(appointment, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    at, hour = R0 + timedelta(hours=2), timedelta(hours=1)
    filed = claim.claimed(appointment, at=at, begins_at=R0 + hour, ends_at=None, duties=["response"], proven=True)
    assert found(standing, at) == [("response", "running")]
    end_event(filed, at + hour, by=make.seller_of(appointment), at=at + 2 * hour)
    assert found(standing, at + 2 * hour) == []
    # While the buyer decides nothing stands by an event.
    make.offered(appointment, at=at + 3 * hour)
    assert found(standing, at + 3 * hour) == []


def test_the_buyers_own_time_is_not_the_platforms_business(appointment):
    make.offered(appointment, at=R0 + timedelta(hours=1))
    at = appointment.deadlines.get(clock=Clock.BUYER_SILENCE).due_at
    loop.remind(now=lambda: at)
    assert found(near_its_end, at) == []


def test_a_flag_that_is_not_ruled_on_in_three_days_is_watched(appointment):
    offer = make.offered(appointment, at=R0 + timedelta(hours=1))
    flag(offer, "too far away", by=make.buyer_of(appointment), at=R0 + timedelta(hours=2))
    due = appointment.deadlines.get(clock=Clock.OFFER_RULING).due_at
    assert found(unruled, due) == []
    assert found(unruled, due + timedelta(microseconds=1)) == [("offer_ruling", "running")]


@pytest.mark.parametrize("reaction", ["", "offer", "message", "closed"])
def test_a_missed_limit_is_watched_until_the_seller_moves(appointment, reaction):
    sweep(now=lambda: DUE + timedelta(hours=1))
    at = DUE + timedelta(hours=2)
    if reaction == "offer":
        with pytest.raises(RuleBroken):  # too late, and kept all the same
            make.offered(appointment, at=at)
    elif reaction == "message":
        write(appointment.case, "We call you.", by=make.seller_of(appointment), at=at)
    elif reaction == "closed":
        ServiceCase.objects.update(state=CaseState.RESOLVED)
    assert found(without_reaction, at) == ([] if reaction else [("response", "missed")])


def test_a_word_before_the_limit_is_no_reaction_to_its_miss(appointment):
    write(appointment.case, "We got it.", by=make.seller_of(appointment), at=DUE - timedelta(hours=1))
    sweep(now=lambda: DUE + timedelta(hours=1))
    assert found(without_reaction, DUE + timedelta(hours=1)) == [("response", "missed")]


@pytest.mark.parametrize(("part", "seen"), [("near", True), ("unruled", False), ("silent", False), ("", True)])
def test_the_staff_narrows_the_list_of_limits_to_it(client, frozen, appointment, part, seen):
    client.force_login(AuditorFactory())
    frozen.move_to(DUE + timedelta(seconds=1))
    page = client.get(LIST, {"watch": part} if part else {})
    assert page.status_code == 200
    shown = [row.clock for row in page.context["cl"].result_list]
    assert ("response" in shown) is seen
    assert "past the last reminder" in page.text


def test_a_limit_shows_whom_it_reminded(client, frozen, appointment):
    loop.remind(now=lambda: NINETY)
    client.force_login(AuditorFactory())
    row = appointment.deadlines.get(clock=Clock.RESPONSE)
    page = client.get(f"{LIST}{row.pk}/change/")
    assert str(row.reminders.get().person) in page.text


def test_nobody_else_gets_there(client, appointment):
    client.force_login(UserFactory())
    assert client.get(LIST).status_code == 302
