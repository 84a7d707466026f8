"""Promises said in a case's thread, for tests."""

from __future__ import annotations

from cases.actions.messages import write
from cases.actions.promises import record_promise
from cases.models import ChatPromise, ServiceAppointment
from sellers.terms import Dimension, Promise
from tests.factories import cases as make

WORDS = "For you we reply within 24 hours."


def promised(appointment: ServiceAppointment) -> ChatPromise:
    """A quicker answer, promised and recorded by the seller."""
    at, by = appointment.received_at, make.seller_of(appointment)
    message = write(appointment.case, WORDS, by=by, at=at)
    return record_promise(message, [Promise(Dimension.RESPONSE_HOURS, 24)], by=by, at=at)
