"""The index of the staff desk: what waits for whom and since when; each number is its rows."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.rulings import flag
from complaints.actions import losses
from complaints.models import Violation
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import losses as lost
from tests.factories.accounts import AuditorFactory
from tests.instants import instant
from zestech_aftersales.desk import counting, waiting

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)


def a_flagged_offer(at=R0):
    offer = make.offered(make.requested(at=at), at=at + HOUR)
    flag(offer, "It would have to be sent abroad.", by=make.buyer_of(offer.appointment), at=at + 2 * HOUR)
    return make.fresh(offer)


def rows_of(client, url):
    """How many rows a link of the index opens."""
    return client.get(url).context["cl"].result_count


def all_rows(board):
    return [*board.own, *board.role, *board.others]


def row(board, label):
    return next(each for each in all_rows(board) if str(each.label) == label)


def test_each_number_is_the_number_of_the_rows_behind_its_link(client, at_desk, frozen):
    at_desk("auditor")
    a_flagged_offer()
    a_flagged_offer(R0 + HOUR)
    claim.a_restriction(make.a_cover(), at=R0)
    frozen.move_to(R0 + timedelta(days=9))
    board = client.get("/admin/").context["board"]
    linked = [each for each in all_rows(board) if each.url]
    assert sum(int(each.shown) for each in linked) >= 4
    assert {each.label: int(each.shown) for each in linked} == {
        each.label: rows_of(client, each.url) for each in linked
    }


def test_a_loss_waits_for_the_other_role_alone(client, at_desk, frozen):
    losses.put_up(lost.a_draft(), reason="Look.", by=lost.of_finance(), at=lost.DRAFTED)
    frozen.move_to(lost.DRAFTED + HOUR)
    label = "Proposed by others, for me to sign"
    for role, shown in (("finance", "0"), ("auditor", "1")):
        at_desk(role)
        assert row(client.get("/admin/").context["board"], label).shown == shown


def test_it_says_since_when_the_oldest_waits(client, at_desk, frozen):
    at_desk("auditor")
    a_flagged_offer()
    a_flagged_offer(R0 + HOUR)
    frozen.move_to(R0 + 5 * HOUR)
    told = row(client.get("/admin/").context["board"], "Flagged offers to rule on")
    assert (told.shown, told.since) == ("2", R0 + 2 * HOUR)


def test_what_waits_stands_on_top_the_longest_waiting_first(client, at_desk, frozen):
    at_desk("auditor")
    claim.a_restriction(make.a_cover(), at=R0 + 3 * HOUR)
    a_flagged_offer()
    told = client.get("/admin/").context["board"].role
    assert [str(each.label) for each in told[:2]] == [
        "Flagged offers to rule on",
        "Proposed restrictions, heard or still in hearing",
    ]
    assert all(each.is_empty for each in told[2:])


@pytest.mark.parametrize("role", ["support", "auditor", "finance", "administrator"])
def test_the_own_roles_lists_come_first(client, at_desk, frozen, role):
    at_desk(role)
    board = client.get("/admin/").context["board"]
    by_name = {str(each.label): each for each in waiting.registered()}
    assert all(role in by_name[str(each.label)].roles for each in board.role)
    assert all(role not in by_name[str(each.label)].roles for each in board.others)
    assert len(all_rows(board)) == len(waiting.registered())


def test_what_i_proposed_myself_is_not_mine_to_sign(client, frozen):
    me, other = AuditorFactory(), AuditorFactory()
    claim.a_restriction(make.a_cover(), at=R0, by=claim.Actor(channel="admin", user=me))
    label = "Proposed by others, for me to sign"
    for person, shown in ((me, "0"), (other, "1")):
        client.force_login(person)
        assert row(client.get("/admin/").context["board"], label).shown == shown


def test_what_two_administrators_sign_is_nothing_for_auditors(client, at_desk, frozen):
    claim.an_outage(R0 - HOUR, R0, at=R0)
    label = "Proposed by others, for me to sign"
    at_desk("auditor")
    assert row(client.get("/admin/").context["board"], label).shown == "0"
    at_desk("administrator")
    told = row(client.get("/admin/").context["board"], label)
    assert told.shown == "1" == str(rows_of(client, told.url))


def test_what_is_assigned_to_me_waits_for_me_alone(client, at_desk, frozen):
    me = at_desk("auditor")
    seller = make.a_seller()
    for n, officer in enumerate((me, AuditorFactory(), None)):
        Violation.objects.create(
            seller=seller, kind="audit", clause="2.3.1", breach=f"deadline/{n}", occurred_at=R0, opened_at=R0, officer=officer
        )  # fmt: skip
    assert row(client.get("/admin/").context["board"], "Violations assigned to me").shown == "1"


def test_a_count_goes_no_further_than_shown(client, at_desk, frozen, monkeypatch):
    at_desk("auditor")
    for _n in range(3):
        a_flagged_offer()
    monkeypatch.setattr(waiting, "COUNTED", 2)
    assert counting.COUNTED == 100
    assert row(client.get("/admin/").context["board"], "Flagged offers to rule on").shown == "2+"


def test_the_index_asks_the_same_number_of_questions_however_much_waits(client, at_desk, frozen):
    at_desk("auditor")
    a_flagged_offer()
    client.get("/admin/")
    with CaptureQueriesContext(connection) as one:
        client.get("/admin/")
    for _n in range(2):
        a_flagged_offer()
        claim.a_restriction(make.a_cover(), at=R0)
    with CaptureQueriesContext(connection) as many:
        assert client.get("/admin/").status_code == 200
    assert len(one) == len(many) <= 14


def test_the_stock_list_of_apps_stays_below(client, at_desk, frozen):
    at_desk("auditor")
    page = client.get("/admin/").content.decode()
    assert page.index("Waits for your role") < page.index("/admin/cases/servicecase/")


def test_a_list_that_is_none_shows_no_rows(client, at_desk, frozen):
    at_desk("auditor")
    a_flagged_offer()
    assert rows_of(client, "/admin/cases/offer/") == 1
    for name in ("nonsense", "candidates"):
        assert rows_of(client, f"/admin/cases/offer/?waiting={name}") == 0


def test_the_links_lead_into_the_list_of_that_model(client, at_desk, frozen):
    at_desk("auditor")
    told = row(client.get("/admin/").context["board"], "Exclusion claims to decide")
    assert urlsplit(told.url).path == "/admin/cases/exclusionclaim/"
    assert parse_qs(urlsplit(told.url).query) == {"waiting": ["claims"]}
