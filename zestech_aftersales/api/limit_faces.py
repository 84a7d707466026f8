"""What is answered about how a limit is counted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from cases.models import Clock
from cases.sums import READINGS, Explanation
from zestech_aftersales.api.case_faces import UnitField
from zestech_aftersales.api.fields import Body, ComputedField, Face, Get, InstantField
from zestech_aftersales.rulebook.services import ServiceMethod


@extend_schema_field(OpenApiTypes.DOUBLE)
class SecondsField(ComputedField):
    """A span of time in seconds, with its microseconds."""

    def __init__(self, path: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.paths = (path,)

    def write(self, get: Get, at: datetime) -> float:
        return float(get(self.paths[0]).total_seconds())


class CountedPauseFace(Face):
    """A pause, and how much of it moves the limit."""

    begins_at = InstantField()
    ends_at = InstantField(allow_null=True)
    cause = serializers.CharField()
    evidence = serializers.CharField()
    counted_seconds = SecondsField("counted")
    reading = serializers.ChoiceField(choices=list(READINGS), help_text=_("Why it counts, in part or not at all."))


class SourceFace(Face):
    """Where a commitment was made."""

    where = serializers.CharField()
    statement = serializers.CharField(help_text=_("In the seller's words."))
    begins_at = InstantField()


class AgreementFace(Face):
    """A longer limit that the buyer accepted for this request alone (2.3.3)."""

    amount = serializers.IntegerField()
    instead_of = serializers.IntegerField()
    reason = serializers.CharField()
    proposed_at = InstantField()
    agreed_at = InstantField()


class SumFace(Face):
    """A limit as a sum: start, number, promise, pauses, rounding, due."""

    clock = serializers.ChoiceField(choices=Clock.choices)
    clause = serializers.CharField()
    started_at = InstantField()
    field = serializers.CharField(help_text=_("The name of the number in the rule edition."))
    number = serializers.IntegerField(help_text=_("What the edition gives."))
    unit = UnitField()
    edition = serializers.IntegerField(help_text=_("The edition that gives the number."))
    order_edition = serializers.IntegerField(help_text=_("The edition of the order's placement."))
    by_rule = serializers.IntegerField(help_text=_("The number, or the better promise (2.3.3)."))
    amount = serializers.IntegerField(help_text=_("What counts: `by_rule`, or what both sides agreed on since."))
    promised = serializers.CharField(help_text=_("The dimension of the promise that set the amount; empty: the rules."))
    sources = SourceFace(many=True)
    agreements = AgreementFace(many=True)
    zone = serializers.CharField(help_text=_("Natural days end at 24:00 here (5.1)."))
    unpaused_due_at = InstantField()
    pauses = CountedPauseFace(many=True)
    paused_seconds = SecondsField("paused")
    moved_at = InstantField(help_text=_("With the pauses added, before rounding up to 24:00."))
    due_at = InstantField(allow_null=True, help_text=_("Null while the clock is paused."))


class ExplanationFace(SumFace):
    """The sum of a stored limit, held against what is stored."""

    deadline = serializers.IntegerField(source="deadline__id")
    stored_due_at = InstantField(allow_null=True)
    agrees = serializers.BooleanField(help_text=_("Whether the stored due instant is what the sum gives."))


class BesideFace(SumFace):
    """The sum of a limit that runs beside the clocks of a request."""

    clock = serializers.CharField(  # type: ignore[assignment]  # none of the clocks of a request
        help_text=_("`force_majeure_proof`, `sign_off`, `hearing` or `appeal`; `cover` for the end of a cover.")
    )
    stored_due_at = InstantField(allow_null=True)
    agrees = serializers.BooleanField(help_text=_("Whether the stored due instant is what the sum gives."))


class NoticeLimitFace(SumFace):
    """The sum of the time to give notice of a claimed event."""

    clock = serializers.CharField(help_text="`force_majeure_notice`")  # type: ignore[assignment]  # as above


class CoverEndFace(BesideFace):
    """The sum of the end of a cover."""

    amount_unit = serializers.CharField(
        source="counted_unit", help_text=_("What `by_rule` and `amount` count: `months` where a promise is longer.")
    )


class JudgedSumFace(BesideFace):
    """The sum of a limit of the judgement."""

    limit = serializers.IntegerField(
        source="limit_id",
        allow_null=True,
        help_text=_("Its `id` among the `limits`; null for `complaint`, `negotiation` and `bar`."),
    )
    clock = serializers.CharField(
        help_text=_(
            "The clock of a limit; `complaint`: the time to file it; `negotiation`: the time before it can be "
            "escalated; `bar`: the time in which no application is accepted."
        )
    )
    order_edition = serializers.IntegerField(
        help_text=_("The edition of the order's placement; without an order that in force at the start.")
    )


class JudgedLimitsFace(Face):
    """How the limits of what is judged are counted, oldest first."""

    limits = JudgedSumFace(many=True)


class BarFace(Face):
    """Until when no application of the seller is accepted."""

    barred_until = InstantField(
        source="until", allow_null=True, help_text=_("The last instant, itself inside; null: no bar covers the seller.")
    )
    open_again = InstantField(allow_null=True, help_text=_("The first instant at which an application is accepted."))
    limits = JudgedSumFace(
        many=True, help_text=_("How the bars after clearances of the seller's own legal entity are counted.")
    )


class FilingLimitFace(Face):
    """Until when a complaint of a breach can be filed, and how that is counted."""

    breach = serializers.CharField(source="key", help_text=_("As a complaint names it, like deadline/12."))
    clause = serializers.CharField()
    breach_at = InstantField(source="at")
    limit = JudgedSumFace()


class FilingLimitsFace(Face):
    """The breaches that a case shows, each with the time to complain of it."""

    breaches = FilingLimitFace(many=True)


class RestrictionLimitsFace(Face):
    """The buyer's time to be heard on a restriction and, once it came into force, to appeal."""

    restriction = serializers.IntegerField(source="id")
    limits = BesideFace(many=True)


class CoverLimitsFace(Face):
    """What the limits of a request would be."""

    cover = serializers.IntegerField(source="id")
    limits = SumFace(many=True)


class LimitsQuestion(Body):
    """A request that is only thought of."""

    method = serializers.ChoiceField(choices=ServiceMethod.choices)
    at = InstantField(help_text=_("When the request would be received."))


def told(face: type[Face], sum_: Explanation, *, at: datetime) -> dict[str, Any]:
    """The answer about one sum with its pauses and promises."""
    return face.of(
        sum_,
        at=at,
        agreements=[AgreementFace.of(each, at=at) for each in sum_.agreements],
        sources=[SourceFace.of(each, at=at) for each in sum_.sources],
        pauses=[CountedPauseFace.of(each, at=at) for each in sum_.pauses],
    )


def sums_answer(sums: Iterable[Explanation], *, at: datetime) -> Response:
    """The answer about the limits of what is judged."""
    return Response({"limits": [told(JudgedSumFace, each, at=at) for each in sums]})
