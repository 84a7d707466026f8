"""Two people decide one thing at the same moment: one of them counts, the other is refused and leaves no trace.

With the row locks off the same races show: what each test finds here is the lock's doing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django_fsm import TransitionNotAllowed

from cases.actions import restrictions
from complaints.actions import losses
from complaints.models import Determination
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as file
from tests.factories import losses as lost
from tests.instants import instant
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

HOUR = timedelta(hours=1)
R0 = instant("2026-03-02T01:15:30Z")
HEARD = instant("2026-03-07T16:00:00Z")
TRIALS, CONTROLS = 4, 12


@dataclass(frozen=True)
class Race:
    """The same decision by several people, and the kinds of its events of which there may be one.

    `barred` is the same decision by somebody who may never take it, however fast he is.
    """

    thing: Any
    deciders: list[Callable[[], object]]
    kinds: tuple[str, ...]
    barred: Callable[[], object] | None = None


def a_review() -> Race:
    first = claim.a_supporter()
    complaint = file.determined(file.escalated(), by=first)
    at = file.NEGOTIATED + 2 * HOUR
    file.objected(complaint, by=make.seller_of(complaint), at=at)
    deciders = [
        partial(file.reviewed, complaint, by=claim.a_supporter(), at=at + HOUR, liability=liability)
        for liability in ("seller", "nobody", "buyer", "shared")
    ]
    barred = partial(file.reviewed, complaint, by=first, at=at + HOUR, liability="seller")
    return Race(complaint, deciders, ("complaint.reviewed",), barred)


def an_appeal() -> Race:
    cover = make.a_cover()
    proposed = claim.a_restriction(cover, at=R0)
    standing = restrictions.decide_restriction(
        proposed, approved=True, reason="So it is.", by=claim.an_auditor(), at=HEARD + HOUR
    )
    restrictions.appeal(standing, "Unfair.", by=make.buyer_of(cover), at=HEARD + 2 * HOUR)
    deciders = [
        partial(
            restrictions.decide_appeal, standing, upheld=upheld, reason="Seen.", by=claim.an_auditor(),
            at=HEARD + 3 * HOUR,
        )
        for upheld in (True, False, True, False)
    ]  # fmt: skip
    return Race(standing, deciders, ("restriction.upheld", "restriction.lifted"))


def a_contested_loss() -> Race:
    found = lost.a_notified()
    losses.answer(found, "Not ours.", contests=True, by=make.seller_of(found), at=lost.DRAFTED + 2 * HOUR)
    head = found.items.get(currency="CNY")
    deciders = [
        partial(
            losses.adjust, found, {head.pk: head.amount / n}, reason="Less.", by=person(), at=lost.DRAFTED + 3 * HOUR
        )
        for n, person in ((2, lost.of_finance), (4, claim.an_auditor), (5, lost.of_finance), (10, claim.an_auditor))
    ]
    return Race(found, deciders, ("loss.adjusted",))


def a_final_loss() -> Race:
    found = lost.a_final()
    deciders = [
        partial(step, found, reason="So.", by=lost.of_finance(), at=lost.DRAFTED + 5 * HOUR)
        for step in (losses.recover, losses.write_off, losses.recover, losses.write_off)
    ]
    return Race(found, deciders, ("loss.recovered", "loss.written_off"))


RACES = {
    "review of a complaint": a_review,
    "appeal against a restriction": an_appeal,
    "contested loss": a_contested_loss,
    "payment of a loss": a_final_loss,
}


def run(race: Race) -> str:
    """Let all decide at once; "" where one counts and every other was told that it is decided already."""
    came = side_by_side(*race.deciders, *([race.barred] if race.barred else []))
    if race.barred and not isinstance(came.pop(), PermissionDenied | RuleBroken):
        return "the barred one was not refused"
    done = [each for each in came if not isinstance(each, Exception)]
    told = Event.objects.filter(stream=race.thing.subject, kind__in=race.kinds).count()
    refused = [each for each in came if isinstance(each, TransitionNotAllowed | RuleBroken)]
    if (len(done), told, len(refused)) != (1, 1, len(came) - 1):
        return f"done {len(done)}, events {told}: {came}"
    return "" if make.fresh(race.thing).state == done[0].state else "another state than the one that counts"


@contextmanager
def without_locks() -> Iterator[None]:
    """The program as if nobody had thought of two people."""
    with mock.patch.object(QuerySet, "select_for_update", lambda rows, **_how: rows.all()):
        yield


@pytest.mark.clause("3.4")
@pytest.mark.parametrize("name", RACES)
def test_of_several_deciders_at_once_one_counts(name):
    for _n in range(TRIALS):
        assert run(RACES[name]()) == ""


@pytest.mark.clause("4.2")
def test_a_complaint_reviewed_by_several_has_one_decision_more():
    race = a_review()
    assert run(race) == ""
    review = Determination.objects.get(complaint=race.thing, reviews__isnull=False)
    assert review.decided_by != review.reviews.decided_by


@pytest.mark.clause("4.2")
def test_whoever_decided_first_never_reviews_though_nobody_is_before_him():
    race = a_review()
    came = side_by_side(race.barred, race.barred)
    assert [type(each) for each in came] == [PermissionDenied] * 2
    assert make.fresh(race.thing).state == "objected"


@pytest.mark.parametrize("name", RACES)
def test_control_without_locks_the_race_shows(name):
    found = []
    for _n in range(CONTROLS):
        race = RACES[name]()
        with without_locks():
            found.append(run(race))
        if found[-1]:
            return
    pytest.fail(f"{CONTROLS} races without locks, and each ended as if it were alone: {found}")
