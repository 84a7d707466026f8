"""What a seller states when it applies for the programme, and what of it is missing (1.1, 2.1.1, 2.2.1, 3.1)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from zestech_aftersales.rulebook.services import ServiceMethod


@dataclass(frozen=True, slots=True)
class Application:
    """The statement in its parts; `agreed_edition` is the number of the rules that were shown and agreed to."""

    service_types: list[str]
    methods: list[str]
    # Countries, cities, cities of a country, as with an engineer's areas.
    places: list[str]
    charging: str
    contact_name: str
    contact_email: str
    contact_phone: str
    agreed_edition: int

    def missing(self) -> list[str]:
        """The parts that were left out: each names its field. Who only guides by video serves no place."""
        needed: dict[str, Any] = {
            "service_types": self.service_types,
            "methods": self.methods,
            "charging": self.charging.strip(),
            "contact_name": self.contact_name.strip(),
            "contact_email": self.contact_email.strip() or self.contact_phone.strip(),
        }
        if set(self.methods) - {ServiceMethod.REMOTE.value}:
            needed["places"] = self.places
        return [name for name, given in needed.items() if not given]

    def columns(self) -> dict[str, Any]:
        """The columns of the enrolment that hold it; the edition is looked up by its number."""
        stated = asdict(self)
        del stated["agreed_edition"]
        return {name: each.strip() if isinstance(each, str) else each for name, each in stated.items()}
