"""Every limit as a sum: start, number, promise, pauses, rounding, due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from cases.actions.outages import decide_outage
from cases.actions.rulings import flag
from cases.explanation import explanation, limits_for, would_be
from cases.models import Deadline, Pause, ServiceAppointment, ServiceCase
from cases.outages import apply_outages
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories import claims
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken, periods
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR = timedelta(hours=1)


def explained(appointment, clock):
    rows = limits_for(make.buyer_of(appointment)).filter(appointment=appointment, clock=clock)
    return explanation(rows.latest("id"))


def paused(appointment, clock, *intervals):
    """Lay pauses on a clock and keep its due instant as the engine would; each is (from, until or None, ...)."""
    row = Deadline.objects.get(appointment=appointment, clock=clock)
    for begins_at, ends_at, *voided_at in intervals:
        Pause.objects.create(
            deadline=row, begins_at=begins_at, ends_at=ends_at, cause="force_majeure", evidence="Typhoon notice 17",
            voided_at=voided_at[0] if voided_at else None,
        )  # fmt: skip
    standing = [periods.Pause(begins_at, ends_at) for begins_at, ends_at, *voided in intervals if not voided]
    if clock == "confirmation":
        due_at = periods.days_limit(row.started_at, row.amount, appointment.case.cover.edition.law.zone_info, standing)
    else:
        due_at = periods.hours_limit(row.started_at, row.amount, standing)
    Deadline.objects.filter(pk=row.pk).update(due_at=due_at)


@pytest.mark.clause("2.3.1")
def test_a_limit_without_anything_special():
    told = explained(make.requested(at=R0), "response")
    assert (told.started_at, told.amount_words, told.due_at) == (R0, "48 hours", DUE)
    assert (told.clause, told.field, told.edition, told.order_edition) == ("2.3.1", "response_hours", 1, 1)
    assert told.agrees
    assert not told.pauses
    assert not told.promised


@pytest.mark.clause("2.3.1")
@pytest.mark.clause("5.1")
@pytest.mark.scenario("S17")
def test_the_buyers_decision_is_a_pause_of_the_sum():
    appointment = make.requested(at=R0)
    made = make.offered(appointment, at=instant("2026-03-02T11:15:30Z"))
    still = explained(appointment, "confirmation")
    assert still.is_open
    assert still.agrees
    assert [(pause.reading, pause.counted) for pause in still.pauses] == [("open", timedelta())]

    make.accepted(made, at=instant("2026-03-05T02:00:00Z"))
    told = explained(appointment, "confirmation")
    [pause] = told.pauses
    assert str(pause.cause_words) == "The buyer decides on an offer"
    assert (pause.reading, pause.counted) == ("counts", timedelta(hours=62, minutes=44, seconds=30))
    assert told.unpaused_due_at == instant("2026-03-16T16:00:00Z")
    assert told.moved_at == instant("2026-03-19T06:44:30Z")
    assert told.is_rounded
    assert str(told.last_day) == "2026-03-19"
    assert told.due_at == instant("2026-03-19T16:00:00Z")
    assert told.agrees


@pytest.mark.clause("4.1.2")
@pytest.mark.scenario("S27")
def test_force_majeure_moves_both_clocks():
    appointment = make.requested(at=R0)
    event = (instant("2026-03-03T00:00:00+08:00"), instant("2026-03-05T12:00:00+08:00"))
    for clock, due_at in (("response", "2026-03-06T13:15:30Z"), ("confirmation", "2026-03-19T16:00:00Z")):
        paused(appointment, clock, event)
        told = explained(appointment, clock)
        assert told.paused == timedelta(hours=60)
        assert told.due_at == instant(due_at)
        assert told.agrees
    assert told.pauses[0].evidence == "Typhoon notice 17"


@pytest.mark.clause("4.1.2")
@pytest.mark.scenario("S27")
def test_a_granted_claim_is_told_by_what_happened(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    appointment = make.requested(at=R0)
    filed = claims.claimed(appointment, at=instant("2026-03-03T02:00:00Z"), proven=True)
    claims.granted(filed, at=instant("2026-03-04T02:00:00Z"))
    told = explained(appointment, "response")
    assert [(str(pause.cause_words), pause.reading) for pause in told.pauses] == [
        ("Force majeure, typhoon, Shenzhen", "voided"),
        ("Force majeure, typhoon, Shenzhen", "counts"),
    ]
    assert told.due_at == instant("2026-03-06T13:15:30Z")
    assert told.agrees


@pytest.mark.clause("4.1.2")
@pytest.mark.scenario("S33")
def test_overlapping_pauses_count_once():
    appointment = make.requested(at=R0)
    noon = instant("2026-03-03T12:00:00Z")
    paused(appointment, "response", (noon - 2 * HOUR, noon + 2 * HOUR), (noon, noon + 4 * HOUR))
    told = explained(appointment, "response")
    assert [(pause.reading, pause.counted) for pause in told.pauses] == [("counts", 4 * HOUR), ("in_part", 2 * HOUR)]
    assert told.paused == 6 * HOUR
    assert told.due_at == DUE + 6 * HOUR


@pytest.mark.clause("4.1.2")
def test_pauses_that_do_not_count_say_why():
    appointment = make.requested(at=R0)
    paused(
        appointment,
        "response",
        (R0 - HOUR, R0 + HOUR),
        (R0 + timedelta(minutes=10), R0 + timedelta(minutes=20)),
        (R0 + 5 * HOUR, R0 + 9 * HOUR, R0 + 10 * HOUR),
        (DUE + 2 * HOUR, DUE + 3 * HOUR),
    )
    told = explained(appointment, "response")
    assert [pause.reading for pause in told.pauses] == ["in_part", "overlaps", "voided", "too_late"]
    assert all(str(pause.reading_words) for pause in told.pauses)
    assert told.due_at == DUE + HOUR
    assert told.agrees


@given(
    bounds=st.lists(st.tuples(st.integers(-60, 100), st.integers(0, 60), st.booleans()), max_size=6),
    clock=st.sampled_from(["response", "confirmation"]),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_parts_of_a_sum_make_the_whole(bounds, clock):
    appointment = ServiceAppointment.objects.first() or make.requested(at=R0)
    Pause.objects.all().delete()
    paused(
        appointment,
        clock,
        *((R0 + n * HOUR, R0 + (n + length) * HOUR, *([R0] if void else [])) for n, length, void in bounds),
    )
    told = explained(appointment, clock)
    assert told.agrees
    if clock == "response":
        assert told.moved_at == told.due_at
    else:
        assert timedelta() <= told.due_at - told.moved_at < timedelta(days=1)


@pytest.mark.clause("2.3.3")
@pytest.mark.scenario("S34")
def test_a_promise_is_told_with_its_source():
    product = make.a_product()
    commit(product, Promise(Dimension.RESPONSE_HOURS, 24), begins_at=instant("2025-06-01T00:00:00Z"))
    cover = make.a_cover(product)
    appointment = make.requested(cover, at=instant("2026-06-01T10:00:00+08:00"))
    told = explained(appointment, "response")
    assert told.due_at == instant("2026-06-02T02:00:00Z")
    assert (told.number_words, told.amount_words, told.promised) == ("48 hours", "24 hours", "response_hours")
    [source] = told.sources
    assert (source.where, source.statement) == ("product page", "hours to respond: 24")
    assert explained(appointment, "confirmation").sources == ()


def test_a_sum_that_differs_from_the_table_is_seen_and_logged():
    appointment = make.requested(at=R0)
    Deadline.objects.filter(clock="response").update(due_at=DUE + timedelta(microseconds=1))
    with capture_logs() as logs:
        told = explained(appointment, "response")
    assert not told.agrees
    assert (logs[0]["event"], logs[0]["counted"]) == ("limit_disagrees", DUE)


def test_a_sum_asks_a_constant_number_of_questions():
    appointment = make.requested(at=R0)
    row = limits_for(make.buyer_of(appointment)).get(clock="response")
    with CaptureQueriesContext(connection) as plain:
        explanation(row)
    paused(appointment, "response", *((R0 + n * HOUR, R0 + n * HOUR + HOUR / 2) for n in range(5)))
    row = limits_for(make.buyer_of(appointment)).get(clock="response")
    with CaptureQueriesContext(connection) as many:
        explanation(row)
    assert len(plain) == len(many) == 2


@pytest.mark.clause("2.3.1")
@pytest.mark.clause("2.3.2")
@pytest.mark.clause("2.3.3")
@given(
    at=st.datetimes(instant("2025-11-20T09:00:00Z").replace(tzinfo=None), R0.replace(year=2026, month=11, tzinfo=None)),
    method=st.sampled_from(["door", "point", "remote"]),
    promises=st.sets(st.sampled_from([("response_hours", 24), ("solution_hours", 12), ("confirmation_days", 3)])),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_would_be_is_what_a_request_gets(at, method, promises):
    at = at.replace(tzinfo=R0.tzinfo)
    product = make.a_product()
    for dimension, value in sorted(promises):
        commit(product, Promise(Dimension(dimension), value))
    cover = make.a_cover(product)
    point = make.a_point(cover.seller, has_published_slots=False)
    with CaptureQueriesContext(connection) as asked:
        told = would_be(cover, method, at=at)
    assert all(query["sql"].startswith("SELECT") for query in asked)
    appointment = make.requested(cover, at=at, method=method, point=point if method == "point" else None)
    rows = appointment.deadlines.order_by("id")
    assert [(each.clock, each.clause, each.started_at, each.amount, each.promised, each.due_at) for each in told] == [
        (row.clock, row.clause, row.started_at, row.amount, row.promised, row.due_at) for row in rows
    ]


@pytest.mark.clause("2.3.4")
@pytest.mark.clause("2.2.1")
def test_what_would_be_is_refused_as_the_request_would_be():
    cover = make.a_cover(make.a_product(methods=["door"], service_types=["installation"]))
    assert cover.ends_at
    for method, at, code in (
        ("door", cover.ends_at + timedelta(microseconds=1), "cover_expired"),
        ("remote", R0, "method_not_offered"),
    ):
        with pytest.raises(RuleBroken, match=code):
            would_be(cover, method, at=at)
        with pytest.raises(RuleBroken, match=code):
            make.requested(cover, at=at, method=method)
    assert not ServiceCase.objects.exists()
    assert not Event.objects.filter(stream__startswith="case/").exists()


@pytest.mark.clause("2.3.1")
@pytest.mark.parametrize("method", ["door", "point", "remote"])
def test_what_would_be_knows_the_outage_under_which_the_request_would_come(method):
    outage = claims.an_outage(R0 - 2 * HOUR, R0 + 5 * HOUR, at=R0 + 6 * HOUR)
    decide_outage(outage, approved=True, reason="Seen.", by=claims.an_administrator(), at=R0 + 6 * HOUR)
    apply_outages(now=lambda: R0 + 6 * HOUR)
    cover = make.a_cover()
    asked = would_be(cover, method, at=R0)
    assert Deadline.objects.count() == Pause.objects.count() == 0
    made = make.requested(cover, at=R0, method=method, point=make.a_point(cover.seller, has_published_slots=False))
    assert {each.clock: each.due_at for each in asked} == {row.clock: row.due_at for row in made.deadlines.all()}
    assert {each.paused for each in asked} == {5 * HOUR}


@pytest.mark.clause("2.3.1")
def test_the_platforms_own_limit_is_told_like_every_other():
    appointment = make.requested(at=R0)
    flag(make.offered(appointment, at=R0 + HOUR), "Too far.", by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    told = explained(appointment, "offer_ruling")
    assert (str(told.start_words), told.amount_words) == ("The offer was flagged", "3 natural days")
    assert told.agrees
