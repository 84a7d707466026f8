"""Every limit as a sum that anybody can check: start, number, promise, pauses, rounding, due (T2 to T7).

No second engine: the sum is told with the functions that run the clocks, and held against the stored instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import structlog
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cases.covers import must_be_owed, must_offer_method, terms_for_request
from cases.deadlines import FIRST_CLOCKS, length_of
from cases.excuses import outages_after
from cases.models import Clock, Cover, Deadline, ExclusionClaim, LongerLimitState, Pause
from cases.queries import deadlines_for
from sellers.queries import binding_terms
from zestech_aftersales.rulebook import periods
from zestech_aftersales.rulebook.limits import LIMITS, amount_words, limit_due
from zestech_aftersales.rulebook.numbers import number_name
from zestech_aftersales.rulebook.queries import edition_of_number, law_for_order

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sellers.models import Term
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.rulebook.editions import EditionNumbers

log = structlog.get_logger("verification")

STARTS: dict[str, str | Promise] = {
    Clock.RESPONSE: _("The request was received"),
    Clock.CONFIRMATION: _("The request was received"),
    Clock.SOLUTION: _("The request was received"),
    Clock.COUNTER: _("The counter-offer was received"),
    Clock.NEW_DATE: _("The visit did not take place"),
    Clock.BUYER_SILENCE: _("The offer was received"),
    Clock.OFFER_RULING: _("The offer was flagged"),
    # Beside the clocks of a request: `cases.beside`.
    "force_majeure_proof": _("The claim was filed"),
    "sign_off": _("The service was completed"),
    "hearing": _("The restriction was proposed"),
    "appeal": _("The restriction came into force"),
    "cover": _("The order was fully paid"),
}
STARTS_ANEW = _("The buyer accepted the later offer")
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
    """The sum of one limit; `deadline` is None for one that was only asked about.

    `number` is what edition `edition` gives in its field `field`; `by_rule` is that, or the better promise on
    `promised`; `amount` is what counts: `by_rule`, or what both sides agreed on since. `stored_due_at` is what the table says; `agrees` whether the sum gives the same.
    """

    clock: str
    clause: str
    started_at: datetime
    is_start_of_request: bool
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
    deadline: Deadline | None = None
    amount_unit: str = ""  # where what counts has another unit than the edition's number

    @property
    def agrees(self) -> bool:
        """Whether the stored due instant is what the sum gives, to the microsecond."""
        return self.due_at == self.stored_due_at

    @property
    def label(self) -> str:
        """What the limit is for."""
        return str(LIMITS[self.clock].label)

    @property
    def start_words(self) -> str | Promise:
        """What happened at its start."""
        return STARTS[self.clock] if self.is_start_of_request or self.clock != Clock.CONFIRMATION else STARTS_ANEW

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
    def is_open(self) -> bool:
        """Whether the clock stands still now."""
        return self.due_at is None

    @property
    def last_day(self) -> date | None:
        """The date at whose 24:00 a limit in days or years ends, in its zone."""
        if self.due_at is None or self.unit == "hours":
            return None
        return (self.due_at - timedelta(microseconds=1)).astimezone(ZoneInfo(self.zone)).date()


class Ruling(NamedTuple):
    """What an order is counted by: its edition, the law it comes to with later better numbers, its promises."""

    cover: Cover
    law: EditionNumbers
    received_at: datetime
    terms: Mapping[str, Any]


def limits_for(by: Actor) -> QuerySet[Deadline]:
    """The limits somebody may see, each with all that its sum is told from."""
    return deadlines_for(by).select_related(
        "appointment__case__cover__edition",
        "appointment__case__cover__line__product",
        "appointment__case__cover__order",
        "appointment__case__cover__buyer",
    )


def explanation(deadline: Deadline) -> Explanation:
    """The sum of a stored limit; a disagreement with the stored due instant is logged as an error.

    Give it one of `limits_for`: then it takes a constant number of queries.
    """
    appointment = deadline.appointment
    cover = appointment.case.cover
    ruling = Ruling(
        cover, law_for_order(cover.edition, appointment.received_at), appointment.received_at, appointment.terms
    )
    told = explained(
        ruling,
        str(deadline.clock),
        started_at=deadline.started_at,
        length=(deadline.amount_by_rule, deadline.promised),
        agreed=_agreements(deadline),
        pauses=deadline.pauses.all(),
        deadline=deadline,
    )
    if not told.agrees:
        log.error("limit_disagrees", deadline=deadline.pk, stored=told.stored_due_at, counted=told.due_at)
    return told


def would_be(cover: Cover, method: str, *, at: datetime) -> list[Explanation]:
    """The limits that a request for a method would have if it were received at an instant; writes nothing.

    RuleBroken as `request_service` would refuse it: not_covered, cover_expired, method_not_offered (422).
    """
    must_be_owed(cover, at=at)
    terms = terms_for_request(cover, at)
    must_offer_method(cover, method, terms)
    ruling = Ruling(cover, law_for_order(cover.edition, at), at, terms)
    return [
        explained(ruling, clock, started_at=at, length=length, pauses=_tolled(clock, at, ruling.law, length[0]))
        for clock in map(str, FIRST_CLOCKS[method])
        for length in [length_of(clock, ruling.law, ruling.terms)]
    ]


def _tolled(clock: str, at: datetime, law: EditionNumbers, amount: int) -> list[Pause]:
    """The outages of the platform that a clock would be born with; not stored."""
    row = Deadline(clock=clock, started_at=at, due_at=limit_due(clock, at, law, amount=amount))
    return [
        Pause(begins_at=excuse.begins_at, ends_at=excuse.ends_at, cause=excuse.cause)
        for excuse in outages_after(at)
        if excuse.touches(row)
    ]


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


def _causes_of(deadline: Deadline | None, pauses: Iterable[Pause]) -> Mapping[str, str | Promise]:
    """The causes of pauses in words; a claim of the seller by what it says happened, and where."""
    if deadline is None or not any(pause.cause.startswith("claim/") for pause in pauses):
        return CAUSES
    claims = ExclusionClaim.objects.filter(appointment=deadline.appointment_id)
    return CAUSES | {claim.cause: _happened(claim) for claim in claims}


def _happened(claim: ExclusionClaim) -> str:
    words = [claim.get_ground_display(), claim.get_kind_display(), claim.place]
    return capfirst(", ".join(word for word in words if word))


def explained(
    ruling: Ruling,
    clock: str,
    *,
    started_at: datetime,
    length: tuple[int, str],
    agreed: tuple[Agreement, ...] = (),
    pauses: Iterable[Pause] = (),
    deadline: Deadline | None = None,
) -> Explanation:
    """The sum of a limit of a kind: what a ruling gives, the promise and the pauses that count."""
    limit, law, (by_rule, promised) = LIMITS[clock], ruling.law, length
    amount = max(by_rule, agreed[-1].amount) if agreed else by_rule
    stored = list(pauses)
    standing = [periods.Pause(pause.begins_at, pause.ends_at) for pause in stored if pause.voided_at is None]
    shares = counted(stored, clock, started_at, law, amount, _causes_of(deadline, stored))
    due_at = limit_due(clock, started_at, law, amount=amount, pauses=standing)
    edition = ruling.cover.edition
    return Explanation(
        clock=clock,
        clause=limit.clause,
        started_at=started_at,
        is_start_of_request=started_at == ruling.received_at,
        field=limit.field,
        unit=limit.unit,
        number=limit.amount(law),
        edition=edition_of_number(edition, limit.field, limit.amount(law), ruling.received_at).number,
        order_edition=edition.number,
        by_rule=by_rule,
        amount=amount,
        promised=promised,
        sources=sources_of(ruling, promised, by_rule),
        agreements=agreed,
        zone=law.zone,
        pauses=tuple(shares),
        paused=sum((share.counted for share in shares), timedelta()),
        unpaused_due_at=limit_due(clock, started_at, law, amount=amount),
        due_at=due_at,
        stored_due_at=due_at if deadline is None else deadline.due_at,
        deadline=deadline,
    )


def _agreements(deadline: Deadline) -> tuple[Agreement, ...]:
    """What buyer and seller agreed on for this clock, in the order in which they did; asked only where they did."""
    if deadline.agreed_from is None:
        return ()
    accepted = deadline.longer_limits.filter(state=LongerLimitState.ACCEPTED).order_by("answered_at", "id")
    return tuple(
        Agreement(
            amount=each.amount,
            instead_of=each.instead_of,
            reason=each.reason,
            proposed_at=each.received_at,
            agreed_at=each.answered_at or each.received_at,
            words=each.words,
            instead_words=each.instead_words,
        )
        for each in accepted
    )


def sources_of(ruling: Ruling, promised: str, amount: int) -> tuple[Source, ...]:
    """The commitments that promised so much on a dimension and bind the order."""
    if not promised:
        return ()
    cover = ruling.cover
    terms = binding_terms(cover.line.product, cover.order.placed_at, ruling.received_at, buyer=cover.buyer)
    return tuple(_source(term) for term in terms if term.dimension == promised and term.value == amount)


def _source(term: Term) -> Source:
    said = term.commitment
    return Source(said.get_source_display(), said.statement, said.begins_at)
