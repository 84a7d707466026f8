"""No address of the site and no call of the API clears a seller for one person alone, whoever asks (3.2)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth import get_user
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse
from django.template.backends.django import Template
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils.safestring import SafeString
from rest_framework.serializers import Serializer

from tests.alone import NUMBER, Situation, is_cleared
from tests.every_action import WORDS
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory
from tests.factories.api import a_caller
from tests.factories.sellers import SellerFactory
from tests.taken_back import taken_back
from zestech_aftersales.accounts.models import User
from zestech_aftersales.api.fields import Body
from zestech_aftersales.pages.claim_steps import CLAIM_STEPS
from zestech_aftersales.pages.complaint_steps import COMPLAINT_STEPS
from zestech_aftersales.pages.life_steps import LIFE_STEPS
from zestech_aftersales.pages.longer_limit_steps import LONGER_LIMIT_STEPS
from zestech_aftersales.pages.service_steps import SERVICE_STEPS
from zestech_aftersales.pages.shipments import SHIPMENT_STEPS
from zestech_aftersales.pages.steps import STEPS
from zestech_aftersales.pages.visit_steps import VISIT_STEPS

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2"), pytest.mark.usefixtures("frozen")]


@pytest.fixture
def situation():
    return Situation()


class Writes:
    """Notices that something is written; told so before it is done."""

    seen = False

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        self.seen = self.seen or sql.startswith(("INSERT", "UPDATE", "DELETE"))
        return execute(sql, *rest)


def ways_to_clear(requests: Iterable[tuple[str, Callable[[], HttpResponse]]], answers: dict[str, int]) -> set[str]:
    """The names of the requests that clear somebody, each on the same ground: what one has written is taken back.

    Most write nothing, and so have nothing to be looked for or taken back. Their answers are kept.
    """
    left, ways, writes = iter(requests), set(), Writes()
    while True:
        with taken_back(), connection.execute_wrapper(writes):
            for name, send in left:
                answer = send()
                if answer.streaming:
                    list(answer)  # a file, read to its end and so closed
                answers[name] = answer.status_code
                # After a fault of the database the next one would fail for no reason of its own.
                assert answer.status_code < 500, name
                if writes.seen:
                    if is_cleared():
                        ways.add(name)
                    writes.seen = False
                    break
            else:
                return ways


# What can be done on the page of a case, and of a complaint.
CASE_STEPS = sorted(
    {*STEPS, *CLAIM_STEPS, *VISIT_STEPS, *LIFE_STEPS, *SERVICE_STEPS, *LONGER_LIMIT_STEPS, *SHIPMENT_STEPS}
)


def addresses(patterns: list[Any], before: str = "") -> Iterator[str]:
    """Every address of the site with our number in it, each step of a page; what takes other words gets none that exist."""
    for pattern in patterns:
        words = before + str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, words)
        elif isinstance(pattern, URLPattern):
            if words.endswith("<slug:name>/"):
                steps_of = COMPLAINT_STEPS if "complaints/" in words else CASE_STEPS
                yield from (f"/{words}".replace("<slug:name>", each) for each in steps_of)
                continue
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


def everywhere(situation: Situation) -> list[str]:
    found = (each.replace("<str:reference>", str(NUMBER)) for each in addresses(get_resolver().url_patterns))
    return sorted({situation.named(each) for each in (*found, *steps())})


# What a form of the clearance might be told, what a forged one might be, and what a list does to its rows.
BODY: dict[str, Any] = {
    "reason": WORDS, "outcome": "lifted", "state": "cleared", "cleared_at_0": "2026-03-02", "cleared_at_1": "01:00:00",
    "enrolment": NUMBER, "seller": NUMBER, "decision": NUMBER, "approver": NUMBER, "post": "yes", "_save": "Save",
    "action": "approve", "_selected_action": NUMBER, "seen": f"{NUMBER}-{NUMBER}",
}  # fmt: skip
FORM = "application/x-www-form-urlencoded"
API = "/api/v1/"
# Layers about a request that tell neither who asks nor when, nor in which words; they write logs and headers.
AROUND = ("Security", "WhiteNoise", "CSP", "structlog", "XFrame", "Axes")


@pytest.fixture
def undrawn(settings, monkeypatch):
    """Thousands of requests of which only what they do is looked at: no page is drawn and nothing is logged."""
    monkeypatch.setattr(Template, "render", lambda self, context=None, request=None: SafeString())
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not any(word in each for word in AROUND)]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    # A body that tells more than a call of the API knows goes as far as one that does not.
    monkeypatch.setattr(Body, "to_internal_value", Serializer.to_internal_value)
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def list_of(model: type[Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def done_to_rows(situation: Situation, told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What each list of the desk can do to its rows, told to the row of ours."""
    # A list that is told to save as well does not do to its rows what it is told.
    acting = {name: each for name, each in told.items() if name != "_save"}
    for model, shown in admin.site._registry.items():
        own = situation.named(f"{list_of(model)}{NUMBER}/").removeprefix(list_of(model)).rstrip("/")
        for name in (*(step.name for step in getattr(shown, "steps", ())), "delete_selected"):
            yield list_of(model), urlencode(acting | {"action": name, "_selected_action": own})


