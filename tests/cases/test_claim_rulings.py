"""What auditors make of claims: a part, an exclusion, a revocation by two; and who may not decide."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.claim_rulings import decide_revocation, grant, propose_revocation, reject
from cases.actions.exclusions import end_event
from cases.actions.waivers import confirm_waiver, state_waiver
from cases.models import Deadline
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.accounts import SupportFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel, system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Decision

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


def test_a_part_grant_keeps_what_was_granted_and_voids_the_rest(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    begin, end = claim.TYPHOON
    claim.granted(filed, at=FILED + HOUR, ends_at=begin + 24 * HOUR, duties=["response"])
    assert make.fresh(filed).state == "partly_granted"
    assert clock(appointment, "response").due_at == DUE + 24 * HOUR
    assert clock(appointment, "confirmation").due_at == C2_DUE
    assert end > begin


@pytest.mark.parametrize(
    "beyond",
    [
        {"begins_at": claim.TYPHOON[0] - MICROSECOND},
        {"ends_at": claim.TYPHOON[1] + MICROSECOND},
        {"ends_at": claim.TYPHOON[0]},
        {"duties": ["response", "visit"]},
        {"duties": []},
    ],
)
def test_no_more_is_granted_than_was_claimed(appointment, beyond):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    with refusal_of("grant_beyond_claim"):
        claim.granted(filed, at=FILED + HOUR, **beyond)
    assert make.fresh(filed).state == "in_review"


def test_force_majeure_excludes_only_where_the_service_can_no_longer_be_given(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    claim.granted(filed, at=FILED + HOUR, excludes=True)
    appointment = make.fresh(appointment)
    assert (appointment.state, appointment.end_reason, appointment.next_due_at) == ("excluded", "force_majeure", None)
    assert appointment.case.cover.state == "active"


@pytest.mark.clause("4.1.3")
def test_an_abused_request_is_excluded_and_the_cover_stays(appointment):
    filed = claim.claimed(appointment, at=FILED, ground="abuse", statement="The tenth request for a known manual.")
    assert (filed.state, filed.clause, filed.is_provisional) == ("in_review", "4.1.3", False)
    assert clock(appointment, "response").due_at == DUE
    claim.granted(filed, at=FILED + HOUR)
    assert make.fresh(appointment).end_reason == "abuse"
    assert make.fresh(appointment.case.cover).state == "active"


def test_a_grant_is_revoked_by_two_auditors_and_the_old_limit_counts(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    claim.granted(filed, at=FILED + HOUR)
    one, other = claim.an_auditor(), claim.an_auditor()
    with refusal_of("not_proposed"):
        decide_revocation(filed, approved=True, reason="no", by=other, at=DUE + HOUR)
    propose_revocation(filed, reason="The photo is of another year.", by=one, at=DUE + HOUR)
    with refusal_of("already_proposed"):
        propose_revocation(filed, reason="Again.", by=other, at=DUE + HOUR)
    with pytest.raises(PermissionDenied):
        decide_revocation(filed, approved=True, reason="yes", by=one, at=DUE + 2 * HOUR)
    assert make.fresh(filed).state == "granted"
    decide_revocation(filed, approved=True, reason="So it is.", by=other, at=DUE + 3 * HOUR)
    assert make.fresh(filed).state == "revoked"
    assert (make.fresh(appointment).state, make.fresh(appointment).ended_at) == ("deemed_refused", DUE)
    decision = Decision.objects.get()
    assert (decision.state, decision.proposer, decision.approver) == ("approved", one.user, other.user)


def test_a_declined_revocation_changes_nothing(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    claim.granted(filed, at=FILED + HOUR)
    propose_revocation(filed, reason="The photo is of another year.", by=claim.an_auditor(), at=DUE)
    decide_revocation(filed, approved=False, reason="It is not.", by=claim.an_auditor(), at=DUE + HOUR)
    assert make.fresh(filed).state == "granted"
    assert clock(appointment, "response").due_at == MOVED


@pytest.mark.clause("4.1.1")
def test_a_revoked_exclusion_lets_the_request_go_on(appointment):
    filed = claim.claimed(appointment, at=FILED, ground="buyer_reason", statement="The buyer is away.")
    claim.granted(filed, at=FILED + HOUR)
    assert make.fresh(appointment).state == "excluded"
    propose_revocation(filed, reason="He was at home.", by=claim.an_auditor(), at=FILED + 2 * HOUR)
    decide_revocation(filed, approved=True, reason="So it is.", by=claim.an_auditor(), at=FILED + 3 * HOUR)
    assert (make.fresh(appointment).state, make.fresh(appointment).next_due_at) == ("requested", DUE)
    make.offered(appointment, at=FILED + 4 * HOUR)
    assert make.fresh(appointment).state == "proposed"


def test_an_auditor_says_with_a_reason_that_what_was_granted_ended_earlier(appointment):
    granted = claim.granted(claim.claimed(appointment, at=FILED, proven=True), at=FILED + HOUR)
    assert clock(appointment, "response").due_at == MOVED
    auditor, over, at = claim.an_auditor(), claim.TYPHOON[0] + 24 * HOUR, DUE + 10 * HOUR
    with refusal_of("end_known"):
        end_event(granted, over, by=make.seller_of(appointment), at=at)
    with refusal_of("reason_required"):
        end_event(granted, over, by=auditor, at=at)
    for wrong, code in (
        (claim.TYPHOON[0], "end_invalid"),
        (at + MICROSECOND, "end_invalid"),
        (claim.TYPHOON[1], "end_known"),
    ):
        with refusal_of(code):
            end_event(granted, wrong, reason="The office opened.", by=auditor, at=at)
    end_event(granted, over, reason="The office opened.", by=auditor, at=at)
    assert clock(appointment, "response").due_at == DUE + 24 * HOUR
    ended = make.fresh(granted)
    assert (ended.granted_ends_at, ended.ends_at) == (over, claim.TYPHOON[1])
    # An answer by then is in time, and one that had come after it under the longer pause is late.
    make.offered(appointment, at=DUE + 20 * HOUR)
    end_event(granted, over - 5 * HOUR, reason="Even earlier.", by=auditor, at=DUE + 21 * HOUR)
    assert (make.fresh(appointment).state, make.fresh(appointment).ended_at) == ("deemed_refused", DUE + 19 * HOUR)


@pytest.mark.clause("4.1.1")
@pytest.mark.clause("4.1.3")
def test_only_an_auditor_decides_never_the_seller_and_never_who_filed_it(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    for by in (
        make.seller_of(appointment),
        make.buyer_of(appointment),
        claim.an_administrator(),
        Actor(channel=Channel.ADMIN, user=SupportFactory()),
        system(),
    ):
        with pytest.raises(PermissionDenied):
            grant(filed, reason="yes", by=by, at=FILED + HOUR)
        with pytest.raises(PermissionDenied):
            reject(filed, reason="no", by=by, at=FILED + HOUR)
    with refusal_of("reason_required"):
        grant(filed, reason=" ", by=claim.an_auditor(), at=FILED + HOUR)
    person = filed.filed_by
    person.platform_role = "auditor"
    person.save()
    with pytest.raises(PermissionDenied):
        grant(filed, reason="yes", by=Actor(channel=Channel.ADMIN, user=person), at=FILED + HOUR)
    assert make.fresh(filed).state == "in_review"


@pytest.mark.clause("4.1.1")
def test_a_cover_given_up_under_a_pause_that_did_not_hold_came_after_the_refusal(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    cover, buyer = appointment.case.cover, make.buyer_of(appointment)
    stated = state_waiver(cover, order_number=cover.order.number, statement="Sold.", by=buyer, at=DUE + HOUR)
    confirm_waiver(stated, by=buyer, at=DUE + 2 * HOUR)
    assert make.fresh(appointment).state == "excluded"
    claim.rejected(filed, at=DUE + 3 * HOUR)
    refused = make.fresh(appointment)
    assert (refused.state, refused.ended_at) == ("deemed_refused", DUE)
    assert make.fresh(cover).state == "waived"


def test_a_revoked_grant_that_had_ended_the_request_leaves_the_refusal_of_its_limit(appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    claim.granted(filed, at=DUE + HOUR, excludes=True)
    assert make.fresh(appointment).state == "excluded"
    propose_revocation(filed, reason="Forged.", by=claim.an_auditor(), at=DUE + 2 * HOUR)
    decide_revocation(filed, approved=True, reason="Forged.", by=claim.an_auditor(), at=DUE + 3 * HOUR)
    refused = make.fresh(appointment)
    assert (refused.state, refused.ended_at) == ("deemed_refused", DUE)
