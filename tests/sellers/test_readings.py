"""The reader of sentences proposes; it never invents a promise that could not be recorded."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellers.readings import promises_in
from sellers.terms import Dimension, Promise

pytestmark = pytest.mark.clause("2.3.3")
D = Dimension

READ = [
    ("We reply within 24 hours.", [Promise(D.RESPONSE_HOURS, 24)]),
    ("You get a solution in 36 hrs", [Promise(D.SOLUTION_HOURS, 36)]),
    ("We'll get back to you in one day", [Promise(D.RESPONSE_HOURS, 24)]),
    ("Your appointment is confirmed within 7 natural days", [Promise(D.CONFIRMATION_DAYS, 7)]),
    ("two years warranty, free of charge", [Promise(D.COVER_MONTHS, 24), Promise(D.CHARGE, "free")]),
    ("18 months cover and 3 free visits", [
        Promise(D.COVER_MONTHS, 18), Promise(D.NUMBER_OF_SERVICES, 3), Promise(D.CHARGE, "free"),
    ]),
    ("unlimited repairs", [Promise(D.NUMBER_OF_SERVICES, "unlimited")]),
    ("An engineer comes to your door; no video support", [
        Promise(D.METHODS, "door"), Promise(D.METHODS, "remote", excludes=True),
    ]),
    ("24小时内回复，保修两年", [Promise(D.RESPONSE_HOURS, 24), Promise(D.COVER_MONTHS, 24)]),
    ("三十六小时内给出解决方案", [Promise(D.SOLUTION_HOURS, 36)]),
    ("免费上门维修3次，质保十八个月", [
        Promise(D.NUMBER_OF_SERVICES, 3), Promise(D.CHARGE, "free"), Promise(D.METHODS, "door"),
        Promise(D.COVER_MONTHS, 18),
    ]),
    ("七天内确认预约", [Promise(D.CONFIRMATION_DAYS, 7)]),
    ("不限次数，不收费", [Promise(D.NUMBER_OF_SERVICES, "unlimited"), Promise(D.CHARGE, "free")]),
    ("Hello, how are you?", []),
    ("The box arrived 3 days ago", []),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("words", "promises"), READ)
def test_what_is_read(words, promises):
    assert promises_in(words) == promises


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.from_regex(r"[0-9]{1,6} ?(hours|天|years|次|个月|visits)( free| 回复| warranty)?"))
def test_whatever_is_written_what_is_read_can_be_recorded(words):
    read = promises_in(words)
    assert len({(each.dimension, each.value) for each in read}) == len(read)
