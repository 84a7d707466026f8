"""Charts of the staff desk: each number is the number of the rows that its link opens."""

import re
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from cases import charts
from cases.actions.offers import refuse
from cases.charts import answers_by_week
from cases.sweep import sweep_batch
from complaints.models import Complaint
from tests.factories import cases as make
from tests.factories import complaints as complain
from tests.instants import instant
from zestech_aftersales.desk.charts import Span
from zestech_aftersales.ui import figures

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def a_history(frozen):
    """One answer in time, two late ones of another seller, one refusal by words."""
    make.offered(make.requested(at=R0), at=R0 + HOUR)
    product = make.a_product()
    make.requested(make.a_cover(product), at=R0)
    make.requested(make.a_cover(product), at=R0 + 120 * HOUR)
    refused = make.requested(at=R0)
    refuse(refused, "No spare parts.", by=make.seller_of(refused), at=R0 + 2 * HOUR)
    frozen.move_to(R0 + 240 * HOUR)
    sweep_batch(at=R0 + 240 * HOUR)


def figure(answer, name):
    return next(each for each in answer.context["figures"] if each.chart.name == name)


def numbers(drawn):
    return [(cell.value, cell.url) for line in drawn.lines for cell in line.cells]


@pytest.mark.parametrize("name", ["answers", "refusals", "sellers"])
def test_each_number_is_the_number_of_rows_behind_its_link(client, at_desk, frozen, name):
    at_desk("auditor")
    a_history(frozen)
    drawn = figure(client.get("/admin/"), name)
    told = numbers(drawn) + [(total.value, total.url) for _part, total in drawn.legend]
    assert sum(value for value, _url in told) >= 2
    for value, url in told:
        assert client.get(url).context["cl"].result_count == value


def test_the_totals_are_those_of_the_history(client, at_desk, frozen):
    at_desk("auditor")
    a_history(frozen)
    answer = client.get("/admin/")
    assert [total.value for _part, total in figure(answer, "answers").legend] == [1, 2]
    assert [total.value for _part, total in figure(answer, "refusals").legend] == [1, 2]
    assert [[cell.value for cell in line.cells] for line in figure(answer, "sellers").lines] == [[0, 2]]
    assert [line.remark for line in figure(answer, "answers").lines][-2:] == ["50.0 %", "0.0 %"]


def test_a_week_ends_with_the_platforms_sunday(frozen):
    """24:00 of a Sunday in Shanghai is 16:00 UTC: an answer at that very instant is one of the next week."""
    sunday = instant("2026-03-08T16:00:00Z")
    for asked, answered in ((R0 + 120 * HOUR, sunday - timedelta(microseconds=1)), (R0 + 120 * HOUR, sunday)):
        make.offered(make.requested(at=asked), at=answered)
    told = {bar.key: bar.values for bar in answers_by_week(Span.until(date(2026, 3, 9), SHANGHAI, weeks=2))}
    assert told == {"2026-03-02": (1, 0), "2026-03-09": (1, 0)}


def test_complaints_stand_by_stage(client, at_desk, frozen):
    at_desk("support")
    appointment = make.requested(at=R0)
    case = appointment.case
    for _n in range(2):
        Complaint.objects.create(
            case=case, seller=case.seller, buyer=case.buyer, clause="2.3.1", breach_at=R0, statement="Nobody came.",
            filed_at=R0, filed_by=case.buyer,
        )  # fmt: skip
    drawn = figure(client.get("/admin/"), "complaints")
    assert [(line.name, line.cells[0].value) for line in drawn.lines] == [("filed", 2)]
    [(_part, total)] = drawn.legend
    assert client.get(total.url).context["cl"].result_count == total.value == 2


def test_the_number_of_a_stage_opens_the_complaints_of_that_stage_alone(client, at_desk, frozen):
    negotiating = [complain.filed(), complain.filed()]
    escalated = complain.escalated(complain.filed())
    frozen.move_to(complain.NEGOTIATED + HOUR)
    at_desk("support")
    drawn = figure(client.get("/admin/"), "complaints")
    found = {
        line.name: (line.cells[0].value, {row.pk for row in client.get(line.cells[0].url).context["cl"].queryset})
        for line in drawn.lines
    }
    assert found == {
        "negotiating": (2, {each.pk for each in negotiating}),
        "escalated to the platform": (1, {escalated.pk}),
    }
    [(_part, total)] = drawn.legend
    assert client.get(total.url).context["cl"].result_count == total.value == 3


