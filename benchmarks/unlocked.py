"""The negative control of the races: the program without its row locks and without its state predicates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from cases import sweep as sweeps
from cases import sweep_sql
from cases.actions import offers
from cases.models import ServiceAppointment

# What is taken out of the two statements: the lock, and the states as they are when the rows are written.
OF_CLAIM = {"FOR NO KEY UPDATE OF a SKIP LOCKED": ""}
OF_MISS = {
    "AND a.state = rule.before": "AND rule.before = 'requested'",
    "WHERE d.appointment_id = ended.id AND d.state = 'running'": "WHERE d.appointment_id = ended.id",
}


@contextmanager
def unlocked() -> Iterator[None]:
    """Let replies and sweeps run side by side as if nobody had thought of it."""
    with (
        mock.patch.object(offers, "locked", _as_it_is),
        mock.patch.object(sweeps, "CLAIM", _without(sweep_sql.CLAIM, OF_CLAIM)),
        mock.patch.object(sweeps, "MISS", _without(sweep_sql.MISS, OF_MISS)),
    ):
        yield


def _as_it_is(appointment: ServiceAppointment) -> ServiceAppointment:
    return ServiceAppointment.objects.select_related("case__cover__edition").get(pk=appointment.pk)


def _without(statement: str, changes: dict[str, str]) -> str:
    for part, instead in changes.items():
        if part not in statement:
            raise LookupError(f"The statement no longer has {part!r}.")
        statement = statement.replace(part, instead)
    return statement
