"""What waits for whom and since when: each app registers its lists, the index counts them in one query.

A list narrows the rows of one model. The same narrowing is a filter of that model's page in the admin, so that
a number and the rows behind it are one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import Model, QuerySet, Subquery
from django.utils.functional import Promise

from zestech_aftersales.accounts.models import User
from zestech_aftersales.desk.counting import COUNTED, BoundedCount
from zestech_aftersales.desk.reader import Reader

PARAMETER = "waiting"


@dataclass(frozen=True, slots=True)
class WaitingList:
    """Rows of a model that wait for somebody; `since` is the field that says since when.

    `roles`: who of the staff takes them up. `is_own`: what waits for the reader in person.
    """

    name: str
    label: str | Promise
    model: type[Model]
    roles: Collection[str]
    rows: Callable[[QuerySet[Any], Reader], QuerySet[Any]]
    since: str
    is_own: bool = False

    def read(self, reader: Reader) -> QuerySet[Any]:
        """The rows that wait, in no order."""
        return self.rows(self.model._default_manager.all(), reader).order_by()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A list with how many wait, counted to one over COUNTED, and since when the oldest does."""

    list: WaitingList
    counted: int
    since: datetime | None

    @property
    def shown(self) -> str:
        """The number as the page shows it."""
        return f"{COUNTED}+" if self.counted > COUNTED else str(self.counted)


_lists: dict[str, WaitingList] = {}


def register(*lists: WaitingList) -> None:
    """Put lists on the index of the staff desk; called in an app's ready()."""
    _lists.update({each.name: each for each in lists})


def registered() -> list[WaitingList]:
    """All lists, in the order they were registered."""
    return list(_lists.values())


def lists_of(model: type[Model]) -> list[WaitingList]:
    """The lists of rows of one model."""
    return [each for each in _lists.values() if each.model is model]


def waiting_for(reader: Reader) -> list[Waiting]:
    """All lists counted in one query, those of the reader's own role first."""
    lists = registered()
    if not lists:
        return []
    parts: dict[str, Subquery] = {}
    for place, each in enumerate(lists):
        # The oldest first in both: by the index of the instant no more rows are read than are counted.
        rows = each.read(reader).order_by(each.since)
        parts[f"counted_{place}"] = BoundedCount(rows.values("pk")[: COUNTED + 1])
        parts[f"since_{place}"] = Subquery(rows.values(each.since)[:1])
    told = cast("dict[str, Any]", User.objects.filter(pk=reader.user.pk).values(**parts).get())
    counted = [Waiting(each, told[f"counted_{place}"] or 0, told[f"since_{place}"]) for place, each in enumerate(lists)]
    return sorted(counted, key=lambda waiting: reader.user.platform_role not in waiting.list.roles)
