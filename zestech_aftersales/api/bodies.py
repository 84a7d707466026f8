"""What other systems send, checked for its form, and turned into what the actions take."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.models import Protection
from cases.terms import DisclosureItems, OfferTerms, OrderLineRecord, OrderRecord, ServiceRequest, Window
from zestech_aftersales.api.fields import Body, InstantField
from zestech_aftersales.api.photo_bodies import WithPhotos
from zestech_aftersales.api.strict import (
    ChoiceField,
    CountryField,
    CurrencyField,
    EmailField,
    FlagField,
    MoneyField,
    NumberField,
    TextField,
)
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

LARGEST_COUNT = 100_000
MOST_LINES = 500
MOST_WINDOWS = 20
LONGEST_TEXT = 5000


def optional(length: int = LONGEST_TEXT, **more: Any) -> TextField:
    """A text that may be left out or empty."""
    return TextField(required=False, allow_blank=True, default="", max_length=length, **more)


class OrderLineBody(Body):
    """A line of an order as the shop tells it."""

    sku = TextField(max_length=80)
    title = TextField(max_length=255)
    quantity = NumberField(min_value=1, max_value=LARGEST_COUNT, default=1)
    refunded_quantity = NumberField(min_value=0, max_value=LARGEST_COUNT, default=0)
    unit_price = MoneyField(default=Decimal(0))


class OrderBody(Body):
    """An order as the shop tells it; send it again whenever it was paid, refunded or cancelled."""

    number = TextField(max_length=64, help_text=_("The shop's own order number: what makes sending it again safe."))
    buyer_email = EmailField(max_length=254)
    buyer_name = optional(120)
    placed_at = InstantField()
    paid_at = InstantField(required=False, allow_null=True, help_text=_("The instant of full payment."))
    refunded_at = InstantField(required=False, allow_null=True)
    cancelled_at = InstantField(required=False, allow_null=True)
    currency = CurrencyField()
    total = MoneyField()
    refunded_amount = MoneyField(default=Decimal(0))
    protection = ChoiceField(choices=Protection.choices, default=Protection.OTHER)
    is_online = FlagField(default=True)
    ship_name = optional(200)
    ship_address = optional(300)
    ship_city = optional(120)
    ship_country = CountryField(required=False, allow_blank=True, default="")
    phone = optional(40)
    lines = serializers.ListField(child=OrderLineBody(), min_length=1, max_length=MOST_LINES)

    def record(self) -> OrderRecord:
        """What the action takes."""
        told = dict(self.validated_data)
        told["lines"] = [OrderLineRecord(**line) for line in told["lines"]]
        return OrderRecord(**told)


class WindowBody(Body):
    """A time in which a visit can begin."""

    starts_at = InstantField()
    ends_at = InstantField()


class DisclosureBody(Body):
    """The four items of 3.1; an empty one is answered with 422 disclosure_incomplete."""

    service_period = optional(300)
    number_of_services = optional(300)
    service_scope = optional(2000)
    charging_standard = optional(2000)
    charges_at_most = MoneyField(required=False, allow_null=True, help_text=_("The charging standard as a figure."))
    charges_currency = CurrencyField(required=False, allow_blank=True)


class RequestBody(WithPhotos):
    """A buyer's request for service under a cover."""

    cover = NumberField(min_value=1)
    case = optional(20, help_text=_("The reference of the case it goes on with; empty opens a new case."))
    title = optional(140, help_text=_("The fault in a few words; needed for a new case."))
    description = optional()
    method = ChoiceField(choices=ServiceMethod.choices)
    service_type = ChoiceField(choices=ServiceType.choices)
    wish = optional()
    point = NumberField(min_value=1, required=False, allow_null=True)
    slot_starts_at = InstantField(required=False, allow_null=True)
    address = optional(300)
    city = optional(120)
    country = CountryField(required=False, allow_blank=True, default="")
    phone = optional(40)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["case"] and not attrs["title"]:
            raise serializers.ValidationError({"title": [_("Name the fault in a few words.")]}, code="required")
        return attrs

    def request(self, points: QuerySet[Any]) -> ServiceRequest:
        """What the action takes; `points` are those the buyer can choose from."""
        told = {name: value for name, value in self.validated_data.items() if name not in ("cover", "case")}
        return ServiceRequest(**told | {"point": chosen(points, told.get("point"), "point")})


