"""Since when something of the judgement waits for the staff: since the seller answered, or could no longer."""

import pytest

from complaints import sweep
from complaints.waiting import LISTS
from tests.factories import violations as judged
from tests.factories.claims import an_auditor
from zestech_aftersales.desk.reader import Reader

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]


def waits_since(name, *, at):
    """The instants since when the rows of a list wait."""
    waiting = next(each for each in LISTS if each.name == name)
    return list(waiting.read(Reader(an_auditor().user, at)).values_list(waiting.since, flat=True))


def test_a_violation_waits_for_its_judge_since_the_answer():
    violation = judged.an_answered()
    assert waits_since("to-judge", at=judged.HEARD) == [violation.answered_at]


def test_or_since_the_end_of_the_hearing():
    judged.a_notified()
    assert waits_since("to-judge", at=judged.NOTIFIED) == []
    sweep.sweep(at=judged.CONFIRMED)
    assert waits_since("to-judge", at=judged.CONFIRMED) == [judged.HEARD]
