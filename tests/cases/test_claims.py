"""Claims beside what happens meanwhile: provisional pauses, decisions both ways, lapse, withdrawal, revocation."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django_fsm import TransitionNotAllowed

from cases import queries
from cases.actions import answers, offers
from cases.actions.cancel import cancel
from cases.actions.exclusions import add_proof, end_event, file_claim, lapse_claim, withdraw_claim
from cases.models import Deadline, Message, Offer
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from zestech_aftersales.accounts.actors import Seat, system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.2")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
MOVED = instant("2026-03-06T13:15:30Z")
C2_DUE = instant("2026-03-16T16:00:00Z")
FILED = instant("2026-03-03T02:00:00Z")
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def appointment():
    return make.requested(at=R0)


@pytest.fixture(autouse=True)
def counted_again():
    """After each test everything is counted again from the events alone, and nothing may differ."""
    yield
    # Nothing relayed here: seals are not looked at.
    assert [found for found in verify(Tally(), at=R0) if found.what != "seal"] == []


def clock(appointment, kind):
    return Deadline.objects.filter(appointment=appointment, clock=kind).latest("id")


def refusal_of(code):
    return pytest.raises(RuleBroken, match=code)


def test_a_claim_in_time_pauses_what_it_names_and_nothing_else(appointment):
    filed = claim.claimed(appointment, at=FILED, duties=["response"])
    assert filed.is_provisional
    assert clock(appointment, "response").due_at == make.fresh(appointment).next_due_at == MOVED
    assert clock(appointment, "confirmation").due_at == C2_DUE
    assert sweep_batch(at=DUE + HOUR) == 0
    event = Event.objects.get(kind="claim.filed")
    assert (event.subject, event.stream, event.clause) == (filed.cause, appointment.case.stream, "4.1.2")
    assert [change["change"] for change in event.detail["clocks"]] == ["paused"]


def test_an_embargo_stops_a_visit_not_a_reply(appointment):
    claim.claimed(appointment, at=FILED, duties=["visit"])
    assert clock(appointment, "response").due_at == DUE


def test_an_event_that_still_lasts_leaves_no_due_instant_until_it_is_over(appointment):
    filed = claim.claimed(appointment, at=FILED, ends_at=None)
    assert clock(appointment, "response").due_at is None
    over = claim.TYPHOON[1]
    with refusal_of("end_invalid"):
        end_event(filed, over, by=make.seller_of(appointment), at=over - HOUR)
    end_event(filed, over, by=make.seller_of(appointment), at=over + HOUR)
    assert clock(appointment, "response").due_at == MOVED
    with refusal_of("end_known"):
        end_event(filed, over, by=make.seller_of(appointment), at=over + HOUR)


def test_a_clock_that_starts_while_the_claim_stands_is_paused_as_well(appointment):
    claim.claimed(appointment, at=FILED, duties=["counter"])
    made = make.offered(appointment, at=FILED + HOUR)
    at = FILED + 2 * HOUR
    answers.counter(made, wish="Saturday", by=make.buyer_of(appointment), at=at)
    assert clock(appointment, "counter").due_at == claim.TYPHOON[1] + 48 * HOUR


@pytest.mark.parametrize("missing", ["kind", "place", "begins_at", "duties", "statement"])
def test_a_claim_names_event_place_time_duties_and_evidence(appointment, missing):
    with refusal_of("claim_incomplete") as refused:
        claim.claimed(appointment, at=FILED, **{missing: None if missing == "begins_at" else ""})
    assert refused.value.context == {"missing": [missing]}
    assert not appointment.claims.exists()


def test_notice_is_in_time_48_hours_after_the_begin_and_not_a_microsecond_later(appointment):
    noticed_by = claim.TYPHOON[0] + 48 * HOUR
    late = make.requested(at=R0 + 14 * HOUR)
    with refusal_of("notice_too_late"):
        claim.claimed(late, at=noticed_by + MICROSECOND)
    assert late.claims.get().code == "notice_too_late"
    assert claim.claimed(late, at=noticed_by).state == "proof_pending"


def test_a_double_click_is_one_claim_and_its_refusal_is_given_again(appointment):
    seller = make.with_key(make.seller_of(appointment), "k")
    first = file_claim(appointment, claim.claim_terms(), by=seller, at=FILED)
    assert file_claim(appointment, claim.claim_terms(), by=seller, at=FILED) == first
    other = make.requested(at=R0)
    seller = make.with_key(make.seller_of(other), "k")
    for _n in range(2):
        with refusal_of("already_late"):
            file_claim(other, claim.claim_terms(begins_at=DUE + HOUR, duties=["response"]), by=seller, at=DUE - HOUR)
    assert other.claims.count() == 1


def test_one_claim_at_a_time(appointment):
    claim.claimed(appointment, at=FILED)
    with refusal_of("claim_open"):
        claim.claimed(appointment, at=FILED + HOUR)


def test_a_claim_in_time_takes_back_the_sweep_that_was_faster(appointment):
    sweep_batch(at=DUE + HOUR)
    claim.claimed(appointment, at=DUE)
    assert make.fresh(appointment).state == "requested"
    assert clock(appointment, "response").due_at == MOVED


def test_rejected_with_nothing_done_meanwhile_the_old_limit_has_passed(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    claim.rejected(filed, at=DUE + 20 * HOUR)
    appointment = make.fresh(appointment)
    assert (appointment.state, appointment.ended_at) == ("deemed_refused", DUE)
    event = Event.objects.get(subject=appointment.subject, kind="appointment.deemed_refused")
    assert (event.effective_at, event.recorded_at) == (DUE, DUE + 20 * HOUR)
    assert clock(appointment, "confirmation").state == "voided"


def test_rejected_before_the_old_limit_the_clocks_run_as_before(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    claim.rejected(filed, at=DUE - HOUR)
    assert make.fresh(appointment).next_due_at == clock(appointment, "response").due_at == DUE
    assert clock(appointment, "response").pauses.get().voided_at == DUE - HOUR


@pytest.mark.parametrize("replied_at", [DUE, DUE + MICROSECOND])
def test_a_reply_meanwhile_counts_by_the_old_limit(appointment, replied_at):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    made = make.offered(appointment, at=replied_at)
    assert make.fresh(appointment).state == "proposed"
    claim.rejected(filed, at=DUE + 10 * HOUR)
    in_time = replied_at == DUE
    assert make.fresh(appointment).state == ("proposed" if in_time else "deemed_refused")
    assert make.fresh(made).is_late is not in_time
    assert clock(appointment, "response").state == ("met" if in_time else "missed")
    if not in_time:
        assert make.fresh(appointment).ended_at == DUE
        # As any late offer: the buyer may still take it.
        assert make.accepted(made, at=DUE + 11 * HOUR).state == "agreed"


def test_a_late_reply_that_the_buyer_accepted_meanwhile_is_cured_and_stays_on_the_record(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    make.accepted(make.offered(appointment, at=DUE + HOUR), at=DUE + 2 * HOUR)
    claim.rejected(filed, at=DUE + 10 * HOUR)
    assert make.fresh(appointment).state == "agreed"
    missed = clock(appointment, "response")
    assert (missed.state, missed.ended_at) == ("missed", DUE)
    # As after every cure the 14 days run from the acceptance.
    anew = clock(appointment, "confirmation")
    assert (anew.state, anew.started_at) == ("running", DUE + 2 * HOUR)


def test_a_cancel_meanwhile_but_after_the_old_limit_leaves_the_refusal_on_the_record(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    cancel(appointment, by=make.buyer_of(appointment), at=DUE + HOUR)
    claim.rejected(filed, at=DUE + 10 * HOUR)
    appointment = make.fresh(appointment)
    assert (appointment.state, appointment.ended_at) == ("deemed_refused", DUE)


def test_a_cancel_before_the_old_limit_stands(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    cancel(appointment, by=make.buyer_of(appointment), at=DUE)
    claim.rejected(filed, at=DUE + 10 * HOUR)
    assert make.fresh(appointment).state == "cancelled"


def test_granted_after_a_late_reply_the_reply_was_in_time(appointment):
    filed = claim.claimed(appointment, at=DUE + HOUR, begins_at=claim.TYPHOON[0] + 12 * HOUR, proven=True)
    with refusal_of("deadline_passed"):
        make.offered(appointment, at=DUE + 2 * HOUR)
    at = DUE + 5 * HOUR
    claim.granted(filed, at=at)
    made = Offer.objects.get()
    assert (make.fresh(appointment).state, made.is_late) == ("proposed", False)
    met = clock(appointment, "response")
    assert (met.state, met.ended_at) == ("met", DUE + 2 * HOUR)
    assert clock(appointment, "buyer_silence").started_at == at
    assert make.accepted(made, at=at + HOUR).state == "agreed"
    assert clock(appointment, "confirmation").state == "running"


@pytest.mark.parametrize(("late", "state"), [("cancel", "cancelled"), ("refuse", "refused")])
def test_granted_after_a_late_end_that_end_stands_as_if_it_had_come_in_time(appointment, late, state):
    filed = claim.claimed(appointment, at=DUE + HOUR, begins_at=claim.TYPHOON[0] + 12 * HOUR, proven=True)
    with refusal_of("deadline_passed"):
        if late == "cancel":
            cancel(appointment, "sold it", by=make.buyer_of(appointment), at=DUE + 2 * HOUR)
        else:
            offers.refuse(appointment, "no parts", by=make.seller_of(appointment), at=DUE + 2 * HOUR)
    claim.granted(filed, at=DUE + 5 * HOUR)
    appointment = make.fresh(appointment)
    assert (appointment.state, appointment.ended_at) == (state, DUE + 2 * HOUR)
    assert not Deadline.objects.filter(appointment=appointment, state__in=["running", "missed"]).exists()


def test_granted_after_the_cure_the_breach_is_gone(appointment):
    filed = claim.claimed(appointment, at=DUE + HOUR, begins_at=claim.TYPHOON[0] + 12 * HOUR, proven=True)
    with refusal_of("deadline_passed"):
        make.offered(appointment, at=DUE + 2 * HOUR)
    make.accepted(Offer.objects.get(), at=DUE + 3 * HOUR)
    claim.granted(filed, at=DUE + 5 * HOUR)
    assert make.fresh(appointment).state == "agreed"
    assert not Deadline.objects.filter(appointment=appointment, state="missed").exists()
    assert clock(appointment, "confirmation").started_at == DUE + 3 * HOUR


def test_a_moved_limit_that_has_passed_too_is_missed_at_its_new_instant(appointment):
    begins_at = claim.TYPHOON[0] + 12 * HOUR
    filed = claim.claimed(appointment, at=DUE + HOUR, begins_at=begins_at, ends_at=begins_at + HOUR, proven=True)
    claim.granted(filed, at=DUE + 5 * HOUR)
    appointment = make.fresh(appointment)
    assert (appointment.state, appointment.ended_at) == ("deemed_refused", DUE + HOUR)
    kinds = Event.objects.filter(subject=appointment.subject).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [
        "appointment.requested", "appointment.deemed_refused", "appointment.rescinded", "appointment.deemed_refused",
    ]  # fmt: skip


def test_granted_after_the_buyer_booked_again_the_newer_request_goes_on(appointment):
    filed = claim.claimed(appointment, at=DUE + HOUR, begins_at=claim.TYPHOON[0] + 12 * HOUR, proven=True)
    again = make.request_service(
        appointment.case.cover, make.a_service_request(), by=make.buyer_of(appointment), at=DUE + 2 * HOUR,
        case=appointment.case,
    )  # fmt: skip
    claim.granted(filed, at=DUE + 5 * HOUR)
    appointment = make.fresh(appointment)
    assert (appointment.state, appointment.end_reason) == ("cancelled", "booked again")
    assert not Deadline.objects.filter(appointment=appointment, state__in=["running", "missed"]).exists()
    assert make.fresh(again).state == "requested"


def test_of_an_event_older_than_the_request_notice_counts_from_the_request():
    begun = R0 - 100 * HOUR
    in_time, late = make.requested(at=R0), make.requested(at=R0)
    given = {"begins_at": begun, "ends_at": None, "duties": ["confirmation"]}
    filed = claim.claimed(in_time, at=R0 + 48 * HOUR, **given)
    assert (filed.state, clock(in_time, "confirmation").due_at) == ("proof_pending", None)
    with refusal_of("notice_too_late"):
        claim.claimed(late, at=R0 + 48 * HOUR + MICROSECOND, **given)


def test_proof_goes_to_the_auditors_and_into_the_thread(appointment):
    filed = claim.claimed(appointment, at=FILED)
    assert filed.proof_due_at == instant("2026-03-18T16:00:00Z")
    with pytest.raises(TransitionNotAllowed):
        claim.granted(filed, at=FILED + HOUR)
    with refusal_of("proof_missing"):
        add_proof(filed, " ", by=make.seller_of(appointment), at=FILED + HOUR)
    add_proof(filed, "Weather office", [claim.PHOTO], by=make.seller_of(appointment), at=filed.proof_due_at)
    assert make.fresh(filed).state == "in_review"
    message = Message.objects.latest("id")
    assert (message.body, message.attachments.count()) == ("Weather office", 1)


def test_without_proof_the_claim_lapses_and_the_old_limit_counts(appointment):
    filed = claim.claimed(appointment, at=FILED, begins_at=FILED, ends_at=None)
    assert clock(appointment, "response").due_at is None
    lapse_claim(filed, by=system(), at=filed.proof_due_at)
    assert make.fresh(filed).state == "proof_pending"
    later = filed.proof_due_at + HOUR
    lapse_claim(filed, by=system(), at=later)
    assert make.fresh(filed).state == "lapsed"
    assert (make.fresh(appointment).state, make.fresh(appointment).ended_at) == ("deemed_refused", DUE)
    event = Event.objects.get(kind="claim.lapsed")
    assert (event.effective_at, event.recorded_at) == (filed.proof_due_at, later)


def test_late_proof_lets_the_claim_lapse_and_is_refused(appointment):
    filed = claim.claimed(appointment, at=FILED)
    for _n in range(2):
        with refusal_of("deadline_passed"):
            add_proof(filed, "Late", by=make.seller_of(appointment), at=filed.proof_due_at + MICROSECOND)
    assert make.fresh(filed).state == "lapsed"
    assert clock(appointment, "response").due_at == DUE


def test_proof_in_time_that_is_committed_after_the_lapse_restores_the_claim(appointment):
    filed = claim.claimed(appointment, at=FILED, ends_at=None)
    lapse_claim(filed, by=system(), at=filed.proof_due_at + HOUR)
    assert make.fresh(appointment).state == "deemed_refused"
    add_proof(filed, "Weather office", by=make.seller_of(appointment), at=filed.proof_due_at)
    assert (make.fresh(filed).state, make.fresh(appointment).state) == ("in_review", "requested")
    assert clock(appointment, "response").due_at is None


def test_a_withdrawn_claim_is_as_if_it_had_never_been(appointment):
    filed = claim.claimed(appointment, at=FILED)
    withdraw_claim(filed, by=make.seller_of(appointment), at=FILED + HOUR)
    assert make.fresh(filed).state == "withdrawn"
    assert clock(appointment, "response").due_at == DUE
    assert clock(appointment, "confirmation").due_at == C2_DUE


def test_owner_and_colleague_file_others_do_not(appointment):
    for by in (make.buyer_of(appointment), make.seller_of(appointment, Seat.ENGINEER), make.seller_of(make.a_cover())):
        with pytest.raises(PermissionDenied):
            file_claim(appointment, claim.claim_terms(), by=by, at=FILED)
    colleague = make.seller_of(appointment, Seat.STAFF)
    filed = file_claim(appointment, claim.claim_terms(), by=colleague, at=FILED)
    owner, stranger = make.seller_of(appointment), make.seller_of(make.a_cover())
    for by in (owner, colleague, make.buyer_of(appointment), claim.an_auditor()):
        assert queries.one(queries.claims_for(by), filed.pk, by) == filed
    with pytest.raises(Http404):
        queries.one(queries.claims_for(stranger), filed.pk, stranger)


@pytest.mark.parametrize("ground", ["force_majeure", "buyer_reason"])
def test_nothing_is_claimed_on_a_request_that_is_over(appointment, ground):
    offers.refuse(appointment, "no parts", by=make.seller_of(appointment), at=R0 + HOUR)
    with refusal_of("request_ended"):
        claim.claimed(appointment, at=FILED, ground=ground)
