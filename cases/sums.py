"""What a limit is as a sum that anybody can check: start, number, promise, pauses, rounding, due (T2 to T7).

The clocks of requests, the limits beside them, the end of a cover and the limits of the judgement are all told so.
No second engine: the sum is told with the functions that run the clocks, and held against the stored instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Pause
from zestech_aftersales.rulebook import periods
from zestech_aftersales.rulebook.limits import LIMITS, amount_words, limit_due
from zestech_aftersales.rulebook.numbers import number_name
from zestech_aftersales.rulebook.queries import edition_of_number, law_for_order

if TYPE_CHECKING:
    from cases.models import Limit
    from zestech_aftersales.rulebook.editions import EditionNumbers
    from zestech_aftersales.rulebook.models import RuleEdition

log = structlog.get_logger("verification")

CAUSES: dict[str, str | Promise] = {
    "buyer_decides": _("The buyer decides on an offer"),
    "offer_ruling": _("The platform rules on the offer"),
    "outage": _("Outage of the platform"),
}
# Why a pause counts in full, in part or not at all.
READINGS: dict[str, str | Promise] = {
    "counts": _("counts"),
    "in_part": _("counts in part: the rest overlaps an earlier pause or lies before the start"),
    "overlaps": _("does not count: an earlier pause covers it"),
    "too_late": _("does not count: the limit had passed when it began"),
    "voided": _("voided: as if it had never been"),
    "open": _("still open: until it ends there is no due instant"),
}


# What the last instant means where nobody is late after it.
LAST_INSTANTS: dict[str, str | Promise] = {
    "auto_escalation": _("This very instant is still for both sides; one microsecond later it is escalated by itself."),
    "negotiation": _("This very instant is still too early to hand it to the platform; one microsecond later is not."),
    "bar": _("This very instant is still inside the bar; one microsecond later an application is accepted."),
}
IN_TIME = _("This very instant is still in time; one microsecond later is late.")


@dataclass(frozen=True, slots=True)
class CountedPause:
    """One stored pause, and how much of it moves the limit."""

    begins_at: datetime
    ends_at: datetime | None
    cause: str
    cause_words: str | Promise
    evidence: str
    counted: timedelta
    reading: str

    @property
    def reading_words(self) -> str | Promise:
        """Whether it counts, for people."""
        return READINGS[self.reading]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a commitment was made that made a limit better for the buyer (2.3.3)."""

    where: str
    statement: str
    begins_at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """A longer limit that the buyer accepted for this request alone (2.3.3)."""

    amount: int
    instead_of: int
    reason: str
    proposed_at: datetime
    agreed_at: datetime
    words: str
    instead_words: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The sum of one limit; `deadline` is None for one that has no row of its own, or was only asked about.

    `start_words` say what happened at its start. `number` is what edition `edition` gives in its field `field`; `by_rule` is that, or the better promise on
    `promised`; `amount` is what counts: `by_rule`, or what both sides agreed on since. `stored_due_at` is what the table says; `agrees` whether the sum gives the same.
    """

    clock: str
    clause: str
    started_at: datetime
    start_words: str | Promise
    field: str
    unit: str
    number: int
    edition: int
    order_edition: int
    by_rule: int
    amount: int
    promised: str
    sources: tuple[Source, ...]
    agreements: tuple[Agreement, ...]
    zone: str
    pauses: tuple[CountedPause, ...]
    paused: timedelta
    unpaused_due_at: datetime
    due_at: datetime | None
    stored_due_at: datetime | None
    deadline: Limit | None = None
    amount_unit: str = ""  # where what counts has another unit than the edition's number

    @property
    def agrees(self) -> bool:
        """Whether the stored due instant is what the sum gives, to the microsecond."""
        return self.due_at == self.stored_due_at

    @property
    def is_agreed(self) -> bool:
        """Whether what both sides agreed on counts: the rules may give as much or more by now."""
        return bool(self.agreements) and self.amount > self.by_rule

    @property
    def limit_id(self) -> int | None:
        """The key of its row, where it has one."""
        return None if self.deadline is None else self.deadline.pk

    @property
    def label(self) -> str:
        """What the limit is for."""
        return str(LIMITS[self.clock].label)

    @property
    def number_label(self) -> str | Promise:
        """What the rules page calls the number that the limit is counted by."""
        return number_name(self.field)[1]

    @property
    def counted_unit(self) -> str:
        """The unit of what counts: a cover is promised in months."""
        return self.amount_unit or self.unit

    @property
    def number_words(self) -> str:
        """What the edition gives: "48 hours"."""
        return amount_words(self.unit, self.number)

    @property
    def amount_words(self) -> str:
        """What counts: "24 hours"."""
        return amount_words(self.counted_unit, self.amount)

    @property
    def by_rule_words(self) -> str:
        """What rules and promises give: "48 hours"."""
        return amount_words(self.counted_unit, self.by_rule)

    @property
    def is_in_days(self) -> bool:
        """Natural days end at 24:00 in the platform's zone (5.1)."""
        return self.unit == "days"

    @property
    def is_rounded(self) -> bool:
        """Whether pauses moved a limit in days off midnight, so that it was rounded up once (T7)."""
        return self.is_in_days and self.moved_at != self.due_at and not self.is_open

    @property
    def moved_at(self) -> datetime:
        """The due instant with the closed pauses added, before any rounding."""
        return self.unpaused_due_at + self.paused

    @property
    def last_words(self) -> str | Promise:
        """What is to be said of the due instant itself (T5)."""
        return LAST_INSTANTS.get(self.clock, IN_TIME)

    @property
    def is_open(self) -> bool:
        """Whether the clock stands still now."""
        return self.due_at is None

    @property
    def last_day(self) -> date | None:
        """The date at whose 24:00 a limit in days or years ends, in its zone."""
        if self.due_at is None or self.unit == "hours":
            return None
        return (self.due_at - timedelta(microseconds=1)).astimezone(ZoneInfo(self.zone)).date()


