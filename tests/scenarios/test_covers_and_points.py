"""Scenarios of covers, service points, disclosure and commitments: S34, S35, S48, S52, S57 to S61, S20, S24."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.actions.confirm import confirm
from cases.actions.orders import ingest_order
from cases.deadlines import settle
from cases.models import Cover, Deadline, Visit
from cases.sweep import sweep_batch
from cases.terms import DisclosureItems
from sellers.models import MarkPeriod
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.accounts.actors import Channel, system
from zestech_aftersales.rulebook import RuleBroken

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
MICROSECOND = timedelta(microseconds=1)


def due(appointment, kind):
    return Deadline.objects.get(appointment=appointment, clock=kind).due_at


def paid(at, **given):
    at = instant(at)
    return make.told(make.an_order_record(make.a_product(), placed_at=at - timedelta(hours=1), paid_at=at, **given))


@pytest.mark.scenario("S20")
@pytest.mark.clause("2.3.1")
@pytest.mark.clause("5.1")
@pytest.mark.parametrize(
    ("received_at", "due_at"),
    [
        ("2026-03-02T23:59:59.999999+08:00", "2026-03-16T16:00:00Z"),
        ("2026-03-03T00:00:00+08:00", "2026-03-17T16:00:00Z"),
    ],
)
def test_the_start_day_in_the_platforms_zone_is_not_counted(received_at, due_at):
    assert due(make.requested(at=instant(received_at)), "confirmation") == instant(due_at)


@pytest.mark.scenario("S24")
@pytest.mark.clause("5.1")
@pytest.mark.parametrize(
    ("paid_at", "received_at", "due_at"),
    [
        ("2023-11-20T08:00:00Z", "2024-02-15T12:00:00+08:00", "2024-02-29T16:00:00Z"),
        ("2022-11-20T08:00:00Z", "2023-02-15T12:00:00+08:00", "2023-03-01T16:00:00Z"),
    ],
)
def test_fourteen_days_over_the_end_of_february(paid_at, received_at, due_at):
    assert due(make.requested(paid(paid_at), at=instant(received_at)), "confirmation") == instant(due_at)


@pytest.mark.scenario("S34")
@pytest.mark.scenario("S35")
@pytest.mark.clause("2.3.3")
@pytest.mark.parametrize(
    ("hours", "state", "due_at"), [(24, "binding", "2026-06-02T02:00:00Z"), (72, "void", "2026-06-03T02:00:00Z")]
)
def test_a_promise_on_the_page_binds_only_when_it_is_better(hours, state, due_at):
    product = make.a_product()
    said = commit(product, Promise(Dimension.RESPONSE_HOURS, hours), begins_at=instant("2025-01-01T00:00:00Z"))
    assert list(said.terms.values_list("state", flat=True)) == [state]
    appointment = make.requested(make.a_cover(product), at=instant("2026-06-01T10:00:00+08:00"))
    assert due(appointment, "response") == instant(due_at)


@pytest.mark.scenario("S48")
@pytest.mark.clause("2.3.2")
def test_a_service_point_runs_48_hours_and_nothing_else():
    cover = make.a_cover()
    point = make.a_point(cover.seller, has_published_slots=False)
    appointment = make.requested(cover, at=instant("2026-05-01T18:00:00+04:00"), method="point", point=point)
    assert due(appointment, "solution") == instant("2026-05-03T14:00:00Z")
    assert Deadline.objects.filter(appointment=appointment).count() == 1


@pytest.mark.scenario("S52")
@pytest.mark.clause("2.3.4")
def test_the_cover_ends_with_its_last_instant_inside():
    cover = paid("2023-03-01T10:00:00+08:00")
    end = instant("2024-03-01T16:00:00Z")
    assert cover.ends_at == end
    with pytest.raises(RuleBroken, match="cover_expired") as refused:
        make.requested(cover, at=end + MICROSECOND)
    assert (refused.value.status, refused.value.clause) == (422, "2.3.4")
    assert make.requested(cover, at=end).state == "requested"


@pytest.mark.scenario("S53")
@pytest.mark.clause("2.3.4")
def test_a_cover_from_the_leap_day_ends_on_28_february():
    assert paid("2024-02-29T10:00:00+08:00").ends_at == instant("2025-02-28T16:00:00Z")


@pytest.mark.scenario("S57")
@pytest.mark.clause("2.3.4")
def test_a_request_in_the_last_hour_is_owed_beyond_the_end():
    cover = paid("2023-03-01T10:00:00+08:00")
    at = instant("2024-03-01T15:30:00Z")
    appointment = make.requested(cover, at=at)
    made = make.offered(appointment, at=at + timedelta(hours=47))
    make.accepted(made, at=at + timedelta(hours=50))
    confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=at + timedelta(days=5))
    assert make.fresh(appointment).state == "confirmed"


@pytest.mark.scenario("S57")
@pytest.mark.clause("2.3.1")
@pytest.mark.clause("2.3.4")
def test_nobodys_answer_to_a_request_in_the_last_hour_is_a_refusal_though_the_cover_is_over():
    cover = paid("2023-03-01T10:00:00+08:00")
    appointment = make.requested(cover, at=instant("2024-03-01T15:30:00Z"))
    answer_due = instant("2024-03-03T15:30:00Z")
    assert cover.ends_at < answer_due
    assert sweep_batch(at=answer_due + settle() + MICROSECOND) == 1
    refused = make.fresh(appointment)
    assert (refused.state, refused.ended_at) == ("deemed_refused", answer_due)


@pytest.mark.scenario("S58")
@pytest.mark.clause("2.3.4")
def test_a_full_refund_voids_the_cover_and_cancels_what_is_open():
    record = make.an_order_record(
        make.a_product(), placed_at=instant("2025-05-01T00:00:00Z"), paid_at=instant("2025-05-01T01:00:00Z")
    )
    cover = make.told(record)
    refunded_at = instant("2025-06-01T00:00:00Z")
    appointment = make.requested(cover, at=refunded_at - timedelta(hours=1))
    ingest_order(
        replace(record, refunded_at=refunded_at), by=system(Channel.IMPORT), at=refunded_at + timedelta(hours=60)
    )
    appointment = make.fresh(appointment)
    assert make.fresh(cover).state == "void"
    assert (appointment.state, appointment.end_reason, appointment.ended_at) == ("cancelled", "refund", refunded_at)
    assert not Deadline.objects.filter(appointment=appointment, state__in=["running", "missed"]).exists()


@pytest.mark.scenario("S59")
@pytest.mark.clause("5.2")
def test_the_rules_hold_for_orders_paid_from_the_first_day_on():
    before = paid("2021-12-26T23:59:59+08:00")
    assert (before.state, before.reason) == ("not_covered", "before_rules")
    first = paid("2021-12-27T00:00:00+08:00")
    assert (first.state, first.ends_at) == ("active", instant("2022-12-27T16:00:00Z"))


@pytest.mark.scenario("S60")
@pytest.mark.clause("1.1")
def test_a_mark_added_the_next_day_covers_nothing():
    product = make.a_product(marked=False)
    MarkPeriod.objects.create(product=product, begins_at=make.PLACED + timedelta(days=1))
    cover = make.a_cover(product)
    assert (cover.state, cover.reason) == ("not_covered", "unmarked")
    with pytest.raises(RuleBroken, match="not_covered"):
        make.requested(cover, at=R0)


@pytest.mark.scenario("S60")
@pytest.mark.clause("2.3.3")
def test_a_promised_cover_makes_up_for_the_missing_mark():
    product = make.a_product(marked=False)
    commit(product, Promise(Dimension.COVER_MONTHS, 24))
    cover = make.a_cover(product)
    # Paid on 20 November 2025.
    assert (cover.state, cover.reason, cover.ends_at) == ("active", "", instant("2027-11-20T16:00:00Z"))
    assert make.requested(cover, at=R0).state == "requested"


@pytest.mark.scenario("S61")
@pytest.mark.clause("3.1")
def test_confirming_without_a_charging_standard_is_refused_and_changes_nothing():
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0 + timedelta(hours=1)), at=R0 + timedelta(hours=2))
    gap = DisclosureItems("until the cover ends", "no limit", "installation", "  ")
    with pytest.raises(RuleBroken, match="disclosure_incomplete") as refused:
        confirm(appointment, items=gap, by=make.seller_of(appointment), at=R0 + timedelta(hours=3))
    assert (refused.value.status, refused.value.clause) == (422, "3.1")
    assert refused.value.context == {"missing": ["charging_standard"]}
    with pytest.raises(RuleBroken, match="disclosure_incomplete"):
        confirm(appointment, by=make.seller_of(appointment), at=R0 + timedelta(hours=3))
    assert make.fresh(appointment).state == "agreed"
    assert Deadline.objects.get(appointment=appointment, clock="confirmation").state == "running"
    assert not Visit.objects.exists()


@pytest.mark.clause("1.1")
def test_every_line_without_a_cover_says_why():
    cover = make.told(make.an_order_record(make.a_product(), paid_at=None, cancelled_at=make.PAID), at=make.PAID)
    assert (cover.state, cover.get_reason_display()) == (
        "not_covered",
        "The order was cancelled before it was paid.",
    )
    assert Cover.objects.get(pk=cover.pk).starts_at is None
