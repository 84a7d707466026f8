"""What a column of master data may hold."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sellers.slots import DAYS, HoursError, read_hours
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

country_code = RegexValidator(r"^[A-Z]{2}\Z", gettext_lazy("Two capital letters, as in DE."))


def _names(value: Any, allowed: list[str] | None) -> None:
    if not isinstance(value, list) or not all(isinstance(name, str) and name.strip() for name in value):
        raise ValidationError(_("A list of names is needed."), code="list")
    if len(set(value)) != len(value):
        raise ValidationError(_("A name stands twice in the list."), code="twice")
    strangers = [] if allowed is None else [name for name in value if name not in allowed]
    if strangers:
        raise ValidationError(
            _("Not known: %(names)s. Known are: %(allowed)s.")
            % {"names": ", ".join(strangers), "allowed": ", ".join(allowed or [])},
            code="unknown",
        )


def service_types(value: Any) -> None:
    """Refuse what is no list of services of clause 2.1.1."""
    _names(value, ServiceType.values)


def methods(value: Any) -> None:
    """Refuse what is no list of methods of clause 2.2.1."""
    _names(value, ServiceMethod.values)


def names(value: Any) -> None:
    """Refuse what is no list of different, non-empty names."""
    _names(value, None)


def closed_days(value: Any) -> None:
    """Refuse what is no list of ISO dates."""
    _names(value, None)
    for day in value:
        try:
            date.fromisoformat(day)
        except ValueError as unreadable:
            raise ValidationError(_("%(day)s is no date like 2026-12-25.") % {"day": day}, code="date") from unreadable


def opening_hours(value: Any) -> None:
    """Refuse hours that cannot be read, run backwards or overlap."""
    try:
        read_hours(value)
    except HoursError as broken:
        raise ValidationError(
            _("Opening hours: %(why)s. Write them like %(example)s; days are %(days)s.")
            % {"why": broken, "example": '{"mon": [["09:00", "17:00"]]}', "days": ", ".join(DAYS)},
            code="hours",
        ) from broken
