"""The shared pieces of pages, with what they are given."""

from datetime import UTC, datetime

import pytest
from django.template.loader import render_to_string
from django.utils import translation

AT = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def thread(*entries):
    return render_to_string("partials/_thread.html", {"entries": entries})


def test_a_message_of_ones_own_stands_on_the_other_side():
    mine = thread({"is_mine": True, "author": "Lena Hoffmann", "at": AT, "text": "It does <nothing>."})
    theirs = thread(
        {"author": "Nordic Car Audio", "side": "seller", "at": AT, "text": "Which year?", "badges": ["late"]}
    )

    assert "bubble-mine" in mine
    assert "<b>You</b>" in mine
    assert "&lt;nothing&gt;" in mine
    assert "bubble-mine" not in theirs
    assert "Nordic Car Audio</b> · seller" in theirs
    assert ">late<" in theirs


def test_each_day_is_named_once():
    text = thread({"rule": "begun", "at": AT}, {"rule": "ended", "at": AT}, {"rule": "more", "at": AT.replace(day=24)})

    assert text.count(">Mon 23 Nov 2026<") == 1
    assert text.count(">Tue 24 Nov 2026<") == 1


def test_a_photo_is_a_picture_with_words_or_a_name():
    text = thread(
        {"author": "A", "at": AT, "text": "", "photos": [{"url": "/photo/1", "name": "wires.jpg"}, {"name": "b.jpg"}]}
    )

    assert '<a href="/photo/1"><img src="/photo/1" alt="wires.jpg"' in text
    assert "b.jpg" in text


def test_a_stepper_says_in_words_what_its_signs_say():
    text = render_to_string(
        "partials/_stepper.html",
        {
            "steps": [
                {"label": "Requested", "state": "done"},
                {"label": "Offer", "state": "failed"},
                {"label": "Service", "state": "todo"},
            ]
        },
    )

    assert "Requested<span" in text
    assert "(done)" in text
    assert "(ended here)" in text
    assert text.count('aria-current="step"') == 1


def test_a_history_names_clause_and_person():
    text = render_to_string(
        "partials/_history.html",
        {"events": [{"words": "Deemed refused", "at": AT, "clause": "2.3.1", "tone": "bad", "who": "system"}]},
    )

    assert "Deemed refused" in text
    assert "system" in text
    assert "/rules/#c-2.3.1" in text
    assert "tone-bad" in text


@pytest.mark.parametrize(
    ("given", "words"),
    [({}, set()), ({"newer_url": "?a"}, {"Newer"}), ({"newer_url": "?a", "older_url": "?b"}, {"Newer", "Older"})],
)
def test_pages_lead_to_newer_and_older(given, words):
    text = render_to_string("partials/_pagination.html", given)

    assert {word for word in ("Newer", "Older") if word in text} == words


def test_nothing_is_said_kindly():
    text = render_to_string(
        "partials/_empty.html",
        {
            "title": "No cases",
            "text": "What you book appears here.",
            "action_url": "/book/",
            "action": "Book",
            "level": "h1",
        },
    )

    assert "<h1>No cases</h1>" in text
    assert '<a class="btn btn-primary" href="/book/">Book</a>' in text
