"""Property: whatever claims are filed, granted and rejected, a pause never makes a due instant earlier."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import excuses
from cases.deadlines import Clocks
from cases.excuses import Excuse
from cases.models import Clock, Pause
from tests.factories import cases as make
from tests.instants import instant

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.2"), pytest.mark.clause("5.1")]

R0 = instant("2026-03-02T01:15:30Z")
# Boundary-biased: around the start, both limits and their days' ends.
EDGES = [0, 48, 48 * 3600, 48 * 3600 + 1, 312 * 3600, 14 * 86400 + 53070]
offsets = st.one_of(st.sampled_from(EDGES), st.integers(-7200, 20 * 86400)).map(lambda n: R0 + timedelta(seconds=n))
lengths = st.integers(1, 6 * 86400).map(lambda n: timedelta(seconds=n))
intervals = st.tuples(offsets, lengths).map(lambda told: (told[0], told[0] + told[1]))


@pytest.fixture
def cover():
    return make.a_cover()


def dues(clocks):
    return {row.clock: row.due_at for row in clocks.rows}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(intervals, min_size=1, max_size=4), random=st.randoms(use_true_random=False))
def test_pauses_only_ever_move_a_limit_later_and_voiding_them_moves_it_back(cover, told, random):
    clocks = Clocks(make.requested(cover, at=R0))
    first = before = dues(clocks)
    for number, (begins_at, ends_at) in enumerate(told):
        excuses.put(clocks, Excuse(f"claim/{number}", [*Clock], begins_at, ends_at))
        later = dues(clocks)
        assert all(later[clock] >= due for clock, due in before.items())
        before = later
    # Splitting a pause changes nothing.
    begins_at, ends_at = told[0]
    middle = begins_at + (ends_at - begins_at) / 2
    for row in excuses.void(clocks, "claim/0", at=R0):
        clocks.put_pause(row, begins_at, middle, cause="claim/0")
        clocks.put_pause(row, middle, ends_at, cause="claim/0")
    assert dues(clocks) == before
    # Voided in any order: as if they had never been.
    causes = [f"claim/{number}" for number in range(len(told))]
    random.shuffle(causes)
    for cause in causes:
        excuses.void(clocks, cause, at=R0)
    assert dues(clocks) == first
    assert not Pause.objects.filter(deadline__in=clocks.rows, voided_at=None).exists()
