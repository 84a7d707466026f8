"""Nothing clears a seller without two people: one auditor or administrator tries every way there is (3.2)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection
from django.db.models import Q
from django.http import HttpResponse
from django.template.backends.django import Template
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django_fsm import TransitionNotAllowed

from complaints.models import Audit, Clearance, JudgementDeadline, LossClaim, Violation
from sellers.importing.products import ProductRecord
from sellers.models import Enrolment, Product, Seller
from tests.every_action import WORDS, Call, Framed, actions, calls_of
from tests.factories import cases as make
from tests.factories import complaints
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.api import a_caller
from tests.factories.cases import fresh
from tests.factories.clearances import a_violation
from tests.factories.sellers import (
    AffiliationFactory,
    ApiClientFactory,
    CommitmentFactory,
    EngineerFactory,
    MembershipFactory,
    ProductFactory,
    SellerFactory,
    ServicePointFactory,
)
from tests.instants import instant
from tests.taken_back import taken_back
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.accounts.models import User
from zestech_aftersales.celery import app
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Decision

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2"), pytest.mark.usefixtures("frozen")]
AT = instant("2026-03-02T01:15:30Z")
# One number for every thing that has to do with it: each address that takes a number is given this one.
NUMBER = 777_777
REFUSED = (RuleBroken, TransitionNotAllowed, PermissionDenied, ValidationError, DatabaseError)


class Situation:
    """An active seller with all that can be judged about it, and a clearance that one auditor has proposed, or none yet."""

    def __init__(self, *, proposed: bool = True) -> None:
        self.alone = AuditorFactory(pk=NUMBER)
        self.seller = SellerFactory(pk=NUMBER, enrolled=False)
        self.enrolment = Enrolment.objects.create(
            pk=NUMBER, seller=self.seller, state="active", applied_at=AT - timedelta(days=900)
        )
        self.product = ProductFactory(pk=NUMBER, sku=str(NUMBER), seller=self.seller)
        self.violation = a_violation(self.seller, at=AT)
        self._staff()
        self._serve()
        self._judge()
        if proposed:
            self._propose()

    def _staff(self) -> None:
        MembershipFactory(seller=self.seller)
        EngineerFactory(pk=NUMBER, seller=self.seller)
        ServicePointFactory(pk=NUMBER, seller=self.seller)
        AffiliationFactory(pk=NUMBER, seller=self.seller, affiliate=SellerFactory())
        CommitmentFactory(pk=NUMBER, seller=self.seller)
        ApiClientFactory(seller=self.seller, order_feed=False)

    def _serve(self) -> None:
        """A request that nobody answered, complained about, and one with an offer that stands."""
        self.complaint = complaints.filed(
            complaints.unanswered(product=self.product, at=AT - timedelta(days=10)), at=AT - timedelta(days=5)
        )
        make.offered(make.requested(make.a_cover(self.product), at=AT - timedelta(hours=2)), at=AT - timedelta(hours=1))

    def _judge(self) -> None:
        Audit.objects.create(pk=NUMBER, seller=self.seller, part="cause", opened_at=AT - timedelta(days=9))
        LossClaim.objects.create(
            pk=NUMBER,
            seller=self.seller,
            violation=self.violation,
            reason="The refusal.",
            drafted_by=self.alone,
            drafted_at=AT,
        )

    def _propose(self) -> None:
        decision = Decision.objects.create(
            pk=NUMBER, kind="clearance", subject=f"enrolment/{NUMBER}", proposer=self.alone, reason="Late again.",
            proposed_at=AT,
        )  # fmt: skip
        clearance = Clearance.objects.create(
            pk=NUMBER, seller=self.seller, enrolment=self.enrolment, reason="Late again.", decision=decision,
            proposed_at=AT,
        )  # fmt: skip
        clearance.violations.add(self.violation)


@pytest.fixture
def situation():
    return Situation()


def is_cleared() -> bool:
    """Whether the seller has lost its place, whatever that is called: cleared, withdrawn in its name, or without the mark."""
    unmarked = Q(seller__products__mark_periods__ends_at__isnull=False)
    return Enrolment.objects.filter(~Q(state="active") | unmarked, seller=NUMBER).exists()


def outcome_of(attempt: Callable[[], object]) -> str:
    """What an attempt comes to, which is then taken back: somebody is cleared by it, it is done, or it is refused."""
    with suppress(*REFUSED), taken_back():
        attempt()
        return "cleared" if is_cleared() else "done"
    return "refused"


def clears(attempt: Callable[[], object]) -> bool:
    return outcome_of(attempt) == "cleared"


class Writes:
    """Notices that something is written; told so before it is done."""

    seen = False

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        self.seen = self.seen or sql.startswith(("INSERT", "UPDATE", "DELETE"))
        return execute(sql, *rest)


def ways_to_clear(requests: Iterable[tuple[str, Callable[[], HttpResponse]]], answers: Counter[int]) -> set[str]:
    """The names of the requests that clear somebody, each on the same ground: what one has written is taken back.

    Most write nothing, and so have nothing to be looked for or taken back. Their answers are counted.
    """
    left, ways, writes = iter(requests), set(), Writes()
    while True:
        with taken_back(), connection.execute_wrapper(writes):
            for name, send in left:
                status = send().status_code
                answers[status] += 1
                # After a fault of the database the next one would fail for no reason of its own.
                assert status < 500, name
                if writes.seen:
                    if is_cleared():
                        ways.add(name)
                    writes.seen = False
                    break
            else:
                return ways


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
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


PEOPLE: dict[str, Callable[[Situation], User]] = {
    "the auditor who proposed it": lambda situation: situation.alone,
    "an administrator": lambda _situation: AdministratorFactory(),
    "support": lambda _situation: SupportFactory(),
    "finance": lambda _situation: FinanceFactory(),
    "the seller's owner": lambda situation: situation.seller.memberships.get().user,
    "the buyer": lambda situation: situation.complaint.buyer,
}


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("who", PEOPLE)
def test_no_address_does_it_for_one_person(client, situation, who):
    client.raise_request_exception = False
    client.force_login(PEOPLE[who](situation))
    asked = [address for address in everywhere() if not address.startswith(API) and "logout" not in address]
    assert f"/admin/complaints/clearance/steps/approve/?thing={NUMBER}" in asked
    assert f"/admin/complaints/clearance/propose/{NUMBER}/" in asked
    assert f"/admin/sellers/enrolment/{NUMBER}/change/" in asked
    told = BODY | {"violations": situation.violation.pk}
    form, acting = urlencode(told), urlencode({name: each for name, each in told.items() if name != "_save"})
    lists = {f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry}
    assert lists <= set(asked)
    requests = (
        # A list that is told to save as well does not do to its rows what it is told.
        (each, partial(client.post, each, form if each not in lists else acting, content_type=FORM))
        for each in asked
    )
    answers: Counter[int] = Counter()
    ways = ways_to_clear(requests, answers)
    assert get_user(client).is_authenticated
    # That the requests arrive: some get as far as to be told what is wrong with them, and a seller may take its own mark off its product, which clears nobody.
    assert answers[409] + answers[422], answers
    assert ways == ({f"/dashboard/products/{NUMBER}/unmark/"} if who == "the seller's owner" else set())


CALLERS: dict[str, Callable[[Situation], dict[str, Any]]] = {
    "the order feed": lambda _situation: {},
    "the seller's own system": lambda situation: {"seller": situation.seller},
    "another seller's system": lambda _situation: {"seller": SellerFactory()},
    "a buyer's system": lambda _situation: {"buyer": UserFactory()},
}
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
    asked = [address for address in everywhere() if address.startswith(API)]
    bodies = [BODY | {"violations": [NUMBER], "text": WORDS, "words": WORDS}, {"reason": WORDS}]
    requests = (
        (each, partial(getattr(client, method), each, body, content_type="application/json", headers=headers))
        for each in asked
        for method, body in product(methods_of(each), bodies)
    )
    answers: Counter[int] = Counter()
    ways = ways_to_clear(requests, answers)
    assert 401 not in answers
    assert 405 not in answers
    assert answers[404] > 20, answers
    # That the calls arrive: a seller may take its own mark off its product, which clears nobody.
    assert ways == ({f"/api/v1/products/{NUMBER}/unmark/"} if who == "the seller's own system" else set())


@pytest.mark.usefixtures("undrawn")
def test_what_the_walk_over_the_api_leaves_out_does_nothing(client, situation):
    """A method that a view has not, and a log-in without a token, are refused before anything is done."""
    asked = [address for address in everywhere() if address.startswith(API)]
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
    ways = ways_to_clear(requests, Counter())
    assert ways == {f"/admin/complaints/clearance/steps/approve/?thing={NUMBER}"}


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
