"""Terms of a commitment: what a promise is, whether it binds, and which is best for the buyer (2.3.3).

Pure functions; the numbers of the rules come in as an edition's numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypedDict, cast

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

MONTHS_OF_A_YEAR = 12
UNLIMITED = "unlimited"


class Dimension(TextChoices):
    """What a promise is about."""

    RESPONSE_HOURS = "response_hours", gettext_lazy("hours to respond")
    SOLUTION_HOURS = "solution_hours", gettext_lazy("hours to a solution")
    CONFIRMATION_DAYS = "confirmation_days", gettext_lazy("days to confirm")
    COVER_MONTHS = "cover_months", gettext_lazy("months of cover")
    NUMBER_OF_SERVICES = "number_of_services", gettext_lazy("number of services")
    CHARGE = "charge", gettext_lazy("free or charged")
    SERVICE_TYPES = "service_types", gettext_lazy("service")
    METHODS = "methods", gettext_lazy("method")
    AREAS = "areas", gettext_lazy("area")


class Charge(TextChoices):
    """Whether the service costs the buyer something."""

    FREE = "free", gettext_lazy("free")
    CHARGED = "charged", gettext_lazy("charged")


class Verdict(TextChoices):
    """Why a term binds or is void; the first two bind."""

    EXTENDS = "extends", gettext_lazy("better for the buyer than what held before")
    NEUTRAL = "neutral", gettext_lazy("takes nothing from the buyer")
    NARROWS_RULES = "narrows_rules", gettext_lazy("narrower than the rules")
    NARROWS_EARLIER = "narrows_earlier", gettext_lazy("narrower than an earlier promise or the page")
    # Only people find this: the words do not promise what they were taken for.
    NO_PROMISE = "no_promise", gettext_lazy("not promised by these words")

    @property
    def binds(self) -> bool:
        return self in (Verdict.EXTENDS, Verdict.NEUTRAL)


SHORTER_IS_BETTER = frozenset({Dimension.RESPONSE_HOURS, Dimension.SOLUTION_HOURS, Dimension.CONFIRMATION_DAYS})
LONGER_IS_BETTER = frozenset({Dimension.COVER_MONTHS, Dimension.NUMBER_OF_SERVICES})
LISTS = frozenset({Dimension.SERVICE_TYPES, Dimension.METHODS, Dimension.AREAS})
# Longer than any of these nobody promises: somebody mistyped.
LARGEST = {
    Dimension.RESPONSE_HOURS: 8760,
    Dimension.SOLUTION_HOURS: 8760,
    Dimension.CONFIRMATION_DAYS: 3660,
    Dimension.COVER_MONTHS: 1200,
    Dimension.NUMBER_OF_SERVICES: 1000,
}


class PromiseError(ValueError):
    """A promise that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise on one dimension: hours, days, months, a number of services, or a name.

    `excludes` marks a sentence that takes the named service, method or area away.
    Errors: PromiseError for a value that the dimension does not know.
    """

    dimension: Dimension
    value: int | str
    excludes: bool = False

    def __post_init__(self) -> None:
        if self.excludes and self.dimension not in LISTS:
            raise PromiseError(_("Only a service, a method or an area can be taken away."))
        if self.dimension in LARGEST:
            self._check_number()
            return
        if not isinstance(self.value, str) or not self.value.strip():
            raise PromiseError(_("%(dimension)s: a name is needed.") % {"dimension": self.dimension.label})
        known = KNOWN.get(self.dimension)
        if known is not None and self.value not in known:
            raise PromiseError(
                _("%(dimension)s: %(value)s is not known. Known are: %(known)s.")
                % {"dimension": self.dimension.label, "value": self.value, "known": ", ".join(known)}
            )

    def _check_number(self) -> None:
        if self.dimension is Dimension.NUMBER_OF_SERVICES and self.value == UNLIMITED:
            return
        largest = LARGEST[self.dimension]
        # bool is an int for Python, but "true hours" is no promise.
        if type(self.value) is not int or not 1 <= self.value <= largest:
            raise PromiseError(
                _("%(dimension)s: a whole number from 1 to %(largest)d is needed.")
                % {"dimension": self.dimension.label, "largest": largest}
            )

    @property
    def text(self) -> str:
        """The promise in a few words."""
        value: Any = self.value
        labels = LABELS.get(self.dimension)
        if labels is not None:
            value = labels(str(self.value)).label
        elif value == UNLIMITED:
            value = _("unlimited")
        shown = _("not %(value)s") % {"value": value} if self.excludes else value
        return f"{self.dimension.label}: {shown}"

    @property
    def rank(self) -> float:
        """The larger, the better for the buyer; comparable on one dimension, meaningless for lists."""
        if self.dimension in SHORTER_IS_BETTER:
            return -float(self.value)
        if self.dimension in LONGER_IS_BETTER:
            return float("inf") if self.value == UNLIMITED else float(self.value)
        return float(self.value == Charge.FREE)


LABELS: dict[Dimension, type[TextChoices]] = {
    Dimension.CHARGE: Charge,
    Dimension.SERVICE_TYPES: ServiceType,
    Dimension.METHODS: ServiceMethod,
}
KNOWN = {dimension: tuple(labels.values) for dimension, labels in LABELS.items()}


@dataclass(frozen=True, slots=True)
class Offering:
    """What the product's page offers, before the promise is read."""

    service_types: frozenset[str] = frozenset(ServiceType.values)
    methods: frozenset[str] = frozenset({ServiceMethod.DOOR.value, ServiceMethod.POINT.value})


