"""Appointments: requested by the buyer, answered by the seller, confirmed, served."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.answers import accept, counter
from cases.actions.bookings import request_service
from cases.actions.cancel import cancel
from cases.actions.confirm import confirm
from cases.actions.disclose import acknowledge, disclose
from cases.actions.offers import offer, refuse, revise
from cases.actions.rulings import flag
from cases.actions.visits import check_in, complete
from cases.covers import bookable_points, terms_for_request
from cases.models import Offer, ServiceAppointment, Visit
from cases.offer_rulings import said_in
from cases.permissions import may_see_contact
from cases.queries import (
    appointments_for,
    case_by_reference,
    covers_for,
    longer_limits_of,
    needed_parts,
    one,
    used_parts,
)
from cases.terms import DisclosureItems
from sellers.queries import engineers_for, points_for
from zestech_aftersales.api import bodies
from zestech_aftersales.api.case_faces import (
    AppointmentDetail,
    AppointmentFace,
    DeadlineFace,
    DisclosureFace,
    LongerLimitFace,
    OfferFace,
    SaidFace,
    VisitFace,
)
from zestech_aftersales.api.documented import documented, listed
from zestech_aftersales.api.questions import AppointmentsQuestion
from zestech_aftersales.api.service_bodies import ReportBody
from zestech_aftersales.api.service_faces import ListedPartFace, UsedPartFace
from zestech_aftersales.api.views.resource import Resource, part_of

ENGINEER = ("engineer_unfit", "engineer_booked")
EXPIRY = ("deadline_passed", "lapsed", "idempotency_key_reused")


class AppointmentView(Resource):
    """Service appointments and everything that is done to them."""

    @listed("List appointments", AppointmentFace, AppointmentsQuestion)
    def index(self, request: Request) -> Response:
        return self.page(appointments_for(self.by), AppointmentFace, AppointmentsQuestion)

    @documented("Read an appointment", "With its limits, offers, disclosures and visits.", answer=AppointmentDetail)
    def read(self, request: Request, pk: int) -> Response:
        appointment = self._appointment(pk)
        hidden: dict[str, Any] = {} if may_see_contact(appointment, self.by) else {"address": "", "phone": ""}
        return self.shown(
            AppointmentDetail,
            appointment,
            deadlines=self.rows(DeadlineFace, appointment.deadlines.order_by("id")),
            offers=self.rows(OfferFace, appointment.offers.order_by("id")),
            rulings=[SaidFace.of(each, at=self.at) for each in said_in(appointment)],
            disclosures=self.rows(DisclosureFace, appointment.disclosures.order_by("version")),
            visits=self.rows(VisitFace, appointment.visits.order_by("number")),
            needed_parts=self.rows(ListedPartFace, needed_parts(appointment)),
            used_parts=self.rows(UsedPartFace, used_parts(appointment)),
            longer_limits=self.rows(LongerLimitFace, longer_limits_of(appointment)),
            **hidden,
        )

    @documented(
        "Request service",
        "The buyer asks for service under a cover. The instant the request is received starts every limit of it: the "
        "effective response and the confirmation of a door visit, the solution at a service point or by video.",
        body=bodies.RequestBody,
        answer=AppointmentFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.2.1", "2.3.1", "2.3.2", "2.3.4"),
        refusals=(
            "not_covered", "cover_expired", "method_not_offered", "service_not_offered", "point_required",
            "slot_not_published", "slot_taken", "hold_expired", "already_open", "case_merged", "case_of_another_line", "idempotency_key_reused",
        ),
    )  # fmt: skip
    def request_service(self, request: Request) -> Response:
        sent = self.sent(bodies.RequestBody)
        cover = one(covers_for(self.by), sent.validated_data["cover"], self.by)
        reference = sent.validated_data["case"]
        case = case_by_reference(reference, self.by) if reference else None
        wanted = sent.request(bookable_points(cover, terms_for_request(cover, self.at)))
        made = request_service(cover, wanted, case=case, by=self.by, at=self.at)
        return self.shown(AppointmentFace, made, HTTPStatus.CREATED)

    @documented(
        "Make an offer",
        "The seller's effective response: method, service, at least one visit window or a dated next step, a named "
        "person or service point, price terms; at a service point and by video also the four items of 3.1. "
        "On time it meets the limit. A late one is answered with 409 `deadline_passed`, kept as late, and may still "
        "be accepted by the buyer.",
        body=bodies.OfferBody,
        answer=OfferFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.3.1", "2.3.2", "3.1"),
        refusals=(
            "offer_incomplete",
            "disclosure_incomplete",
            "already_proposed",
            "slot_taken",
            "point_unfit",
            "video_link_invalid",
            *ENGINEER,
            *EXPIRY,
        ),
    )
    def offer(self, request: Request, pk: int) -> Response:
        appointment = self._appointment(pk)
        terms = self.sent(bodies.OfferBody).terms(engineers=engineers_for(self.by), points=points_for(self.by))
        return self.shown(OfferFace, offer(appointment, terms, by=self.by, at=self.at), HTTPStatus.CREATED)

    @documented(
        "Revise an offer",
        "Replaces the seller's standing offer, naming it; the buyer has the full time to decide again.",
        body=bodies.ReviseBody,
        answer=OfferFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.3.1", "2.3.2", "3.1"),
        refusals=(
            "offer_not_standing",
            "offer_incomplete",
            "disclosure_incomplete",
            "slot_taken",
            "point_unfit",
            "video_link_invalid",
            *ENGINEER,
            *EXPIRY,
        ),
    )
    def revise(self, request: Request, pk: int) -> Response:
        sent = self.sent(bodies.ReviseBody)
        standing = self._offer(pk, sent.validated_data["replaces"])
        terms = sent.terms(engineers=engineers_for(self.by), points=points_for(self.by))
        return self.shown(OfferFace, revise(standing, terms, by=self.by, at=self.at), HTTPStatus.CREATED)

    @documented(
        "Accept an offer",
        "The side that did not make it accepts; `window` is the position of the chosen visit window, from 0. "
        "For a service point or video this confirms the appointment. Accepting a late offer goes on with the "
        "service; the breach stays on the record.",
        body=bodies.AcceptBody,
        answer=AppointmentFace,
        clauses=("2.3.1", "2.3.2"),
        refusals=(
            "offer_not_standing",
            "window_required",
            "window_past",
            "slot_taken",
            "hold_expired",
            "disclosure_incomplete",
            *ENGINEER,
            *EXPIRY,
        ),
    )
    def accept(self, request: Request, pk: int) -> Response:
        told = self.sent(bodies.AcceptBody).validated_data
        standing = self._offer(pk, told["offer"])
        return self.shown(AppointmentFace, accept(standing, window=told["window"], by=self.by, at=self.at))

    @documented(
        "Make a counter-offer",
        "The buyer answers an offer with another time or wish; a fresh limit for the seller begins.",
        body=bodies.CounterBody,
        answer=OfferFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.3.1",),
        refusals=("offer_not_standing", "counter_incomplete", "windows_invalid", *EXPIRY),
    )
    def counter(self, request: Request, pk: int) -> Response:
        sent = self.sent(bodies.CounterBody)
        standing = self._offer(pk, sent.validated_data["offer"])
        wish = sent.validated_data["wish"]
        made = counter(standing, windows=sent.proposed(), wish=wish, by=self.by, at=self.at)
        return self.shown(OfferFace, made, HTTPStatus.CREATED)

    @documented(
        "Flag an offer",
        "The buyer holds an offer unreasonable and says why; an auditor rules on it. Meanwhile the limits stand still.",
        body=bodies.FlagBody,
        answer=OfferFace,
        clauses=("2.3.1",),
        refusals=("offer_not_standing", "reason_required", *EXPIRY),
    )
    def flag(self, request: Request, pk: int) -> Response:
        told = self.sent(bodies.FlagBody).validated_data
        flagged = flag(self._offer(pk, told["offer"]), told["reason"], by=self.by, at=self.at)
        return self.shown(OfferFace, flagged)

    @documented(
        "Refuse",
        "The seller refuses, or drops out of what was agreed: refused at once. Inside the cover that is a breach.",
        body=bodies.ReasonBody,
        answer=AppointmentFace,
        clauses=("2.3.1", "2.3.4"),
        refusals=("reason_required", *EXPIRY),
    )
    def refuse(self, request: Request, pk: int) -> Response:
        reason = self.sent(bodies.ReasonBody).validated_data["reason"]
        return self.shown(AppointmentFace, refuse(self._appointment(pk), reason, by=self.by, at=self.at))

    @documented(
        "Cancel",
        "The buyer cancels; at or before the due instant that leaves no violation, afterwards the refusal stays.",
        body=bodies.ReasonBody,
        answer=AppointmentFace,
        clauses=("2.3.1", "2.3.2"),
        refusals=EXPIRY,
    )
    def cancel(self, request: Request, pk: int) -> Response:
        reason = self.sent(bodies.ReasonBody).validated_data["reason"]
        return self.shown(AppointmentFace, cancel(self._appointment(pk), reason, by=self.by, at=self.at))

    @documented(
        "Disclose",
        "The seller tells the four items of 3.1; a changed text is a new version, the old one stays.",
        body=bodies.DisclosureBody,
        answer=DisclosureFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("3.1",),
        refusals=("disclosure_incomplete", "idempotency_key_reused"),
    )
    def disclose(self, request: Request, pk: int) -> Response:
        items = DisclosureItems(**self.sent(bodies.DisclosureBody).validated_data)
        made = disclose(self._appointment(pk), items, by=self.by, at=self.at)
        return self.shown(DisclosureFace, made, HTTPStatus.CREATED)

    @documented(
        "Acknowledge a disclosure",
        "The buyer says that he has read a version.",
        body=bodies.AcknowledgeBody,
        answer=DisclosureFace,
        clauses=("3.1",),
        refusals=("idempotency_key_reused",),
    )
    def acknowledge(self, request: Request, pk: int) -> Response:
        wanted = self.sent(bodies.AcknowledgeBody).validated_data["disclosure"]
        told = part_of(self._appointment(pk).disclosures.all(), wanted, "disclosure")
        return self.shown(DisclosureFace, acknowledge(told, by=self.by, at=self.at))

    @documented(
        "Confirm a door visit",
        "The seller confirms the agreed visit within the natural days of 2.3.1; the four items of 3.1 must have "
        "been told before, or come along.",
        body=bodies.ConfirmBody,
        answer=AppointmentFace,
        clauses=("2.3.1", "3.1"),
        refusals=("disclosure_incomplete", "confirmed_by_acceptance", "engineer_of_another", *ENGINEER, *EXPIRY),
    )
    def confirm(self, request: Request, pk: int) -> Response:
        sent = self.sent(bodies.ConfirmBody)
        appointment = self._appointment(pk)
        engineer: Any = bodies.chosen(engineers_for(self.by), sent.validated_data.get("engineer"), "engineer")
        named = sent.validated_data["contact_name"]
        done = confirm(appointment, items=sent.items(), engineer=engineer, contact_name=named, by=self.by, at=self.at)
        return self.shown(AppointmentFace, done)

    @documented(
        "Check in",
        "A visit begins, not long before its agreed time; blocked until the four items of 3.1 were told.",
        body=bodies.VisitBody,
        answer=VisitFace,
        clauses=("2.3.1", "3.1"),
        refusals=("too_early", "disclosure_incomplete", "idempotency_key_reused"),
    )
    def check_in(self, request: Request, pk: int) -> Response:
        visit = self._visit(pk, self.sent(bodies.VisitBody).validated_data["visit"])
        return self.shown(VisitFace, check_in(visit, by=self.by, at=self.at))

    @documented(
        "Complete a visit",
        "Ends a visit with its report; `another` proposes a time for the next visit instead of completing the "
        "service: it is planned once the buyer has accepted it among the proposed dates.",
        body=ReportBody,
        answer=AppointmentFace,
        clauses=("2.1.1",),
        refusals=(
            "report_required",
            "parts_incomplete",
            "unit_incomplete",
            "window_past",
            "slot_taken",
            "point_unfit",
            *ENGINEER,
            "idempotency_key_reused",
        ),
    )
    def complete(self, request: Request, pk: int) -> Response:
        sent = self.sent(ReportBody)
        visit = self._visit(pk, sent.validated_data["visit"])
        report = sent.validated_data["report"]
        done = complete(visit, report, details=sent.details(), another=sent.next_window(), by=self.by, at=self.at)
        return self.shown(AppointmentFace, done)

    def _appointment(self, pk: int) -> ServiceAppointment:
        return one(appointments_for(self.by), pk, self.by)

    def _offer(self, pk: int, wanted: int) -> Offer:
        return part_of(self._appointment(pk).offers.all(), wanted, "offer")

    def _visit(self, pk: int, wanted: int) -> Visit:
        return part_of(self._appointment(pk).visits.all(), wanted, "visit")
