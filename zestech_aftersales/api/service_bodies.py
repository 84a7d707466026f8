"""What other systems send about the service itself: parts of a visit, shipments."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.models import ShipmentKind, Side, VisitResult
from cases.terms import Parcel, PartTerms, ReportDetails, UnitTerms
from zestech_aftersales.api.bodies import CompleteBody, optional
from zestech_aftersales.api.fields import Body
from zestech_aftersales.api.photo_bodies import WithPhotos
from zestech_aftersales.api.strict import ChoiceField, CurrencyField, MoneyField, NumberField

MOST_PARTS = 50
MOST_PIECES = 999


class PartBody(Body):
    """A part; `amount` is what the buyer is charged for all pieces of it."""

    name = optional(120)
    number = optional(60)
    quantity = NumberField(min_value=1, max_value=MOST_PIECES, default=1)
    paid_by = ChoiceField(choices=Side.choices, default=Side.SELLER)
    amount = MoneyField(max_digits=10, default=Decimal(0))
    currency = CurrencyField(required=False, allow_blank=True, default="")


class ListedPartBody(PartBody):
    """A part that a visit will need."""

    brought_by = ChoiceField(choices=Side.choices, default=Side.SELLER)


class PartsBody(Body):
    """What the visit will need; an empty list says that nothing is needed."""

    parts = serializers.ListField(child=ListedPartBody(), max_length=MOST_PARTS)

    def terms(self) -> list[PartTerms]:
        """What the action takes."""
        return [PartTerms(**part) for part in self.validated_data["parts"]]


class UnitBody(Body):
    """A unit in place of another; an empty old one is the one that the cover knows."""

    new_serial = optional(80)
    old_serial = optional(80)

    def unit(self) -> UnitTerms:
        """What the action takes."""
        return UnitTerms(**self.validated_data)


class ReportBody(CompleteBody, WithPhotos):
    """The report of a visit with its result, the parts used and photos."""

    result = ChoiceField(
        choices=VisitResult.choices, required=False, allow_blank=True, default="", help_text=_("What it came to.")
    )
    parts = serializers.ListField(child=PartBody(), max_length=MOST_PARTS, default=list)
    unit = UnitBody(required=False, allow_null=True, help_text=_("If the unit was replaced."))

    def details(self) -> ReportDetails:
        """What the action takes."""
        told = self.validated_data
        unit = told.get("unit")
        parts = [PartTerms(**part) for part in told["parts"]]
        return ReportDetails(
            result=told["result"], parts=parts, photos=self.photos_sent(), unit=UnitTerms(**unit) if unit else None
        )


class AnnounceBody(Body):
    """What will be sent."""

    kind = ChoiceField(choices=ShipmentKind.choices)
    contents = optional(1000)


class ParcelBody(Body):
    """How it travels, and how it can be followed."""

    carrier = optional(80)
    tracking_number = optional(80)
    tracking_url = optional(300, help_text=_("Empty, or a link that begins with https://."))

    def parcel(self) -> Parcel:
        """What the action takes."""
        return Parcel(**self.validated_data)


class NothingBody(Body):
    """A command that says everything by itself: an empty object."""
