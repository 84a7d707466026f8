"""Every kind of limit that the rules have is told as a sum to the party whom it concerns (5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from cases.actions import answers
from cases.actions.rulings import flag
from cases.models import Deadline
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import clearances, losses, violations
from tests.factories import complaints as complain
from tests.factories import visits as make_visit
from tests.factories.api import a_caller
from tests.factories.sellers import EnrolmentFactory
from tests.instants import instant
from zestech_aftersales.rulebook.limits import LIMITS

pytestmark = [pytest.mark.django_db, pytest.mark.clause("5.1")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)


def clocks_that_ran() -> None:
    """Requests whose clocks are all of those that no booking starts at once."""
    countered = make.offered(make.requested(at=R0), at=R0 + HOUR)
    answers.counter(countered, wish="Saturday", by=make.buyer_of(countered.appointment), at=R0 + 2 * HOUR)
    flagged = make.offered(make.requested(at=R0), at=R0 + HOUR)
    flag(flagged, reason="It names no date.", by=make.buyer_of(flagged.appointment), at=R0 + 2 * HOUR)
    make_visit.nobody_came(make_visit.planned())


def addresses() -> Iterator[tuple[Any, str]]:
    """Where sums are told, each with a client of the party that reads it."""
    clocks_that_ran()
    for row in Deadline.objects.select_related("appointment__buyer"):
        yield a_caller(buyer=row.appointment.buyer), f"deadlines/{row.pk}/explanation/"
    done = make_visit.done(make_visit.planned())
    yield a_caller(buyer=done.buyer), f"appointments/{done.pk}/sign-off/explanation/"
    cover = done.case.cover
    yield a_caller(buyer=cover.buyer), f"covers/{cover.pk}/explanation/"
    filed = claim.claimed(make.requested(at=R0), at=R0 + 24 * HOUR)
    for word in ("notice/explanation", "explanation"):
        yield a_caller(seller=filed.appointment.seller), f"claims/{filed.pk}/{word}/"
    asked = complain.asked(complain.escalated(), "buyer", at=complain.NEGOTIATED + HOUR)
    for complaint in (asked.complaint, complain.determined()):
        yield a_caller(buyer=complaint.buyer), f"complaints/{complaint.reference}/explanation/"
    confirmed, loss = violations.a_confirmed(), losses.a_notified()
    yield a_caller(seller=confirmed.seller), f"violations/{confirmed.pk}/explanation/"
    yield a_caller(seller=loss.violation.seller), f"losses/{loss.pk}/explanation/"
    cleared = clearances.in_force(EnrolmentFactory().seller, at=R0)
    yield a_caller(seller=cleared.seller), "programme/bar/"


def test_every_kind_of_limit_has_its_sum(frozen, settings, tmp_path):
    """A new limit without a sum is found here."""
    settings.MEDIA_ROOT = tmp_path
    frozen.move_to(R0)
    told: set[str] = set()
    cover = make.a_cover()
    for method in ("door", "point"):
        asked = a_caller(buyer=cover.buyer).get(f"covers/{cover.pk}/limits/", method=method, at="2026-03-02T01:15:30Z")
        told |= {each["clock"] for each in asked.json()["limits"]}
    for caller, address in addresses():
        answer = caller.get(address)
        assert answer.status_code == 200, address
        sums = answer.json().get("limits", [answer.json()])
        told |= {each["clock"] for each in sums}
    assert told == set(LIMITS)
