"""The card of a limit says how it stands at the instant of the page."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import translation

from zestech_aftersales.ui.limits import limit_card, limit_words

START = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)
DUE = START + timedelta(hours=48)


def deadline(**more):
    return SimpleNamespace(**{"kind": "response", "clause": "2.3.1", "started_at": START, "due_at": DUE} | more)


@pytest.mark.parametrize(
    ("after", "tone"),
    [
        (timedelta(), "ok"),
        (timedelta(hours=11, minutes=59), "ok"),
        (timedelta(hours=12), "warn"),
        (timedelta(hours=41, minutes=59), "warn"),
        (timedelta(hours=42), "bad"),
        (timedelta(hours=48), "bad"),
    ],
)
def test_the_tone_grows_louder_with_the_used_share(after, tone):
    card = limit_card(deadline(), START + after)

    assert (card.status, card.tone) == ("running", tone)


def test_the_due_instant_itself_is_still_inside():
    assert limit_card(deadline(), DUE).is_running
    assert limit_card(deadline(), DUE + timedelta(microseconds=1)).status == "passed"


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"state": "met"}, "met", "Met in time"),
        ({"state": "missed"}, "missed", "Limit missed"),
        ({"state": "voided"}, "voided", "No longer runs"),
        ({"due_at": None}, "paused", "The clock is paused"),
        ({"due_at": START - timedelta(hours=1)}, "passed", "Limit passed, being established"),
    ],
)
def test_a_limit_that_does_not_run_says_so(more, status, words):
    with translation.override("en"):
        card = limit_card(deadline(**more), START)

    assert (card.status, card.words, limit_words(card)) == (status, words, words)


def test_a_list_says_what_is_left():
    with translation.override("en"):
        assert limit_words(limit_card(deadline(), DUE - timedelta(hours=31, minutes=12))) == "31 h 12 min left"


def test_what_follows_is_not_threatened_once_the_limit_was_met():
    assert limit_card(deadline(state="met"), START).then == ""
    assert limit_card(deadline(), START).then != ""


def test_the_page_may_give_its_own_words():
    card = limit_card(deadline(kind="sign_off"), START, "Time left to sign", "It is taken as signed.")

    assert (card.title, card.then) == ("Time left to sign", "It is taken as signed.")


def test_an_unknown_kind_is_named_by_its_model():
    card = limit_card(deadline(kind="something", get_kind_display=lambda: "something"), START)

    assert card.title == "something"
