"""The buyer flags an offer; an auditor's ruling counts back in time."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.offers import revise
from cases.actions.rulings import flag, rule_on_offer
from cases.models import Deadline
from cases.sweep import sweep_batch
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory, SupportFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR = timedelta(hours=1)


@pytest.fixture
def offer():
    return make.offered(make.requested(at=R0), at=R0 + HOUR)


@pytest.fixture
def flagged(offer):
    return flag(offer, "The first window lies in May.", by=make.buyer_of(offer.appointment), at=R0 + 2 * HOUR)


@pytest.fixture
def auditor():
    return Actor(channel=Channel.ADMIN, user=AuditorFactory())


def clock(offer, kind):
    return Deadline.objects.filter(appointment=offer.appointment, clock=kind).latest("id")


def test_a_flag_stops_the_buyers_time_and_starts_the_ruling(flagged):
    assert flagged.state == "flagged"
    assert clock(flagged, "buyer_silence").due_at is None
    assert clock(flagged, "confirmation").due_at is None
    # 3 natural days, ended at 24:00 in the platform's zone.
    assert clock(flagged, "offer_ruling").due_at == instant("2026-03-05T16:00:00Z")
    assert sweep_batch(at=R0 + timedelta(days=60)) == 0
    assert make.fresh(flagged.appointment).state == "proposed"


def test_held_reasonable_gives_the_buyer_the_rest_of_the_time(flagged, auditor):
    rule_on_offer(flagged, is_reasonable=True, reason="Parts come from abroad.", by=auditor, at=R0 + 50 * HOUR)
    assert make.fresh(flagged).state == "held_reasonable"
    # 7 natural days to 2026-03-09T16:00Z, moved by 48 h and rounded up once.
    assert clock(flagged, "buyer_silence").due_at == instant("2026-03-11T16:00:00Z")
    make.accepted(flagged, at=R0 + 51 * HOUR)
    assert make.fresh(flagged.appointment).state == "agreed"


def test_held_unreasonable_in_time_lets_the_clock_go_on(flagged, auditor):
    rule_on_offer(flagged, is_reasonable=False, reason="No date that is near.", by=auditor, at=DUE)
    assert make.fresh(flagged.appointment).state == "requested"
    assert clock(flagged, "response").state == "running"
    assert clock(flagged, "response").due_at == DUE
    assert clock(flagged, "confirmation").due_at is not None
    make.offered(flagged.appointment, at=DUE)
    assert make.fresh(flagged.appointment).state == "proposed"


def test_held_unreasonable_after_the_limit_is_a_deemed_refusal_at_the_due_instant(flagged, auditor):
    rule_on_offer(flagged, is_reasonable=False, reason="No date that is near.", by=auditor, at=DUE + HOUR)
    appointment = make.fresh(flagged.appointment)
    assert (appointment.state, appointment.ended_at) == ("deemed_refused", DUE)
    event = Event.objects.get(kind="appointment.deemed_refused")
    assert (event.effective_at, event.recorded_at) == (DUE, DUE + HOUR)


def test_a_better_offer_made_in_time_stands(flagged, auditor):
    better = revise(flagged, make.offer_terms(R0), by=make.seller_of(flagged.appointment), at=DUE)
    with pytest.raises(RuleBroken, match="not_flagged"):
        rule_on_offer(flagged, is_reasonable=False, reason="Too late.", by=auditor, at=DUE + HOUR)
    assert make.fresh(better).state == "standing"
    assert clock(flagged, "offer_ruling").state == "voided"
    assert clock(flagged, "buyer_silence").due_at is not None


def test_only_an_auditor_rules_and_gives_reasons(flagged, auditor):
    for other in (Actor(Channel.ADMIN, SupportFactory()), make.seller_of(flagged.appointment)):
        with pytest.raises(PermissionDenied):
            rule_on_offer(flagged, is_reasonable=True, reason="So.", by=other, at=DUE)
    with pytest.raises(RuleBroken, match="reason_required"):
        rule_on_offer(flagged, is_reasonable=True, reason=" ", by=auditor, at=DUE)
    assert make.fresh(flagged).state == "flagged"


def test_the_seller_cannot_flag_and_a_reason_is_needed(offer):
    with pytest.raises(PermissionDenied):
        flag(offer, "no", by=make.seller_of(offer.appointment), at=R0 + 2 * HOUR)
    with pytest.raises(RuleBroken, match="reason_required"):
        flag(offer, "", by=make.buyer_of(offer.appointment), at=R0 + 2 * HOUR)


def test_an_auditor_rules_in_the_admin(client, flagged, frozen):
    client.force_login(AuditorFactory())
    frozen.move_to(DUE)
    step = f"/admin/cases/offer/steps/unreasonable/?thing={flagged.pk}"
    assert client.post(step, {"reason": "No date that is near."}).status_code == 302
    assert make.fresh(flagged.appointment).state == "requested"
