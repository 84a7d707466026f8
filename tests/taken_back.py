"""A block that is taken back whole, inside which an action still finds no transaction but the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def taken_back() -> Iterator[None]:
    """Run a block and undo all that it wrote; what it raises goes on."""
    block = transaction.atomic()
    # As Django's own test cases mark theirs: a durable transaction may begin within.
    block._from_testcase = True
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)
