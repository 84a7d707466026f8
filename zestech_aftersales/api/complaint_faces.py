"""What is answered about complaints, and what is sent in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.models import DeadlineState
from complaints.actions.filing import ComplaintTerms
from complaints.matters import DUTIES
from complaints.models import ComplaintState, JudgementClock, Liability
from complaints.models.complaint import complaint_reference
from zestech_aftersales.api.bodies import optional
from zestech_aftersales.api.case_faces import PROVISIONAL, DeadlineProvisional
from zestech_aftersales.api.fields import Body, ComputedField, Face, Get, InstantField, ReferenceField
from zestech_aftersales.api.photo_bodies import WithPhotos
from zestech_aftersales.api.questions import Question, Reference, States
from zestech_aftersales.api.strict import ChoiceField, NumberField

SIDES = ("buyer", "seller", "platform")


@extend_schema_field({"type": "string", "pattern": r"^ZC-\d{4}-\d{6,18}$", "examples": ["ZC-2026-000004"]})
class ComplaintReference(ComputedField):
    """What people call the complaint."""

    paths = ("id", "filed_at")

    def write(self, get: Get, at: datetime) -> str:
        return complaint_reference(get("id"), get("filed_at"))


class AcceptanceItemFace(Face):
    """One item of the acceptance test."""

    code = serializers.CharField()
    passed = serializers.BooleanField()
    reason = serializers.CharField()
    pointer = serializers.CharField(help_text=_("Where to go instead; empty for an item that holds."))


class ComplaintLimitFace(Face):
    """A limit of a complaint."""

    id = serializers.IntegerField()
    clock = serializers.ChoiceField(choices=JudgementClock.choices)
    clause = serializers.CharField()
    state = serializers.ChoiceField(choices=DeadlineState.choices)
    started_at = InstantField()
    amount = serializers.IntegerField(
        help_text=_("Natural days from `started_at`, whose own day is not counted (5.1).")
    )
    due_at = InstantField(allow_null=True)
    ended_at = InstantField(allow_null=True)
    provisional = DeadlineProvisional(help_text=PROVISIONAL)


class ProposalFace(Face):
    """A standing proposal of a side or of the platform."""

    side = serializers.ChoiceField(choices=SIDES)
    text = serializers.CharField()
    text_hash = serializers.CharField(help_text=_("Names the text that is accepted."))
    put_at = InstantField()
    buyer_accepted_at = InstantField(allow_null=True)
    seller_accepted_at = InstantField(allow_null=True)


class DeterminationFace(Face):
    """A decision of the platform; the second one is the review of the first."""

    id = serializers.IntegerField()
    liability = serializers.ChoiceField(choices=Liability.choices)
    reason = serializers.CharField()
    clauses = serializers.ListField(child=serializers.CharField())
    topics = serializers.ListField(child=serializers.CharField())
    decided_at = InstantField()
    reviews = serializers.IntegerField(
        source="reviews_id", allow_null=True, help_text=_("The decision that this one reviews.")
    )


class ObjectionFace(Face):
    """What a side objected to a decision, and with which new evidence."""

    side = serializers.ChoiceField(choices=SIDES)
    text = serializers.CharField()
    evidence = serializers.IntegerField(
        source="evidence_id", help_text=_("The message with the evidence and its photos.")
    )
    received_at = InstantField()


class LateFace(Face):
    """What a side sent after its time: it is kept, and nothing follows from it."""

    kind = serializers.ChoiceField(choices=("evidence", "objection"))
    side = serializers.ChoiceField(choices=SIDES)
    at = InstantField(help_text=_("When it was received."))
    text = serializers.CharField(source="words", help_text=_("The objection, or the words of the answer."))
    message = serializers.IntegerField(
        source="message__pk", help_text=_("The message in the thread with the answer or the evidence, and its photos.")
    )


class EvidenceRequestFace(Face):
    """What the platform asks one side for."""

    id = serializers.IntegerField()
    side = serializers.ChoiceField(choices=SIDES, help_text=_("Who is asked."))
    question = serializers.CharField()
    asked_at = InstantField()
    answer = serializers.IntegerField(source="answer_id", allow_null=True, help_text=_("The message that answers it."))
    answered_at = InstantField(allow_null=True)


class ComplaintFace(Face):
    """A complaint about one breach of one case."""

    reference = ComplaintReference()
    case = ReferenceField("case")
    state = serializers.ChoiceField(choices=ComplaintState.choices)
    clause = serializers.CharField()
    breach = serializers.CharField(help_text=_("The fact of the case it is about; empty for what the buyer tells."))
    breach_at = InstantField()
    filed_at = InstantField()
    negotiation_ends_at = InstantField(
        allow_null=True, help_text=_("The last instant at which it is too early to escalate.")
    )
    escalated_at = InstantField(allow_null=True)
    ended_at = InstantField(allow_null=True)


class ComplaintDetail(ComplaintFace):
    """A complaint with its test, its limits, the standing proposals, the decisions and what came late."""

    statement = serializers.CharField()
    remedy = serializers.CharField()
    acceptance = AcceptanceItemFace(many=True)
    limits = ComplaintLimitFace(many=True)
    proposals = ProposalFace(many=True)
    determinations = DeterminationFace(many=True)
    objection = ObjectionFace(allow_null=True)
    evidence_requests = EvidenceRequestFace(many=True)
    late = LateFace(many=True)


class ComplaintsQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {"case": "case_id", "state": "state__in", "filed_since": "filed_at__gte"}

    case = Reference()
    state = States(ComplaintState.choices)
    filed_since = InstantField(required=False)


class ComplaintBody(WithPhotos):
    """A complaint: of a fact of the case by its name, or of a duty and an instant of the buyer's own telling."""

    breach = optional(
        64,
        help_text=_(
            "deadline/12, refusal/44, refusal/44/2 for a second one, or visit/9; empty for what the buyer tells."
        ),
    )
    clause = ChoiceField(
        choices=[("", ""), *((each, each) for each in DUTIES)], required=False, allow_blank=True, default="",
        help_text=_("The duty, where no fact is named; empty: none of section 2."),
    )  # fmt: skip
    breach_at = InstantField(required=False, allow_null=True)
    statement = optional(4000)
    remedy = optional(4000)

    def terms(self) -> ComplaintTerms:
        """What the action takes."""
        told: dict[str, Any] = dict(self.validated_data)
        return ComplaintTerms(**told)


class ProposalBody(Body):
    """How it should be settled."""

    text = optional(4000)


class AcceptProposalBody(Body):
    """Whose proposal is accepted, and the hash of the text that was read."""

    of = ChoiceField(choices=SIDES)
    text_hash = optional(64)


class EvidenceAnswerBody(WithPhotos):
    """The answer to a request for evidence, in words or photos."""

    request = NumberField(min_value=1)
    words = optional(4000)


class ObjectionBody(WithPhotos):
    """What is wrong with the decision, and the new evidence for it."""

    text = optional(4000)
    evidence = optional(4000)


class WithdrawBody(Body):
    """Why it is taken back."""

    reason = optional(4000)


class NothingBody(Body):
    """Nothing needs to be said."""
