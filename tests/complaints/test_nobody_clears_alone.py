"""Nothing clears a seller without two people: one auditor or administrator tries every way there is (3.2)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.urls import URLPattern, URLResolver, get_resolver
from django_fsm import TransitionNotAllowed

import cases.actions
import complaints.actions
import sellers.actions
import zestech_aftersales.timeline.actions
from complaints.models import Clearance
from sellers.models import Enrolment, MarkPeriod
from tests.factories.accounts import AdministratorFactory, AuditorFactory, UserFactory
from tests.factories.api import a_caller
from tests.factories.clearances import a_violation
from tests.factories.sellers import ProductFactory, SellerFactory
from tests.instants import instant
from tests.taken_back import taken_back
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Decision

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2"), pytest.mark.usefixtures("frozen")]
AT = instant("2026-03-02T01:15:30Z")
ROOMS = (cases.actions, complaints.actions, sellers.actions, zestech_aftersales.timeline.actions)
# One number for every thing that has to do with it: each address that takes a number is given this one.
NUMBER = 777_777
REFUSED = (RuleBroken, TransitionNotAllowed, PermissionDenied, ValidationError, DatabaseError)


class Situation:
    """An active seller with a violation that stands, and a clearance that one auditor has proposed."""

    def __init__(self) -> None:
        self.alone = AuditorFactory(pk=NUMBER)
        self.seller = SellerFactory(pk=NUMBER, enrolled=False)
        self.enrolment = Enrolment.objects.create(
            pk=NUMBER, seller=self.seller, state="active", applied_at=AT - timedelta(days=900)
        )
        self.product = ProductFactory(pk=NUMBER, sku=str(NUMBER), seller=self.seller)
        self.violation = a_violation(self.seller, at=AT)
        self.decision = Decision.objects.create(
            pk=NUMBER, kind="clearance", subject=f"enrolment/{NUMBER}", proposer=self.alone, reason="Late again.",
            proposed_at=AT,
        )  # fmt: skip
        self.clearance = Clearance.objects.create(
            pk=NUMBER, seller=self.seller, enrolment=self.enrolment, reason="Late again.", decision=self.decision,
            proposed_at=AT,
        )  # fmt: skip
        self.clearance.violations.add(self.violation)
        # By the name of the type that an action asks for.
        self.things = {
            "Clearance": self.clearance, "Enrolment": self.enrolment, "Seller": self.seller,
            "Product": self.product, "Violation": self.violation, "Decision": self.decision,
        }  # fmt: skip


@pytest.fixture
def situation():
    return Situation()


def clears(attempt: Callable[[], object]) -> bool:
    """Whether somebody is cleared by an attempt, which is then taken back."""
    with suppress(*REFUSED), taken_back():
        attempt()
        # Whatever it is called: cleared, withdrawn in its name, or left without the mark.
        left = Enrolment.objects.filter(seller=NUMBER).exclude(state="active").exists()
        return left or MarkPeriod.objects.filter(product=NUMBER, ends_at__isnull=False).exists()
    return False


def actions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every action of every room, with its name."""
    for room in ROOMS:
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(found.name)
            for name, member in inspect.getmembers(module, inspect.isfunction):
                if member.__code__.co_name == "framed" and member.__module__ == module.__name__:
                    yield f"{module.__name__}.{name}", member


WORDS = "So it is."
ANSWERS: dict[str, list[Any]] = {
    "reason": [WORDS], "text": [WORDS], "answer": [WORDS], "statement": [WORDS], "finding": [WORDS],
    "evidence": [WORDS], "approved": [True], "agreed": [True], "outcome": ["lifted", "stands"],
    "kind": ["clearance"], "subject": [f"clearance/{NUMBER}", f"enrolment/{NUMBER}"], "code": ["minor"],
    "changes": [{"state": "cleared"}, {"city": "Kiel"}], "officer": [None],
}  # fmt: skip


def calls_of(action: Callable[..., Any], situation: Situation) -> list[dict[str, Any]]:
    """The arguments to call an action with; none if it needs what has nothing to do with this seller."""
    calls: list[dict[str, Any]] = [{"at": AT + timedelta(days=1)}]
    for name, parameter in inspect.signature(action).parameters.items():
        asked = str(parameter.annotation)
        if name in ("by", "at"):
            continue
        if name == "violations":
            choices: list[Any] = [[situation.violation]]
        elif asked in situation.things:
            choices = [situation.things[asked]]
        elif name in ANSWERS:
            choices = ANSWERS[name]
        elif parameter.default is not inspect.Parameter.empty:
            continue
        else:
            return []
        calls = [{**call, name: choice} for call in calls for choice in choices]
    return calls


