"""Nothing clears a seller without two people: one auditor or administrator tries every way there is (3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.utils.module_loading import import_string

from complaints.models import Clearance, JudgementDeadline, Violation
from sellers.importing.products import ProductRecord
from sellers.models import Enrolment, Product, Seller
from tests.alone import AT, NUMBER, Situation, clears, outcome_of
from tests.every_action import Call, Framed, actions, calls_of
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory
from tests.factories.cases import fresh
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.celery import app

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2"), pytest.mark.usefixtures("frozen")]


@pytest.fixture
def situation():
    return Situation()


GIVEN: dict[str, list[Any]] = {
    "outcome": ["lifted", "stands"], "kind": ["clearance"], "code": ["minor"],
    "subject": [f"clearance/{NUMBER}", f"enrolment/{NUMBER}"], "changes": [{"state": "cleared"}, {"city": "Kiel"}],
}  # fmt: skip


# What the walk cannot call, for want of what it takes; a new action is to be called, or to be put here with its reason.
PROPOSED_ALONE = {
    f"complaints.actions.clearances.{name}"
    for name in ("answer_outcome", "approve_clearance", "decline_clearance", "propose_outcome")
}
UNCALLED: dict[str, str] = {
    "no excuse is claimed or declared": (
        "cases.actions.claim_rulings: decide_revocation grant propose_revocation reject;"
        "cases.actions.declared: end_declared grant_for_event;"
        "cases.actions.exclusions: add_proof end_event lapse_claim withdraw_claim"
    ),
    "no visit is planned and nothing is told before one": (
        "cases.actions.disclose: acknowledge find_unclear; cases.actions.new_dates: accept_new_date decline_new_date;"
        "cases.actions.no_shows: dispute_no_show report_broken_off report_buyer_no_show report_seller_no_show;"
        "cases.actions.sign_offs: sign_by_silence; cases.actions.substitutes: send_another_engineer;"
        "cases.actions.video_sessions: give_video_link; cases.actions.visits: check_in complete"
    ),
    "the two sides of one request agree on it": (
        "cases.actions.holds: hold_slot; cases.actions.longer_limits: accept_longer_limit decline_longer_limit;"
        "cases.actions.waivers: confirm_waiver drop_waiver"
    ),
    "nothing is sent and no unit is replaced": (
        "cases.actions.shipments: correct_tracking end_shipment receive report_missing ship;"
        "cases.actions.units: replace_unit"
    ),
    "no buyer is restricted": (
        "cases.actions.restrictions: answer_finding appeal decide_appeal decide_restriction end_restriction"
    ),
    "no edition is drafted or tried out": (
        "cases.actions.editions: change_draft decide_draft discard_draft propose_draft;"
        "cases.actions.simulations: simulate_batch"
    ),
    "the platform was never away": (
        "cases.actions.outages: decide_outage toll_batch; complaints.actions.tolled: give_back note_followed toll"
    ),
    "no item of an audit is in hand and no evidence is asked for": (
        "complaints.actions.audits: find; complaints.actions.evidence: give_evidence"
    ),
    "it is the desk's own, and no notice went astray": (
        "zestech_aftersales.desk.actions: close_reading note_look remove_filter rename_filter;"
        "zestech_aftersales.timeline.actions.retries: send_again"
    ),
}


def named(rooms: Iterable[str]) -> set[str]:
    """The full names of the actions listed by their modules."""
    found = set()
    for part in ";".join(rooms).split(";"):
        room, _colon, names = part.partition(":")
        found |= {f"{room.strip()}.{name}" for name in names.split()}
    return found


def calls_here(action: Framed) -> list[Call]:
    """The calls to try with the seller of the situation, its product and all of its violations."""
    about: dict[str, list[Any]] = {
        "violations": [list(Violation.objects.filter(seller=NUMBER))],
        "Seller": [Seller.objects.get(pk=NUMBER)],
        "Enrolment": [Enrolment.objects.get(pk=NUMBER)],
        "Product": [Product.objects.get(pk=NUMBER)],
        "ProductRecord": [ProductRecord(str(NUMBER), Seller.objects.get(pk=NUMBER).slug, "Unit", marked_until=AT)],
    }
    return calls_of(action, GIVEN | about, at=AT)


@pytest.mark.parametrize("proposed", [True, False], ids=["a proposal in hand", "none yet"])
def test_no_action_does_it_for_one_person(proposed):
    alone = Situation(proposed=proposed).alone
    uncalled, done = set(), set()
    for name, action in actions():
        calls = calls_here(action)
        if not calls:
            uncalled.add(name)
        for call, person in product(calls, [alone, AdministratorFactory(), SupportFactory(), FinanceFactory()]):
            came_to = outcome_of(partial(action, **call, by=Actor(Channel.ADMIN, person)))
            assert came_to != "cleared", (name, person)
            if came_to == "done":
                done.add(name)
    assert uncalled == named(UNCALLED.values()) | (set() if proposed else PROPOSED_ALONE)
    # A proposal takes effect, and clears nobody.
    assert ("complaints.actions.clearances.propose_clearance" in done) is not proposed


def test_control_the_same_walk_by_a_second_auditor_finds_the_one_way(situation):
    second = Actor(Channel.ADMIN, AuditorFactory())
    ways = {
        name for name, action in actions() for call in calls_here(action) if clears(partial(action, **call, by=second))
    }
    assert ways == {"complaints.actions.clearances.approve_clearance"}


def test_nothing_does_it_by_itself_in_a_year(situation, frozen):
    """All that beat wakes, for more than a year: with a violation that stands, a late case and a proposal in hand."""
    for days in (0, 1, 8, 16, 31, 90, 200, 366, 400):
        frozen.move_to(AT + timedelta(days=days))
        for each in app.conf.beat_schedule.values():
            import_string(each["task"])()
        assert (fresh(situation.enrolment).state, Clearance.objects.get().state) == ("active", "proposed"), days
    assert situation.product.is_marked_at(AT + timedelta(days=400))
    assert Violation.objects.filter(state="candidate").exists(), "the relay ran"
    assert not JudgementDeadline.objects.filter(state="running").exists(), "the sweep ran"
