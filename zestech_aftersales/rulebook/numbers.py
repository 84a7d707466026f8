"""The numbers of an edition as a table for people: what each one is called and says."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.rulebook.editions import FAVOURS, UNITS, EditionNumbers
from zestech_aftersales.rulebook.limits import LIMITS, amount_words

#: What is no limit: field -> clause and name.
_OTHERS: dict[str, tuple[str, str | Promise]] = {
    "zone": ("5.1", _("Zone in which days end")),
    "bar_covers_affiliates": ("3.2", _("Bar reaches affiliates")),
    "holiday_roll": ("5.1", _("Limits roll over holidays")),
    "abuse_no_shows": ("4.1.3", _("No-shows that draw attention")),
    "abuse_window_days": ("4.1.3", _("Time in which no-shows are counted")),
}
_NAMES = _OTHERS | {each.field: (each.clause, each.label) for each in LIMITS.values()}


#: What a change of a number means for the buyer.
SENSES: dict[str, str | Promise] = {
    "better": _("better for the buyer"),
    "worse": _("worse for the buyer"),
    "neither": _("concerns both sides alike"),
}


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One number with its name, its words ("48 hours") and those of the edition before, if they differ.

    `sense` is "" for what has not changed, else a key of SENSES.
    """

    field: str
    clause: str
    label: str | Promise
    words: str
    before: str = ""
    sense: str = ""

    @property
    def sense_words(self) -> str | Promise:
        """What the change means for the buyer, in words."""
        return SENSES.get(self.sense, "")


def number_rows(law: EditionNumbers, before: EditionNumbers | None = None) -> Iterator[NumberRow]:
    """Every number of a law in the order of the rulebook; `before` marks what has changed."""
    for field in UNITS:
        clause, label = _NAMES[field]
        words, earlier = _words(law, field), _words(before, field) if before else ""
        sense = sense_of(field, getattr(before, field), getattr(law, field)) if before else ""
        yield NumberRow(field, clause, label, words, earlier if earlier != words else "", sense)


def sense_of(field: str, old: object, new: object) -> str:
    """Whether a change of a number is "better" or "worse" for the buyer, "neither", or "" where nothing changed."""
    if old == new:
        return ""
    if field not in FAVOURS or not isinstance(old, int) or not isinstance(new, int):
        return "neither"
    return "better" if (new < old) == (FAVOURS[field] == "less") else "worse"


def number_name(field: str) -> tuple[str, str | Promise]:
    """The clause and the name of a number."""
    return _NAMES[field]


def number_words(law: EditionNumbers, field: str) -> str:
    """What a law says on a number: "48 hours"."""
    return _words(law, field)


def _words(law: EditionNumbers, field: str) -> str:
    match UNITS[field], getattr(law, field):
        case "switch", switched_on:
            return str(_("yes") if switched_on else _("no"))
        case "zone", zone:
            return str(zone)
        case unit, amount:
            return amount_words(unit, amount)
