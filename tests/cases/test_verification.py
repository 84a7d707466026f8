"""Everything counted again from the events: what was tampered with is found, what was not is clean."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import verification
from cases.actions.cancel import cancel
from cases.checks.findings import Difference
from cases.models import Cover, Deadline, Order, Pause, ServiceAppointment, ServiceCase, SlotSeat
from cases.sweep import sweep_batch
from cases.tasks import verify as verify_task
from cases.verification import Tally, verify
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.histories import STEPS, History
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.timeline.insert_only import unguarded
from zestech_aftersales.timeline.models import Event, Heartbeat, Verification
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
LATER = instant("2027-01-01T00:00:00Z")
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
# Seals are the relay's; a test of clocks looks at a time when none was due yet.
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")


def found(**wanted) -> list[Difference]:
    return list(verify(Tally(), at=BEFORE_SEALS, **wanted))


def whats(differences) -> set[tuple[str, str]]:
    return {(each.thing, each.what) for each in differences}


@pytest.fixture
def appointment():
    """A request whose offer was accepted: its 14 days were paused for 62:44:30."""
    appointment = make.requested(at=R0)
    made = make.offered(appointment, at=instant("2026-03-02T11:15:30Z"))
    make.accepted(made, at=instant("2026-03-05T02:00:00Z"))
    return make.fresh(appointment)


@pytest.fixture
def confirmation(appointment):
    return Deadline.objects.get(appointment=appointment, clock="confirmation")


def test_nothing_differs_where_nothing_was_touched(appointment):
    assert found() == []


@pytest.mark.parametrize("by", [MICROSECOND, -HOUR])
def test_a_due_instant_that_was_shifted(appointment, confirmation, by):
    Deadline.objects.filter(pk=confirmation.pk).update(due_at=confirmation.due_at + by)
    [difference] = found()
    assert difference.place == appointment.case.reference
    assert (difference.thing, difference.what) == (f"appointment/{appointment.pk} confirmation", "due")
    assert difference.counted == "2026-03-19T16:00:00.000000+00:00"


def sealed() -> None:
    """Let the relay seal all that is written."""
    while relay_batch(at=LATER):
        pass


TAMPERED = {
    "state of an appointment": lambda: ServiceAppointment.objects.update(state="confirmed"),
    "end of an appointment": lambda: ServiceAppointment.objects.update(ended_at=R0),
    "receipt of the request": lambda: ServiceAppointment.objects.update(received_at=R0 - MICROSECOND),
    "next limit": lambda: ServiceAppointment.objects.update(next_due_at=None),
    "state of a case": lambda: ServiceCase.objects.update(state="closed"),
    "state of a clock": lambda: Deadline.objects.filter(clock="response").update(state="voided"),
    "end of a clock": lambda: Deadline.objects.filter(clock="response").update(ended_at=R0),
    "start of a clock": lambda: Deadline.objects.filter(clock="response").update(started_at=R0 + HOUR),
    "number of a clock": lambda: Deadline.objects.filter(clock="response").update(amount=72),
    "promise of a clock": lambda: Deadline.objects.filter(clock="response").update(promised="response_hours"),
    "clause of a clock": lambda: Deadline.objects.filter(clock="response").update(clause="2.3.2"),
    "a clock deleted": lambda: Deadline.objects.filter(clock="response").delete(),
    "a pause removed": lambda: Pause.objects.all().delete(),
    "a pause voided": lambda: Pause.objects.update(voided_at=R0),
    "a pause made longer": lambda: Pause.objects.update(ends_at=R0 + 100 * HOUR),
    "end of a cover": lambda: Cover.objects.update(ends_at=LATER),
    "begin of a cover": lambda: Cover.objects.update(starts_at=make.PAID - HOUR),
    "state of a cover": lambda: Cover.objects.update(state="void"),
    "reason of a cover": lambda: Cover.objects.update(reason="unmarked"),
    "state of an order": lambda: Order.objects.update(state="refunded"),
    "payment of an order": lambda: Order.objects.update(paid_at=make.PAID + MICROSECOND),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_row_is_found(appointment, what):
    TAMPERED[what]()
    assert found()


def tampered(sql: str, *values: str) -> None:
    """Change evidence as somebody with the database's own password could: the triggers taken away."""
    with unguarded(connection), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_an_event_that_was_removed_is_found_without_its_seal(appointment):
    tampered("DELETE FROM timeline_undelivered")
    tampered("DELETE FROM timeline_event WHERE kind = %s", "appointment.proposed")
    told = whats(found())
    assert (f"appointment/{appointment.pk}", "clocks") in told
    assert any(what.endswith("state before") for _thing, what in told)


