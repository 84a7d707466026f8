"""No form of the admin changes a state or an instant, whatever is posted to it, nor does one delete."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django_fsm import FSMFieldMixin

from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory
from tests.factories.rows import a_row
from tests.taken_back import taken_back
from zestech_aftersales.accounts.models import User

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.usefixtures("frozen"),
    # Django's own, of every form field for an address; no form here takes one.
    pytest.mark.filterwarnings("ignore:The default scheme will be changed"),
]
FORGED = datetime(2031, 7, 8, 9, 10, 11, tzinfo=UTC)
REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
# What a person states when something is entered: when an incident was, until when a power lasts, when a draft is
# to take effect. It is judged by others afterwards, and no form changes it once it is entered.
STATED: dict[str, set[str]] = {}
# Of libraries: they note for themselves when a row was last written.
SELF_WRITTEN = {"oauth2_provider.Application": {"updated"}}
# These need more than their own columns.
GIVEN: dict[str, Any] = {"sellers.ApiClient": {"order_feed": True}}


class Inputs(HTMLParser):
    """What a browser would send of a page's form, unchanged."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._area = self._choice = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        name = told.get("name") or ""
        kind = told.get("type") or "text"
        if tag == "input" and name and kind not in ("submit", "button", "file"):
            if kind not in ("checkbox", "radio") or "checked" in told:
                self.sent.setdefault(name, []).append(told.get("value") or "")
        elif tag == "textarea":
            self._area = name
            self.sent[name] = [""]
        elif tag == "select":
            self._choice = name
        elif tag == "option" and self._choice and "selected" in told:
            self.sent.setdefault(self._choice, []).append(told.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._choice = ""

    def handle_data(self, words: str) -> None:
        if self._area:
            self.sent[self._area][0] += words.removeprefix("\n") if not self.sent[self._area][0] else words


def guarded(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The fields of a model that no form may change: its states and its instants."""
    own = SELF_WRITTEN.get(model._meta.label, set())
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, FSMFieldMixin | models.DateTimeField) and field.name not in own
    ]


def forged(model: type[models.Model], row: models.Model | None = None) -> dict[str, Any]:
    """Another value for each guarded field, under every name that a form of Django's might give it."""
    sent: dict[str, Any] = {}
    for field in guarded(model):
        if isinstance(field, models.DateTimeField):
            sent[field.name] = FORGED.isoformat()
            sent[f"{field.name}_0"], sent[f"{field.name}_1"] = f"{FORGED:%Y-%m-%d}", f"{FORGED:%H:%M:%S}"
        else:
            now = field.value_from_object(row) if row is not None else field.get_default()
            sent[field.name] = next((value for value, _label in field.flatchoices if value != now), "other")
    return sent


def kept(model: type[models.Model]) -> dict[Any, dict[str, Any]]:
    """The guarded values of every row."""
    names = [field.name for field in guarded(model)]
    return {row.pop("pk"): row for row in model._base_manager.values("pk", *names)}


ROLES = {
    "support": SupportFactory, "auditor": AuditorFactory, "finance": FinanceFactory,
    "administrator": AdministratorFactory,
}  # fmt: skip
EVERYBODY, AUDITORS, ADMINISTRATORS, NOBODY = set(ROLES), {"auditor"}, {"administrator"}, set[str]()
# Who of the staff is shown a thing; everybody, where nothing is said here.
SHOWN_TO: dict[str, set[str]] = {
    "account.EmailAddress": ADMINISTRATORS, "accounts.User": ADMINISTRATORS, "auth.Group": NOBODY,
    "axes.AccessAttempt": ADMINISTRATORS, "axes.AccessFailureLog": NOBODY, "axes.AccessLog": ADMINISTRATORS,
    "desk.ReadingAccess": AUDITORS | ADMINISTRATORS, "mfa.Authenticator": NOBODY,
    "oauth2_provider.AccessToken": NOBODY, "oauth2_provider.Application": ADMINISTRATORS,
    "oauth2_provider.Grant": NOBODY, "oauth2_provider.IDToken": NOBODY, "oauth2_provider.RefreshToken": NOBODY,
    "sellers.Affiliation": AUDITORS,
}  # fmt: skip
# Who is given an empty form of it; nobody, where nothing is said here.
ADDED_BY: dict[str, set[str]] = {
    "account.EmailAddress": ADMINISTRATORS, "accounts.User": ADMINISTRATORS, "cases.DeclaredEvent": EVERYBODY,
    "cases.EditionDraft": ADMINISTRATORS, "cases.Outage": ADMINISTRATORS, "cases.Simulation": EVERYBODY,
    "complaints.Audit": AUDITORS, "desk.ReadingAccess": ADMINISTRATORS,
    "oauth2_provider.Application": ADMINISTRATORS, "sellers.Affiliation": AUDITORS,
    "sellers.ApiClient": ADMINISTRATORS, "sellers.Engineer": ADMINISTRATORS, "sellers.Membership": ADMINISTRATORS,
    "sellers.Product": ADMINISTRATORS, "sellers.Seller": ADMINISTRATORS, "sellers.ServicePoint": ADMINISTRATORS,
}  # fmt: skip
# Who may send a changed one.
CHANGED_BY: dict[str, set[str]] = {
    "account.EmailAddress": ADMINISTRATORS, "accounts.User": ADMINISTRATORS, "axes.AccessAttempt": ADMINISTRATORS,
    "axes.AccessLog": ADMINISTRATORS, "cases.EditionDraft": ADMINISTRATORS,
    "oauth2_provider.Application": ADMINISTRATORS, "sellers.Engineer": ADMINISTRATORS,
    "sellers.Membership": ADMINISTRATORS, "sellers.Product": ADMINISTRATORS, "sellers.Seller": ADMINISTRATORS,
    "sellers.ServicePoint": ADMINISTRATORS,
}  # fmt: skip
REFUSED = 403


@pytest.fixture
def desks(db):
    """The staff desk as somebody of each role sees it."""
    found = {}
    for role, person in ROLES.items():
        found[role] = Client()
        found[role].force_login(person())
    return found


def page(model: type[models.Model], name: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def whole(model: type[models.Model]) -> list[dict[str, Any]]:
    """Every column of every row."""
    return list(model._base_manager.order_by("pk").values())


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_change_page_changes_no_state_and_no_instant(desks, model):
    label = model._meta.label
    row = a_row(model, **GIVEN.get(label, {}))
    address, before = page(model, "change", row.pk), kept(model)
    assert row.pk in before
    for role, desk in desks.items():
        answer = desk.get(address)
        assert (answer.status_code != REFUSED) == (role in SHOWN_TO.get(label, EVERYBODY)), role
        shown = Inputs()
        shown.feed(answer.content.decode())
        for sent in (forged(model, row), {**shown.sent, **forged(model, row), "_save": "Save"}):
            with taken_back():
                all_before = whole(model)
                told = desk.post(address, sent)
                assert kept(model) == before, role
                if role not in CHANGED_BY.get(label, NOBODY):
                    assert told.status_code == REFUSED, role
                    assert whole(model) == all_before, role


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_an_add_page_sets_no_state_and_no_instant(desks, model):
    label = model._meta.label
    row = a_row(model, **GIVEN.get(label, {}))
    before = kept(model)
    filled = {
        field.name: field.value_from_object(row) for field in model._meta.concrete_fields if not field.primary_key
    }
    filled = {name: value for name, value in filled.items() if value is not None}
    for role, desk in desks.items():
        may_add = role in ADDED_BY.get(label, NOBODY)
        answer, shown = desk.get(page(model, "add")), Inputs()
        assert (answer.status_code == REFUSED) == (not may_add), role
        shown.feed(answer.content.decode())
        with taken_back():
            told = desk.post(page(model, "add"), {**shown.sent, **filled, **forged(model), "_save": "Save"})
            if not may_add:
                assert told.status_code == REFUSED, role
                assert kept(model) == before, role
            for key, values in kept(model).items():
                if key not in before:
                    assert_is_new(model, values)


def assert_is_new(model: type[models.Model], values: dict[str, Any]) -> None:
    """A new row begins in its first state, and holds no instant that the form gave."""
    stated = STATED.get(model._meta.label, set())
    assert not [name for name, value in values.items() if value == FORGED and name not in stated]
    machines = [field for field in guarded(model) if isinstance(field, FSMFieldMixin)]
    assert all(values[field.name] == field.get_default() for field in machines)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_nothing_is_deleted(desks, model):
    row = a_row(model, **GIVEN.get(model._meta.label, {}))
    before = set(kept(model))
    for role, desk in desks.items():
        assert desk.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == REFUSED, role
        deletes = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
        desk.post(page(model, "changelist"), deletes)
        assert set(kept(model)) == before, role


def test_control_what_a_form_may_change_it_changes(desks):
    desk = desks["administrator"]
    person = a_row(User, name="Before")
    shown = Inputs()
    shown.feed(desk.get(page(User, "change", person.pk)).content.decode())
    sent = {**shown.sent, **forged(User, person), "name": "After", "_save": "Save"}
    assert desk.post(page(User, "change", person.pk), sent).status_code == 302
    same = User.objects.get(pk=person.pk)
    assert (same.name, same.last_login) == ("After", None)
