"""What is judged, as its party sees it: violations, audits, losses of a seller; restrictions of a buyer's covers."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.late_words import ANSWER_LATE, APPEAL_LATE
from cases.models import RestrictionState
from complaints.currencies import in_units
from complaints.models import (
    AuditState,
    BreachKind,
    ClearanceState,
    DismissalCode,
    LossHead,
    LossState,
    ViolationState,
)
from complaints.words import finding_words
from zestech_aftersales.api.bodies import optional
from zestech_aftersales.api.complaint_faces import ComplaintLimitFace
from zestech_aftersales.api.fields import Body, ComputedField, Face, Get, InstantField
from zestech_aftersales.api.questions import Number, Question, States
from zestech_aftersales.api.strict import FlagField

DECIMALS = _("With as many decimals as the currency has: none, two or three.")


@extend_schema_field(OpenApiTypes.STR)
class FindingField(ComputedField):
    """What was found, in the words that the seller's page has for it."""

    paths = ("kind", "finding", "missed_clock")

    def write(self, get: Get, at: datetime) -> str:
        kind, finding, clock = (get(path) for path in self.paths)
        return finding_words(kind, finding, clock=clock or "")


class LateWordsFace(Face):
    """What the seller said after his time: it is kept, and nothing follows from it."""

    kind = serializers.ChoiceField(
        choices=("hearing", "appeal", "answer"), help_text=_("To be heard, an appeal, or the answer to a loss claim.")
    )
    at = InstantField(help_text=_("When it was received."))
    text = serializers.CharField()
    contests = serializers.BooleanField(
        allow_null=True, help_text=_("Whether it contests the loss claim; null where there is none.")
    )


class ViolationFace(Face):
    """A breach that people judge; the seller is told of it and heard."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ViolationState.choices)
    kind = serializers.ChoiceField(choices=BreachKind.choices)
    clause = serializers.CharField()
    breach = serializers.CharField(help_text=_("The one fact it is about, like deadline/12."))
    appointment = serializers.IntegerField(source="appointment_id", allow_null=True)
    finding = FindingField(help_text=_("In the auditor’s words, or told from the fact in the reader’s language."))
    occurred_at = InstantField()
    cured_at = InstantField(allow_null=True)
    notified_at = InstantField(allow_null=True)
    answer = serializers.CharField()
    answered_at = InstantField(allow_null=True)
    judged_at = InstantField(allow_null=True)
    reason = serializers.CharField(help_text=_("Of the judgement."))
    dismissal = serializers.ChoiceField(choices=DismissalCode.choices, allow_blank=True)
    appeal = serializers.CharField()
    appealed_at = InstantField(allow_null=True)
    appeal_decided_at = InstantField(allow_null=True)
    appeal_reason = serializers.CharField()


class ViolationDetail(ViolationFace):
    """A violation with its hearing, its time for an appeal, and what came late."""

    limits = ComplaintLimitFace(many=True)
    late = LateWordsFace(many=True)


class ViolationsQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {"appointment": "appointment_id", "state": "state__in"}

    appointment = Number()
    state = States(ViolationState.choices)


class AuditFace(Face):
    """A look at how a seller serves; he is heard before there is a result."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=AuditState.choices)
    opened_at = InstantField()
    notified_at = InstantField(allow_null=True)
    answer = serializers.CharField()
    answered_at = InstantField(allow_null=True)
    closed_at = InstantField(allow_null=True)
    result = serializers.CharField()


class FindingFace(Face):
    """A line of the checklist that shows a breach."""

    id = serializers.IntegerField()
    appointment = serializers.IntegerField(source="appointment_id", allow_null=True)
    question = serializers.CharField()
    clause = serializers.CharField()
    note = serializers.CharField()
    violation = serializers.IntegerField(source="violation_id", allow_null=True)


class AuditDetail(AuditFace):
    """An audit with its findings, its hearing, and what came late."""

    findings = FindingFace(many=True)
    limits = ComplaintLimitFace(many=True)
    late = LateWordsFace(many=True)


class AuditsQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {"state": "state__in"}

    state = States(AuditState.choices)