class OfferBody(Body):
    """The seller's structured answer; what it lacks to be effective is answered with 422 offer_incomplete."""

    method = ChoiceField(choices=ServiceMethod.choices)
    service_type = ChoiceField(choices=ServiceType.choices)
    windows = serializers.ListField(child=WindowBody(), default=list, max_length=MOST_WINDOWS)
    next_step = optional(300)
    next_step_at = InstantField(required=False, allow_null=True)
    contact_name = optional(120)
    engineer = NumberField(min_value=1, required=False, allow_null=True)
    point = NumberField(min_value=1, required=False, allow_null=True)
    video_url = optional(500, help_text=_("For remote guidance, https only; the buyer gets it with the confirmation."))
    plan = optional()
    parts = optional(300)
    price_amount = MoneyField(max_digits=10, default=Decimal(0))
    price_currency = CurrencyField(required=False, allow_blank=True, default="")
    price_terms = optional(300)
    disclosure = DisclosureBody(required=False)

    def terms(self, *, engineers: QuerySet[Any], points: QuerySet[Any]) -> OfferTerms:
        """What the action takes; engineer and point are chosen from the seller's own."""
        told = {name: value for name, value in self.validated_data.items() if name != "replaces"}
        told["windows"] = [Window(**window) for window in told["windows"]]
        told["engineer"] = chosen(engineers, told.get("engineer"), "engineer")
        told["point"] = chosen(points, told.get("point"), "point")
        told["disclosure"] = DisclosureItems(**told.get("disclosure", {}))
        return OfferTerms(**told)


class ReviseBody(OfferBody):
    """A better answer instead of the one that stands."""

    replaces = NumberField(min_value=1, help_text=_("The offer that still stands."))


class AcceptBody(Body):
    """The offer that is accepted, and which of its windows."""

    offer = NumberField(min_value=1)
    window = NumberField(min_value=0, max_value=MOST_WINDOWS, required=False, allow_null=True, default=None)


class CounterBody(Body):
    """The buyer's answer to an offer: another time, another wish."""

    offer = NumberField(min_value=1)
    windows = serializers.ListField(child=WindowBody(), default=list, max_length=MOST_WINDOWS)
    wish = optional()

    def proposed(self) -> list[Window]:
        """The windows as the action takes them."""
        return [Window(**window) for window in self.validated_data["windows"]]


class FlagBody(Body):
    """The offer that the buyer holds unreasonable, and why."""

    offer = NumberField(min_value=1)
    reason = optional(2000)


class ReasonBody(Body):
    """Why."""

    reason = optional(200)


class ConfirmBody(Body):
    """The confirmation of a door visit; the disclosure may come with it."""

    disclosure = DisclosureBody(required=False)
    engineer = NumberField(min_value=1, required=False, allow_null=True)
    contact_name = optional(120, help_text=_("Who comes instead of the engineer that the offer named."))

    def items(self) -> DisclosureItems | None:
        """The four items, if they came along."""
        told = self.validated_data.get("disclosure")
        return None if told is None else DisclosureItems(**told)


class AcknowledgeBody(Body):
    """The version of the disclosure that the buyer has read."""

    disclosure = NumberField(min_value=1)


class VisitBody(Body):
    """The visit that begins."""

    visit = NumberField(min_value=1)


class CompleteBody(VisitBody):
    """What was done; `another` plans the next visit instead of ending the service."""

    report = optional()
    another = WindowBody(required=False, allow_null=True)

    def next_window(self) -> Window | None:
        """When the next visit can begin, if there is one."""
        told = self.validated_data.get("another")
        return None if told is None else Window(**told)


class LongerLimitBody(Body):
    """A longer limit for this request: which of its limits, how long it shall be, why."""

    deadline = NumberField(min_value=1)
    amount = NumberField(min_value=1, max_value=LARGEST_COUNT)
    reason = optional(300)


class AcceptLongerLimitBody(Body):
    """The longer limit that the buyer accepts."""

    longer_limit = NumberField(min_value=1)


class DeclineLongerLimitBody(AcceptLongerLimitBody):
    """The longer limit that the buyer declines, with a word if he likes."""

    answer = optional(300)


class MessageBody(WithPhotos):
    """A word in the thread, or photos; it stops no clock."""

    body = optional()


def chosen(things: QuerySet[Any], pk: int | None, field: str) -> Model | None:
    """The thing that a body names, within reach of who names it; ValidationError otherwise."""
    if pk is None:
        return None
    thing: Model | None = things.filter(pk=pk).first()
    if thing is None:
        raise serializers.ValidationError({field: [_("There is no such thing within your reach.")]}, code="not_found")
    return thing
