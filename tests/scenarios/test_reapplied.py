"""A limit that moves later, or a miss that is taken back: what was kept as late is applied in the order received."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions.answers import accept, counter
from cases.actions.cancel import cancel
from cases.actions.confirm import confirm
from cases.actions.new_dates import accept_new_date, decline_new_date, propose_new_date
from cases.actions.offers import offer, refuse, revise
from cases.actions.outages import decide_outage
from cases.actions.rulings import flag, rule_on_offer
from cases.models import DateProposal, Deadline, Disclosure, Offer, Visit
from cases.outages import apply_outages
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from complaints.models import Violation
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import visits as make_visit
from tests.instants import instant
from zestech_aftersales.accounts.actors import Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.2"), pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def counted_again(settings, tmp_path):
    """After each test everything is counted again from the events alone, and nothing may differ."""
    settings.MEDIA_ROOT = tmp_path
    yield
    assert [found for found in verify(Tally(), at=R0) if found.what != "seal"] == []


def clock(appointment, kind):
    return Deadline.objects.filter(appointment=appointment, clock=kind).latest("id")


def kinds(appointment):
    return list(Event.objects.filter(subject=appointment.subject).order_by("id").values_list("kind", flat=True))


def late(call, *args, **kwargs):
    """Received after the limit: refused, and kept."""
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code


def paused(appointment, duties, *, length=HOUR, before):
    """A granted event of a known length that ends before `before` and stops the named duties; granted a day later."""
    end = before - HOUR
    filed = claim.claimed(
        appointment, at=before + 2 * HOUR, begins_at=end - length, ends_at=end, duties=duties, proven=True
    )
    claim.granted(filed, at=before + 24 * HOUR)


@pytest.fixture
def agreed():
    """A date that the buyer accepted and the seller has not confirmed."""
    appointment = make.requested(at=R0)
    return make.accepted(make.offered(appointment, at=R0 + HOUR), at=R0 + 2 * HOUR)


def confirmed_late(appointment, at, **given):
    by = given.pop("by", make.seller_of(appointment))
    return late(confirm, appointment, by=by, at=at, **{"items": make.ALL_ITEMS, **given})


@pytest.mark.parametrize("beyond", [timedelta(0), MICROSECOND])
def test_a_confirmation_inside_the_corrected_limit_confirms(agreed, beyond):
    # The hour in which the buyer decided has moved it by a day already: 24 more move it by another.
    due = clock(agreed, "confirmation").due_at
    moved = due + 24 * HOUR
    at = moved + beyond
    assert confirmed_late(agreed, at) == "deadline_passed"
    relay_batch(at=at)
    assert Violation.objects.get().state == "candidate"
    paused(agreed, ["confirmation"], before=due, length=24 * HOUR)
    relay_batch(at=at + 24 * HOUR)
    now, row = make.fresh(agreed), clock(agreed, "confirmation")
    if beyond:
        assert (now.state, now.ended_at, row.state, row.due_at) == ("deemed_refused", moved, "missed", moved)
        assert not Visit.objects.exists()
        return
    assert (now.state, now.ended_at, now.next_due_at) == ("confirmed", None, None)
    assert (row.state, row.ended_at, row.due_at) == ("met", at, moved)
    visit = Visit.objects.get(appointment=agreed)
    assert (visit.state, visit.contact_name) == ("planned", "Service desk")
    told = Event.objects.get(subject=agreed.subject, kind="appointment.confirmed")
    assert (told.effective_at, told.clause) == (at, "2.3.1")
    assert kinds(agreed)[-2:] == ["appointment.rescinded", "appointment.confirmed"]
    assert Violation.objects.get().state == "dismissed"


@pytest.mark.clause("3.1")
def test_a_kept_confirmation_without_the_four_items_confirms_nothing_unless_it_was_a_mail(agreed):
    other = make.accepted(make.offered(make.requested(at=R0), at=R0 + HOUR), at=R0 + 2 * HOUR)
    due = clock(agreed, "confirmation").due_at
    confirmed_late(agreed, due + HOUR, items=None)
    confirmed_late(other, due + HOUR, items=None, by=make.seller_of(other, channel=Channel.MAIL))
    for each in (agreed, other):
        paused(each, ["confirmation"], before=due, length=30 * HOUR)
    assert (make.fresh(agreed).state, make.fresh(agreed).has_disclosure_gap) == ("agreed", False)
    assert (make.fresh(other).state, make.fresh(other).has_disclosure_gap) == ("confirmed", True)
    assert not Disclosure.objects.exists()


def test_the_engineer_of_a_kept_confirmation_comes_unless_he_is_elsewhere_by_then():
    appointment = make.requested(at=R0)
    agreed = make.accepted(make.offered(appointment, at=R0 + HOUR, windows=make.far_off(R0)), at=R0 + 2 * HOUR)
    engineer = make.an_engineer(agreed.seller, name="Li")
    due = clock(agreed, "confirmation").due_at
    confirmed_late(agreed, due + HOUR, engineer=engineer)
    elsewhere = make.requested(make.a_cover(make.a_product(agreed.seller)), at=R0)
    taken = make.accepted(make.offered(elsewhere, at=R0 + HOUR, windows=make.far_off(R0)), at=R0 + 2 * HOUR)
    confirm(taken, items=make.ALL_ITEMS, engineer=engineer, by=make.seller_of(taken), at=R0 + 3 * HOUR)
    paused(agreed, ["confirmation"], before=due, length=24 * HOUR)
    visit = Visit.objects.get(appointment=agreed)
    assert (visit.state, visit.engineer, visit.contact_name) == ("planned", None, "Li")


@pytest.mark.parametrize("first", ["confirm", "cancel"])
def test_two_kept_commands_are_applied_in_the_order_received_whichever_was_stored_first(agreed, first):
    due = clock(agreed, "confirmation").due_at
    confirmed_at, cancelled_at = (due + HOUR, due + 2 * HOUR) if first == "confirm" else (due + 2 * HOUR, due + HOUR)
    # Stored in the other order: the first one received took longer on its way.
    todo = [
        lambda: confirmed_late(agreed, confirmed_at),
        lambda: late(cancel, agreed, "Found somebody.", by=make.buyer_of(agreed), at=cancelled_at),
    ]
    for store in todo if first == "cancel" else reversed(todo):
        store()
    paused(agreed, ["confirmation"], before=due, length=24 * HOUR)
    now = make.fresh(agreed)
    # Either way the cancellation stands and nobody is to blame; the visit was only planned where it was confirmed first.
    assert (now.state, now.ended_at) == ("cancelled", cancelled_at)
    after = kinds(agreed)[kinds(agreed).index("appointment.rescinded") + 1 :]
    assert after == (["appointment.confirmed"] if first == "confirm" else []) + ["appointment.cancelled"]
    assert clock(agreed, "confirmation").state == ("met" if first == "confirm" else "voided")
    relay_batch(at=due + 48 * HOUR)
    assert not Violation.objects.exclude(state="dismissed").exists()


def test_an_offer_after_a_kept_refusal_still_waits_for_the_buyer():
    appointment = make.requested(at=R0)
    seller = make.seller_of(appointment)
    late(refuse, appointment, "Nobody there.", by=seller, at=DUE + HOUR)
    late(offer, appointment, make.offer_terms(DUE + 2 * HOUR), by=seller, at=DUE + 2 * HOUR)
    paused(appointment, ["response"], before=DUE, length=10 * HOUR)
    now, made = make.fresh(appointment), Offer.objects.get()
    assert (now.state, now.ended_at, made.state) == ("refused", DUE + HOUR, "standing")
    assert make.accepted(made, at=DUE + 30 * HOUR).state == "agreed"


def test_two_kept_offers_are_an_offer_and_its_revision():
    appointment = make.requested(at=R0)
    for n in (1, 2):
        at = DUE + n * HOUR
        late(offer, appointment, make.offer_terms(at), by=make.seller_of(appointment), at=at)
    paused(appointment, ["response"], before=DUE, length=10 * HOUR)
    first, second = Offer.objects.order_by("id")
    assert (first.state, second.state, first.is_late, second.is_late) == ("replaced", "standing", False, False)
    assert clock(appointment, "response").ended_at == DUE + HOUR
    assert kinds(appointment)[-3:] == ["appointment.rescinded", "appointment.proposed", "offer.revised"]


def test_what_came_after_another_limit_had_passed_stays_late():
    # Only the reply was stopped, for longer than the 14 days: those pass in between, and count.
    appointment = make.requested(at=R0)
    fourteen = clock(appointment, "confirmation").due_at
    late(offer, appointment, make.offer_terms(fourteen), by=make.seller_of(appointment), at=fourteen + MICROSECOND)
    begins = DUE - HOUR
    filed = claim.claimed(
        appointment, at=begins + 47 * HOUR, begins_at=begins, ends_at=fourteen + HOUR, duties=["response"], proven=True
    )
    claim.granted(filed, at=fourteen + 2 * HOUR)
    now = make.fresh(appointment)
    assert (now.state, now.ended_at, now.end_reason) == ("deemed_refused", fourteen, "confirmation")
    assert (Offer.objects.get().state, Offer.objects.get().is_late) == ("standing", True)


def test_a_kept_yes_to_the_counter_offer_agrees():
    appointment = make.requested(at=R0)
    made = make.offered(appointment, at=R0 + HOUR)
    wish = counter(made, wish="Only after six.", by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    due = clock(appointment, "counter").due_at
    assert late(accept, wish, by=make.seller_of(appointment), at=due + HOUR) == "deadline_passed"
    paused(appointment, ["counter"], before=due, length=10 * HOUR)
    assert (make.fresh(appointment).state, make.fresh(wish).state) == ("agreed", "accepted")
    assert clock(appointment, "counter").ended_at == due + HOUR


@pytest.mark.parametrize("beyond", [timedelta(0), MICROSECOND])
@pytest.mark.parametrize("answer", ["accept", "counter"])
def test_the_buyers_answer_inside_a_tolled_silence_counts(answer, beyond):
    appointment = make.requested(at=R0)
    made = make.offered(appointment, at=R0 + HOUR, windows=make.far_off(R0))
    due, buyer = clock(appointment, "buyer_silence").due_at, make.with_key(make.buyer_of(appointment), "answer")
    at = due + 24 * HOUR + beyond
    for _click in range(2):
        if answer == "accept":
            assert late(accept, made, window=1, by=buyer, at=at) == "lapsed"
        else:
            assert late(counter, made, wish="Only after six.", by=buyer, at=at) == "lapsed"
    toll(due - HOUR, due + HOUR, at=at + HOUR)
    now = make.fresh(appointment)
    if beyond:
        assert (now.state, now.ended_at, make.fresh(made).state) == ("lapsed", due + 24 * HOUR, "void")
        return
    assert clock(appointment, "buyer_silence").ended_at == at
    if answer == "accept":
        assert (now.state, make.fresh(made).state, make.fresh(made).accepted_window) == ("agreed", "accepted", 1)
        assert clock(appointment, "confirmation").due_at == now.next_due_at is not None
    else:
        assert (now.state, make.fresh(made).state) == ("countered", "replaced")
        # The seller hears of it only now.
        assert clock(appointment, "counter").started_at == at + HOUR
        assert Offer.objects.get(side="buyer").plan == "Only after six."


def toll(begins_at, ends_at, *, at):
    outage = claim.an_outage(begins_at, ends_at, at=at)
    decide_outage(outage, approved=True, reason="The logs say so.", by=claim.an_administrator(), at=at)
    apply_outages(now=lambda: at)


def test_an_offer_that_a_rejection_made_late_and_an_outage_timely_again_is_proposed_again():
    appointment = make.requested(at=R0)
    begins, at = DUE - 4 * HOUR, DUE + 2 * HOUR
    filed = claim.claimed(
        appointment, at=DUE - 3 * HOUR, begins_at=begins, ends_at=DUE, duties=["response"], proven=True
    )
    made = make.offered(appointment, at=at)
    claim.rejected(filed, at=at + HOUR)
    assert (make.fresh(appointment).state, make.fresh(made).is_late) == ("deemed_refused", True)
    toll(DUE - HOUR, at, at=at + 2 * HOUR)
    now = make.fresh(appointment)
    assert (now.state, make.fresh(made).state, make.fresh(made).is_late) == ("proposed", "standing", False)
    assert clock(appointment, "response").ended_at == at
    assert clock(appointment, "buyer_silence").started_at == at + 2 * HOUR


@pytest.fixture
def missed():
    """A visit to which nobody came; the seller owes a new date."""
    return make_visit.nobody_came(make_visit.planned())


@pytest.mark.parametrize("beyond", [timedelta(0), MICROSECOND])
def test_a_new_date_inside_the_corrected_limit_is_proposed(missed, beyond):
    appointment = missed.appointment
    seller, due = make.seller_of(appointment), clock(appointment, "new_date").due_at
    at = due + HOUR + beyond
    assert late(propose_new_date, appointment, [make_visit.window_after(at)], by=seller, at=at) == "deadline_passed"
    paused(appointment, ["new_date"], before=due)
    now, row = make.fresh(appointment), clock(appointment, "new_date")
    if beyond:
        assert (now.state, now.ended_at, Offer.objects.latest("id").state) == ("deemed_refused", due + HOUR, "standing")
        assert not DateProposal.objects.exists()
        return
    assert (now.state, row.state, row.ended_at) == ("confirmed", "met", at)
    assert Offer.objects.latest("id").state == "void"
    made = DateProposal.objects.get()
    assert (made.state, made.side, made.received_at, made.visit) == ("standing", "seller", at, missed)
    assert kinds(appointment)[-2:] == ["appointment.rescinded", "visit.date_proposed"]
    assert make_visit.taken(made, by=make.buyer_of(appointment), at=due + 25 * HOUR).number == 2


def test_a_kept_yes_to_the_buyers_date_plans_the_visit(missed):
    appointment, due = missed.appointment, clock(missed.appointment, "new_date").due_at
    made = make_visit.proposed(appointment, by=make.buyer_of(appointment), at=due - HOUR)
    assert late(accept_new_date, made, window=1, by=make.seller_of(appointment), at=due + HOUR) == "deadline_passed"
    paused(appointment, ["new_date"], before=due)
    assert (make.fresh(appointment).state, make.fresh(made).state) == ("confirmed", "accepted")
    assert clock(appointment, "new_date").ended_at == due + HOUR
    assert [visit.state for visit in Visit.objects.order_by("number")] == ["seller_no_show", "planned"]
    assert kinds(appointment)[-1] == "visit.planned_anew"


def test_a_kept_no_and_a_later_date_are_both_applied(missed):
    appointment, due = missed.appointment, clock(missed.appointment, "new_date").due_at
    made = make_visit.proposed(appointment, by=make.buyer_of(appointment), at=due - HOUR)
    seller, at = make.seller_of(appointment), due + 2 * HOUR
    late(propose_new_date, appointment, [make_visit.window_after(at)], by=seller, at=at)
    late(decline_new_date, made, "Not on a Friday.", by=seller, at=due + HOUR)
    paused(appointment, ["new_date"], before=due, length=3 * HOUR)
    assert (make.fresh(made).state, make.fresh(made).wish) == ("declined", "Not on a Friday.")
    assert DateProposal.objects.latest("id").received_at == clock(appointment, "new_date").ended_at == at
    assert kinds(appointment)[-2:] == ["visit.date_declined", "visit.date_proposed"]


@pytest.mark.parametrize("swept", [False, True])
def test_a_reply_in_time_committed_after_a_cancellation_leaves_the_cancellation_standing(swept):
    # Invariant 14: whichever is stored first, what was received decides.
    appointment = make.requested(at=R0)
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    if swept:
        sweep_batch(at=DUE + MINUTE)
    late(cancel, appointment, "Too late for me.", by=buyer, at=DUE + MICROSECOND)
    relay_batch(at=DUE + MINUTE)
    offer(appointment, make.offer_terms(DUE), by=seller, at=DUE)
    now = make.fresh(appointment)
    assert (now.state, now.ended_at, now.next_due_at) == ("cancelled", DUE + MICROSECOND, None)
    assert [*Offer.objects.values_list("state", flat=True)] == ["void"]
    assert kinds(appointment)[-3:] == ["appointment.rescinded", "appointment.proposed", "appointment.cancelled"]
    relay_batch(at=DUE + 2 * MINUTE)
    assert not Violation.objects.exclude(state="dismissed").exists()


def test_a_confirmation_in_time_committed_after_a_cancellation_leaves_the_cancellation_standing(agreed):
    due = clock(agreed, "confirmation").due_at
    late(cancel, agreed, by=make.buyer_of(agreed), at=due + MICROSECOND)
    confirm(agreed, items=make.ALL_ITEMS, by=make.seller_of(agreed), at=due)
    assert (make.fresh(agreed).state, make.fresh(agreed).ended_at) == ("cancelled", due + MICROSECOND)


@pytest.mark.clause("2.3.2")
def test_the_slot_of_a_request_that_goes_on_is_taken_again():
    seller = make.a_seller()
    point, cover = make.a_point(seller), make.a_cover(make.a_product(seller))
    slot = instant("2026-03-20T06:00:00Z")
    appointment = make.requested(cover, at=R0, method="point", point=point, slot_starts_at=slot)
    sweep_batch(at=DUE + MINUTE)
    assert not appointment.seats.filter(released_at=None).exists()
    paused(appointment, ["solution"], before=DUE, length=40 * HOUR)
    assert make.fresh(appointment).state == "requested"
    assert appointment.seats.get(released_at=None).starts_at == slot


@pytest.mark.parametrize("beyond", [timedelta(0), MICROSECOND])
def test_a_revision_inside_a_tolled_silence_replaces_the_offer(beyond):
    appointment = make.requested(at=R0)
    made = make.offered(appointment, at=R0 + HOUR)
    due, seller = clock(appointment, "buyer_silence").due_at, make.with_key(make.seller_of(appointment), "revision")
    at = due + 24 * HOUR + beyond
    for _click in range(2):
        assert late(revise, made, make.offer_terms(at), by=seller, at=at) == "lapsed"
    toll(due - HOUR, due + HOUR, at=at + HOUR)
    [first, second] = Offer.objects.order_by("id")
    if beyond:
        assert (make.fresh(appointment).state, first.state, second.state) == ("lapsed", "void", "void")
        return
    assert (make.fresh(appointment).state, first.state, second.state) == ("proposed", "replaced", "standing")
    assert (second.is_late, clock(appointment, "buyer_silence").started_at) == (False, at + HOUR)
    assert kinds(appointment)[-2:] == ["appointment.rescinded", "offer.revised"]


@pytest.mark.parametrize("beyond", [timedelta(0), MICROSECOND])
def test_a_flag_inside_a_tolled_silence_waits_for_a_ruling(beyond):
    appointment = make.requested(at=R0)
    made = make.offered(appointment, at=R0 + HOUR)
    due = clock(appointment, "buyer_silence").due_at
    at = due + 24 * HOUR + beyond
    assert late(flag, made, "Nobody is named.", by=make.buyer_of(appointment), at=at) == "lapsed"
    toll(due - HOUR, due + HOUR, at=at + HOUR)
    if beyond:
        assert (make.fresh(appointment).state, make.fresh(made).state) == ("lapsed", "void")
        return
    assert (make.fresh(appointment).state, make.fresh(made).state) == ("proposed", "flagged")
    assert clock(appointment, "buyer_silence").due_at is None
    assert clock(appointment, "offer_ruling").started_at == at + HOUR
    ruled = rule_on_offer(
        make.fresh(made), is_reasonable=True, reason="One is.", by=claim.an_auditor(), at=at + 2 * HOUR
    )
    assert ruled.state == "proposed"


@pytest.mark.parametrize("incomplete", [{"price_terms": ""}, {"windows": []}, {"contact_name": ""}])
def test_what_came_late_and_is_no_effective_response_is_no_late_offer(incomplete):
    appointment = make.requested(at=R0)
    terms = make.offer_terms(DUE + HOUR, **incomplete)
    assert late(offer, appointment, terms, by=make.seller_of(appointment), at=DUE + HOUR) == "offer_incomplete"
    assert (make.fresh(appointment).state, Offer.objects.count()) == ("deemed_refused", 0)
