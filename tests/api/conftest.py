"""Who calls in the API's tests."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.clock_fixture import R0
from tests.factories.api import Caller, a_caller
from tests.factories.cases import requested


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No client is told to wait, but in the test of that."""
    monkeypatch.setattr(settings, "API_REQUESTS_PER_MINUTE", 0)


@pytest.fixture
def feed(db: None) -> Caller:
    """The platform's order feed."""
    return a_caller()


@pytest.fixture
def appointment(frozen, db: None):
    """The base scenario R0: a door visit requested at 2026-03-02T01:15:30Z."""
    return requested(at=R0)


@pytest.fixture
def seller(appointment) -> Caller:
    """A system of the appointment's seller."""
    return a_caller(seller=appointment.seller)


@pytest.fixture
def buyer(appointment) -> Caller:
    """A system of the appointment's buyer."""
    return a_caller(buyer=appointment.buyer)
