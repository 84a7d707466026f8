"""Promises: said in a case's thread or to all, sent in and answered (2.3.3)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.models import Side
from sellers.models import CommitmentSource, CommitmentState, TermState
from sellers.terms import LARGEST, Dimension, Promise, PromiseError, Verdict
from zestech_aftersales.api.bodies import optional
from zestech_aftersales.api.fields import Body, Face, InstantField, ReferenceField
from zestech_aftersales.api.questions import Number, Question, Reference, States
from zestech_aftersales.api.strict import ChoiceField, FlagField, NumberField, TextField

MOST_TERMS = 12
LONGEST_VALUE = 100
LARGEST_NUMBER = max(LARGEST.values())
LONGEST_STATEMENT = 5000
PUT_RIGHT = _("When the platform last judged it anew; null: never.")
# What was said to one buyer is recorded from its message, in the case.
SOURCES = [each for each in CommitmentSource.choices if each[0] != CommitmentSource.COMMUNICATION]


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER},
            {"type": "string", "minLength": 1, "maxLength": LONGEST_VALUE},
        ]
    }
)
class PromisedValueField(serializers.Field[int | str, Any, Any, Any]):
    """A whole number, or the name of a service, a method, an area."""

    default_error_messages = {"invalid": _("Give a whole number, or a name.")}

    def to_internal_value(self, data: Any) -> int | str:
        is_number = type(data) is int and 1 <= data <= LARGEST_NUMBER
        is_name = isinstance(data, str) and 0 < len(data) <= LONGEST_VALUE and "\0" not in data
        if not (is_number or is_name):
            self.fail("invalid")
        told: int | str = data
        return told

    def to_representation(self, value: int | str) -> int | str:
        return value


class TermBody(Body):
    """One term of a sentence; `excludes` marks what it takes away."""

    dimension = ChoiceField(choices=Dimension.choices)
    value = PromisedValueField()
    excludes = FlagField(default=False)


class TermsBody(Body):
    """A sentence, split into terms."""

    terms = serializers.ListField(child=TermBody(), max_length=MOST_TERMS, default=list)

    def validate_terms(self, told: list[dict[str, Any]]) -> list[Promise]:
        """The terms as promises; a value that its dimension does not know is told."""
        try:
            return [Promise(Dimension(each["dimension"]), each["value"], each["excludes"]) for each in told]
        except PromiseError as broken:
            raise serializers.ValidationError(str(broken)) from broken


class PromiseBody(TermsBody):
    """The message that is a promise, split into terms."""

    message = NumberField(min_value=1)


class CommitmentBody(TermsBody):
    """What a seller promises to all, in his words and split into terms; it holds from now on."""

    source = ChoiceField(choices=SOURCES)  # type: ignore[assignment]  # a field may have the name
    statement = TextField(max_length=LONGEST_STATEMENT)
    product = NumberField(
        min_value=1, required=False, allow_null=True, default=None, help_text=_("Null: all products of the seller.")
    )
    replaces = NumberField(
        min_value=1, required=False, allow_null=True, default=None,
        help_text=_("The commitment about the same thing that this one replaces; it is superseded."),
    )  # fmt: skip


class EndCommitmentBody(Body):
    """Why the promise ends."""

    reason = optional(2000)


class TermFace(Face):
    """A term with the verdict on it."""

    dimension = serializers.ChoiceField(choices=Dimension.choices)
    value = PromisedValueField()
    excludes = serializers.BooleanField()
    state = serializers.ChoiceField(choices=TermState.choices, allow_blank=True)
    verdict = serializers.ChoiceField(
        source="reason", choices=Verdict.choices, allow_blank=True, help_text=_("Why it binds or is void.")
    )


class PromiseFace(Face):
    """A promise in a conversation; the seller's own word is judged at once, a buyer's report by an auditor."""

    id = serializers.IntegerField()
    case = ReferenceField("message__case")
    message = serializers.IntegerField(source="message_id")
    side = serializers.ChoiceField(choices=Side.choices, help_text=_("Who recorded it."))
    statement = serializers.CharField(source="commitment__statement")
    state = serializers.ChoiceField(source="commitment__state", choices=CommitmentState.choices)
    begins_at = InstantField(source="commitment__begins_at")
    recorded_at = InstantField()
    put_right_at = InstantField(source="commitment__put_right_at", allow_null=True, help_text=PUT_RIGHT)
    put_right_reason = serializers.CharField(source="commitment__put_right_reason", allow_blank=True)


class PromiseDetail(PromiseFace):
    """A promise with its terms."""

    terms = TermFace(many=True)


class PromisesQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {"case": "message__case_id", "message": "message_id", "state": "commitment__state__in"}  # fmt: skip

    case = Reference()
    message = Number()
    state = States(CommitmentState.choices)


class CommitmentFace(Face):
    """What a seller promises beyond the rules; orders placed and requests received while it held keep it."""

    id = serializers.IntegerField()
    source = serializers.ChoiceField(choices=CommitmentSource.choices)  # type: ignore[assignment]  # the same
    product = serializers.IntegerField(source="product_id", allow_null=True, help_text=_("Null: all products."))
    statement = serializers.CharField()
    state = serializers.ChoiceField(choices=CommitmentState.choices)
    begins_at = InstantField()
    ended_at = InstantField(allow_null=True)
    recorded_at = InstantField()
    judged_at = InstantField(allow_null=True)
    put_right_at = InstantField(allow_null=True, help_text=PUT_RIGHT)
    put_right_reason = serializers.CharField(allow_blank=True)
    replaces = serializers.IntegerField(source="replaces_id", allow_null=True)


class CommitmentDetail(CommitmentFace):
    """A commitment with its terms."""

    terms = TermFace(many=True)


class CommitmentsQuestion(Question):
    lookups: ClassVar[dict[str, str]] = {"product": "product_id", "state": "state__in"}

    product = Number()
    state = States(CommitmentState.choices)
