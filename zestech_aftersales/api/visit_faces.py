"""Around a visit: no-shows, other dates, who comes, the buyer's sign-off; what is sent in and what is answered."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from cases.models import DeadlineState, ProposalState, Side, SignOffOutcome
from cases.models.disclosure import ITEMS
from cases.terms import Window
from zestech_aftersales.api.bodies import MOST_WINDOWS, VisitBody, WindowBody, optional
from zestech_aftersales.api.case_faces import VisitFace, WindowsField
from zestech_aftersales.api.fields import Body, Face, InstantField, ReferenceField
from zestech_aftersales.api.photo_bodies import WithPhotos
from zestech_aftersales.api.questions import Number, Question, Reference, States
from zestech_aftersales.api.strict import ChoiceField, NumberField


class ProposedDateFace(Face):
    """Windows that one side proposes for a visit; nothing moves before the other side's yes."""

    id = serializers.IntegerField()
    appointment = serializers.IntegerField(source="appointment_id")
    case = ReferenceField("appointment__case")
    visit = serializers.IntegerField(
        source="visit_id", allow_null=True, help_text=_("The visit it stands in for or follows.")
    )
    offer = serializers.IntegerField(
        source="offer_id", allow_null=True, help_text=_("Before the confirmation: the agreed offer it moves.")
    )
    side = serializers.ChoiceField(choices=Side.choices)
    state = serializers.ChoiceField(choices=ProposalState.choices)
    windows = WindowsField()
    engineer = serializers.IntegerField(
        source="engineer_id", allow_null=True, help_text=_("Who comes then; null: who was to come before.")
    )
    contact_name = serializers.CharField()
    reason = serializers.CharField()
    accepted_window = serializers.IntegerField(allow_null=True)
    wish = serializers.CharField(help_text=_("What the other side would rather have, where it said no."))
    received_at = InstantField()


# What an accepted date makes: the visit that is planned, or before the confirmation the date that counts now.
VisitOrDate = PolymorphicProxySerializer(
    component_name="VisitOrDate", serializers=[VisitFace, ProposedDateFace], resource_type_field_name=None
)


class ProposedDatesQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {
        "appointment": "appointment_id",
        "case": "appointment__case_id",
        "state": "state__in",
    }

    appointment = Number()
    case = Reference()
    state = States(ProposalState.choices)


class WhoComesBody(Body):
    """Who comes at the new date, for the seller to say: an engineer of his, or a named person."""

    engineer = NumberField(min_value=1, required=False, allow_null=True, default=None)
    contact_name = optional(120)


class ProposeDateBody(WhoComesBody):
    """Other times for the visit."""

    windows = serializers.ListField(child=WindowBody(), default=list, max_length=MOST_WINDOWS)
    reason = optional(300)

    def proposed(self) -> list[Window]:
        """The windows as the action takes them."""
        return [Window(**window) for window in self.validated_data["windows"]]


class AcceptDateBody(WhoComesBody):
    """The proposed date that suits, and which of its windows."""

    date = NumberField(min_value=1)
    window = NumberField(min_value=0, max_value=MOST_WINDOWS, required=False, allow_null=True, default=None)


class DeclineDateBody(Body):
    """The proposed date that does not suit, and what would."""

    date = NumberField(min_value=1)
    wish = optional(300)


class EvidenceBody(WithPhotos):
    """What happened, with photos if there are any."""

    visit = NumberField(min_value=1)
    evidence = optional(4000)


class AnotherEngineerBody(VisitBody):
    """Who comes instead: an engineer of the seller's, or a named person; the reason is kept on the record."""

    engineer = NumberField(min_value=1, required=False, allow_null=True, default=None)
    contact_name = optional(120)
    reason = optional(200)


class VideoLinkBody(VisitBody):
    """The link of a session."""

    video_url = optional(500, help_text=_("It begins with https://."))


class SignOffFace(Face):
    """The buyer's word on a completed service; silence until the due instant is a yes."""

    appointment = serializers.IntegerField(source="appointment_id")
    state = serializers.ChoiceField(choices=DeadlineState.choices)
    outcome = serializers.ChoiceField(choices=SignOffOutcome.choices, allow_blank=True)
    started_at = InstantField()
    amount = serializers.IntegerField(
        help_text=_("Natural days from `started_at`, whose own day is not counted (5.1).")
    )
    due_at = InstantField(allow_null=True)
    ended_at = InstantField(allow_null=True)
    reason = serializers.CharField(help_text=_("Of an objection."))


class UnclearBody(Body):
    """The item of a disclosure that the buyer does not understand, and what he asks."""

    disclosure = NumberField(min_value=1)
    item = ChoiceField(choices=[(name, name) for name in ITEMS])
    question = optional(1000)


class AcknowledgeAnswerBody(Body):
    """When an answer of the seller reached the buyer outside this system, and what it said."""

    answered_at = InstantField()
    words = optional(4000)


class DoubtFace(Face):
    """A question about an item of the disclosure; a newer version answers it."""

    id = serializers.IntegerField()
    disclosure = serializers.IntegerField(source="disclosure_id")
    item = serializers.CharField()
    question = serializers.CharField()
    asked_at = InstantField()
