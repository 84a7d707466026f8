"""The work queue: what waits for whom, in which order, and what is told of it."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import worklists
from cases.worklists import Key, View
from tests.dashboard.conftest import R0, address
from tests.factories import cases as make
from tests.factories import visits as visit
from tests.pages import posted
from zestech_aftersales.rulebook import RuleBroken

pytestmark = pytest.mark.django_db


def texts(answer):
    return answer.content.decode()


def rows(answer):
    return [row.appointment for row in answer.context["rows"]]


def more_requests(appointment, *hours):
    product = appointment.case.cover.line.product
    return [make.requested(make.a_cover(product), at=R0 - timedelta(hours=each)) for each in hours]


@pytest.mark.clause("2.3.1")
def test_the_most_urgent_stands_first_with_its_clock_and_clause(seller, appointment):
    later, sooner = more_requests(appointment, 10, 40)
    answer = seller.get("/dashboard/")
    assert rows(answer) == [sooner, later, appointment]
    page = texts(answer)
    assert "effective response" in page
    assert "/rules/#c-2.3.1" in page
    assert "8 h 00 min left" in page
    assert appointment.case.cover.order.number in page


def test_every_view_holds_what_waits_there(seller, appointment, people, frozen):
    offered, agreed, missed = more_requests(appointment, 1, 2, 3)
    make.offered(offered, at=R0)
    make.accepted(make.offered(agreed, at=R0), at=R0)
    frozen.move_to(R0 + timedelta(hours=45, minutes=30))
    posted(seller, address(missed, "refuse"), {"reason": "too late anyway"})
    assert make.fresh(missed).state == "deemed_refused"
    for view, expected in (
        ("reply", [appointment]),
        ("confirm", [agreed]),
        ("buyer", [offered]),
        ("visits", []),
        ("missed", [missed]),
    ):
        assert rows(seller.get("/dashboard/", {"view": view})) == expected, view
    everything = rows(seller.get("/dashboard/", {"view": "all"}))
    assert everything[0] == appointment
    assert everything[-1] == missed
    assert len(everything) == 4
    counted = worklists.counts(make.seller_of(appointment), at=R0 + timedelta(hours=46))
    assert counted.views == {"reply": 1, "confirm": 1, "buyer": 1, "dates": 0, "visits": 0, "missed": 1}
    assert (counted.soon, counted.open) == (1, 3)


def test_a_date_that_the_buyer_proposes_waits_for_the_seller_though_no_limit_runs(client, frozen):
    planned = visit.planned()
    appointment, owner = planned.appointment, make.seller_of(planned.appointment)
    client.force_login(owner.user)

    def waiting():
        shown = rows(client.get("/dashboard/?view=dates"))
        assert worklists.counts(owner, at=R0).views["dates"] == len(shown)
        return shown

    assert waiting() == []
    asked = visit.proposed(appointment, by=make.buyer_of(appointment), at=R0)
    assert waiting() == [appointment]
    visit.taken(asked, by=owner, at=R0 + timedelta(seconds=1))
    assert waiting() == []
    visit.proposed(appointment, by=owner, at=R0 + timedelta(seconds=2))
    assert waiting() == []


def test_a_proposed_date_that_a_cure_has_overtaken_waits_for_nobody(client, frozen):
    missed = visit.nobody_came(visit.planned())
    appointment, owner, asked_at = missed.appointment, make.seller_of(missed.appointment), visit.ENDS + visit.GRACE
    visit.proposed(appointment, by=make.buyer_of(appointment), at=asked_at)
    assert worklists.counts(owner, at=asked_at).views["dates"] == 1
    late = asked_at + timedelta(hours=49)
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=late)
    make.accepted(appointment.offers.latest("pk"), at=late)
    assert make.fresh(appointment).state == "agreed"
    assert worklists.counts(owner, at=late).views["dates"] == 0


@pytest.mark.clause("2.3.1")
def test_a_missed_case_leaves_its_view_after_thirty_days_and_offers_a_cure_before(seller, appointment, frozen):
    due = R0 + timedelta(hours=48)
    frozen.move_to(due + timedelta(seconds=1))
    posted(seller, address(appointment, "refuse"), {"reason": "late"})
    page = texts(seller.get("/dashboard/?view=missed"))
    assert "Offer a late cure" in page
    assert "stays on the record" in page
    by, last = make.seller_of(appointment), due + timedelta(days=30)
    assert worklists.worklist(by, View.MISSED, at=last).rows == [appointment]
    assert worklists.worklist(by, View.MISSED, at=last + timedelta(microseconds=1)).rows == []


@pytest.mark.parametrize("words", ["reference", "number", "can-bus"])
def test_a_search_looks_through_everything_of_the_seller(seller, appointment, words):
    more_requests(appointment, 5)
    other = make.requested(at=R0)
    words = {"reference": appointment.case.reference, "number": appointment.case.cover.order.number}.get(words, words)
    found = rows(seller.get("/dashboard/", {"q": words, "view": "missed"}))
    assert appointment in found
    assert other not in found


def test_pages_follow_the_key_without_gaps_or_doubles(appointment):
    requests = more_requests(appointment, 1, 1, 2, 3, 4)
    by, seen, after = make.seller_of(appointment), [], ""
    make.offered(requests[0], at=R0)
    more_requests(appointment, 6)
    for _page in range(9):
        page = worklists.worklist(by, View.ALL, at=R0, after=after, size=2)
        seen += page.rows
        after = page.next_key
        if not after:
            break
    assert len(seen) == len({row.pk for row in seen}) == 7
    limits = [row.next_due_at for row in seen if row.next_due_at]
    assert len(limits) == 7
    assert limits == sorted(limits)


def test_behind_those_with_a_limit_come_the_others_newest_first(seller, appointment, frozen):
    ended = more_requests(appointment, 1, 2, 3)
    for each in ended:
        posted(seller, address(each, "refuse"), {"reason": "no"})
    by, seen, after = make.seller_of(appointment), [], ""
    for _page in range(4):
        page = worklists.worklist(by, View.ALL, at=R0, after=after, size=1)
        seen += page.rows
        after = page.next_key
    assert seen == [appointment, *reversed(ended)]
    assert after == ""


@pytest.mark.parametrize("after", ["~", "x~1", "2026-03-02~1", "~-1", "~99999999999999999999", "é~²"])
def test_a_key_that_is_none_shows_the_first_page(seller, appointment, after):
    assert Key.read(after) is None
    assert rows(seller.get("/dashboard/", {"after": after})) == [appointment]


def test_counts_stop_at_a_hundred(seller, appointment, monkeypatch):
    monkeypatch.setattr(worklists, "COUNTED", 1)
    monkeypatch.setattr("zestech_aftersales.dashboard.views.COUNTED", 1)
    more_requests(appointment, 1, 2)
    assert "1+" in [tab.count for tab in seller.get("/dashboard/").context["tabs"]]


def test_figures_count_answers_and_judge_nobody(seller, appointment, frozen):
    early, late, missed = more_requests(appointment, 1, 2, 3)
    make.offered(early, at=R0 + timedelta(hours=1))
    make.offered(late, at=late.received_at + timedelta(hours=47))
    frozen.move_to(R0 + timedelta(hours=46))
    posted(seller, address(missed, "refuse"), {"reason": "late"})
    answer = seller.get("/dashboard/")
    told = answer.context["answers"]
    assert (told.in_time, told.owed) == (2, 3)
    assert told.median_first == timedelta(hours=24, minutes=30)
    assert "2 of 3" in texts(answer)
    assert sum(sum(values) for _day, values in answer.context["bar_rows"]) == 3
    assert answer.context["bar_rows"][-2][1] == (0, 1, 1) or answer.context["bar_rows"][-1][1] == (0, 1, 1)


def test_the_export_has_the_rows_and_no_formula(seller, appointment):
    product = appointment.case.cover.line.product
    make.requested(make.a_cover(product), at=R0, title='=HYPERLINK("http://evil.example")')
    answer = seller.get("/dashboard/cases.csv?view=reply")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["case"] for row in table} >= {appointment.case.reference}
    assert not [cell for row in table for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    assert table[0]["due_at"] == "2026-03-04T01:15:30+00:00"


@pytest.mark.parametrize("view", list(View.values))
def test_the_queue_asks_the_same_few_questions_for_one_and_three(seller, appointment, view):
    seller.get("/dashboard/", {"view": view})
    with CaptureQueriesContext(connection) as one:
        assert seller.get("/dashboard/", {"view": view}).status_code == 200
    more_requests(appointment, 1, 2)
    with CaptureQueriesContext(connection) as three:
        seller.get("/dashboard/", {"view": view})
    assert len(three) == len(one)
    assert len(three) <= 10, [query["sql"][:150] for query in three]
    assert not [query for query in three.captured_queries if " OFFSET " in query["sql"]]
