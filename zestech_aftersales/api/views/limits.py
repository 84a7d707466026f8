"""How a limit is counted, and what the limits of a request would be."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases.explanation import explanation, limits_for, would_be
from cases.queries import covers_for, one
from zestech_aftersales.api.documented import COMMON, MISSING, OF_BODIES, documented, operation_id, problems
from zestech_aftersales.api.limit_faces import CoverLimitsFace, ExplanationFace, LimitsQuestion, SumFace, told
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
