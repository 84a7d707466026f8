"""Notice of an event, 48 hours from its beginning: when it is in time, the sum of it and who reads that (4.1.2, T2)."""

from datetime import timedelta

import pytest

from cases.actions.declared import grant_for_event
from cases.beside import sum_of_notice
from cases.events import instant_text
from cases.models import ExclusionClaim
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.2")]

HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
BEGAN = claim.TYPHOON[0]
DUE = BEGAN + 48 * HOUR
# So that the event is known first and its clocks still run at the end of the time for the notice.
RECEIVED = instant("2026-03-02T15:15:30Z")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def found() -> set[tuple[str, str]]:
    return {(each.thing, each.what) for each in verify(Tally(), at=instant("2020-01-01T00:00:00Z"))}


def noticed_late(appointment, *, at, **given):
    """The claim that was refused for its notice, and kept; with what the refusal tells."""
    with pytest.raises(RuleBroken) as refused:
        claim.claimed(appointment, at=at, **given)
    assert refused.value.code == "notice_too_late"
    return appointment.claims.latest("id"), refused.value.context


@pytest.mark.parametrize("away", [0, 2])
def test_the_last_instant_is_in_time_and_the_sum_is_what_the_action_went_by(away):
    appointment, due = make.requested(at=RECEIVED), DUE + away * HOUR
    if away:
        claim.away(BEGAN + 10 * HOUR, BEGAN + 12 * HOUR)
    late, context = noticed_late(appointment, at=due + MICROSECOND)
    assert context == {"claim": late.pk, "due_at": instant_text(due)}
    in_time = claim.claimed(appointment, at=due)
    assert in_time.state == "proof_pending"
    for each in (late, in_time):
        told = sum_of_notice(make.fresh(each))
        assert (told.started_at, told.number, told.unit, told.clause) == (BEGAN, 48, "hours", "4.1.2")
        assert (told.unpaused_due_at, told.due_at, told.paused) == (DUE, due, away * HOUR)
    assert found() == set()


def test_an_outage_that_was_tolled_after_the_claim_did_not_count_for_it():
    late, _context = noticed_late(make.requested(at=RECEIVED), at=DUE + MICROSECOND)
    claim.away(BEGAN + 10 * HOUR, BEGAN + 12 * HOUR, at=DUE + HOUR)
    told = sum_of_notice(make.fresh(late))
    assert (told.due_at, told.pauses) == (DUE, ())
    assert found() == set()


def test_of_an_older_event_the_sum_begins_with_the_request():
    received = instant("2026-03-02T01:15:30Z")
    given = {"begins_at": received - 100 * HOUR, "ends_at": None, "duties": ["confirmation"]}
    late, _context = noticed_late(make.requested(at=received), at=received + 48 * HOUR + MICROSECOND, **given)
    told = sum_of_notice(late)
    assert (told.started_at, told.due_at) == (received, received + 48 * HOUR)
    assert "The request was received" in str(told.start_words)


def test_nobody_gives_notice_of_what_the_platform_declared_or_of_the_buyers_reasons():
    appointment = make.requested(at=RECEIVED)
    declared = claim.declared(at=BEGAN + HOUR)
    granted = grant_for_event(declared, appointment, reason="So it is.", by=claim.an_auditor(), at=BEGAN + 50 * HOUR)
    other = claim.claimed(make.requested(at=RECEIVED), at=RECEIVED + HOUR, ground="buyer_reason")
    assert [sum_of_notice(each) for each in (granted, other)] == [None, None]
    assert found() == set()


def test_a_code_that_the_instants_do_not_give_is_named():
    filed = claim.claimed(make.requested(at=RECEIVED), at=DUE)
    ExclusionClaim.objects.update(code="notice_too_late")
    assert (filed.cause, "code") in found()


def test_pages_and_api_tell_the_sum_to_who_may_see_the_claim(client, frozen):
    appointment = make.requested(at=RECEIVED)
    late, _context = noticed_late(appointment, at=DUE + MICROSECOND)
    in_time = claim.claimed(appointment, at=DUE)
    frozen.move_to(DUE + HOUR)
    reference = appointment.case.reference
    for user, channel in ((appointment.buyer, "portal"), (make.seller_of(appointment).user, "dashboard")):
        client.force_login(user)
        page = client.get(f"/{channel}/cases/{reference}/").content.decode()
        assert "Notice of the event came too late." in page
        assert "Notice of the event came in time." in page
        for each in (late, in_time):
            address = f"/{channel}/cases/{reference}/claims/{each.pk}/notice/"
            assert address in page
            told = client.get(address).content.decode()
            assert "2026-03-04 16:00:00 UTC" in told
            assert "The event began" in told
    client.force_login(UserFactory())
    assert client.get(f"/portal/cases/{reference}/claims/{late.pk}/notice/").status_code == 404
    address = f"claims/{late.pk}/notice/explanation/"
    for caller in (a_caller(buyer=appointment.buyer), a_caller(seller=appointment.seller)):
        told = caller.get(address).json()
        assert (told["clock"], told["number"], told["unit"]) == ("force_majeure_notice", 48, "hours")
        assert told["due_at"] == "2026-03-04T16:00:00.000000Z"
    assert a_caller(buyer=UserFactory()).get(address).status_code == 404
    other = claim.claimed(make.requested(at=RECEIVED), at=RECEIVED + HOUR, ground="buyer_reason")
    assert a_caller(seller=other.appointment.seller).get(f"claims/{other.pk}/notice/explanation/").status_code == 404
