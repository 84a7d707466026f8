"""The acceptance test of 3.3: separate items, each with its own reason and where to go instead; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.matters import DUTIES
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.ui.instants import instant_words

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the test looks at; instants are aware, `file_until` is the last one inside the limit."""

    is_order_buyer: bool
    is_online: bool
    protection: str
    is_marked: bool
    clause: str
    request_received_at: datetime | None
    cover_starts_at: datetime | None
    cover_ends_at: datetime | None
    breach_at: datetime
    file_until: datetime
    filed_at: datetime
    duplicate_of: str = ""
    settled_as: str = ""


@dataclass(frozen=True, slots=True)
class ItemWords:
    """An item's name, its reason when it holds and when not, and where to go where it fails."""

    title: Words
    holds: Words
    fails: Words
    pointer: Words


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the test; `facts` are what its reason tells, instants as ISO 8601 texts."""

    code: str
    passed: bool
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> Words:
        """What is looked at."""
        return WORDS[self.code].title

    @property
    def reason(self) -> str:
        """Why it holds or not, with the instants in the reader's zone."""
        words = WORDS[self.code]
        return str(words.holds if self.passed else words.fails) % {
            name: _told(told) for name, told in self.facts.items()
        }

    @property
    def pointer(self) -> str:
        """Where to go instead; empty for an item that holds."""
        return "" if self.passed else str(WORDS[self.code].pointer)

    def as_json(self) -> dict[str, Any]:
        """As the complaint keeps it: with the words that were told then."""
        return {
            "code": self.code, "passed": self.passed, "facts": dict(self.facts),
            "reason": self.reason, "pointer": self.pointer,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Item:
        """The item as it was kept; its words come anew, in the reader's language."""
        return cls(kept["code"], kept["passed"], kept["facts"])


def acceptance_test(facts: Facts) -> list[Item]:
    """All items in their order, whether the earlier ones hold or not."""
    return [Item(code, holds(facts), told(facts)) for code, holds, told in TEST]


def is_accepted(items: list[Item]) -> bool:
    """Whether every item holds."""
    return all(item.passed for item in items)


def _inside_cover(facts: Facts) -> bool:
    received, begin, end = facts.request_received_at, facts.cover_starts_at, facts.cover_ends_at
    return (
        received is not None and begin is not None and end is not None and begin <= received and on_time(received, end)
    )


def _nothing(_facts: Facts) -> dict[str, str]:
    return {}


def _cover(facts: Facts) -> dict[str, str]:
    return {
        "received_at": _text(facts.request_received_at),
        "begins_at": _text(facts.cover_starts_at),
        "ends_at": _text(facts.cover_ends_at),
    }


def _filing(facts: Facts) -> dict[str, str]:
    return {
        "breach_at": _text(facts.breach_at),
        "until": _text(facts.file_until),
        "filed_at": _text(facts.filed_at),
    }


TEST: tuple[tuple[str, Callable[[Facts], bool], Callable[[Facts], dict[str, str]]], ...] = (
    ("not_the_buyer", lambda facts: facts.is_order_buyer, _nothing),
    ("not_online", lambda facts: facts.is_online, _nothing),
    ("not_trade_assurance", lambda facts: facts.protection == "trade_assurance", _nothing),
    ("not_marked", lambda facts: facts.is_marked, _nothing),
    ("not_a_duty", lambda facts: facts.clause in DUTIES, lambda facts: {"clause": facts.clause or "-"}),
    ("request_outside_cover", _inside_cover, _cover),
    ("out_of_time", lambda facts: on_time(facts.filed_at, facts.file_until), _filing),
    ("duplicate", lambda facts: not facts.duplicate_of, lambda facts: {"other": facts.duplicate_of or "-"}),
    ("settled_before", lambda facts: not facts.settled_as, lambda facts: {"other": facts.settled_as or "-"}),
)

WORDS: dict[str, ItemWords] = {
    "not_the_buyer": ItemWords(
        _("By the order’s buyer"), _("It comes from the buyer of this order."),
        _("Only the buyer of the order can complain about it."),
        _("Ask the person who placed the order to file the complaint."),
    ),
    "not_online": ItemWords(
        _("An online order"), _("The order was placed in the online shop."),
        _("The order was not placed in the online shop."),
        _("Turn to the seller, or to the shop where you bought the product."),
    ),
    "not_trade_assurance": ItemWords(
        _("Paid through trade assurance"), _("The order was paid through the platform’s trade assurance."),
        _("The order was not paid through the platform’s trade assurance."),
        _("The seller still owes the service: write to the seller in the case. About the payment, turn to your bank or card company."),
    ),
    "not_marked": ItemWords(
        _("A product with the mark"), _("The product bore the after-sales service mark when you ordered it."),
        _("The product did not bear the after-sales service mark when you ordered it."),
        _("Turn to the seller: the general warranty of your country may still apply."),
    ),
    "not_a_duty": ItemWords(
        _("About a duty of section 2"), _("It is about the duty of rule %(clause)s."),
        _("It is about no duty of section 2 of the rules."),
        _("For delivery, payment or the product itself, open a dispute on the order in the shop."),
    ),
    "request_outside_cover": ItemWords(
        _("Requested inside the cover"),
        _("The request was received %(received_at)s, inside the cover from %(begins_at)s to %(ends_at)s."),
        _("No request was received inside the cover before that: the request came %(received_at)s, the cover runs from %(begins_at)s to %(ends_at)s."),
        _("Request the service first while the cover lasts; afterwards the seller may help for a charge."),
    ),
    "out_of_time": ItemWords(
        _("Filed in time"),
        _("The breach took effect %(breach_at)s; a complaint can be filed until %(until)s."),
        _("The breach took effect %(breach_at)s; a complaint could be filed until %(until)s and came %(filed_at)s."),
        _("If the cover still lasts, request the service again: a new breach can be complained of."),
    ),
    "duplicate": ItemWords(
        _("Not filed before"), _("No other complaint is about this breach."),
        _("Complaint %(other)s is about the same breach."), _("Go on in that complaint."),
    ),
    "settled_before": ItemWords(
        _("Not settled before"), _("The breach was not settled in another complaint."),
        _("Both sides settled this breach in complaint %(other)s."),
        _("If the settlement is not kept, write to the platform in that case."),
    ),
}  # fmt: skip


def _text(instant: datetime | None) -> str:
    return "" if instant is None else instant.isoformat()


def _told(text: str) -> str:
    """An instant in the reader's zone; any other fact as it is, nothing as a dash."""
    if not text:
        return "–"
    try:
        return instant_words(datetime.fromisoformat(text))
    except ValueError:
        return text


def is_same_day(one: datetime, other: datetime, zone: ZoneInfo) -> bool:
    """Whether two instants lie on one natural day of the platform's zone (T3)."""
    return one.astimezone(zone).date() == other.astimezone(zone).date()