PEOPLE: dict[str, Callable[[Situation], User]] = {
    "the auditor who proposed it": lambda situation: situation.alone,
    "an administrator": lambda _situation: AdministratorFactory(),
    "support": lambda _situation: SupportFactory(),
    "finance": lambda _situation: FinanceFactory(),
    "the seller's owner": lambda situation: situation.seller.memberships.get().user,
    "the buyer": lambda situation: situation.complaint.buyer,
}


# What each of them is let in at, and the answers that let nobody in.
DOORS = {
    "the auditor who proposed it": [
        *(f"/admin/complaints/violation/steps/{name}/?thing={NUMBER}" for name in ("assign", "notify", "confirm")),
        f"/admin/complaints/clearance/propose/{NUMBER}/",
    ],
    "an administrator": [f"/admin/sellers/seller/{NUMBER}/change/"],
    "support": [f"/admin/complaints/complaint/steps/{name}/?thing={NUMBER}" for name in ("take", "ask", "determine")],
    "finance": [f"/admin/complaints/lossclaim/steps/approve/?thing={NUMBER}"],
    "the seller's owner": [f"/dashboard/cases/{NUMBER}/refuse/", f"/dashboard/judgement/complaints/{NUMBER}/propose/"],
    "the buyer": [f"/portal/cases/{NUMBER}/cancel/", f"/portal/complaints/{NUMBER}/escalate/"],
}  # fmt: skip
SHUT = {403, 404, 405}


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("who", PEOPLE)
def test_no_address_does_it_for_one_person(client, situation, who):
    client.raise_request_exception = False
    client.force_login(PEOPLE[who](situation))
    asked = [address for address in everywhere(situation) if not address.startswith(API) and "logout" not in address]
    assert f"/admin/complaints/clearance/steps/approve/?thing={NUMBER}" in asked
    assert f"/admin/complaints/clearance/propose/{NUMBER}/" in asked
    assert f"/admin/sellers/enrolment/{NUMBER}/change/" in asked
    told = BODY | {"violations": situation.violation.pk}
    assert {list_of(model) for model in admin.site._registry} <= set(asked)
    forms = [(each, urlencode(told)) for each in asked]
    if get_user(client).platform_role:
        forms += done_to_rows(situation, told)
    requests = ((each, partial(client.post, each, form, content_type=FORM)) for each, form in forms)
    answers: dict[str, int] = {}
    ways = ways_to_clear(requests, answers)
    assert get_user(client).is_authenticated
    # That the requests arrive: each gets as far as to do something of its own, or to be told what is wrong with it; and a seller may take its own mark off its product, which clears nobody.
    for door in (situation.named(each) for each in DOORS[who]):
        assert answers[door] not in SHUT, door
    assert ways == ({f"/dashboard/products/{NUMBER}/unmark/"} if who == "the seller's owner" else set())


