"""A seller leaves while a request runs: nothing of it changes (4.3, invariant 6)."""

from datetime import timedelta

import pytest

from cases.models import Cover, Deadline
from cases.sweep import sweep_batch
from sellers.actions.enrolments import activate, apply, withdraw
from tests.factories import cases as make
from tests.factories.claims import an_auditor
from tests.instants import instant

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.3")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")


def as_stored(model):
    return list(model.objects.order_by("pk").values())


@pytest.mark.scenario("S69")
def test_withdrawal_changes_no_clock_and_no_liability():
    appointment = make.requested(at=R0)
    clocks, covers = as_stored(Deadline), as_stored(Cover)
    owner, since = make.seller_of(appointment), instant("2022-01-03T00:00Z")
    enrolment = activate(apply(appointment.seller, by=owner, at=since), by=an_auditor(), at=since)
    withdraw(enrolment, reason="We close.", by=owner, at=instant("2026-03-03T00:00Z"))
    assert (as_stored(Deadline), as_stored(Cover)) == (clocks, covers)
    assert make.fresh(appointment).state == "requested"
    sweep_batch(at=DUE + timedelta(minutes=1))
    refused = make.fresh(appointment)
    assert (refused.state, refused.ended_at) == ("deemed_refused", DUE)
    assert Deadline.objects.get(appointment=appointment, state="missed").clock == "response"
    assert Cover.objects.get().state == "active"
