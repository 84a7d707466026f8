"""After every scenario everything is counted again from its events: invariants 1, 2 and 7 of the domain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cases.verification import Tally, verify
from tests.instants import instant

# Seals are the relay's, which scenarios do not run: no event is late for its seal yet.
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")


@pytest.fixture(autouse=True)
def _counts_to_the_same(request: pytest.FixtureRequest) -> Iterator[None]:
    """A scenario that leaves rows which its events do not give has failed."""
    is_stored = request.node.get_closest_marker("django_db") is not None
    if is_stored:
        # First of all, so that its rows are still there when this one ends.
        request.getfixturevalue("_django_db_helper")
    yield
    if is_stored:
        assert list(verify(Tally(), at=BEFORE_SEALS)) == []