def counted(
    pauses: Iterable[Pause],
    kind: str,
    start: datetime,
    law: EditionNumbers,
    amount: int,
    words: Mapping[str, str | Promise] = CAUSES,
) -> list[CountedPause]:
    """How much of each pause moves the limit, in order of start: a part counts that begins at or before the due
    instant as moved so far, and overlaps count once (T7). `words` name the causes."""
    shares: list[CountedPause] = []
    taken: list[periods.Pause] = []
    reached, due = start, limit_due(kind, start, law, amount=amount, pauses=[])
    for pause in sorted(pauses, key=lambda pause: (pause.begins_at, pause.pk or 0)):
        begin, length, reading = max(pause.begins_at, reached), timedelta(), "counts"
        if pause.voided_at is not None:
            reading = "voided"
        elif due is not None and pause.begins_at > due:
            reading = "too_late"
        elif pause.ends_at is None:
            reading, due = "open", None
        elif pause.ends_at <= begin:
            reading = "overlaps"
        else:
            length = pause.ends_at - begin
            reading = "counts" if begin == pause.begins_at else "in_part"
            taken.append(periods.Pause(begin, pause.ends_at))
            reached = pause.ends_at
            if due is not None:
                due = limit_due(kind, start, law, amount=amount, pauses=taken)
        named = words.get(pause.cause) or words.get(pause.cause.partition("/")[0]) or pause.cause.replace("_", " ")
        shares.append(CountedPause(pause.begins_at, pause.ends_at, pause.cause, named, pause.evidence, length, reading))
    return shares


@dataclass(frozen=True, slots=True)
class Basis:
    """What a limit is counted by: the edition of the order, or the one in force where there is no order; the law that
    it comes to, with later numbers that are better for the buyer, at the instant that decides.
    """

    edition: RuleEdition
    law: EditionNumbers
    ruled_at: datetime

    @classmethod
    def of(cls, edition: RuleEdition, ruled_at: datetime) -> Basis:
        """Read the law of an edition at an instant."""
        return cls(edition, law_for_order(edition, ruled_at), ruled_at)


def sum_of_kind(
    kind: str,
    basis: Basis,
    started_at: datetime,
    start_words: str | Promise,
    *,
    length: tuple[int, str] | None = None,
    sources: tuple[Source, ...] = (),
    agreed: tuple[Agreement, ...] = (),
    pauses: Iterable[Pause] = (),
    causes: Mapping[str, str | Promise] = CAUSES,
) -> Explanation:
    """The sum of a limit of a kind; `length` is a better promise and its dimension, without one the law's number."""
    limit, law = LIMITS[kind], basis.law
    by_rule, promised = length or (limit.amount(law), "")
    amount = max(by_rule, agreed[-1].amount) if agreed else by_rule
    stored = list(pauses)
    standing = [periods.Pause(pause.begins_at, pause.ends_at) for pause in stored if pause.voided_at is None]
    shares = counted(stored, kind, started_at, law, amount, causes)
    due_at = limit_due(kind, started_at, law, amount=amount, pauses=standing)
    return Explanation(
        clock=kind,
        clause=limit.clause,
        started_at=started_at,
        start_words=start_words,
        field=limit.field,
        unit=limit.unit,
        number=limit.amount(law),
        edition=edition_of_number(basis.edition, limit.field, limit.amount(law), basis.ruled_at).number,
        order_edition=basis.edition.number,
        by_rule=by_rule,
        amount=amount,
        promised=promised,
        sources=sources,
        agreements=agreed,
        zone=law.zone,
        pauses=tuple(shares),
        paused=sum((share.counted for share in shares), timedelta()),
        unpaused_due_at=limit_due(kind, started_at, law, amount=amount),
        due_at=due_at,
        stored_due_at=due_at,
    )


def outage_pauses(outages: Iterable[periods.Pause]) -> list[Pause]:
    """The outages of the platform as the pauses of a limit that nothing else moves."""
    return [Pause(begins_at=each.begin, ends_at=each.end, cause="outage") for each in outages]


def held_against(told: Explanation, stored_due_at: datetime | None, **thing: object) -> Explanation:
    """The sum beside the stored due instant; a disagreement is logged as an error, with the `thing` it is about."""
    told = replace(told, stored_due_at=stored_due_at)
    if not told.agrees:
        log.error("limit_disagrees", **thing, stored=told.stored_due_at, counted=told.due_at)
    return told
