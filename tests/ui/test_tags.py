"""What the tags write: words beside every picture, no style attribute."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from zestech_aftersales.ui import states
from zestech_aftersales.ui.figures import share

AT = datetime(2026, 11, 25, 8, 40, tzinfo=UTC)


def shown(source: str, **context: object) -> str:
    with translation.override("en"):
        text: str = Template("{% load ui %}" + source).render(Context(context))
    assert "style=" not in text
    return text


def test_an_icon_is_silent():
    text = shown("{% icon 'bell' %}")

    assert 'aria-hidden="true"' in text
    assert "icons.svg#bell" in text


def test_a_meter_says_its_value_in_words():
    text = shown("{% meter 12 48 'warn' '36 h left' %}")

    assert 'role="img"' in text
    assert 'aria-label="36 h left"' in text
    assert 'width="25.0"' in text
    assert "fill-warn" in text


def test_a_meter_without_a_label_says_its_percentage():
    assert 'aria-label="25 %"' in shown("{% meter 12 48 'warn' %}")


@pytest.mark.parametrize(("value", "of", "percent"), [(5, 0, 0), (-1, 10, 0), (11, 10, 100), (1, 3, 33.33)])
def test_a_share_stays_between_nothing_and_all(value, of, percent):
    assert share(value, of) == percent


def test_a_label_cannot_break_out():
    assert "<b>" not in shown("{% meter 1 2 'ok' label %}", label='"><b>')


def test_bars_have_their_numbers_as_a_table():
    text = shown(
        "{% bars rows series 'Replies' %}",
        rows=[("Mon", [4, 1]), ("Tue", [0, 2])],
        series=[("On time", "info"), ("Missed", "bad")],
    )

    assert re.search(r'<svg class="chart"[^>]* role="img" aria-label="Replies"', text)
    assert text.count('<rect class="fill-info"') == 1
    assert text.count('<rect class="fill-bad"') == 2
    assert "Missed 3" in text
    assert '<th scope="row">Tue</th>' in text


def test_no_bars_are_no_error():
    assert "<svg" in shown("{% bars rows series 'Replies' %}", rows=[], series=[("On time", "info")])


def test_a_sparkline_needs_two_values():
    text = shown("{% sparkline values 'Open' %}", values=[3, 3])
    assert "polyline" in text
    assert 'role="img" aria-label="Open"' in text
    assert shown("{% sparkline values 'Open' %}", values=[3]) == ""


def test_a_state_is_a_word_with_a_sign():
    thing = SimpleNamespace(state="deemed_refused", get_state_display=lambda: "deemed refused")
    text = shown("{% state_badge thing %}", thing=thing)

    assert "badge-bad" in text
    assert "#x-circle" in text
    assert text.endswith("Deemed refused</span>")


def test_an_unknown_state_is_shown_calmly():
    text = shown("{% state_badge 'some_state' %}")

    assert 'class="badge"' in text
    assert "Some state" in text


def test_no_state_has_two_looks():
    listed = [state for states_ in states._LOOKS.values() for state in states_.split()]

    assert len(listed) == len(set(listed))


def test_a_clause_leads_to_the_rules_page():
    assert shown("{% clause_link '2.3.1' %}") == '<a class="clause nowrap" href="/rules/#c-2.3.1">Rule 2.3.1</a>'
    assert shown("{% clause_link '9.9' %}") == "Rule 9.9"


def test_an_instant_carries_the_platforms_time():
    text = shown("{% instant at %}", at=AT, platform_zone="Asia/Shanghai")

    assert 'datetime="2026-11-25T08:40:00+00:00"' in text
    assert 'title="Wed 25 Nov 2026, 16:40 (UTC+8) platform time"' in text
    assert "visually-hidden" in text
    assert "visually-hidden" not in shown("{% instant at 'short' %}", at=AT, platform_zone="Asia/Shanghai")


@pytest.mark.parametrize("form", ["both", "platform"])
def test_the_platforms_time_can_be_shown_openly(form):
    text = shown(f"{{% instant at '{form}' %}}", at=AT, platform_zone="Asia/Shanghai")

    assert ">Wed 25 Nov 2026, 16:40 (UTC+8) platform time<" in text or "· Wed 25 Nov 2026, 16:40 (UTC+8)" in text


def test_a_missing_instant_is_said():
    assert "not set" in shown("{% instant at %}", at=None)


def test_a_countdown_is_right_before_any_script_runs():
    deadline = SimpleNamespace(
        kind="response", clause="2.3.1", started_at=AT - timedelta(hours=12), due_at=AT + timedelta(hours=36)
    )
    text = shown("{% countdown deadline %}{% limit deadline %}", deadline=deadline, now=AT)

    assert "36 h 00 min</p>" in text
    assert "36 h 00 min left</span>" in text
    assert 'data-server-now="2026-11-25T08:40:00+00:00"' in text
    assert "Rule 2.3.1" in text


def test_a_countdown_takes_the_requests_own_instant():
    request = SimpleNamespace(received_at=AT)
    deadline = SimpleNamespace(kind="response", clause="", started_at=AT, due_at=AT + timedelta(hours=1))

    assert "1 h 00 min" in shown("{% countdown deadline %}", deadline=deadline, request=request, now="not an instant")


@pytest.mark.parametrize(("name", "letters"), [("Lena Hoffmann", "LH"), ("x@y.org", "XY"), ("", "")])
def test_initials(name, letters):
    assert shown("{{ name|initials }}", name=name) == letters


def test_a_duration_filter():
    assert shown("{{ span|duration }}", span=timedelta(hours=1)) == "1 h 00 min"
    assert shown("{{ span|duration }}", span=None) == ""