CALLERS: dict[str, Callable[[Situation], dict[str, Any]]] = {
    "the order feed": lambda _situation: {},
    "the seller's own system": lambda situation: {"seller": situation.seller},
    "another seller's system": lambda _situation: {"seller": SellerFactory()},
    "the buyer's own system": lambda situation: {"buyer": situation.complaint.buyer},
}
# What each of them is let in at, and the answers that let nobody in.
API_DOORS = {
    "the order feed": ["orders/"],
    "the seller's own system": [
        f"products/{NUMBER}/mark/", f"products/{NUMBER}/unmark/", f"cases/{NUMBER}/messages/",
        f"appointments/{NUMBER}/refuse/", f"complaints/{NUMBER}/propose/", f"violations/{NUMBER}/appeal/",
    ],
    "another seller's system": ["points/"],
    "the buyer's own system": [
        f"appointments/{NUMBER}/cancel/", f"appointments/{NUMBER}/accept/", f"cases/{NUMBER}/messages/",
        f"complaints/{NUMBER}/escalate/", f"complaints/{NUMBER}/withdraw/",
    ],
}  # fmt: skip
SHUT_TO_CALLS = {401, *SHUT}
WRITING = ("post", "put", "patch", "delete")


def methods_of(address: str) -> list[str]:
    """The writing methods that the view of an address has; it answers every other one with 405 before it does anything."""
    view = resolve(address).func
    if (actions := getattr(view, "actions", None)) is not None:
        return [method for method in WRITING if method in actions]
    cls = getattr(view, "cls", getattr(view, "view_class", None))
    return [method for method in WRITING if cls is None or hasattr(cls, method)]


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("who", CALLERS)
def test_no_call_of_the_api_does_it_for_any_system(client, situation, settings, who):
    """Each with a token of every scope: it is its place that refuses, not a log-in that is missing."""
    settings.API_REQUESTS_PER_MINUTE = 0
    client.raise_request_exception = False
    headers = a_caller(**CALLERS[who](situation)).headers
    asked = [address for address in everywhere(situation) if address.startswith(API)]
    bodies = [BODY | {"violations": [NUMBER], "text": WORDS, "words": WORDS}, {"reason": WORDS}]
    requests = (
        (each, partial(getattr(client, method), each, body, content_type="application/json", headers=headers))
        for each in asked
        for method, body in product(methods_of(each), bodies)
    )
    answers: dict[str, int] = {}
    ways = ways_to_clear(requests, answers)
    assert not {401, 405} & set(answers.values())
    # That the calls arrive: each gets as far as to do something of its own, or to be told what is wrong with it; and a seller may take its own mark off its product, which clears nobody.
    for door in (situation.named(f"{API}{each}") for each in API_DOORS[who]):
        assert answers[door] not in SHUT_TO_CALLS, door
    assert ways == ({f"/api/v1/products/{NUMBER}/unmark/"} if who == "the seller's own system" else set())


@pytest.mark.usefixtures("undrawn")
def test_what_the_walk_over_the_api_leaves_out_does_nothing(client, situation):
    """A method that a view has not, and a log-in without a token, are refused before anything is done."""
    asked = [address for address in everywhere(situation) if address.startswith(API)]
    headers = a_caller().headers
    client.force_login(AuditorFactory())
    for address in asked:
        has = methods_of(address)
        if left_out := [method for method in WRITING if method not in has]:
            sent = getattr(client, left_out[0])(address, {}, content_type="application/json", headers=headers)
            assert sent.status_code == 405, address
        if has:
            sent = getattr(client, has[0])(address, {}, content_type="application/json")
            assert sent.status_code == 401, address


@pytest.mark.usefixtures("undrawn")
def test_control_the_same_address_by_a_second_auditor_clears(client, situation):
    client.force_login(AuditorFactory())
    requests = ((each, partial(client.post, each, BODY)) for each in steps())
    ways = ways_to_clear(requests, {})
    assert ways == {f"/admin/complaints/clearance/steps/approve/?thing={NUMBER}"}
