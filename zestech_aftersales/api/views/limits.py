"""How a limit is counted, and what the limits of a request would be."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases.beside import limit_of_sign_off, sum_of, sum_of_notice, sum_of_proof, sums_of_restriction
from cases.cover_sums import sum_of_cover
from cases.explanation import explanation, limits_for, would_be
from cases.models import ExclusionClaim
from cases.queries import appointments_for, claims_for, covers_for, one, restrictions_for, sign_off_of
from cases.sums import Explanation
from zestech_aftersales.api.documented import COMMON, MISSING, OF_BODIES, documented, operation_id, problems
from zestech_aftersales.api.limit_faces import (
    BesideFace,
    CoverEndFace,
    CoverLimitsFace,
    ExplanationFace,
    LimitsQuestion,
    NoticeLimitFace,
    RestrictionLimitsFace,
    SumFace,
    told,
)
from zestech_aftersales.api.problems import ParametersInvalid
from zestech_aftersales.api.views.resource import Resource

REFUSED = {
    **MISSING,
    **COMMON,
    HTTPStatus.BAD_REQUEST: OF_BODIES[HTTPStatus.BAD_REQUEST],
    HTTPStatus.UNPROCESSABLE_ENTITY: _(
        "As the request would be refused. `not_covered` (1.1), `cover_expired` (2.3.4), `method_not_offered` (2.2.1)."
    ),
}
COUNT = "Count the limits of a request"


class LimitView(Resource):
    """Limits as sums."""

    @documented(
        "Explain a deadline",
        "The sum that gives its due instant: start, number, promise, pauses, rounding.",
        answer=ExplanationFace,
        clauses=("5.1", "2.3.3"),
    )
    def explain(self, request: Request, pk: int) -> Response:
        return Response(told(ExplanationFace, explanation(one(limits_for(self.by), pk, self.by)), at=self.at))

    @documented(
        "Explain the limit for a proof",
        "How the time to prove a claim is counted. There is none where no proof was awaited.",
        answer=BesideFace,
        clauses=("4.1.2", "5.1"),
    )
    def explain_proof(self, request: Request, pk: int) -> Response:
        return self._beside(sum_of_proof(self._claim(pk)))

    @documented(
        "Explain the limit for a notice",
        "How the time to give notice of a claimed event is counted; the claim itself is the notice. There is none "
        "where no event was claimed.",
        answer=NoticeLimitFace,
        clauses=("4.1.2",),
    )
    def explain_notice(self, request: Request, pk: int) -> Response:
        sum_ = sum_of_notice(self._claim(pk))
        if sum_ is None:
            raise Http404
        return Response(told(NoticeLimitFace, sum_, at=self.at))

    @documented(
        "Explain the limit for a sign-off",
        "How the buyer's time to say whether a service is done is counted.",
        answer=BesideFace,
        clauses=("2.1.1", "5.1"),
    )
    def explain_sign_off(self, request: Request, pk: int) -> Response:
        appointments = appointments_for(self.by).select_related("case__cover__edition")
        found = sign_off_of(one(appointments, pk, self.by))
        return self._beside(None if found is None else sum_of(limit_of_sign_off(found)))

    @documented(
        "Explain the limits of a restriction",
        "How the buyer's time to be heard, and to appeal once it came into force, is counted.",
        answer=RestrictionLimitsFace,
        clauses=("4.1.3", "5.1"),
    )
    def explain_restriction(self, request: Request, pk: int) -> Response:
        found = one(restrictions_for(self.by).select_related("cover__edition"), pk, self.by)
        sums = [told(BesideFace, each, at=self.at) for each in sums_of_restriction(found)]
        return self.shown(RestrictionLimitsFace, found, limits=sums)

    @documented(
        "Explain the end of a cover",
        "How it is counted for a request received now. There is none where the cover never began.",
        answer=CoverEndFace,
        clauses=("2.3.4", "2.3.3"),
    )
    def explain_cover(self, request: Request, pk: int) -> Response:
        sum_ = sum_of_cover(one(covers_for(self.by).select_related("buyer"), pk, self.by), at=self.at)
        if sum_ is None:
            raise Http404
        return Response(told(CoverEndFace, sum_, at=self.at))

    def _claim(self, pk: int) -> ExclusionClaim:
        return one(claims_for(self.by).select_related("appointment__case__cover__edition"), pk, self.by)

    def _beside(self, sum_: Explanation | None) -> Response:
        if sum_ is None:
            raise Http404
        return Response(told(BesideFace, sum_, at=self.at))

    @extend_schema(
        operation_id=operation_id(COUNT),
        summary=COUNT,
        description="What they would be for a method if it were received at an instant; nothing is stored.",
        parameters=[LimitsQuestion],
        responses={HTTPStatus.OK: CoverLimitsFace} | problems(REFUSED),
    )
    def would_be(self, request: Request, pk: int) -> Response:
        cover = one(covers_for(self.by).select_related("buyer"), pk, self.by)
        asked = LimitsQuestion(data=request.query_params)
        if not asked.is_valid():
            raise ParametersInvalid(asked.errors)
        sums = would_be(cover, asked.validated_data["method"], at=asked.validated_data["at"])
        return self.shown(CoverLimitsFace, cover, limits=[told(SumFace, each, at=self.at) for each in sums])
