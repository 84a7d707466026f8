"""Nothing clears a seller without two people: one auditor or administrator tries every way there is (3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.db.models import Model
from django.utils.module_loading import import_string

from cases.models import EditionDraft, ExclusionClaim, Offer, ServiceAppointment, Shipment, Visit
from complaints.models import Audit, Clearance, Complaint, JudgementDeadline, Violation
from sellers.importing.products import ProductRecord
from sellers.models import Enrolment, Product, Seller
from tests.alone import AT, NUMBER, Situation, clears, outcome_of
from tests.every_action import Call, Framed, actions, calls_of
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory, FinanceFactory, SupportFactory
from tests.factories.cases import fresh
from tests.factories.sellers import LONG_AGO
from tests.factories.visits import window_after
from zestech_aftersales.accounts.actors import Actor, Channel, system
from zestech_aftersales.accounts.models import User
from zestech_aftersales.celery import app
from zestech_aftersales.rulebook.first_edition import NUMBERS

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2"), pytest.mark.usefixtures("frozen")]


@pytest.fixture
def situation():
    return Situation()


GIVEN: dict[str, list[Any]] = {
    "outcome": ["lifted", "stands"], "kind": ["clearance"], "code": ["minor"], "verdict": ["in_order"], "amount": [72],
    "subject": [f"clearance/{NUMBER}", f"enrolment/{NUMBER}"], "side": ["seller"],
    "changes": [{"state": "cleared"}, {"city": "Kiel"}, {"response_hours": 24}], "numbers": [NUMBERS],
    "ends_at": [AT, AT + timedelta(days=60)], "effective_on": [date(2027, 1, 1)], "duties": [["response"]],
    "url": ["https://meet.example/1"], "windows": [[window_after(AT, 4), window_after(AT, 5)]], "country": ["CN"],
}  # fmt: skip

# Of these there are some in several states, and one in each is tried.
IN_SEVERAL_STATES: tuple[type[Model], ...] = (
    Complaint, EditionDraft, ExclusionClaim, Offer, ServiceAppointment, Shipment, Violation, Visit,
)  # fmt: skip

# What the walk cannot call, for want of what it takes; a new action is to be called, or to be put here with its reason.
PROPOSED_ALONE = {
    f"complaints.actions.clearances.{name}"
    for name in ("answer_outcome", "approve_clearance", "decline_clearance", "propose_outcome")
}
UNCALLED: dict[str, str] = {}


def by_itself(channel: Channel, _situation: Situation) -> Actor:
    return system(channel)


# Who tries it: the people of the platform, the two sides, and the platform itself through each of its doors.
PEOPLE: dict[str, Callable[[Situation], Actor]] = {
    "the auditor who proposed it": lambda situation: Actor(Channel.ADMIN, situation.alone),
    "an administrator": lambda situation: Actor(Channel.ADMIN, situation.administrator),
    "support": lambda _situation: Actor(Channel.ADMIN, SupportFactory()),
    "finance": lambda _situation: Actor(Channel.ADMIN, FinanceFactory()),
    "the seller's owner": lambda situation: make.seller_of(situation.appointment),
    "the buyer": lambda situation: make.buyer_of(situation.complaint),
    **{f"the platform by {channel.value}": partial(by_itself, channel) for channel in Channel},
}
STAFF = ("the auditor who proposed it", "an administrator", "support", "finance")
# A seller may leave the programme and take its mark off its product, and a product's record may end its mark: none of that clears anybody, for no bar follows. The platform itself is nobody's hand: no page and no task does it in its name.
BY_RECORD = "sellers.actions.imports.import_product"
BY_THE_SELLER = {"sellers.actions.enrolments.withdraw", "sellers.actions.products.unmark"}
OWN_WAYS = {
    "the seller's owner": BY_THE_SELLER,
    **{f"the platform by {channel.value}": {BY_RECORD, *BY_THE_SELLER} for channel in Channel},
}


def one_in_each_state(model: type[Model]) -> list[Any]:
    """The oldest row in each state."""
    return list({row.state: row for row in model._default_manager.order_by("-pk")}.values())


def calls_here(action: Framed) -> list[Call]:
    """The calls to try with the seller of the situation, its product and all of its violations."""
    seller = Seller.objects.get(pk=NUMBER)
    about: dict[str, list[Any]] = {
        "violations": [list(Violation.objects.filter(seller=NUMBER, state="confirmed"))],
        "Seller": [seller],
        "officer": list(User.objects.filter(platform_role="support")[:1]),
        "sender": [Complaint.objects.latest("pk").buyer],
        "Enrolment": [Enrolment.objects.get(pk=NUMBER)],
        "Product": [Product.objects.get(pk=NUMBER)],
        "ProductRecord": [
            ProductRecord(str(NUMBER), seller.slug, "Unit", marked_from=LONG_AGO, marked_until=AT),
        ],
        "Audit": list(Audit.objects.order_by("pk")),
        **{model.__name__: one_in_each_state(model) for model in IN_SEVERAL_STATES},
    }
    return calls_of(action, GIVEN | about, at=AT)


@pytest.mark.parametrize("proposed", [True, False], ids=["a proposal in hand", "none yet"])
def test_no_action_does_it_for_one_person(proposed):
    situation = Situation(proposed=proposed, with_everything=True)
    # Only the people of the platform could propose it; the two sides and the platform itself find nothing else then.
    people = {who: made(situation) for who, made in PEOPLE.items() if proposed or who in STAFF}
    uncalled, done, ways = set(), set(), defaultdict(set)
    for name, action in actions():
        calls = calls_here(action)
        if not calls:
            uncalled.add(name)
        for call, (who, by) in product(calls, people.items()):
            came_to = outcome_of(partial(action, **call, by=by))
            if came_to == "cleared":
                ways[who].add(name)
            if came_to == "done":
                done.add(name)
    assert ways == {who: own for who, own in OWN_WAYS.items() if who in people}
    assert uncalled == set(UNCALLED) | (set() if proposed else PROPOSED_ALONE)
    # A proposal takes effect, and clears nobody.
    assert ("complaints.actions.clearances.propose_clearance" in done) is not proposed


def test_control_the_same_walk_by_a_second_auditor_finds_the_one_way():
    Situation(with_everything=True)
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
