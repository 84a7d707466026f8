"""Lists as CSV: the rows of the filter, no formula, instants in UTC, and who took what."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import violations as judged
from tests.factories.accounts import UserFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.ui.tables import harmless

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
CASES = "/admin/cases/servicecase/export.csv"


def table(answer):
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0=", "\u3000+", "＝", "＠"])
def test_no_cell_begins_a_formula(client, at_desk, frozen, begin):
    at_desk("auditor")
    make.requested(at=R0, title=f"{begin}1+2")
    [_heads, row] = table(client.get(CASES))
    assert row[1] == f"'{begin}1+2" == harmless(f"{begin}1+2")
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_it_holds_the_rows_of_the_filter_with_instants_in_utc(client, at_desk, frozen):
    at_desk("auditor")
    kept, other = make.requested(at=R0), make.requested(at=R0 + timedelta(hours=1))
    heads, *rows = table(client.get(CASES, {"q": kept.case.reference}))
    assert [row[0] for row in rows] == [kept.case.reference]
    assert rows[0][heads.index("opened")] == "2026-03-02T01:15:30.000000Z"
    assert len(table(client.get(CASES))) == 3
    assert other.case.reference in str(table(client.get(CASES)))


def test_who_took_what_by_which_filter_is_on_the_timeline(client, at_desk, frozen):
    me = at_desk("finance")
    make.requested(at=R0)
    table(client.get(CASES, {"state__exact": "open"}))
    event = Event.objects.get(kind="list.exported")
    assert (event.actor, event.subject, event.detail) == (me, "list/cases.servicecase", {"filter": "state__exact=open"})


def test_no_more_questions_for_many_rows(client, at_desk, frozen):
    at_desk("auditor")
    make.requested(at=R0)
    with CaptureQueriesContext(connection) as one:
        table(client.get(CASES))
    for _n in range(3):
        make.requested(at=R0)
    with CaptureQueriesContext(connection) as many:
        table(client.get(CASES))
    assert len(one) == len(many)


def test_buyers_and_sellers_take_nothing(client, frozen):
    appointment = make.requested(at=R0)
    for person in (appointment.buyer, make.seller_of(appointment).user, UserFactory()):
        client.force_login(person)
        assert client.get(CASES).status_code == 302
    assert not Event.objects.filter(kind="list.exported").exists()


def test_people_are_exported_by_nobody_who_may_not_read_them(client, at_desk):
    at_desk("support")
    assert client.get("/admin/desk/readingaccess/export.csv").status_code == 403


def test_a_filter_that_is_none_leads_back_to_the_list(client, at_desk, frozen):
    at_desk("support")
    answer = client.get(CASES, {"nonsense__exact": "1"})
    assert (answer.status_code, answer.url) == (302, "/admin/cases/servicecase/")


def test_what_a_page_shows_as_a_link_is_its_words(client, at_desk, frozen):
    """Neither markup nor a formula that hides behind it."""
    auditor = at_desk("auditor")
    appointment = judged.unanswered(title="=HYPERLINK(1)")
    opened = audit.an_audit(appointment, by=Actor(channel=Channel.ADMIN, user=auditor))
    _heads, *rows = table(client.get("/admin/complaints/audititem/export.csv"))
    assert len(rows) == opened.items.count()
    assert {cell for row in rows for cell in row if cell.startswith("ZA-")} == {appointment.case.reference}
    assert not any("<" in cell or "&" in cell for row in rows for cell in row)


def test_every_list_can_be_taken_and_none_holds_markup_or_a_formula(client, at_desk, frozen):
    make.offered(make.requested(at=R0, title="=1+1"), at=R0)
    at_desk("auditor")
    taken = 0
    for model, shown in admin.site._registry.items():
        page = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        if not hasattr(shown, "export_view") or client.get(page).status_code != 200:
            continue
        _heads, *rows = table(client.get(f"{page}export.csv"))
        taken += 1
        cells = [cell for row in rows for cell in row]
        assert not any("</" in cell or cell.startswith(("=", "+", "-", "@")) for cell in cells), page
    assert taken >= 30


def test_words_come_in_the_readers_language(client, at_desk, frozen):
    person = at_desk("auditor")
    type(person).objects.filter(pk=person.pk).update(language="zh-hans")
    make.offered(make.requested(at=R0), at=R0)
    _heads, row = table(client.get("/admin/cases/offer/export.csv"))
    assert "否" in row
    assert "no" not in row
