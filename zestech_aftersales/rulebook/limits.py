"""Every clock of the rules: its clause, its unit and the number that sets it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import overload

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from zestech_aftersales.rulebook.editions import UNITS, EditionNumbers
from zestech_aftersales.rulebook.periods import (
    Pause,
    days_limit,
    hours_limit,
    years_limit,
)


@dataclass(frozen=True, slots=True)
class LimitKind:
    """A kind of clock. `field` names the number of the edition that sets it."""

    kind: str
    clause: str
    field: str
    label: str | Promise

    @property
    def unit(self) -> str:
        """ "hours", "days" or "years"."""
        return UNITS[self.field]

    def amount(self, law: EditionNumbers) -> int:
        """How many hours, days or years the edition gives."""
        number: int = getattr(law, self.field)
        return number


_KINDS = (
    # The appointment.
    LimitKind("response", "2.3.1", "response_hours", _("Respond to the request")),
    LimitKind("confirmation", "2.3.1", "confirmation_days", _("Confirm the appointment")),
    LimitKind("solution", "2.3.2", "solution_hours", _("Give a solution")),
    LimitKind("counter", "2.3.1", "counter_hours", _("Answer the counter-offer")),
    LimitKind("new_date", "2.3.1", "new_date_hours", _("Offer a new date")),
    LimitKind("buyer_silence", "2.3.1", "buyer_silence_days", _("Decide on the offer")),
    LimitKind("offer_ruling", "2.3.1", "offer_ruling_days", _("Rule on a flagged offer")),
    LimitKind("sign_off", "2.3.1", "sign_off_days", _("Sign off the service")),
    # Excuses.
    LimitKind(
        "force_majeure_notice",
        "4.1.2",
        "force_majeure_notice_hours",
        _("Give notice of force majeure"),
    ),
    LimitKind("force_majeure_proof", "4.1.2", "force_majeure_proof_days", _("Prove force majeure")),
    # Judgement.
    LimitKind("complaint", "3.3", "complaint_days", _("File a complaint")),
    LimitKind("negotiation", "3.3", "negotiation_days", _("Negotiate")),
    LimitKind("auto_escalation", "3.3", "auto_escalation_days", _("Settle before it is escalated")),
    LimitKind("evidence", "3.3", "evidence_days", _("Give evidence")),
    LimitKind("objection", "3.3", "objection_days", _("Object to the determination")),
    LimitKind("hearing", "3.2", "hearing_days", _("Be heard on a violation")),
    LimitKind("appeal", "3.2", "appeal_days", _("Appeal")),
    LimitKind("loss_answer", "3.4", "loss_answer_days", _("Answer a loss claim")),
    # Years.
    LimitKind("cover", "2.3.4", "cover_years", _("After-sales cover")),
    LimitKind("bar", "3.2", "bar_years", _("Bar on a new application")),
)

LIMITS: dict[str, LimitKind] = {each.kind: each for each in _KINDS}


@overload
def limit_due(kind: str, start: datetime, law: EditionNumbers, *, amount: int | None = None) -> datetime: ...
@overload
def limit_due(
    kind: str, start: datetime, law: EditionNumbers, *, pauses: Iterable[Pause], amount: int | None = None
) -> datetime | None: ...
def limit_due(
    kind: str,
    start: datetime,
    law: EditionNumbers,
    *,
    pauses: Iterable[Pause] = (),
    amount: int | None = None,
) -> datetime | None:
    """The due instant of a clock that starts at an instant, under the numbers of a law.

    amount: another number of the same unit, where a promise binds (2.3.3). None while a pause
    that counts is open. Years take no pauses. KeyError for an unknown kind.
    """
    limit = LIMITS[kind]
    number = limit.amount(law) if amount is None else amount
    match limit.unit:
        case "hours":
            return hours_limit(start, number, pauses)
        case "days":
            return days_limit(start, number, law.zone_info, pauses)
        case _:
            return years_limit(start, number, law.zone_info)


def limit_words(kind: str, law: EditionNumbers, *, amount: int | None = None) -> str:
    """The length of a limit in words: "48 hours", "14 natural days", "1 year"."""
    limit = LIMITS[kind]
    return amount_words(limit.unit, limit.amount(law) if amount is None else amount)


def amount_words(unit: str, amount: int) -> str:
    """A number with its unit in words, translated."""
    match unit:
        case "hours":
            words = ngettext("%(n)d hour", "%(n)d hours", amount)
        case "days":
            words = ngettext("%(n)d natural day", "%(n)d natural days", amount)
        case "months":
            words = ngettext("%(n)d month", "%(n)d months", amount)
        case "years":
            words = ngettext("%(n)d year", "%(n)d years", amount)
        case _:
            words = "%(n)d"
    return words % {"n": amount}


def spoken(law: EditionNumbers) -> dict[str, str]:
    """Every number of a law in words by its field name, for texts such as clause readings."""
    return {
        field: amount_words(unit, getattr(law, field))
        for field, unit in UNITS.items()
        if unit in ("hours", "days", "years", "count")
    } | {"zone": law.zone}