def test_the_sum_of_the_sellers_at_risk_is_of_those_that_are_shown(client, at_desk, frozen, monkeypatch):
    at_desk("auditor")
    a_history(frozen)
    monkeypatch.setattr(charts, "SELLERS_SHOWN", 1)
    make.requested(at=frozen.instant)
    frozen.move_to(frozen.instant + 60 * HOUR)
    sweep_batch(at=frozen.instant)
    [(_met, met), (_late, late)] = figure(client.get("/admin/"), "sellers").legend
    assert (met.value, late.value) == (0, 2)
    assert client.get(late.url).context["cl"].result_count == 2


def test_each_chart_is_a_picture_with_a_name_and_its_numbers_as_a_table_behind_it(client, at_desk, frozen):
    a_history(frozen)
    complain.filed()
    frozen.move_to(complain.FILED + HOUR)
    at_desk("auditor")
    answer = client.get("/admin/desk/figures/", {"first": "2026-03-02", "last": "2026-04-12"})
    drawn = [each for each in answer.context["figures"] if not each.is_empty]
    assert {each.chart.name for each in drawn} == {"answers", "refusals", "sellers", "complaints"}
    sections = re.findall(
        r'<section class="card" aria-label="([^"]+)">(.*?)</section>', answer.content.decode(), re.DOTALL
    )
    shown = dict(sections)
    for each in drawn:
        label = str(each.chart.label)
        assert re.search(rf'<svg class="chart"[^>]* role="img" aria-label="{label}"', shown[label])
        table = shown[label].partition("<table>")[2]
        for line in each.lines:
            row = table.partition(f'<th scope="row">{escape(line.name)}</th>')[2].partition("</tr>")[0]
            assert re.findall(r"<td[^>]*>(?:<a[^>]*>)?(\d+)<", row) == [str(cell.value) for cell in line.cells]


@pytest.mark.parametrize(("bars", "shown"), [(8, 8), (11, 6), (53, 7)])
def test_names_below_the_bars_do_not_run_into_each_other(bars, shown):
    rows = [(f"{n + 10} Mar", [1]) for n in range(bars)]
    svg = figures.bars(rows, [figures.Series("met", "ok")], "Answers", is_course=True)
    named = re.findall(r'<text x="([0-9.]+)"[^>]*>([^<]+)</text>', svg)
    assert len(named) == shown
    assert named[-1][1] == rows[-1][0]
    places = [float(place) for place, _name in named]
    assert all(after - before >= 6 * figures.LETTER - 0.2 for before, after in pairwise(places))


def test_long_names_are_cut_to_what_fits():
    svg = figures.bars([(f"Seller {n} of Shenzhen", [1]) for n in range(10)], [figures.Series("late", "bad")], "Late")
    assert {len(name) for name in re.findall(r">([^<]+)</text>", svg)} == {5}


def test_other_weeks_are_asked_for(client, at_desk, frozen):
    at_desk("auditor")
    a_history(frozen)
    page = "/admin/desk/figures/"
    early = client.get(page, {"first": "2025-01-01", "last": "2025-02-01"})
    assert figure(early, "answers").is_empty
    assert early.context["span"].monday == date(2024, 12, 30)
    now = client.get(page, {"first": "2026-03-02", "last": "2026-03-08"})
    assert [total.value for _part, total in figure(now, "answers").legend] == [1, 1]
    assert client.get(page, {"first": "soon", "last": "later"}).context["form"].errors
    assert "last" in client.get(page, {"first": "2026-03-08", "last": "2026-03-02"}).context["form"].errors
    assert "last" in client.get(page, {"first": "2024-01-01", "last": "2026-03-02"}).context["form"].errors


@pytest.mark.parametrize(
    "address",
    ["", "answers", "answers~2026-03-02", "answers~x~met~2026-03-02~8", "refusals~2026-03-02~refused~2026-03-02~8",
     "answers~2026-03-02~met~2026-03-02~many", "sellers~1;2~met~2026-03-02~8"],
)  # fmt: skip
def test_an_address_that_is_none_shows_no_rows(client, at_desk, frozen, address):
    at_desk("auditor")
    a_history(frozen)
    assert client.get("/admin/cases/deadline/", {"figure": address}).context["cl"].result_count == 0


def test_the_page_asks_the_same_number_of_questions_for_one_and_many(client, at_desk, frozen):
    at_desk("auditor")
    a_history(frozen)
    client.get("/admin/desk/figures/")
    with CaptureQueriesContext(connection) as one:
        client.get("/admin/desk/figures/")
    make.offered(make.requested(at=R0), at=R0 + HOUR)
    with CaptureQueriesContext(connection) as many:
        client.get("/admin/desk/figures/")
    assert len(one) == len(many) <= 10
