"""Row locks, always taken in one order: seller, then enrolment, product or commitment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model, QuerySet

from sellers.models import Seller

Thing = TypeVar("Thing", bound=Model)


def locked(model: type[Thing], pk: int) -> Thing:
    """The row, fetched anew under its lock; a machine is never refreshed in place."""
    return QuerySet(model).select_for_update(no_key=True).get(pk=pk)


def lock_sellers(pks: Iterable[int]) -> list[Seller]:
    """Several sellers' rows under their locks, taken by their numbers so that nobody waits in a circle."""
    rows = Seller.objects.select_for_update(no_key=True).filter(pk__in=set(pks))
    return list(rows.order_by("pk"))


def lock_seller(pk: int) -> Seller:
    """The seller's row under its lock: everything about one seller happens one after the other."""
    return locked(Seller, pk)
