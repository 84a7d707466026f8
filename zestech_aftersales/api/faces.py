"""What is answered about orders and covers: each thing with the columns it is written from."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.cover_ends import later_end
from cases.models import CoverState, NotCovered, OrderState, Protection
from zestech_aftersales.api.fields import ComputedField, Face, Get, HandedList, InstantField, instant_text
from zestech_aftersales.api.service_faces import ReplacementFace
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType


class OrderFace(Face):
    """An order."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=OrderState.choices)
    placed_at = InstantField()
    paid_at = InstantField(allow_null=True)
    refunded_at = InstantField(allow_null=True)
    cancelled_at = InstantField(allow_null=True)
    protection = serializers.ChoiceField(choices=Protection.choices)
    is_online = serializers.BooleanField()
    currency = serializers.CharField()
    total = serializers.DecimalField(max_digits=12, decimal_places=2)
    refunded_amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    ship_country = serializers.CharField()


class OrderLineFace(Face):
    """A line of an order with the cover it has."""

    position = serializers.IntegerField(source="line__position")
    sku = serializers.CharField(source="line__product__sku")
    title = serializers.CharField(source="line__title")
    quantity = serializers.IntegerField(source="line__quantity")
    refunded_quantity = serializers.IntegerField(source="line__refunded_quantity")
    unit_price = serializers.DecimalField(source="line__unit_price", max_digits=12, decimal_places=2)
    cover = serializers.IntegerField(source="id")
    cover_state = serializers.ChoiceField(source="state", choices=CoverState.choices)


class OrderDetail(OrderFace):
    """An order with its lines; a seller is told his own."""

    lines = OrderLineFace(many=True)


END_PATHS = ("starts_at", "ends_at", "longest_months", "edition__numbers")


@extend_schema_field(OpenApiTypes.BOOL)
class ExpiredField(ComputedField):
    """Whether the last instant of a cover lies behind; that instant itself is still inside (T5)."""

    paths = END_PATHS

    def write(self, get: Get, at: datetime) -> bool:
        ends_at = _end(get)
        return ends_at is not None and not on_time(at, ends_at)


@extend_schema_field({"type": "string", "format": "date-time", "nullable": True})
class EndField(ComputedField):
    """The last instant for a request received now: promises and better editions since the order count (2.3.3)."""

    paths = END_PATHS

    def write(self, get: Get, at: datetime) -> str | None:
        ends_at = _end(get)
        return None if ends_at is None else instant_text(ends_at)


def _end(get: Get) -> datetime | None:
    starts_at, ends_at, months, numbers = (get(path) for path in END_PATHS)
    return None if starts_at is None else later_end(starts_at, ends_at, months, ZoneInfo(numbers["zone"]))


class CoverFace(Face):
    """The cover of an order line."""

    id = serializers.IntegerField()
    order = serializers.IntegerField(source="order_id")
    order_number = serializers.CharField(source="order__number")
    position = serializers.IntegerField(source="line__position")
    sku = serializers.CharField(source="line__product__sku")
    title = serializers.CharField(source="line__title")
    state = serializers.ChoiceField(choices=CoverState.choices)
    reason = serializers.ChoiceField(choices=NotCovered.choices, allow_blank=True)
    starts_at = InstantField(allow_null=True)
    ends_at = EndField(help_text=_("For a request received now."))
    is_expired = ExpiredField()
    unit_serial = serializers.CharField(help_text=_("The unit covered now, once one was replaced."))


class PointFace(Face):
    """A service point that a request can name."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    address = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    time_zone = serializers.CharField()
    has_published_slots = serializers.BooleanField()


class FreeSlotFace(Face):
    """A published slot with seats that nobody has."""

    point = serializers.IntegerField(source="point_id")
    starts_at = InstantField()
    ends_at = InstantField()
    seats = serializers.IntegerField(help_text=_("How many are free; what is held for the buyer himself is free."))


class FreeSlotsFace(Face):
    """The free slots of the service points at which a cover can be served."""

    cover = serializers.IntegerField(source="pk")
    slots = FreeSlotFace(many=True)


class ServicesFace(Face):
    """The services given under a cover, against those promised; the rules know no limit of their number."""

    used = serializers.IntegerField()
    promised = serializers.IntegerField(allow_null=True, help_text=_("Null: no number. It never narrows the cover."))


class CoverDetail(CoverFace):
    """A cover with what binds under it, and what a request can choose from."""

    edition = serializers.IntegerField(source="edition__number", help_text=_("The rule edition of the order."))
    terms = serializers.DictField(help_text=_("The promises that bind a request received now, by dimension (2.3.3)."))
    methods = HandedList(
        child=serializers.ChoiceField(choices=ServiceMethod.choices),
        help_text=_("Of the page, then and now, and those promised; what the rules name where it is silent (2.2.1)."),
    )
    service_types = HandedList(
        child=serializers.ChoiceField(choices=ServiceType.choices), help_text=_("In the same way (2.1.1).")
    )
    points = PointFace(many=True)
    replacements = ReplacementFace(many=True, help_text=_("Each new unit inherits what is left of the cover."))
    services = ServicesFace()