class LossFace(Face):
    """What a confirmed breach has cost the platform."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=LossState.choices)
    violation = serializers.IntegerField(source="violation_id")
    reason = serializers.CharField()
    notified_at = InstantField(allow_null=True)
    answer = serializers.CharField()
    answered_at = InstantField(allow_null=True)
    was_contested = serializers.BooleanField()
    settled_at = InstantField(allow_null=True)
    ended_at = InstantField(allow_null=True)
    end_reason = serializers.CharField()
    is_owed_back = serializers.BooleanField()
    paid_back_on = serializers.DateField(allow_null=True)
    paid_back_reference = serializers.CharField()


@extend_schema_field(OpenApiTypes.BYTE)
class ContentField(ComputedField):
    """What stands in a file, in base64."""

    paths = ("file",)

    def write(self, get: Get, at: datetime) -> str:
        with get("file").open("rb") as file:
            return b64encode(file.read()).decode("ascii")


@extend_schema_field({"type": "string", "format": "decimal"})
class AmountField(ComputedField):
    """An amount of a head, written with the decimals of its currency."""

    def __init__(self, column: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.paths = (column, "currency")

    def write(self, get: Get, at: datetime) -> str | None:
        amount = get(self.paths[0])
        return None if amount is None else str(in_units(amount, get("currency")))


class LedgerLineFace(Face):
    """What there is in one currency; currencies are never added up."""

    currency = serializers.CharField()
    claimed = serializers.CharField(help_text=_("Told to the seller, not final yet."))
    final = serializers.CharField(help_text=_("To be paid."))
    recovered = serializers.CharField()
    written_off = serializers.CharField()
    owed_back = serializers.CharField(help_text=_("To the seller, for breaches that count no longer."))
    paid_back = serializers.CharField()


class LedgerFace(Face):
    """A seller's losses by currency."""

    lines = LedgerLineFace(many=True)


class ClearanceFace(Face):
    """A clearance from the programme by two auditors; a lifted one is as if it had never been."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ClearanceState.choices)
    enrolment = serializers.IntegerField(source="enrolment_id")
    reason = serializers.CharField()
    cleared_at = InstantField(allow_null=True)
    bar_ends_at = InstantField(
        source="enrolment__bar_ends_at", allow_null=True, help_text=_("The last instant of the bar; null once lifted.")
    )
    review_since = InstantField(allow_null=True)
    lifted_at = InstantField(allow_null=True)
    lifted_because = serializers.CharField()


class ClearanceDetail(ClearanceFace):
    """A clearance with the seller's own violations that it cites."""

    violations = ViolationFace(many=True)


class ClearancesQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {"state": "state__in"}

    state = States(ClearanceState.choices)


class LossItemFace(Face):
    """A head of a claim; currencies are never added up."""

    head = serializers.ChoiceField(choices=LossHead.choices)
    amount = AmountField("amount", help_text=DECIMALS)
    adjusted_amount = AmountField("adjusted_amount", help_text=DECIMALS, allow_null=True)
    adjusted_reason = serializers.CharField()
    currency = serializers.CharField()
    voucher = serializers.CharField()
    file = serializers.IntegerField(source="file_id", allow_null=True, help_text=_("Which of `vouchers` is its bill."))
    note = serializers.CharField(help_text=_("How the breach caused it."))


class VoucherFace(Face):
    """The file of a bill; read it at `losses/{id}/vouchers/{voucher}/`."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text=_("In bytes."))
    sha256 = serializers.CharField()
    received_at = InstantField()


class VoucherDetail(VoucherFace):
    """A bill with its file."""

    content = ContentField(help_text=_("The file in base64."))


class LossDetail(LossFace):
    """A loss claim with its heads, the files of its bills, its time to answer, and what came late."""

    items = LossItemFace(many=True)
    vouchers = VoucherFace(many=True)
    limits = ComplaintLimitFace(many=True)
    late = LateWordsFace(many=True)


class LossesQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {"violation": "violation_id", "state": "state__in"}

    violation = Number()
    state = States(LossState.choices)


class RestrictionFace(Face):
    """A restriction of a cover for abuse: proposed, heard, decided by two auditors, with an end."""

    id = serializers.IntegerField()
    cover = serializers.IntegerField(source="cover_id")
    state = serializers.ChoiceField(choices=RestrictionState.choices)
    finding = serializers.CharField()
    proposed_at = InstantField()
    hearing_due_at = InstantField()
    answer = serializers.CharField()
    answered_at = InstantField(allow_null=True)
    begins_at = InstantField(allow_null=True)
    ends_at = InstantField()
    appeal_due_at = InstantField(allow_null=True)
    appeal = serializers.CharField()
    appealed_at = InstantField(allow_null=True)
    appeal_reason = serializers.CharField(help_text=_("Of the decision on the appeal."))


class LateOfRestrictionFace(Face):
    """What the buyer said after his time: it is kept, and nothing follows from it."""

    kind = serializers.ChoiceField(choices=(ANSWER_LATE, APPEAL_LATE))
    at = InstantField(help_text=_("When it was received."))
    text = serializers.CharField()


class RestrictionDetail(RestrictionFace):
    """A restriction with what came late."""

    late = LateOfRestrictionFace(many=True)


class RestrictionsQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {"cover": "cover_id", "state": "state__in"}

    cover = Number()
    state = States(RestrictionState.choices)


class WordsBody(Body):
    """What is said to it, in one's own words."""

    words = optional(8000)


class LossAnswerBody(WordsBody):
    """Yes or no to a loss claim; a no says why."""

    contests = FlagField()
