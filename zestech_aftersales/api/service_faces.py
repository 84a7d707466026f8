"""What is answered about the service itself: parts of a visit, shipments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.models import ShipmentKind, ShipmentState, Side
from zestech_aftersales.api.fields import Face, InstantField, ReferenceField


class PartFace(Face):
    """A part: how many, who pays, and the charge for all of them."""

    name = serializers.CharField()
    number = serializers.CharField()
    quantity = serializers.IntegerField()
    paid_by = serializers.ChoiceField(choices=Side.choices)
    amount = serializers.DecimalField(max_digits=10, decimal_places=2)
    currency = serializers.CharField()


class ListedPartFace(PartFace):
    """A part that a visit will need."""

    brought_by = serializers.ChoiceField(choices=Side.choices)


class UsedPartFace(PartFace):
    """A part that a visit used."""

    visit = serializers.IntegerField(source="visit_id")
    is_outside = serializers.BooleanField(help_text=_("The charge was not told before the visit (3.1)."))


class PartsListFace(Face):
    """A version of what the visit will need."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    given_at = InstantField()
    parts = ListedPartFace(many=True)


class ReplacementFace(Face):
    """A unit in place of another under a cover."""

    old_serial = serializers.CharField()
    new_serial = serializers.CharField()
    replaced_at = InstantField()


class ShipmentFace(Face):
    """A shipment of a spare part or an accessory."""

    id = serializers.IntegerField()
    case = ReferenceField("case")
    kind = serializers.ChoiceField(choices=ShipmentKind.choices)
    contents = serializers.CharField()
    state = serializers.ChoiceField(choices=ShipmentState.choices)
    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    tracking_url = serializers.CharField(help_text=_("Empty, or a link that begins with https://."))
    announced_at = InstantField()
    shipped_at = InstantField(allow_null=True)
    missed_at = InstantField(allow_null=True, help_text=_("When the buyer said that it had not come."))
    ended_at = InstantField(allow_null=True)
