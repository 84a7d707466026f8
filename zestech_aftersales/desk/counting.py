"""Counting no further than is shown."""

from __future__ import annotations

from django.db.models import Subquery

# How far a count goes: more are shown as "100+".
COUNTED = 100


class BoundedCount(Subquery):
    """The number of rows of a subquery that has a limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