def test_the_last_event_removed_is_found(appointment):
    tampered("DELETE FROM timeline_undelivered")
    tampered("DELETE FROM timeline_event WHERE kind = %s", "appointment.agreed")
    assert (f"appointment/{appointment.pk}", "state") in whats(found())


def test_an_event_that_was_rewritten_breaks_its_seal(appointment):
    sealed()
    assert list(verify(Tally(), at=LATER)) == []
    tampered("UPDATE timeline_event SET clause = %s WHERE kind = %s", "4.1.2", "appointment.agreed")
    [difference] = verify(Tally(), at=LATER)
    assert (difference.place, difference.what) == (f"case/{appointment.case_id}", "seal")


def test_an_event_that_was_never_sealed_is_found(appointment):
    assert {each.what for each in verify(Tally(), at=LATER)} == {"seal"}


def test_a_due_instant_rewritten_in_row_and_event_alike_is_found():
    appointment = make.requested(at=R0)
    Deadline.objects.filter(clock="response").update(due_at=DUE + HOUR)
    ServiceAppointment.objects.update(next_due_at=DUE + HOUR)
    detail = Event.objects.get(subject=appointment.subject).detail
    detail["clocks"][0]["due_at"] = "2026-03-04T02:15:30.000000+00:00"
    cast = "::jsonb" if connection.vendor == "postgresql" else ""
    tampered(f"UPDATE timeline_event SET detail = %s{cast} WHERE subject = %s", json.dumps(detail), appointment.subject)
    assert len(found()) == 3


def test_a_narrowing_number_is_found_even_where_events_agree():
    product = make.a_product()
    commit(product, Promise(Dimension.RESPONSE_HOURS, 24))
    appointment = make.requested(make.a_cover(product), at=R0)
    assert found() == []
    ServiceAppointment.objects.update(terms={"response_hours": 30})
    assert whats(found()) == {(f"appointment/{appointment.pk} response", "amount by the rules")}


