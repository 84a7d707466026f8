"""The bar after a clearance: whom it covers and until when (3.2).

A bar covers the legal entity, under whatever short name it sells, and, where the edition in force at the
clearance says so, its affiliates and theirs, as the auditors' graph stood at the instant that is asked about.

It stops applications: one that is made inside it, and one that is pending when it begins. An affiliate that took
part before keeps its enrolment and its marks, for nobody has judged *its* conduct and nothing clears a seller
without two people; an account of the same legal entity is the violating seller itself and is cleared together
with it (`complaints.actions.clearances`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from sellers.models import Affiliation, Enrolment, EnrolmentState, Seller
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


def bar_end(cleared_at: datetime) -> datetime:
    """The last instant of the bar after a clearance: 24:00 of the corresponding date (T4)."""
    return limit_due("bar", cleared_at, edition_in_force(cleared_at).law)


def _named(names: Iterable[str], field: str) -> Q:
    found = Q(pk__in=[])
    for name in names:
        found |= Q(**{f"{field}__iexact": name})
    return found


def sellers_of_entity(seller: Seller) -> QuerySet[Seller]:
    """Every account of the seller's legal entity, its own included."""
    return Seller.objects.filter(Q(pk=seller.pk) | Q(legal_name__iexact=seller.legal_name)).order_by("pk")


def affiliates(seller: Seller, at: datetime) -> QuerySet[Seller]:
    """The sellers tied to the entity by the graph as it stood at an instant, however many steps away."""
    names = _affiliated_names(seller, at)
    return Seller.objects.filter(_named(names, "legal_name")).exclude(pk__in=sellers_of_entity(seller)).order_by("pk")


def _affiliated_names(seller: Seller, at: datetime) -> set[str]:
    """The legal names of the affiliates; an entity is one knot of the graph, whatever its accounts."""
    standing = Affiliation.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=at), kept_from__lte=at)
    lines = list(standing.values_list("seller__legal_name", "affiliate__legal_name"))
    reached, names = {seller.legal_name.casefold()}, set[str]()
    grows = True
    while grows:
        grows = False
        for pair in lines:
            for near, far in (pair, pair[::-1]):
                if near.casefold() in reached and far.casefold() not in reached:
                    reached.add(far.casefold())
                    names.add(far)
                    grows = True
    return names


def bars_on(seller: Seller, at: datetime) -> list[Bar]:
    """The bars that cover an application of the seller at an instant."""
    own = Q(seller=seller) | _named([seller.legal_name], "seller__legal_name")
    own |= _named([seller.legal_name], "cleared_entity")
    names = _affiliated_names(seller, at)
    theirs = _named(names, "seller__legal_name") | _named(names, "cleared_entity")
    return [bar for bar in (*_bars(own, is_own=True), *_bars(theirs, is_own=False)) if bar.covers(at)]


def _bars(whose: Q, *, is_own: bool) -> list[Bar]:
    cleared = Enrolment.objects.filter(whose, state=EnrolmentState.CLEARED, cleared_at__isnull=False)
    return [
        Bar(instant, bar_end(instant), is_own)
        for instant in cleared.values_list("cleared_at", flat=True).distinct()
        if instant is not None and (is_own or edition_in_force(instant).law.bar_covers_affiliates)
    ]


def bar_until(seller: Seller, at: datetime) -> datetime | None:
    """The last instant of the bars that cover an application at an instant; None: no bar does."""
    return max((bar.ends_at for bar in bars_on(seller, at)), default=None)


def open_again(until: datetime) -> datetime:
    """The first instant at which an application is accepted after a bar: its last instant is still inside (T5)."""
    return until + datetime.resolution


def reached(seller: Seller, at: datetime) -> list[Seller]:
    """Whom a bar that begins at an instant covers: the entity's accounts and, if the law says so, affiliates."""
    found = list(sellers_of_entity(seller))
    if edition_in_force(at).law.bar_covers_affiliates:
        found += affiliates(seller, at)
    return found
