"""What a seller keeps: products with their mark, service points, engineers; sent in and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from zestech_aftersales.api.bodies import optional
from zestech_aftersales.api.fields import Body, ComputedField, Face, Get, InstantField
from zestech_aftersales.api.questions import Question
from zestech_aftersales.api.strict import ChoiceField, CountryField, FlagField, NumberField, TextField
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

MOST_NAMES = 200
MOST_DAYS = 1000
MOST_STRETCHES = 12
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIME = r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"
HOURS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        day: {
            "type": "array",
            "maxItems": MOST_STRETCHES,
            "items": {
                "type": "array",
                "items": {"type": "string", "pattern": TIME},
                "minItems": 2,
                "maxItems": 2,
            },
        }
        for day in DAYS
    },
    "examples": [{"mon": [["09:00", "12:30"], ["13:30", "17:00"]]}],
}


@extend_schema_field(HOURS)
class HoursField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """Hours by day of the week; what stands in them is checked with the rest of the thing."""

    default_error_messages = {
        "invalid": _("Give the hours by day, mon to sun, each a list of pairs like 09:00 and 17:00.")
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict) or not all(day in DAYS and _stretches(told) for day, told in data.items()):
            self.fail("invalid")
        return data

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return value


def _stretches(told: Any) -> bool:
    return (
        isinstance(told, list)
        and len(told) <= MOST_STRETCHES
        and all(isinstance(each, list) and len(each) == len(("from", "to")) for each in told)
        and all(isinstance(end, str) for each in told for end in each)
    )


def names(**more: Any) -> serializers.ListField:
    """A list of names."""
    return serializers.ListField(child=TextField(max_length=120), max_length=MOST_NAMES, default=list, **more)


def days(**more: Any) -> serializers.ListField:
    """A list of dates."""
    child = TextField(max_length=10, help_text=_("Like 2026-12-25."))
    return serializers.ListField(child=child, max_length=MOST_DAYS, default=list, **more)


class ServicePointFace(Face):
    """A service point as its seller keeps it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    address = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    time_zone = serializers.CharField()
    opening_hours = HoursField()
    closed_days = serializers.ListField(child=serializers.CharField())
    slot_minutes = serializers.IntegerField()
    capacity = serializers.IntegerField()
    has_published_slots = serializers.BooleanField()
    is_active = serializers.BooleanField()


class ServicePointBody(Body):
    """A service point; hours and days are in its own time zone."""

    name = TextField(max_length=120)
    address = TextField(max_length=240)
    city = TextField(max_length=80)
    country = CountryField()
    time_zone = TextField(max_length=64, default="UTC")
    opening_hours = HoursField(default=dict)
    closed_days = days()
    slot_minutes = NumberField(min_value=5, max_value=24 * 60, default=60)
    capacity = NumberField(min_value=1, max_value=1000, default=1)
    has_published_slots = FlagField(default=True)
    is_active = FlagField(default=True)


class EngineerFace(Face):
    """An engineer as the seller keeps him."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    log_in = serializers.EmailField(source="user__email", allow_null=True)
    skills = serializers.ListField(child=serializers.ChoiceField(choices=ServiceType.choices))
    areas = serializers.ListField(child=serializers.CharField())
    working_hours = HoursField()
    days_off = serializers.ListField(child=serializers.CharField())
    time_zone = serializers.CharField()
    is_active = serializers.BooleanField()


class EngineerBody(Body):
    """An engineer; an empty list keeps nobody out: no services means every service, no areas everywhere."""

    name = TextField(max_length=120)
    log_in = optional(254, help_text=_("The e-mail address of a member of the seller; empty: no log-in."))
    skills = serializers.ListField(
        child=ChoiceField(choices=ServiceType.choices), max_length=len(ServiceType), default=list
    )
    areas = names(help_text=_("Countries (AE), cities (Berlin), cities of a country (DE Frankfurt)."))
    working_hours = HoursField(default=dict)
    days_off = days()
    time_zone = TextField(max_length=64, default="UTC")
    is_active = FlagField(default=True)


@extend_schema_field({"type": "boolean"})
class MarkedField(ComputedField):
    """Whether a product bears the mark at the instant of the answer."""

    paths = ("bears_mark",)

    def write(self, get: Get, at: datetime) -> bool:
        return bool(get("bears_mark"))


class ProductFace(Face):
    """A product of the seller."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    brand = serializers.CharField()
    service_types = serializers.ListField(child=serializers.ChoiceField(choices=ServiceType.choices))
    methods = serializers.ListField(child=serializers.ChoiceField(choices=ServiceMethod.choices))
    bears_mark = MarkedField()


class MarkPeriodFace(Face):
    """A time in which a product bore the mark; both ends are inside."""

    id = serializers.IntegerField()
    product = serializers.IntegerField(source="product_id")
    begins_at = InstantField()
    ends_at = InstantField(allow_null=True)


class ProductDetail(ProductFace):
    """A product with the history of its mark."""

    mark_periods = MarkPeriodFace(many=True)


class ProductsQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {"sku": "sku"}

    sku = serializers.CharField(required=False, max_length=80)


class MarkBody(Body):
    """From when on the product bears the mark; without a begin: from now."""

    begins_at = InstantField(required=False, allow_null=True, default=None)
    ends_at = InstantField(required=False, allow_null=True, default=None)
    reason = optional(2000)


class UnmarkBody(Body):
    """Why the mark ends."""

    reason = optional(2000)
