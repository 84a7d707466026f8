"""Exclusion claims: what a seller sends in, and what is answered about them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.models import ClaimState, Duty, EventKind, Ground
from cases.terms import ClaimTerms
from zestech_aftersales.api.bodies import optional
from zestech_aftersales.api.fields import Body, Face, InstantField, ReferenceField
from zestech_aftersales.api.photo_bodies import WithPhotos
from zestech_aftersales.api.questions import Number, Question, Reference, States
from zestech_aftersales.api.strict import ChoiceField


class ClaimFace(Face):
    """A seller's claim that he was kept from serving; an auditor decides on it."""

    id = serializers.IntegerField()
    appointment = serializers.IntegerField(source="appointment_id")
    case = ReferenceField("appointment__case")
    state = serializers.ChoiceField(choices=ClaimState.choices)
    ground = serializers.ChoiceField(choices=Ground.choices)
    kind = serializers.ChoiceField(choices=EventKind.choices, allow_blank=True)
    place = serializers.CharField()
    begins_at = InstantField(allow_null=True)
    ends_at = InstantField(allow_null=True, help_text=_("Null while the event lasts."))
    duties = serializers.ListField(
        child=serializers.ChoiceField(choices=Duty.choices), help_text=_("What it is claimed to make impossible.")
    )
    visit = serializers.IntegerField(
        source="visit_id", allow_null=True, help_text=_("The visit that the buyer missed, for his own reasons.")
    )
    filed_at = InstantField()
    proof_due_at = InstantField(allow_null=True, help_text=_("Until when proof can be given; null: none is awaited."))
    is_provisional = serializers.BooleanField(help_text=_("The named limits stand still until it is decided."))
    code = serializers.CharField(help_text=_("Why it failed at filing, on instants alone; empty otherwise."))
    granted_begins_at = InstantField(allow_null=True)
    granted_ends_at = InstantField(allow_null=True)
    granted_duties = serializers.ListField(child=serializers.ChoiceField(choices=Duty.choices))
    decided_at = InstantField(allow_null=True)
    reason = serializers.CharField(help_text=_("Of the decision."))


class ClaimsQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {
        "appointment": "appointment_id",
        "case": "appointment__case_id",
        "state": "state__in",
    }

    appointment = Number()
    case = Reference()
    state = States(ClaimState.choices)


class ClaimBody(WithPhotos):
    """What kept the seller from serving; the event's own fields are needed for force majeure."""

    ground = ChoiceField(choices=Ground.choices)
    statement = optional(4000, help_text=_("What happened, and how it is proven."))
    kind = ChoiceField(choices=EventKind.choices, required=False, allow_blank=True, default="")
    place = optional(200)
    begins_at = InstantField(required=False, allow_null=True)
    ends_at = InstantField(required=False, allow_null=True)
    duties = serializers.ListField(child=ChoiceField(choices=Duty.choices), default=list, max_length=len(Duty))

    def terms(self) -> ClaimTerms:
        """What the action takes."""
        told: dict[str, Any] = dict(self.validated_data)
        return ClaimTerms(**told)


class ProofBody(WithPhotos):
    """Further evidence, in words or photos."""

    statement = optional(4000)


class EndBody(Body):
    """When the event was over."""

    ends_at = InstantField()
