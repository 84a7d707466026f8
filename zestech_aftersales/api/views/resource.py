"""What every resource shares: who calls and when, reading a body, answering a page."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError
from rest_framework.utils.urls import replace_query_param
from rest_framework.viewsets import ViewSet

from zestech_aftersales.api.clients import actor_of
from zestech_aftersales.api.fields import Body, Face
from zestech_aftersales.api.keyset import CursorBroken
from zestech_aftersales.api.problems import ParametersInvalid
from zestech_aftersales.api.questions import Question

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

Sent = TypeVar("Sent", bound=Body)
Part = TypeVar("Part", bound=Model)


class Resource(ViewSet):
    """A resource of the API; `by` and `at` are who calls and when the request was received."""

    scope_to_read: ClassVar[str] = "cases:read"
    scope_to_write: ClassVar[str] = "cases:write"

    by: Actor
    at: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.by = actor_of(request)
        self.at = received_at(request)

    def sent(self, body: type[Sent], *, partial: bool = False) -> Sent:
        """The body, checked for its form; ValidationError (400) otherwise. `partial`: what is left out stays."""
        told = body(data=self.request.data, partial=partial)
        told.is_valid(raise_exception=True)
        return told

    def page(self, things: QuerySet[Any], face: type[Face], question: type[Question]) -> Response:
        """A page of a list: one query, rows written straight to the answer."""
        asked = question(data=self.request.query_params)
        if not asked.is_valid():
            raise ParametersInvalid(asked.errors)
        wanted = things.filter(**asked.filters())
        cursor, limit = asked.validated_data.get("cursor", ""), asked.validated_data["limit"]
        try:
            page = asked.sorting().page(wanted, face.columns(), limit, cursor)
        except CursorBroken as broken:
            raise ParametersInvalid({"cursor": [_("Take the cursor from the page before.")]}) from broken
        following = None
        if page.next_cursor:
            following = replace_query_param(self.request.build_absolute_uri(), "cursor", page.next_cursor)
        return Response({"results": [face.of(row, at=self.at) for row in page.rows], "next": following})

    def shown(self, face: type[Face], thing: Any, status: HTTPStatus = HTTPStatus.OK, **nested: Any) -> Response:
        """The answer about one thing."""
        return Response(face.of(thing, at=self.at, **nested), status=status)

    def rows(self, face: type[Face], things: QuerySet[Any]) -> list[dict[str, Any]]:
        """The answers about several things that belong to another."""
        return [face.of(row, at=self.at) for row in things.values(*face.columns())]


def part_of(parts: QuerySet[Part], wanted: int, field: str) -> Part:
    """A part of a thing that was already within reach; ValidationError at the field of the body that names it."""
    found = parts.filter(pk=wanted).first()
    if found is None:
        raise ValidationError({field: [_("There is no such thing within your reach.")]}, code="not_found")
    return found


def received_at(request: Request) -> datetime:
    """The instant the middleware read, first thing: it alone decides on time or late (T1)."""
    instant: datetime = request.received_at  # type: ignore[attr-defined]
    return instant