def test_seats_are_held_by_what_goes_on_and_released_by_what_ended():
    cover = make.a_cover()
    point = make.a_point(cover.seller)
    slot = instant("2026-03-10T06:00:00Z")
    appointment = make.requested(cover, at=R0, method="point", point=point, slot_starts_at=slot)
    SlotSeat.objects.update(released_at=R0)
    assert whats(found()) == {(appointment.subject, "seat")}
    SlotSeat.objects.update(released_at=None)
    assert found() == []
    cancel(appointment, by=make.buyer_of(appointment), at=R0 + HOUR)
    assert found() == []
    SlotSeat.objects.update(released_at=None)
    assert whats(found()) == {(appointment.subject, "seat")}


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(sorted(STEPS)),
            st.sampled_from([timedelta(0), MICROSECOND, HOUR, 20 * HOUR, 48 * HOUR, timedelta(days=8)]),
        ),
        max_size=12,
    ),
    method=st.sampled_from(["door", "door", "point", "remote"]),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_counts_to_the_same(steps, method, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    cover = make.a_cover()
    given = {"point": make.a_point(cover.seller), "slot_starts_at": instant("2026-03-10T06:00:00Z")}
    appointment = make.requested(cover, at=R0, method=method, **(given if method == "point" else {}))
    History(appointment).play(steps, since=R0)
    assert found(case=appointment.case) == []


def test_orders_of_every_kind_are_clean():
    product = make.a_product()
    for other in (
        {"paid_at": None},
        {"paid_at": None, "cancelled_at": make.PAID},
        {"refunded_at": make.PAID + HOUR},
        {"placed_at": instant("2021-12-20T00:00:00Z"), "paid_at": instant("2021-12-26T15:59:59Z")},
        {"placed_at": instant("2024-02-28T00:00:00Z"), "paid_at": instant("2024-02-29T00:00:00Z")},
    ):
        make.told(make.an_order_record(product, **other), at=R0)
    make.told(make.an_order_record(make.a_product(marked=False)))
    longer = make.a_product(marked=False)
    commit(longer, Promise(Dimension.COVER_MONTHS, 24))
    make.told(make.an_order_record(longer))
    assert len(set(Cover.objects.values_list("state", flat=True))) == 4
    assert found() == []


def test_what_somebody_changes_meanwhile_is_no_difference(appointment, monkeypatch):
    """Between two of its questions a command commits: the second look, under the lock, finds all well."""
    rows_of = verification.CaseRows.of
    looks: list[list[int]] = []

    def stale(keys):
        rows = rows_of(keys)
        if not looks:
            sweep_batch(at=LATER)
        looks.append(keys)
        return rows

    monkeypatch.setattr(verification.CaseRows, "of", stale)
    assert found() == []
    assert len(looks) == 2


def test_one_batch_asks_the_same_number_of_questions_for_one_case_and_for_three(appointment):
    with CaptureQueriesContext(connection) as one:
        found()
    for _number in range(2):
        make.requested(at=R0)
    with CaptureQueriesContext(connection) as three:
        found()
    assert len(one) == len(three)


def test_cases_are_read_in_batches(appointment, monkeypatch):
    monkeypatch.setattr(verification, "BATCH", 2)
    for _number in range(4):
        make.requested(at=R0)
    Deadline.objects.filter(clock="response").update(due_at=LATER)
    steps, tally = [], Tally()
    list(verify(tally, at=BEFORE_SEALS, progress=lambda told: steps.append((told.cases, told.orders))))
    assert steps == [(2, 0), (4, 0), (5, 0), (5, 2), (5, 4), (5, 5)]
    assert (tally.total, tally.done, tally.limits) == (10, 10, 11)


def test_the_command_prints_a_table_and_ends_with_an_error(appointment, frozen):
    frozen.move_to("2026-03-05T02:00:30Z")
    sealed()
    out = StringIO()
    call_command("verify", stdout=out)
    assert out.getvalue().startswith("All as the events say: 1 cases, 3 limits, 1 orders, 0 judged things, 5 events.")
    Cover.objects.update(ends_at=LATER)
    out = StringIO()
    with pytest.raises(CommandError, match="1 differences in 1 cases"):
        call_command("verify", stdout=out)
    head, _line, row = out.getvalue().splitlines()
    assert head.split() == ["place", "thing", "what", "stored", "counted"]
    assert "2027-01-01T00:00:00.000000+00:00" in row
    assert [each.differences for each in Verification.objects.all()] == [1, 0]


def test_the_command_for_one_case(appointment, frozen):
    frozen.move_to("2026-03-05T02:00:30Z")
    other = make.requested(at=R0)
    sealed()
    Deadline.objects.filter(appointment=other).update(due_at=LATER)
    out = StringIO()
    call_command("verify", case=appointment.case.reference, stdout=out)
    assert "1 cases" in out.getvalue()
    with pytest.raises(CommandError, match="2 differences"):
        call_command("verify", case=other.case.reference, stdout=StringIO())
    for unknown in ("ZA-2026-999999", "nonsense", appointment.case.reference.replace("2026", "2025")):
        with pytest.raises(CommandError, match="There is no case"):
            call_command("verify", case=unknown, stdout=StringIO())
    assert not Verification.objects.exists()


def test_the_nightly_task_keeps_what_it_found(appointment, frozen):
    frozen.move_to("2026-03-05T02:00:30Z")
    sealed()
    ServiceAppointment.objects.update(state="confirmed")
    verify_task()
    kept = Verification.objects.get()
    assert (kept.differences, kept.cases, kept.done_at) == (1, 1, instant("2026-03-05T02:00:30Z"))
    assert kept.first[0]["stored"] == "confirmed"
    assert Heartbeat.objects.get(name="verify").at == kept.done_at
