"""How the API says no: application/problem+json (RFC 9457), the same for every kind of refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from django_fsm import TransitionNotAllowed
from rest_framework import exceptions
from rest_framework.response import Response

from zestech_aftersales.api.throttles import Throttled
from zestech_aftersales.rulebook import RuleBroken, clause
from zestech_aftersales.rulebook.links import clause_url

CONTENT_TYPE = "application/problem+json"
PREFIX = "/api/"


class ParametersInvalid(exceptions.ValidationError):
    """The part of the address behind the question mark was not understood."""


class BodyTooLarge(exceptions.APIException):
    """More was sent than any resource takes."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"
    default_detail = gettext_lazy("Send less at a time.")


def problem(
    status: int, code: str, detail: object, *, instance: str, clause_id: str = "", **more: object
) -> dict[str, Any]:
    """The members of a problem; those that have nothing to say are left out."""
    rule = clause(clause_id) if clause_id else None
    members = {
        "type": f"{settings.BASE_URL}{clause_url(clause_id)}" if rule else "about:blank",
        "title": str(rule.title) if rule else HTTPStatus(status).phrase,
        "status": status,
        "detail": str(detail),
        "instance": instance,
        "code": code,
        "clause": clause_id,
        **more,
    }
    return {name: value for name, value in members.items() if value not in ("", None, {}, [])}


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's exception handler: the one face of every refusal; None for what is our own fault."""
    instance = context["request"].path
    headers: dict[str, str] = {}
    match error:
        case RuleBroken():
            status, code, detail = error.status, error.code, error.detail
            told = problem(status, code, detail, instance=instance, clause_id=error.clause, context=error.context)
        case TransitionNotAllowed():
            status = HTTPStatus.CONFLICT
            detail = _("This cannot be done in the present state. Read the resource again to see what can.")
            told = problem(status, "illegal_transition", detail, instance=instance, context=state_of(error))
        case Http404():
            status = HTTPStatus.NOT_FOUND
            told = problem(status, "not_found", _("There is no such thing within your reach."), instance=instance)
        case PermissionDenied():
            status = HTTPStatus.FORBIDDEN
            detail = str(error) or _("You may not do this.")
            told = problem(status, "permission_denied", detail, instance=instance)
        case RequestDataTooBig():
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            told = problem(status, BodyTooLarge.default_code, BodyTooLarge.default_detail, instance=instance)
        case exceptions.ValidationError():
            status = error.status_code
            place = "parameter" if isinstance(error, ParametersInvalid) else "pointer"
            errors = list(field_errors(error.get_full_details(), place))
            detail = _("Some of what was sent was not understood; nothing was stored.")
            told = problem(status, "invalid", detail, instance=instance, errors=errors)
        case exceptions.APIException():
            status = error.status_code
            told = problem(status, str(error.get_codes()), error.detail, instance=instance)
            headers = headers_of(error)
        case _:
            return None
    return Response(told, status=status, headers=headers, content_type=CONTENT_TYPE)


def state_of(error: TransitionNotAllowed) -> dict[str, str]:
    """The state that a transition did not fit."""
    return {"state": str(error.object.state)} if error.object is not None else {}


def headers_of(error: exceptions.APIException) -> dict[str, str]:
    """What a refusal must say in its headers: how to log in, or when to come again."""
    if isinstance(error, Throttled):
        return {"Retry-After": str(error.wait)}
    challenge = getattr(error, "auth_header", None)
    return {"WWW-Authenticate": challenge} if challenge else {}


def field_errors(details: Any, place: str, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """Each error of a validation with the place it is about, as a JSON pointer ("#/windows/0/starts_at")."""
    if isinstance(details, dict) and set(details) == {"message", "code"} and isinstance(details["message"], str):
        words = [step for step in path if step != "non_field_errors"]
        where = "/".join(words) if place == "parameter" else "#" + "".join(f"/{escaped(step)}" for step in words)
        yield {place: where, "detail": str(details["message"]), "code": str(details["code"])}
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from field_errors(inner, place, (*path, str(name)))
    else:
        for position, inner in enumerate(details):
            # A list of errors about one field is not a list of items; an item with errors is a dict or a list.
            is_leaf = isinstance(inner, dict) and set(inner) == {"message", "code"}
            yield from field_errors(inner, place, path if is_leaf else (*path, str(position)))


def escaped(step: str) -> str:
    """A step of a JSON pointer (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """What lies at no address of the API; one that only lacks its slash is told where to go."""
    if not request.path.endswith("/"):
        try:
            known = resolve(f"{request.path}/").func is not unknown_address
        except Resolver404:
            known = False
        if known:
            query = request.META.get("QUERY_STRING", "")
            moved = HttpResponsePermanentRedirect(f"{request.path}/" + (f"?{query}" if query else ""))
            moved.status_code = HTTPStatus.PERMANENT_REDIRECT
            return moved
    told = problem(HTTPStatus.NOT_FOUND, "not_found", _("There is no such address."), instance=request.path)
    return JsonResponse(told, status=HTTPStatus.NOT_FOUND, content_type=CONTENT_TYPE)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our own fault: a problem for the API's callers, the page for everybody else."""
    if not request.path.startswith(PREFIX):
        return defaults.server_error(request)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = _("Something went wrong here; it was logged. Send the same request with the same key again later.")
    told = problem(status, "server_error", detail, instance=request.path)
    return JsonResponse(told, status=status, content_type=CONTENT_TYPE)
