"""A merged case in pages, lists and API: its addresses lead to the surviving case, where all of it is read."""

from datetime import timedelta

import pytest

from cases import queries
from cases.models import ServiceCase
from tests.clock_fixture import R0
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.factories.visits import BEGINS

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(frozen):
    """A surviving case, and a cancelled duplicate of the same order line."""
    survivor = make.requested(at=R0)
    twin = make.cancelled(make.requested(survivor.case.cover, at=R0, title="Buttons dead"), at=R0)
    return survivor, twin


def merge(client, survivor, twin, typed=None):
    client.force_login(UserFactory(platform_role="support", is_staff=True))
    url = f"/admin/cases/servicecase/steps/merge/?thing={twin.case_id}"
    return client.post(url, {"survivor": survivor.case.reference, "reason": "The same wire."} | (typed or {}))


def test_support_merges_and_both_sides_are_led_to_the_survivor(client, pair):
    survivor, twin = pair
    assert merge(client, survivor, twin, {"survivor": "ZA-2026-999999"}).status_code == 200
    assert ServiceCase.objects.get(pk=twin.case_id).merged_into is None
    assert merge(client, survivor, twin).status_code == 302
    for user, channel in ((survivor.buyer, "portal"), (make.seller_of(survivor).user, "dashboard")):
        client.force_login(user)
        answer = client.get(f"/{channel}/cases/{twin.case.reference}/", follow=True)
        assert answer.redirect_chain[0][0] == f"/{channel}/cases/{survivor.case.reference}/#merged-{twin.case_id}"
        text = answer.content.decode()
        assert f"{twin.case.reference} was merged into this case." in text
        assert f"Merged into this case: {twin.case.reference}" in text
    client.force_login(UserFactory())
    assert client.get(f"/portal/cases/{twin.case.reference}/").status_code == 404


def test_lists_show_the_survivor_also_for_the_other_reference(client, pair):
    survivor, twin = pair
    merge(client, survivor, twin)
    client.force_login(survivor.buyer)
    references = ({"q": twin.case.reference}, {"q": survivor.case.reference})
    for query in ({}, *references, {"q": "buttons"}, {"view": "open"}):
        page = client.get("/portal/cases/", query).context["page"]
        assert [case.pk for case in page.things] == [survivor.case_id], query
    client.force_login(make.seller_of(survivor).user)
    for query in references:
        found = {row.appointment.pk for row in client.get("/dashboard/", query).context["rows"]}
        assert found == {survivor.pk, twin.pk}, query
    found = {row.appointment.pk for row in client.get("/dashboard/", {"q": "buttons"}).context["rows"]}
    assert found == {survivor.pk, twin.pk}, "the title of the duplicate leads to the survivor"


def test_a_search_for_a_reference_joins_no_cases(pair):
    survivor, _twin = pair
    asked = queries.appointments_found(queries.appointments_for(make.seller_of(survivor)), survivor.case.reference)
    assert "LEFT OUTER JOIN" not in str(asked.order_by().values("pk").query)


def test_what_waits_in_a_merged_case_is_listed_under_the_survivor(client, frozen):
    done = make_visit.done(make_visit.planned())
    frozen.move_to(BEGINS + timedelta(hours=3))
    survivor = make.requested(done.case.cover, at=BEGINS + timedelta(hours=2))
    client.force_login(done.buyer)

    def waiting():
        return [case.pk for case in client.get("/portal/cases/", {"view": "sign_off"}).context["page"].things]

    assert waiting() == [done.case_id]
    merge(client, survivor, done)
    client.force_login(done.buyer)
    assert waiting() == [survivor.case_id]


def test_a_search_for_more_digits_than_a_key_can_have_finds_nothing(client, pair):
    survivor, _twin = pair
    client.force_login(make.seller_of(survivor).user)
    page = client.get("/dashboard/", {"q": f"ZA-2026-{'9' * 30}"})
    assert (page.status_code, list(page.context["rows"])) == (200, [])


def test_the_number_of_a_case_of_another_year_is_not_the_survivor(client, pair):
    survivor, twin = pair
    assert merge(client, survivor, twin, {"survivor": f"ZA-2020-{survivor.case_id:06d}"}).status_code == 200
    assert ServiceCase.objects.get(pk=twin.case_id).merged_into is None


def test_the_api_names_the_survivor(client, pair):
    survivor, twin = pair
    merge(client, survivor, twin)
    buyer = a_caller(buyer=survivor.buyer)
    assert buyer.get(f"cases/{twin.case.reference}/").json()["merged_into"] == survivor.case.reference
    merged = buyer.get(f"cases/{survivor.case.reference}/").json()["merged"]
    assert [each["reference"] for each in merged] == [twin.case.reference]
    refused = buyer.post(f"cases/{twin.case.reference}/messages/", {"body": "Hello?"})
    assert (refused.status_code, refused.json()["code"]) == (409, "case_merged")
