"""The service itself: parts told before a visit, shipments, replaced units."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.parts import list_parts
from cases.actions.shipments import (
    announce_shipment,
    correct_tracking,
    end_shipment,
    receive,
    report_missing,
    ship,
)
from cases.actions.units import replace_unit
from cases.cover_ends import with_longest_months
from cases.models import Shipment, ShipmentState
from cases.queries import appointments_for, case_by_reference, covers_for, one, shipments_for
from zestech_aftersales.api.bodies import ReasonBody
from zestech_aftersales.api.documented import documented
from zestech_aftersales.api.faces import CoverFace
from zestech_aftersales.api.service_bodies import AnnounceBody, NothingBody, ParcelBody, PartsBody, UnitBody
from zestech_aftersales.api.service_faces import ListedPartFace, PartsListFace, ShipmentFace
from zestech_aftersales.api.views.resource import Resource


class PartsView(Resource):
    """The parts that a visit will need."""

    @documented(
        "Tell the parts",
        "The seller tells before the visit which parts it needs, who brings them and who pays. Another list is a new "
        "version; the old one stays. A charge that the disclosure does not name is marked for the buyer.",
        body=PartsBody,
        answer=PartsListFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.1.1", "3.1"),
        refusals=("parts_incomplete", "after_the_visit", "idempotency_key_reused"),
    )
    def tell(self, request: Request, pk: int) -> Response:
        appointment = one(appointments_for(self.by), pk, self.by)
        made = list_parts(appointment, self.sent(PartsBody).terms(), by=self.by, at=self.at)
        parts = self.rows(ListedPartFace, made.parts.order_by("position"))
        return self.shown(PartsListFace, made, HTTPStatus.CREATED, parts=parts)


class UnitView(Resource):
    """Units that were replaced."""

    @documented(
        "Record a replaced unit",
        "The new unit inherits what is left of the cover, to the same end; later requests are about it.",
        body=UnitBody,
        answer=CoverFace,
        clauses=("2.3.4",),
        refusals=("unit_incomplete", "idempotency_key_reused"),
    )
    def replace(self, request: Request, reference: str) -> Response:
        case = case_by_reference(reference, self.by)
        cover = replace_unit(case, self.sent(UnitBody).unit(), by=self.by, at=self.at)
        return self.shown(CoverFace, one(with_longest_months(covers_for(self.by), at=self.at), cover.pk, self.by))


class ShipmentView(Resource):
    """Shipments of spare parts and accessories; a case shows its own."""

    @documented(
        "Announce a shipment",
        "The seller tells what the buyer will be sent. It stops no limit.",
        body=AnnounceBody,
        answer=ShipmentFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.1.1",),
        refusals=("contents_required", "idempotency_key_reused"),
    )
    def announce(self, request: Request, reference: str) -> Response:
        case = case_by_reference(reference, self.by)
        told = self.sent(AnnounceBody).validated_data
        made = announce_shipment(case, told["kind"], told["contents"], by=self.by, at=self.at)
        return self.shown(ShipmentFace, made, HTTPStatus.CREATED)

    @documented("Read a shipment", answer=ShipmentFace)
    def read(self, request: Request, pk: int) -> Response:
        return self.shown(ShipmentFace, self._shipment(pk))

    @documented(
        "Send a shipment",
        "It is on its way, with carrier, tracking number and, if there is one, an https link.",
        body=ParcelBody,
        answer=ShipmentFace,
        clauses=("2.1.1",),
        refusals=("shipment_incomplete", "idempotency_key_reused"),
    )
    def ship(self, request: Request, pk: int) -> Response:
        return self.shown(
            ShipmentFace, ship(self._shipment(pk), self.sent(ParcelBody).parcel(), by=self.by, at=self.at)
        )

    @documented(
        "Correct the tracking of a shipment",
        "Another carrier, tracking number or link than was told while it is on its way; the earlier one stays in the "
        "history.",
        body=ParcelBody,
        answer=ShipmentFace,
        clauses=("2.1.1",),
        refusals=("shipment_incomplete", "not_on_its_way", "idempotency_key_reused"),
    )
    def correct(self, request: Request, pk: int) -> Response:
        shipment, parcel = self._shipment(pk), self.sent(ParcelBody).parcel()
        return self.shown(ShipmentFace, correct_tracking(shipment, parcel, by=self.by, at=self.at))

    @documented(
        "Receive a shipment",
        "The buyer confirms that it has come; also after it was given up for lost.",
        body=NothingBody,
        answer=ShipmentFace,
        clauses=("2.1.1",),
        refusals=("idempotency_key_reused",),
    )
    def receive(self, request: Request, pk: int) -> Response:
        shipment = self._shipment(pk)
        self.sent(NothingBody)
        return self.shown(ShipmentFace, receive(shipment, by=self.by, at=self.at))

    @documented(
        "Report a shipment missing",
        "The buyer says that it has not come; it stays on its way until the seller knows more, and may still turn up.",
        body=ReasonBody,
        answer=ShipmentFace,
        clauses=("2.1.1",),
        refusals=("reason_required", "not_on_its_way", "idempotency_key_reused"),
    )
    def report_missing(self, request: Request, pk: int) -> Response:
        shipment, told = self._shipment(pk), self.sent(ReasonBody).validated_data
        return self.shown(ShipmentFace, report_missing(shipment, told["reason"], by=self.by, at=self.at))

    @documented(
        "Give a shipment up",
        "The seller says that it is lost; what was inside is still owed.",
        body=ReasonBody,
        answer=ShipmentFace,
        clauses=("2.1.1",),
        refusals=("reason_required", "idempotency_key_reused"),
    )
    def lose(self, request: Request, pk: int) -> Response:
        return self._ended(pk, ShipmentState.LOST)

    @documented(
        "Take a shipment back",
        "The seller says that it came back to him; what was inside is still owed.",
        body=ReasonBody,
        answer=ShipmentFace,
        clauses=("2.1.1",),
        refusals=("reason_required", "idempotency_key_reused"),
    )
    def take_back(self, request: Request, pk: int) -> Response:
        return self._ended(pk, ShipmentState.RETURNED)

    def _ended(self, pk: int, outcome: str) -> Response:
        shipment, told = self._shipment(pk), self.sent(ReasonBody).validated_data
        return self.shown(ShipmentFace, end_shipment(shipment, outcome, told["reason"], by=self.by, at=self.at))

    def _shipment(self, pk: int) -> Shipment:
        return one(shipments_for(self.by), pk, self.by)
