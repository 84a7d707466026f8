"""What the system proposes to the auditor who judges a commitment; a pure function, decided by people (2.3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sellers.terms import Comparison, Dimension, Offering, Promise, Verdict, compared
from zestech_aftersales.rulebook.editions import EditionNumbers

# The rule that a dimension's number stands in.
CLAUSES = {
    Dimension.RESPONSE_HOURS: "2.3.1",
    Dimension.SOLUTION_HOURS: "2.3.2",
    Dimension.CONFIRMATION_DAYS: "2.3.1",
    Dimension.COVER_MONTHS: "2.3.4",
    Dimension.SERVICE_TYPES: "2.1.1",
    Dimension.METHODS: "2.2.1",
}


class Leaning(TextChoices):
    """What a term, or a whole sentence, does to the buyer's rights."""

    EXTENDING = "extending", gettext_lazy("extending")
    NEUTRAL = "neutral", gettext_lazy("neutral")
    NARROWING = "narrowing", gettext_lazy("narrowing")
    MIXED = "mixed", gettext_lazy("mixed")


LEANINGS = {Verdict.EXTENDS: Leaning.EXTENDING, Verdict.NEUTRAL: Leaning.NEUTRAL}


@dataclass(frozen=True, slots=True)
class TermProposal:
    """What is proposed for one term, and by comparison with what."""

    promise: Promise
    comparison: Comparison

    @property
    def verdict(self) -> Verdict:
        return self.comparison.verdict

    @property
    def leaning(self) -> Leaning:
        return LEANINGS.get(self.verdict, Leaning.NARROWING)

    @property
    def reason(self) -> str:
        """The number of the rules or the earlier term that it was compared with."""
        against, clause = self.comparison.against, CLAUSES.get(self.promise.dimension, "2.3.3")
        if against is not None and self.comparison.is_by_rules:
            return _("The rules give: %(given)s (rule %(clause)s).") % {"given": against.text, "clause": clause}
        if against is not None:
            return _("Promised before: %(given)s.") % {"given": against.text}
        if self.promise.excludes:
            return _("It takes away what the rules or the page give (rule %(clause)s).") % {"clause": clause}
        if self.promise.dimension in CLAUSES and self.leaning == Leaning.NEUTRAL:
            return _("The page offers it already (rule %(clause)s).") % {"clause": clause}
        return _("Nothing was promised on it before, and the rules name no number for it.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for all terms of a commitment."""

    terms: tuple[TermProposal, ...]

    @property
    def whole(self) -> Leaning:
        """Mixed where some terms take away and others do not; neutral ones change nothing beside extending ones."""
        leanings = {term.leaning for term in self.terms}
        if Leaning.NARROWING in leanings:
            return Leaning.NARROWING if len(leanings) == 1 else Leaning.MIXED
        return Leaning.EXTENDING if Leaning.EXTENDING in leanings else Leaning.NEUTRAL


def proposed(
    promises: Iterable[Promise], law: EditionNumbers, earlier: Iterable[Promise], offering: Offering
) -> Proposal:
    """Propose for each term whether it extends, leaves or narrows the buyer's rights, with the reason.

    `law` is the edition in force when the promises begin, `earlier` what already binds for the same buyers.
    """
    before = list(earlier)
    return Proposal(tuple(TermProposal(each, compared(each, law, before, offering)) for each in promises))
