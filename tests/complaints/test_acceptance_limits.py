"""Each item of the acceptance test through the action, on both sides of its last instant, with its reason and pointer (3.3)."""

from datetime import timedelta

import pytest

from cases.actions.offers import refuse
from cases.models import Cover, Order, ServiceCase
from cases.sweep import sweep_batch
from complaints.acceptance import WORDS
from complaints.models import Complaint
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.accounts import UserFactory
from tests.factories.complaints import BREACH, FILED, HOUR, MICROSECOND, R0
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.3")]


def told(complaint):
    """The code and the pointer of each failed item; the others hold and point nowhere."""
    kept = Complaint.objects.get(pk=complaint.pk).acceptance
    assert len(kept) == 9
    assert all(item["reason"] and not item["pointer"] for item in kept if item["passed"])
    return [(item["code"], item["pointer"]) for item in kept if not item["passed"]]


def only(code):
    return [(code, str(WORDS[code].pointer))]


def rejected_for(complaint, code):
    assert complaint.state == "rejected"
    assert told(complaint) == only(code)


def test_every_item_has_a_reason_code_and_a_pointer_of_its_own():
    assert len({str(words.pointer) for words in WORDS.values()}) == len(WORDS) == 9
    assert len({str(words.fails) for words in WORDS.values()}) == 9


@pytest.mark.scenario("S73")
@pytest.mark.parametrize("protection", ["bank_transfer", "card", "wallet", "none", ""])
def test_only_trade_assurance_is_credit_insured(protection):
    appointment = file.unanswered()
    Order.objects.filter(pk=appointment.case.cover.order_id).update(protection=protection)
    rejected_for(file.filed(appointment), "not_trade_assurance")


def test_an_order_of_a_shop_counter_is_not_online():
    appointment = file.unanswered()
    Order.objects.filter(pk=appointment.case.cover.order_id).update(is_online=False)
    rejected_for(file.filed(appointment), "not_online")


def test_a_line_that_bore_no_mark_is_not_marked():
    appointment = file.unanswered()
    cover = appointment.case.cover
    Cover.objects.filter(pk=cover.pk).update(snapshot={**cover.snapshot, "marked": False})
    rejected_for(file.filed(appointment), "not_marked")


def test_a_case_of_somebody_who_is_not_the_orders_buyer():
    appointment = file.unanswered()
    heir = UserFactory()
    ServiceCase.objects.filter(pk=appointment.case_id).update(buyer=heir)
    appointment.case.refresh_from_db(fields=["title"])
    by = make.buyer_of(ServiceCase.objects.get(pk=appointment.case_id))
    rejected_for(file.filed(appointment, by=by), "not_the_buyer")


@pytest.mark.parametrize(("clause", "code"), [("2.3.3", None), ("", "not_a_duty")])
def test_only_a_duty_of_section_two(clause, code):
    complaint = file.filed(file.unanswered(), clause=clause, breach_at=BREACH + HOUR)
    assert told(complaint) == (only(code) if code else [])


def test_a_request_received_in_the_last_microsecond_of_the_cover_is_owed_and_complained_of():
    cover = make.a_cover()
    ends_at = cover.ends_at
    appointment = make.requested(cover, at=ends_at)
    sweep_batch(at=ends_at + timedelta(hours=49))
    complaint = file.filed(make.fresh(appointment), at=ends_at + timedelta(days=3))
    assert (complaint.state, told(complaint)) == ("negotiating", [])
    assert complaint.breach_at == ends_at + timedelta(hours=48)


@pytest.mark.parametrize(("step", "code"), [(-MICROSECOND, "request_outside_cover"), (timedelta(0), None)])
def test_what_the_buyer_tells_counts_from_the_instant_of_the_request(step, code):
    complaint = file.filed(file.unanswered(), clause="2.3.1", breach_at=R0 + step)
    assert told(complaint) == (only(code) if code else [])


@pytest.mark.scenario("S76")
@pytest.mark.parametrize(("step", "code"), [(-MICROSECOND, None), (timedelta(0), None), (MICROSECOND, "out_of_time")])
def test_ninety_natural_days_end_at_midnight_of_the_platform(step, code):
    complaint = file.filed(at=instant("2026-06-02T16:00:00Z") + step)
    assert told(complaint) == (only(code) if code else [])


