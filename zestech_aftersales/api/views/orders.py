"""Orders and covers."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.orders import Outcome, ingest_order
from cases.cover_ends import with_longest_months
from cases.covers import bookable_methods, bookable_points, offered_services, terms_for_request
from cases.free_slots import DAYS_AHEAD, free_slots
from cases.queries import covers_for, covers_of_order, one, orders_for, services_used
from cases.units import services
from zestech_aftersales.api.bodies import OrderBody
from zestech_aftersales.api.documented import documented, listed
from zestech_aftersales.api.faces import (
    CoverDetail,
    CoverFace,
    FreeSlotFace,
    FreeSlotsFace,
    OrderDetail,
    OrderFace,
    OrderLineFace,
    PointFace,
)
from zestech_aftersales.api.questions import CoversQuestion, OrdersQuestion
from zestech_aftersales.api.service_faces import ReplacementFace
from zestech_aftersales.api.views.resource import Resource


class OrderView(Resource):
    """Orders, as the shop tells them."""

    scope_to_read = "orders:read"
    scope_to_write = "orders:write"

    @listed("List orders", OrderFace, OrdersQuestion)
    def index(self, request: Request) -> Response:
        return self.page(orders_for(self.by), OrderFace, OrdersQuestion)

    @documented("Read an order", answer=OrderDetail)
    def read(self, request: Request, pk: int) -> Response:
        order = one(orders_for(self.by), pk, self.by)
        lines = self.rows(OrderLineFace, covers_of_order(order, self.by))
        return self.shown(OrderDetail, order, lines=lines)

    @documented(
        "Send an order",
        "Safe to repeat: the order number says which order it is. A first telling creates it with its covers (201); "
        "a later one only moves it on to paid, refunded or cancelled (200), and never rewrites what was placed.",
        body=OrderBody,
        answer=OrderDetail,
        statuses=(HTTPStatus.CREATED, HTTPStatus.OK),
        clauses=("1.1", "2.3.4"),
        refusals=("order_feed_only", "unknown_sku", "instants_out_of_order", "order_differs"),
    )
    def send(self, request: Request) -> Response:
        ingested = ingest_order(self.sent(OrderBody).record(), by=self.by.with_key(""), at=self.at)
        status = HTTPStatus.CREATED if ingested.outcome == Outcome.CREATED else HTTPStatus.OK
        lines = self.rows(OrderLineFace, covers_of_order(ingested.order, self.by))
        return self.shown(OrderDetail, ingested.order, status, lines=lines)


class CoverView(Resource):
    """Covers: the time in which the seller owes service for an order line."""

    @listed("List covers", CoverFace, CoversQuestion)
    def index(self, request: Request) -> Response:
        return self.page(with_longest_months(covers_for(self.by), at=self.at), CoverFace, CoversQuestion)

    @documented(
        "List free slots",
        "The published slots of the cover's service points that have a free seat, as long as booking looks ahead. A "
        "point without published slots has none: its time is agreed on later.",
        answer=FreeSlotsFace,
        clauses=("2.2.1",),
    )
    def slots(self, request: Request, pk: int) -> Response:
        cover = one(covers_for(self.by), pk, self.by)
        found = free_slots(
            bookable_points(cover, terms_for_request(cover, self.at)), self.by, at=self.at, days=DAYS_AHEAD
        )
        return self.shown(FreeSlotsFace, cover, slots=[FreeSlotFace.of(each, at=self.at) for each in found])

    @documented(
        "Read a cover", "With the methods, services and service points a request can choose from.", answer=CoverDetail
    )
    def read(self, request: Request, pk: int) -> Response:
        cover = one(with_longest_months(covers_for(self.by).select_related("buyer"), at=self.at), pk, self.by)
        terms = terms_for_request(cover, self.at)
        told = services(cover, services_used(cover), dict(terms))
        return self.shown(
            CoverDetail,
            cover,
            terms=terms,
            methods=bookable_methods(cover, terms),
            service_types=offered_services(cover, terms),
            points=self.rows(PointFace, bookable_points(cover, terms)),
            replacements=self.rows(ReplacementFace, cover.replacements.all()),
            services={"used": told.used, "promised": told.promised},
        )
