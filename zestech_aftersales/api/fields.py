"""The kinds of values that go in and out: instants, references, money, and bodies that refuse what they don't know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, ClassVar

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from cases.models.case import case_reference

# Instants beyond these are slips of the pen, and would overflow once they are moved to another zone.
FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(2199, 12, 31, tzinfo=UTC)

Get = Callable[[str], Any]


def instant_text(instant: datetime) -> str:
    """An instant as the API writes it: UTC, all microseconds, Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field[datetime, str, str, Any]):
    """ISO 8601 with an offset in, UTC with microseconds and Z out."""

    default_error_messages = {
        "invalid": _("Give an instant in ISO 8601 with its offset from UTC, like 2026-03-02T09:15:30+08:00."),
        "out_of_range": _("The instant must lie between the years 2000 and 2199."),
    }

    def to_internal_value(self, data: Any) -> datetime:
        try:
            instant = parse_datetime(data) if isinstance(data, str) and "\0" not in data else None
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            self.fail("invalid")
        if not FIRST_INSTANT.replace(tzinfo=None) <= instant.replace(tzinfo=None) <= LAST_INSTANT.replace(tzinfo=None):
            self.fail("out_of_range")
        return instant.astimezone(UTC)

    def to_representation(self, value: datetime) -> str:
        return instant_text(value)


class Body(serializers.Serializer[dict[str, Any]]):
    """What is sent in; a field it does not know is refused, so that nobody believes it was heard."""

    default_error_messages = {"unknown": _("There is no such field.")}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            known = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := {name: [self.error_messages["unknown"]] for name in data if name not in known}:
                raise serializers.ValidationError(unknown, code="unknown")
        return super().to_internal_value(data)


class Face(serializers.Serializer[dict[str, Any]]):
    """What is answered, written straight from a row of `.values()` or from a model, without further queries.

    A field's `source` is a path as `.values()` takes it ("case__opened_at").
    """

    _written: ClassVar[dict[type[Face], list[tuple[str, Callable[[Get, datetime], Any]]]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """In the schema an AppointmentFace is called Appointment."""
        super().__init_subclass__(**kwargs)
        extend_schema_serializer(component_name=cls.__name__.removesuffix("Face"))(cls)

    @classmethod
    def written(cls) -> list[tuple[str, Callable[[Get, datetime], Any]]]:
        """The names of its fields, each with the function that writes it."""
        if cls not in Face._written:
            fields = cls().fields.items()
            Face._written[cls] = [(name, writer(field)) for name, field in fields if not is_nested(field)]
        return Face._written[cls]

    @classmethod
    def columns(cls) -> list[str]:
        """What to ask the database for."""
        asked = [
            path
            for field in cls().fields.values()
            if not is_nested(field)
            for path in getattr(field, "paths", (str(field.source),))
        ]
        return list(dict.fromkeys(asked))

    @classmethod
    def of(cls, thing: Any, *, at: datetime, **nested: Any) -> dict[str, Any]:
        """The answer about one thing as it stands at `at`; `nested` gives what has rows of its own."""
        get = thing.__getitem__ if isinstance(thing, dict) else lambda path: attrgetter(path.replace("__", "."))(thing)
        return {name: write(get, at) for name, write in cls.written()} | nested


class HandedList(serializers.ListField):
    """A list that no column holds: the view hands it over."""


def is_nested(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    """Whether a field is handed over by the view, such as rows of another table."""
    return isinstance(field, (serializers.BaseSerializer, HandedList))


def writer(field: serializers.Field[Any, Any, Any, Any]) -> Callable[[Get, datetime], Any]:
    """The function that writes a field from a row."""
    if isinstance(field, ComputedField):
        return field.write
    source = str(field.source)
    if isinstance(field, InstantField):
        return lambda get, at: None if (instant := get(source)) is None else instant_text(instant)
    if isinstance(field, serializers.DecimalField):
        places = f".{field.decimal_places}f"
        return lambda get, at: None if (amount := get(source)) is None else format(amount, places)
    return lambda get, at: get(source)


class ComputedField(serializers.Field[Any, Any, Any, Any]):
    """A field that is worked out from other columns, `paths`."""

    paths: tuple[str, ...] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def write(self, get: Get, at: datetime) -> Any:
        raise TypeError(f"{type(self).__name__} does not say how it is written.")


@extend_schema_field({"type": "string", "pattern": r"^ZA-\d{4}-\d{6,18}$", "examples": ["ZA-2026-000418"]})
class ReferenceField(ComputedField):
    """A case's reference; `case` is the path to the case, "" for the case itself."""

    def __init__(self, case: str = "case", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.paths = (f"{case}_id", f"{case}__opened_at") if case else ("id", "opened_at")

    def write(self, get: Get, at: datetime) -> str:
        pk, opened_at = (get(path) for path in self.paths)
        return case_reference(pk, opened_at)
