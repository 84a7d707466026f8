"""Which accounts are one legal entity, and which entities are tied together, as it stood at an instant (3.2).

An account is tied to every name that it bore while a bar ran, for a new name does not make a new entity; accounts
that bore one name are one entity. Between entities run the auditors' affiliations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from sellers.models import Affiliation, FormerLegalName, Seller
from zestech_aftersales.rulebook.periods import on_time


@dataclass(frozen=True, slots=True)
class Borne:
    """A name that an account bore; None: without a beginning, or still. Both instants belong to it (T5)."""

    account: int
    key: str
    since: datetime | None
    until: datetime | None

    def meets(self, begins_at: datetime, ends_at: datetime) -> bool:
        """Whether it was borne at any instant between two."""
        return (self.since is None or self.since <= ends_at) and (self.until is None or begins_at <= self.until)


@dataclass(frozen=True, slots=True)
class Tie:
    """An affiliation of two accounts' entities."""

    one: int
    other: int
    kept_from: datetime
    ended_at: datetime | None

    def stands(self, at: datetime) -> bool:
        """Whether it stood at an instant; its last one is inside (T5)."""
        return self.kept_from <= at and (self.ended_at is None or on_time(at, self.ended_at))


@dataclass(slots=True)
class Neighbourhood:
    """Every account that a name or an affiliation has ever linked with one, however many steps away."""

    accounts: set[int] = field(default_factory=set)
    names: set[Borne] = field(default_factory=set)
    ties: set[Tie] = field(default_factory=set)

    def entity(self, account: int, begins_at: datetime, ends_at: datetime) -> set[int]:
        """The accounts of an account's legal entity, by the names borne between two instants."""
        return self._spread({account}, self._name_links(begins_at, ends_at))

    def tied(self, account: int, at: datetime, begins_at: datetime, ends_at: datetime) -> set[int]:
        """The accounts of the entity and of all that are tied to it at an instant, however many steps away."""
        links = self._name_links(begins_at, ends_at)
        links += [{tie.one, tie.other} for tie in self.ties if tie.stands(at)]
        return self._spread({account}, links)

    def _name_links(self, begins_at: datetime, ends_at: datetime) -> list[set[int]]:
        bearing: dict[str, set[int]] = {}
        for name in self.names:
            if name.meets(begins_at, ends_at):
                bearing.setdefault(name.key, set()).add(name.account)
        return list(bearing.values())

    @staticmethod
    def _spread(reached: set[int], links: Iterable[set[int]]) -> set[int]:
        left = list(links)
        while met := [link for link in left if link & reached]:
            left = [link for link in left if not link & reached]
            reached = reached.union(*met)
        return reached


def neighbourhood(account: int) -> Neighbourhood:
    """What may be linked with an account at any instant; five queries a step."""
    found = Neighbourhood()
    new = {account}
    while new:
        found.accounts |= new
        names = _names(Q(seller__in=new), Q(pk__in=new))
        keys = {name.key for name in names}
        names |= _names(Q(entity_key__in=keys), Q(entity_key__in=keys))
        ties = _ties(new)
        found.names |= names
        found.ties |= ties
        linked = {name.account for name in names} | {end for tie in ties for end in (tie.one, tie.other)}
        new = linked - found.accounts
    return found


def _names(former: Q, present: Q) -> set[Borne]:
    earlier = FormerLegalName.objects.filter(former).values_list("seller_id", "entity_key", "since", "until")
    now = Seller.objects.filter(present).values_list("pk", "entity_key", "named_since")
    return {Borne(*row) for row in earlier} | {Borne(*row, None) for row in now}


def _ties(accounts: set[int]) -> set[Tie]:
    rows = Affiliation.objects.filter(Q(seller__in=accounts) | Q(affiliate__in=accounts))
    return {Tie(*row) for row in rows.values_list("seller_id", "affiliate_id", "kept_from", "ended_at")}