def test_no_action_does_it_for_one_person(situation):
    people = [situation.alone, AdministratorFactory()]
    called = set()
    for name, action in actions():
        for call in calls_of(action, situation):
            for person in people:
                by = Actor(Channel.ADMIN, person)
                assert not clears(partial(action, **call, by=by)), (name, person)
                called.add(name)
    assert {
        "complaints.actions.clearances.propose_clearance",
        "complaints.actions.clearances.approve_clearance",
        "complaints.actions.clearances.decline_clearance",
        "complaints.actions.clearances.propose_outcome",
        "complaints.actions.clearances.answer_outcome",
        "complaints.actions.judging.overturn",
        "sellers.actions.enrolments.withdraw",
        "sellers.actions.sellers.change_seller",
        "zestech_aftersales.timeline.actions.decisions.approve",
    } <= called


def test_control_the_same_walk_by_a_second_auditor_finds_the_one_way(situation):
    second = Actor(Channel.ADMIN, AuditorFactory())
    ways = {
        name
        for name, action in actions()
        for call in calls_of(action, situation)
        if clears(partial(action, **call, by=second))
    }
    assert ways == {"complaints.actions.clearances.approve_clearance"}


def addresses(patterns: list[Any], before: str = "") -> Iterator[str]:
    """Every address of the site with our number in it; what takes other words gets none that exist."""
    for pattern in patterns:
        words = before + str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, words)
        elif isinstance(pattern, URLPattern):
            filled = words
            for kind in ("int", "path", "str", "slug", "uuid"):
                while f"<{kind}:" in filled:
                    start = filled.index(f"<{kind}:")
                    filled = filled[:start] + str(NUMBER) + filled[filled.index(">", start) + 1 :]
            if not set("<>()[]\\?*") & set(filled):
                yield f"/{filled}"


def steps() -> Iterator[str]:
    """The address of every step of every thing of the staff desk."""
    for model, shown in admin.site._registry.items():
        for step in getattr(shown, "steps", ()):
            yield f"/admin/{model._meta.app_label}/{model._meta.model_name}/steps/{step.name}/?thing={NUMBER}"


def everywhere() -> list[str]:
    return sorted({*addresses(get_resolver().url_patterns), *steps()})


# What a form of the clearance might be told, what a forged one might be, and what a list does to its rows.
BODY: dict[str, Any] = {
    "reason": WORDS, "outcome": "lifted", "state": "cleared", "cleared_at_0": "2026-03-02", "cleared_at_1": "01:00:00",
    "enrolment": NUMBER, "seller": NUMBER, "decision": NUMBER, "approver": NUMBER, "post": "yes", "_save": "Save",
    "action": "approve", "_selected_action": NUMBER,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_no_address_does_it_for_one_person(client, situation, role):
    client.raise_request_exception = False
    client.force_login(situation.alone if role == "auditor" else AdministratorFactory())
    asked = everywhere()
    assert f"/admin/complaints/clearance/steps/approve/?thing={NUMBER}" in asked
    assert f"/admin/complaints/clearance/propose/{NUMBER}/" in asked
    assert f"/admin/sellers/enrolment/{NUMBER}/change/" in asked
    assert any(address.startswith("/api/v1/appointments/") for address in asked)
    body = BODY | {"violations": situation.violation.pk}
    for address in asked:
        if not {"logout", "password", "mfa"} & set(address.replace("/", " ").split()):
            assert not clears(partial(client.post, address, body)), address


CALLERS: dict[str, Callable[[Situation], dict[str, Any]]] = {
    "the order feed": lambda _situation: {},
    "the seller's own system": lambda situation: {"seller": situation.seller},
    "another seller's system": lambda _situation: {"seller": SellerFactory()},
    "a buyer's system": lambda _situation: {"buyer": UserFactory()},
}


@pytest.mark.slow
@pytest.mark.parametrize("who", CALLERS)
def test_no_call_of_the_api_does_it_for_any_system(client, situation, settings, who):
    """Each with a token of every scope: it is its place that refuses, not a log-in that is missing."""
    settings.API_REQUESTS_PER_MINUTE = 0
    client.raise_request_exception = False
    headers = a_caller(**CALLERS[who](situation)).headers
    asked = [address for address in everywhere() if address.startswith("/api/v1/")]
    bodies = [BODY | {"violations": [NUMBER], "text": WORDS, "words": WORDS}, {"reason": WORDS}]
    answers: Counter[int] = Counter()
    ways = set()
    for address, body in product(asked, bodies):
        for method in (client.post, client.put, client.patch, client.delete):

            def forge(method: Any = method, address: str = address, body: Any = body) -> None:
                sent = method(address, body, content_type="application/json", headers=headers)
                answers[sent.status_code] += 1

            if clears(forge):
                ways.add(address)
    assert 401 not in answers
    assert answers[404] > 20, answers
    # That the calls arrive: a seller may take its own mark off its product, which clears nobody.
    assert ways == ({f"/api/v1/products/{NUMBER}/unmark/"} if who == "the seller's own system" else set())


def test_control_the_same_address_by_a_second_auditor_clears(client, situation):
    client.force_login(AuditorFactory())
    ways = [address for address in steps() if clears(partial(client.post, address, {"reason": WORDS}))]
    assert ways == [f"/admin/complaints/clearance/steps/approve/?thing={NUMBER}"]
