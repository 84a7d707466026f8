"""What the schema says about each operation: its body, its answer, its clauses, every way it can be refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers

from zestech_aftersales.api.case_faces import page_of
from zestech_aftersales.api.clients import KEY_HEADER
from zestech_aftersales.api.fields import Body, Face
from zestech_aftersales.api.problems import CONTENT_TYPE
from zestech_aftersales.api.questions import Question
from zestech_aftersales.api.refusals import REFUSALS
from zestech_aftersales.rulebook import clause

View = TypeVar("View", bound=Callable[..., Any])


class FieldProblem(serializers.Serializer[Any]):
    """An error of one field or parameter."""

    pointer = serializers.CharField(required=False, help_text=_("JSON pointer into the body, like #/windows/0."))
    parameter = serializers.CharField(required=False)
    detail = serializers.CharField()
    code = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """A refusal (RFC 9457)."""

    type = serializers.CharField(help_text=_("The clause on the rules page, or about:blank."))
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False, help_text=_("What to do now."))
    instance = serializers.CharField()
    code = serializers.CharField(help_text=_("A stable word for programs."))
    clause = serializers.CharField(required=False)
    context = serializers.DictField(required=False)  # type: ignore[assignment]  # a member, no attribute
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]


Reasons = dict[HTTPStatus, Any]

COMMON: Reasons = {
    HTTPStatus.UNAUTHORIZED: _("No token, or one that is no longer valid."),
    HTTPStatus.FORBIDDEN: _(
        "`insufficient_scope`: the token is not for this. `permission_denied`: the other side's to do."
    ),
    HTTPStatus.NOT_ACCEPTABLE: _("Answers are JSON only."),
    HTTPStatus.TOO_MANY_REQUESTS: _("`throttled`: wait as long as the Retry-After header says."),
}
OF_BODIES: Reasons = {
    HTTPStatus.BAD_REQUEST: _("`invalid`: `errors` names each field; nothing was stored. `parse_error`: no JSON."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("`body_too_large`."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _("Bodies are application/json."),
}
MISSING: Reasons = {HTTPStatus.NOT_FOUND: _("Not there, or somebody else's.")}
KEY = OpenApiParameter(
    KEY_HEADER,
    str,
    OpenApiParameter.HEADER,
    description=_(
        "Recommended. A text of your own, at most 255 characters: sent again with the same key, the same command "
        "changes nothing and answers as the first time."
    ),
)


def listed(summary: str, face: type[Face], question: type[Question]) -> Callable[[View], View]:
    """Document a list: its filters, its pages."""
    refused = OF_BODIES | COMMON
    return extend_schema(
        operation_id=operation_id(summary),
        summary=summary,
        description="Newest first, unless `sort` says otherwise; `next` leads from page to page.",
        parameters=[question],
        responses={HTTPStatus.OK: page_of(face)}
        | problems({HTTPStatus.BAD_REQUEST: refused[HTTPStatus.BAD_REQUEST]} | COMMON),
    )


def documented(
    summary: str,
    description: str = "",
    *,
    answer: type[Face] | PolymorphicProxySerializer,
    body: type[Body] | None = None,
    statuses: Sequence[HTTPStatus] = (HTTPStatus.OK,),
    clauses: Sequence[str] = (),
    refusals: Sequence[str] = (),
) -> Callable[[View], View]:
    """Document an operation on one thing: what it takes, what it answers, why it may be refused and by which clause."""
    reasons: Reasons = {**MISSING, **COMMON}
    codes: dict[HTTPStatus, list[str]] = {}
    if body is not None:
        reasons |= OF_BODIES
        for code in ("illegal_transition", *refusals):
            told = REFUSALS[code]
            cited = f" ({told.clause})" if told.clause else ""
            codes.setdefault(HTTPStatus(told.status), []).append(f"`{code}`{cited}: {told.when}")
    for status, lines in codes.items():
        reasons[status] = "\n\n".join([*([str(reasons[status])] if status in reasons else []), *lines])
    return extend_schema(
        operation_id=operation_id(summary),
        summary=summary,
        description="\n\n".join([description, *(f"**{each}** {clause(each).title}" for each in clauses)]).strip(),
        parameters=[KEY] if body is not None else [],
        request=body,
        responses=dict.fromkeys(statuses, answer) | problems(reasons),
    )


def operation_id(summary: str) -> str:
    """The name of an operation in generated clients: "Make an offer" becomes make_an_offer."""
    return re.sub(r"\W+", "_", summary.lower())


def problems(reasons: Reasons) -> dict[Any, Any]:
    """The refusals as responses of the schema."""
    return {
        (int(status), CONTENT_TYPE): OpenApiResponse(Problem, description=str(reasons[status]))
        for status in sorted(reasons)
    }
