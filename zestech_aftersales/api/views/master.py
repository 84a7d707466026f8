"""What a seller keeps: products and their mark, service points, engineers (1.1, 2.2.1)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from cases.queries import one
from sellers import queries
from sellers.actions.engineers import add_engineer, change_engineer
from sellers.actions.points import add_point, change_point
from sellers.actions.products import mark, unmark
from sellers.models import Engineer, Product, Seller, ServicePoint
from zestech_aftersales.api import master_faces as faces
from zestech_aftersales.api.documented import documented, listed
from zestech_aftersales.api.questions import Question
from zestech_aftersales.api.views.resource import Resource

REPEATED = "idempotency_key_reused"
KEPT = ("invalid", "field_fixed", REPEATED)


class Kept(Resource):
    """Master data of a seller; needs a scope of its own."""

    scope_to_read = "seller:read"
    scope_to_write = "seller:write"

    def seller(self) -> Seller:
        """The seller that the client is bound to."""
        seller = queries.seller_of(self.by)
        if seller is None:
            raise PermissionDenied(_("Only a seller's client can do this."))
        return seller


class PointView(Kept):
    """Service points."""

    @listed("List service points", faces.ServicePointFace, Question)
    def index(self, request: Request) -> Response:
        return self.page(queries.points_for(self.by), faces.ServicePointFace, Question)

    @documented("Read a service point", answer=faces.ServicePointFace)
    def read(self, request: Request, pk: int) -> Response:
        return self.shown(faces.ServicePointFace, self._point(pk))

    @documented(
        "Add a service point",
        body=faces.ServicePointBody,
        answer=faces.ServicePointFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.2.1",),
        refusals=KEPT,
    )
    def add(self, request: Request) -> Response:
        told = self.sent(faces.ServicePointBody).validated_data
        made = add_point(ServicePoint(seller=self.seller(), **told), by=self.by, at=self.at)
        return self.shown(faces.ServicePointFace, made, HTTPStatus.CREATED)

    @documented(
        "Change a service point",
        "What is left out stays; bookings that stand are not touched.",
        body=faces.ServicePointBody,
        answer=faces.ServicePointFace,
        clauses=("2.2.1",),
        refusals=KEPT,
    )
    def change(self, request: Request, pk: int) -> Response:
        point = self._point(pk)
        told = self.sent(faces.ServicePointBody, partial=True).validated_data
        return self.shown(faces.ServicePointFace, change_point(point, told, by=self.by, at=self.at))

    def _point(self, pk: int) -> ServicePoint:
        return one(queries.points_for(self.by), pk, self.by)


class EngineerView(Kept):
    """Engineers."""

    @listed("List engineers", faces.EngineerFace, Question)
    def index(self, request: Request) -> Response:
        return self.page(queries.engineers_for(self.by), faces.EngineerFace, Question)

    @documented("Read an engineer", answer=faces.EngineerFace)
    def read(self, request: Request, pk: int) -> Response:
        return self._told(self._engineer(pk).pk)

    @documented(
        "Add an engineer",
        body=faces.EngineerBody,
        answer=faces.EngineerFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.2.1",),
        refusals=("not_a_member", *KEPT),
    )
    def add(self, request: Request) -> Response:
        told = self._fields(self.sent(faces.EngineerBody).validated_data)
        made = add_engineer(Engineer(seller=self.seller(), **told), by=self.by, at=self.at)
        return self._told(made.pk, HTTPStatus.CREATED)

    @documented(
        "Change an engineer",
        "What is left out stays; visits that stand are not touched.",
        body=faces.EngineerBody,
        answer=faces.EngineerFace,
        clauses=("2.2.1",),
        refusals=("not_a_member", *KEPT),
    )
    def change(self, request: Request, pk: int) -> Response:
        engineer = self._engineer(pk)
        told = self._fields(self.sent(faces.EngineerBody, partial=True).validated_data)
        return self._told(change_engineer(engineer, told, by=self.by, at=self.at).pk)

    def _fields(self, told: dict[str, Any]) -> dict[str, Any]:
        """The engineer's fields; the log-in is found among the seller's own people."""
        if "log_in" not in told:
            return told
        named = {name: value for name, value in told.items() if name != "log_in"}
        if not told["log_in"]:
            return named | {"user": None}
        person = queries.log_ins_of(self.seller()).filter(email__iexact=told["log_in"]).first()
        if person is None:
            raise ValidationError({"log_in": [_("There is no such thing within your reach.")]}, code="not_found")
        return named | {"user": person}

    def _engineer(self, pk: int) -> Engineer:
        return one(queries.engineers_for(self.by), pk, self.by)

    def _told(self, pk: int, status: HTTPStatus = HTTPStatus.OK) -> Response:
        [row] = self.rows(faces.EngineerFace, queries.engineers_for(self.by).filter(pk=pk))
        return Response(row, status=status)


class ProductView(Kept):
    """Products; their pages come from the shop, their mark is set and ended here."""

    @listed("List products", faces.ProductFace, faces.ProductsQuestion)
    def index(self, request: Request) -> Response:
        found = queries.with_mark_at(queries.products_for(self.by), self.at)
        return self.page(found, faces.ProductFace, faces.ProductsQuestion)

    @documented("Read a product", "With the history of its mark.", answer=faces.ProductDetail, clauses=("1.1",))
    def read(self, request: Request, pk: int) -> Response:
        product = one(queries.with_mark_at(queries.products_for(self.by), self.at), pk, self.by)
        periods = [faces.MarkPeriodFace.of(each, at=self.at) for each in product.mark_periods.all()]
        return self.shown(faces.ProductDetail, product, mark_periods=periods)

    @documented(
        "Set the mark of a product",
        "From now on, or from an instant that has come; only while the seller takes part in the programme.",
        body=faces.MarkBody,
        answer=faces.MarkPeriodFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("1.1",),
        refusals=("not_enrolled", "already_marked", "mark_in_future", "mark_reversed", REPEATED),
    )
    def mark(self, request: Request, pk: int) -> Response:
        product, told = self._product(pk), self.sent(faces.MarkBody).validated_data
        period = mark(product, **told, by=self.by, at=self.at)
        return self.shown(faces.MarkPeriodFace, period, HTTPStatus.CREATED)

    @documented(
        "End the mark of a product",
        "This instant is its last; orders placed before keep their cover (4.3).",
        body=faces.UnmarkBody,
        answer=faces.MarkPeriodFace,
        clauses=("1.1", "4.3"),
        refusals=("reason_missing", "not_marked", REPEATED),
    )
    def unmark(self, request: Request, pk: int) -> Response:
        product, told = self._product(pk), self.sent(faces.UnmarkBody).validated_data
        return self.shown(faces.MarkPeriodFace, unmark(product, reason=told["reason"], by=self.by, at=self.at))

    def _product(self, pk: int) -> Product:
        return one(queries.products_for(self.by), pk, self.by)
