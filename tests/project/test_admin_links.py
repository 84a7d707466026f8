"""Nobody of the staff is led to a closed door: every link that the admin shows a role opens for that role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from complaints.models import Complaint
from tests.factories.rows import a_row
from tests.project.test_admin_forms import GIVEN, ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
OPEN, CLOSED = 200, {403, 404, 500}


class Links(HTMLParser):
    """Where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href") if tag == "a" else None
        if target:
            self.found.append(target)


@pytest.fixture
def populated(db, settings, tmp_path):
    """The demo, and a row of each thing that it has none of."""
    settings.DEBUG = True
    settings.MEDIA_ROOT = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("load_demo", verbosity=0)
    for model in admin.site._registry:
        if not model._default_manager.exists():
            a_row(model, **GIVEN.get(model._meta.label, {}))


def pages() -> Iterator[str]:
    """The index, and each list with the page of its newest row."""
    yield reverse("admin:index")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_change", args=[model._default_manager.order_by("-pk").values_list("pk", flat=True)[0]])


def links_of(page: str, body: str) -> Iterator[str]:
    """The addresses on this site that a page links, less its own list filtered or in another order."""
    links = Links()
    links.feed(body)
    for target in links.found:
        there = urlsplit(urljoin(page, target))
        if not there.netloc and not (there.query and there.path == page):
            yield there._replace(fragment="").geturl()


def kind_of(address: str) -> str:
    """What pages that differ by a key or a value have in common: one of a kind is opened."""
    there = urlsplit(address)
    return re.sub(r"\d+", "0", there.path) + "?" + "&".join(sorted(name for name, _value in parse_qsl(there.query)))


def closed_to(desk: Client) -> dict[str, tuple[int, str]]:
    """Each link that answers with a refusal or a fault: how it answers, and the page that it stands on."""
    answers = {page: desk.get(page) for page in pages()}
    known = {kind_of(page): answer.status_code for page, answer in answers.items()}
    closed = {}
    for page, shown in answers.items():
        for target in links_of(page, shown.content.decode()) if shown.status_code == OPEN else ():
            kind = kind_of(target)
            if kind not in known:
                known[kind] = desk.get(target).status_code
            if known[kind] in CLOSED:
                closed[target] = (known[kind], page)
    return closed


def test_every_link_that_a_role_is_shown_opens_for_it(populated):
    complaint = reverse("admin:complaints_complaint_change", args=[Complaint.objects.earliest("pk").pk])
    for role, person in ROLES.items():
        desk = Client(raise_request_exception=False)
        desk.force_login(person())
        assert closed_to(desk) == {}, role
        # Control: its buyer is named to everybody, and linked where people may be looked up.
        shown = desk.get(complaint).content.decode()
        links = [each for each in links_of(complaint, shown) if each.startswith("/admin/accounts/user/")]
        assert "Demo Buyer" in shown
        assert bool([each for each in links if each.endswith("/change/")]) == (role == "administrator")