@dataclass(frozen=True, slots=True)
class Comparison:
    """A verdict with what it was held against: the rules' own number, an earlier promise, or neither."""

    verdict: Verdict
    against: Promise | None = None
    is_by_rules: bool = False


def judged(promise: Promise, law: EditionNumbers, earlier: Iterable[Promise], offering: Offering) -> Verdict:
    """Compare a promise with the rules and with the earlier promises that stand (2.3.3).

    `law` is the edition in force when the promise begins; `earlier` are promises already binding
    for the same buyers. Extending and neutral promises bind, a narrowing one is void.
    """
    return compared(promise, law, earlier, offering).verdict


def compared(promise: Promise, law: EditionNumbers, earlier: Iterable[Promise], offering: Offering) -> Comparison:
    """The verdict of `judged` with the promise or number that decided it."""
    before = [other for other in earlier if other.dimension == promise.dimension and not other.excludes]
    if promise.dimension in LISTS:
        same = next((other for other in before if other.value == promise.value), None)
        return Comparison(_judged_name(promise, before, offering), same)
    rules = _of_rules(promise.dimension, law)
    if rules is not None and promise.rank < rules.rank:
        return Comparison(Verdict.NARROWS_RULES, rules, is_by_rules=True)
    floor = max([*([rules] if rules else []), *before], key=lambda other: other.rank, default=None)
    if floor is None or promise.rank == floor.rank:
        return Comparison(Verdict.NEUTRAL, floor, is_by_rules=floor is rules and floor is not None)
    verdict = Verdict.EXTENDS if promise.rank > floor.rank else Verdict.NARROWS_EARLIER
    return Comparison(verdict, floor, is_by_rules=floor is rules)


def _of_rules(dimension: Dimension, law: EditionNumbers) -> Promise | None:
    """What the rules give on a dimension.

    They name neither a number of services nor a charge: 3.1 has the seller tell both, so a first
    promise on them takes nothing away.
    """
    if dimension is Dimension.RESPONSE_HOURS:
        return Promise(dimension, law.response_hours)
    if dimension is Dimension.SOLUTION_HOURS:
        return Promise(dimension, law.solution_hours)
    if dimension is Dimension.CONFIRMATION_DAYS:
        return Promise(dimension, law.confirmation_days)
    if dimension is Dimension.COVER_MONTHS:
        return Promise(dimension, law.cover_years * MONTHS_OF_A_YEAR)
    return None


def _judged_name(promise: Promise, before: list[Promise], offering: Offering) -> Verdict:
    promised = {other.value for other in before}
    if promise.dimension is Dimension.AREAS:
        # The rules know no area where service is not owed; naming one promises presence there.
        if promise.excludes:
            return Verdict.NARROWS_RULES
        return Verdict.NEUTRAL if promise.value in promised else Verdict.EXTENDS
    offered = offering.service_types if promise.dimension is Dimension.SERVICE_TYPES else offering.methods
    has_it = promise.value in offered or promise.value in promised
    if promise.excludes:
        return Verdict.NARROWS_EARLIER if has_it else Verdict.NEUTRAL
    return Verdict.NEUTRAL if has_it else Verdict.EXTENDS


class BestTerms(TypedDict, total=False):
    """The best binding value per dimension; a dimension nobody promised on is missing."""

    response_hours: int
    solution_hours: int
    confirmation_days: int
    cover_months: int
    number_of_services: int | str
    charge: str
    service_types: list[str]
    methods: list[str]
    areas: list[str]


def best(promises: Iterable[Promise]) -> BestTerms:
    """The best for the buyer on each dimension: least hours and days, most months and services, every name."""
    found: dict[str, Any] = {}
    tops: dict[Dimension, Promise] = {}
    for promise in promises:
        if promise.excludes:
            continue
        if promise.dimension in LISTS:
            found[promise.dimension.value] = sorted({*found.get(promise.dimension.value, ()), str(promise.value)})
        elif promise.dimension not in tops or promise.rank > tops[promise.dimension].rank:
            tops[promise.dimension] = promise
            found[promise.dimension.value] = promise.value
    return cast(BestTerms, found)
