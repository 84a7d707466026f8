"""The numbers of a rule edition: typed, checked, and the same in JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import Field, asdict, dataclass, field, fields, replace
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

#: The largest number that is still plausible, by unit; beyond it somebody mistyped.
LARGEST = {"hours": 8760, "days": 3660, "years": 100, "count": 1000}

# Read once: looking through the whole time zone database takes longer than an action may.
known_zones = cache(available_timezones)


class InvalidNumbersError(ValueError):
    """The numbers of an edition cannot stand; `errors` says which field and why."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{name}: {error}" for name, error in self.errors.items()))


def _number(unit: str, better: str = "") -> Any:
    return field(metadata={"unit": unit, "better": better})


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionNumbers:
    """Every number of the rules (domain section 7).

    `better` says which side of a change is the better one for the buyer; without it the number
    concerns the platform or both sides alike.
    """

    zone: str = _number("zone")
    response_hours: int = _number("hours", "less")
    solution_hours: int = _number("hours", "less")
    counter_hours: int = _number("hours", "less")
    new_date_hours: int = _number("hours", "less")
    confirmation_days: int = _number("days", "less")
    cover_years: int = _number("years", "more")
    bar_years: int = _number("years")
    bar_covers_affiliates: bool = _number("switch")
    holiday_roll: bool = _number("switch")
    buyer_silence_days: int = _number("days", "more")
    offer_ruling_days: int = _number("days", "less")
    force_majeure_notice_hours: int = _number("hours", "less")
    force_majeure_proof_days: int = _number("days", "less")
    abuse_no_shows: int = _number("count", "more")
    abuse_window_days: int = _number("days", "less")
    negotiation_days: int = _number("days", "less")
    auto_escalation_days: int = _number("days", "less")
    complaint_days: int = _number("days", "more")
    evidence_days: int = _number("days")
    objection_days: int = _number("days")
    hearing_days: int = _number("days")
    appeal_days: int = _number("days")
    loss_answer_days: int = _number("days")
    sign_off_days: int = _number("days", "more")

    def __post_init__(self) -> None:
        errors = {name: error for name, unit in UNITS.items() if (error := _complaint(unit, getattr(self, name)))}
        if not errors:
            errors = _contradictions(self)
        if errors:
            raise InvalidNumbersError(errors)

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone in which natural days end."""
        return ZoneInfo(self.zone)

    @classmethod
    def from_json(cls, numbers: object) -> "EditionNumbers":
        """The numbers as stored; InvalidNumbersError names every missing, unknown and bad field."""
        if not isinstance(numbers, Mapping):
            raise InvalidNumbersError({"numbers": "must be an object of named numbers"})
        errors = {str(name): "is not a number of the rules" for name in numbers.keys() - UNITS}
        errors |= {name: "is missing" for name in UNITS if name not in numbers}
        errors |= {
            name: error
            for name, unit in UNITS.items()
            if name in numbers and (error := _complaint(unit, numbers[name]))
        }
        if errors:
            raise InvalidNumbersError(errors)
        return cls(**numbers)

    def to_json(self) -> dict[str, str | int | bool]:
        """The numbers as they are stored."""
        return asdict(self)

    def improved_by(self, later: Iterable["EditionNumbers"]) -> "EditionNumbers":
        """These numbers, each replaced where a later edition is better for the buyer.

        An order keeps the edition of its placement otherwise. Improving one number may not make
        the whole contradict itself; if it does, that number stays.
        """
        law = self
        for edition in later:
            for name, better in FAVOURS.items():
                old, new = getattr(law, name), getattr(edition, name)
                if (new < old) if better == "less" else (new > old):
                    try:
                        law = replace(law, **{name: new})
                    except InvalidNumbersError:
                        continue
        return law


def _metadata(key: str) -> dict[str, str]:
    declared: tuple[Field[Any], ...] = fields(EditionNumbers)
    return {each.name: each.metadata[key] for each in declared}


#: Field -> "hours", "days", "years", "count", "switch" or "zone".
UNITS = _metadata("unit")
#: Field -> "less" or "more", where one side of a change is better for the buyer.
FAVOURS = {name: better for name, better in _metadata("better").items() if better}


def _complaint(unit: str, value: object) -> str:
    if unit == "zone":
        known = isinstance(value, str) and value in known_zones()
        return "" if known else f"{value!r} is not a time zone of the IANA database"
    if unit == "switch":
        return "" if isinstance(value, bool) else "must be true or false"
    # A bool is an int to Python, but no number of hours.
    if not isinstance(value, int) or isinstance(value, bool):
        return "must be a whole number"
    if not 1 <= value <= LARGEST[unit]:
        return f"must lie between 1 and {LARGEST[unit]}, not {value}"
    return ""


def _contradictions(law: EditionNumbers) -> dict[str, str]:
    errors = {}
    if law.holiday_roll:
        # 5.1 counts natural days; there is no calendar of holidays that a roll could follow.
        errors["holiday_roll"] = "must be off: natural days do not roll over holidays"
    if law.auto_escalation_days <= law.negotiation_days:
        errors["auto_escalation_days"] = "must be more than negotiation_days"
    return errors