@pytest.mark.scenario("S76")
@pytest.mark.parametrize(
    ("breach_at", "until"),
    [("2026-03-04T15:59:59.999999Z", "2026-06-02T16:00:00Z"), ("2026-03-04T16:00:00Z", "2026-06-03T16:00:00Z")],
)
def test_the_day_of_the_breach_is_that_of_the_platform(breach_at, until):
    appointment, other = file.unanswered(), file.unanswered()
    given = {"clause": "2.3.4", "breach_at": instant(breach_at)}
    assert told(file.filed(appointment, at=instant(until), **given)) == []
    assert told(file.filed(other, at=instant(until) + MICROSECOND, **given)) == only("out_of_time")


MIDNIGHT = instant("2026-03-05T16:00:00Z")


@pytest.mark.parametrize(("step", "code"), [(-MICROSECOND, None), (timedelta(0), "duplicate")])
def test_the_same_duty_of_one_natural_day_is_told_once(step, code):
    """The sixth of March of the platform begins at 16:00 UTC of the fifth."""
    appointment = file.unanswered()
    assert told(file.filed(appointment, clause="2.3.3", breach_at=MIDNIGHT + HOUR)) == []
    complaint = file.filed(appointment, clause="2.3.3", breach_at=MIDNIGHT + step)
    assert told(complaint) == (only(code) if code else [])


def settled(complaint):
    for by in (make.buyer_of(complaint), make.seller_of(complaint)):
        file.proposed(complaint, "A visit on Monday.", by=by)


@pytest.mark.parametrize("is_settled", [False, True])
@pytest.mark.parametrize("fact_first", [False, True])
def test_a_missed_limit_is_not_complained_of_once_more_by_telling_it(is_settled, fact_first):
    appointment = file.unanswered()
    in_words = {"clause": "2.3.1", "breach_at": BREACH}
    first, second = ({}, in_words) if fact_first else (in_words, {})
    complaint = file.filed(appointment, **first)
    if is_settled:
        settled(complaint)
    rejected_for(
        file.filed(appointment, at=FILED + 2 * HOUR, **second), "settled_before" if is_settled else "duplicate"
    )


def test_determined_is_a_duplicate_too_and_what_never_stood_is_none():
    appointment = file.unanswered()
    file.withdrawn(file.filed(appointment))
    Order.objects.filter(pk=appointment.case.cover.order_id).update(protection="bank_transfer")
    appointment = make.fresh(appointment)
    rejected_for(file.filed(appointment, at=FILED + HOUR), "not_trade_assurance")
    Order.objects.filter(pk=appointment.case.cover.order_id).update(protection="trade_assurance")
    complaint = file.filed(make.fresh(appointment), at=FILED + 2 * HOUR)
    assert complaint.state == "negotiating"
    file.determined(file.escalated(complaint, at=FILED + timedelta(days=4)), at=FILED + timedelta(days=5))
    rejected_for(file.filed(make.fresh(appointment), at=FILED + timedelta(days=6)), "duplicate")


def test_a_second_refusal_after_a_cure_is_another_breach_with_an_instant_of_its_own():
    appointment = make.requested(at=R0)
    seller = make.seller_of(appointment)
    refuse(appointment, "No parts.", by=seller, at=R0 + HOUR)
    first = file.filed(appointment, at=R0 + 2 * HOUR, breach=f"refusal/{appointment.pk}")
    settled(first)
    make.accepted(make.offered(make.fresh(appointment), at=R0 + 3 * HOUR), at=R0 + 4 * HOUR)
    refuse(make.fresh(appointment), "Nobody is free.", by=seller, at=BREACH)
    rejected_for(file.filed(appointment, at=FILED, breach=f"refusal/{appointment.pk}"), "settled_before")
    until = instant("2026-06-02T16:00:00Z")
    second = file.filed(appointment, at=until, breach=f"refusal/{appointment.pk}/2")
    assert (second.breach_at, told(second)) == (BREACH, [])


@pytest.mark.parametrize(("step", "is_another"), [(-MICROSECOND, False), (timedelta(0), True)])
def test_what_goes_wrong_once_the_service_went_on_is_another_breach(step, is_another):
    """The limit that was missed before speaks for itself no longer from the buyer's acceptance on."""
    appointment, cured_at = file.unanswered(), BREACH + 2 * HOUR
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=BREACH + HOUR)
    make.accepted(appointment.offers.get(), at=cured_at)
    complaint = file.filed(make.fresh(appointment), at=BREACH + 3 * HOUR, clause="2.3.1", breach_at=cured_at + step)
    assert (complaint.breach, complaint.breach_at) == (
        ("", cured_at) if is_another else (file.fact_of(appointment), BREACH)
    )
