"""Saved filters: one's own, by name, on the list and the index."""

import pytest

from tests.factories.accounts import AuditorFactory, UserFactory
from zestech_aftersales.desk.models import SavedFilter

pytestmark = pytest.mark.django_db

LIST = "/admin/cases/servicecase/"
SAVE = "/admin/desk/filters/save/"
GIVEN = {"list": "cases.servicecase", "query": "state__exact=open&q=unit", "name": "Open units"}


def test_a_filter_is_saved_and_found_on_the_list_and_the_index(client, at_desk, frozen):
    at_desk("auditor")
    page = client.get(f"{LIST}?{GIVEN['query']}")
    assert 'name="query" value="state__exact=open&amp;q=unit"' in page.content.decode()
    answer = client.post(SAVE, GIVEN)
    assert (answer.status_code, answer.url) == (302, f"{LIST}?{GIVEN['query']}")
    assert [kept.name for kept in client.get(LIST).context["saved_filters"]] == ["Open units"]
    [kept] = client.get("/admin/").context["saved_filters"]
    assert (kept.name, kept.url) == ("Open units", answer.url)
    assert client.get(kept.url).status_code == 200


def test_a_name_is_needed_and_is_ones_own_only_once(client, at_desk, frozen):
    at_desk("auditor")
    for name in ("", "   ", "Twice", "Twice"):
        client.post(SAVE, GIVEN | {"name": name})
    assert list(SavedFilter.objects.values_list("name", flat=True)) == ["Twice"]


def test_nobody_sees_renames_or_removes_what_is_another_ones(client, at_desk, frozen):
    at_desk("auditor")
    client.post(SAVE, GIVEN)
    kept = SavedFilter.objects.get()
    client.force_login(AuditorFactory())
    assert not client.get(LIST).context["saved_filters"]
    assert not client.get("/admin/").context["saved_filters"]
    assert client.post(f"/admin/desk/filters/{kept.pk}/rename/", {"name": "Mine"}).status_code == 404
    assert client.post(f"/admin/desk/filters/{kept.pk}/remove/").status_code == 404
    assert SavedFilter.objects.get().name == "Open units"


def test_one_renames_and_removes_ones_own(client, at_desk, frozen):
    at_desk("support")
    client.post(SAVE, GIVEN)
    client.post(SAVE, GIVEN | {"name": "Second"})
    kept = SavedFilter.objects.get(name="Open units")
    refused = client.post(f"/admin/desk/filters/{kept.pk}/rename/", {"name": "Second"})
    assert refused.context["form"].errors
    client.post(f"/admin/desk/filters/{kept.pk}/rename/", {"name": "Third"})
    assert SavedFilter.objects.get(pk=kept.pk).name == "Third"
    assert client.get(f"/admin/desk/filters/{kept.pk}/remove/").status_code == 405
    client.post(f"/admin/desk/filters/{kept.pk}/remove/")
    assert [each.name for each in SavedFilter.objects.all()] == ["Second"]


def test_a_list_that_is_none_is_not_saved(client, at_desk, frozen):
    at_desk("support")
    assert client.post(SAVE, GIVEN | {"list": "accounts.secret"}).status_code == 404


def test_buyers_save_nothing(client):
    client.force_login(UserFactory())
    assert client.post(SAVE, GIVEN).status_code == 302
    assert not SavedFilter.objects.exists()
