"""The bar after a clearance: whom it covers and until when (3.2).

A bar covers the legal entity, under whatever short name it sells and whatever it is called since, and, where the
edition in force at the clearance says so, its affiliates and theirs: those that the auditors' graph showed when the
clearance took effect, and those that it shows at the instant that is asked about. To part afterwards frees nobody.

It stops applications: one that is made inside it, and one that is pending when it begins. An affiliate that took
part before keeps its enrolment and its marks, for nobody has judged *its* conduct and nothing clears a seller
without two people; an account of the same legal entity is the violating seller itself and is cleared together
with it (`complaints.actions.clearances`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from sellers.entities import Neighbourhood, neighbourhood
from sellers.models import Enrolment, EnrolmentState, Seller
from zestech_aftersales.rulebook.limits import limit_due
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.rulebook.queries import edition_in_force


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar that covers a seller; `is_own`: by a clearance of its own legal entity, not of an affiliate."""

    begins_at: datetime
    ends_at: datetime
    is_own: bool

    def covers(self, at: datetime) -> bool:
        """Whether something done at an instant is inside; the last instant is (T5)."""
        return self.begins_at <= at and on_time(at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Barred:
    """What a barred seller is told: until when, and from which clearances of its own legal entity that is counted.

    Of a bar that comes by a tie it learns the end and nothing else. Who is tied to whom is for auditors' eyes, and its
    begin is the instant at which another seller lost its marks for everybody to see.
    """

    until: datetime
    own: tuple[Bar, ...]

    @property
    def open_again(self) -> datetime:
        """When an application is accepted again."""
        return open_again(self.until)

    @property
    def is_counted(self) -> bool:
        """Whether the end is that of a bar whose sum it may read."""
        return any(bar.ends_at == self.until for bar in self.own)


def bar_end(cleared_at: datetime) -> datetime:
    """The last instant of the bar after a clearance: 24:00 of the corresponding date (T4)."""
    return limit_due("bar", cleared_at, edition_in_force(cleared_at).law)


def sellers_of_entity(seller: Seller) -> QuerySet[Seller]:
    """Every account of the seller's legal entity, its own included."""
    return Seller.objects.filter(Q(pk=seller.pk) | Q(entity_key=seller.entity_key)).order_by("pk")


def affiliates(seller: Seller, at: datetime) -> QuerySet[Seller]:
    """The sellers tied to the entity by the graph as it stood at an instant, however many steps away."""
    tied = neighbourhood(seller.pk).tied(seller.pk, at, at, at)
    return Seller.objects.filter(pk__in=tied).exclude(pk__in=sellers_of_entity(seller)).order_by("pk")


def bars_on(seller: Seller, at: datetime) -> list[Bar]:
    """The bars that cover an application of the seller at an instant."""
    near = neighbourhood(seller.pk)
    cleared = Enrolment.objects.filter(seller__in=near.accounts, state=EnrolmentState.CLEARED, cleared_at__lte=at)
    found = set()
    for whose, cleared_at in cleared.values_list("seller_id", "cleared_at"):
        if cleared_at is not None:
            bar = _bar(near, seller.pk, whose, cleared_at, at)
            if bar is not None and bar.covers(at):
                found.add(bar)
    return sorted(found, key=lambda bar: (not bar.is_own, bar.ends_at))


def _bar(near: Neighbourhood, account: int, whose: int, cleared_at: datetime, at: datetime) -> Bar | None:
    """The bar of one clearance, if it covers an account at an instant."""
    if account in near.entity(whose, cleared_at, at):
        return Bar(cleared_at, bar_end(cleared_at), is_own=True)
    if not edition_in_force(cleared_at).law.bar_covers_affiliates:
        return None
    if any(account in near.tied(whose, when, cleared_at, at) for when in (cleared_at, at)):
        return Bar(cleared_at, bar_end(cleared_at), is_own=False)
    return None


def bar_until(seller: Seller, at: datetime) -> datetime | None:
    """The last instant of the bars that cover an application at an instant; None: no bar does."""
    return max((bar.ends_at for bar in bars_on(seller, at)), default=None)


def barred(seller: Seller, at: datetime) -> Barred | None:
    """What a seller is told of the bars that cover its application at an instant; None: no bar does."""
    found = bars_on(seller, at)
    if not found:
        return None
    return Barred(max(bar.ends_at for bar in found), tuple(bar for bar in found if bar.is_own))


def open_again(until: datetime) -> datetime:
    """The first instant at which an application is accepted after a bar: its last instant is still inside (T5)."""
    return until + datetime.resolution


def reached(seller: Seller, at: datetime) -> list[Seller]:
    """Whom a bar that begins at an instant covers: the entity's accounts and, if the law says so, affiliates."""
    found = list(sellers_of_entity(seller))
    if edition_in_force(at).law.bar_covers_affiliates:
        found += affiliates(seller, at)
    return found
