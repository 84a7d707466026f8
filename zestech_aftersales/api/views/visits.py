"""Around a visit: who did not come, other dates, the link of a session (2.2.1, 2.3.1, 4.1.1)."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.new_dates import accept_new_date, decline_new_date, propose_new_date
from cases.actions.no_shows import dispute_no_show, report_broken_off, report_buyer_no_show, report_seller_no_show
from cases.actions.substitutes import send_another_engineer
from cases.actions.video_sessions import give_video_link
from cases.models import DateProposal, ServiceAppointment, Visit
from cases.queries import appointments_for, one, proposed_dates_for
from sellers.queries import engineers_for
from zestech_aftersales.api import visit_faces as faces
from zestech_aftersales.api.bodies import chosen
from zestech_aftersales.api.case_faces import VisitFace
from zestech_aftersales.api.documented import documented, listed
from zestech_aftersales.api.views.resource import Resource, part_of

REPEATED = "idempotency_key_reused"
MISSED = ("evidence_required", "too_early", "date_not_agreed", "not_planned", "deadline_passed", "lapsed", REPEATED)
DATED = ("proposal_not_standing", "deadline_passed", "lapsed", REPEATED)


class VisitView(Resource):
    """What happens to a visit besides its service; an appointment shows its visits."""

    @documented(
        "Report that nobody came",
        "The buyer reports it after the agreed time and the grace. The appointment stays confirmed; a fresh limit "
        "begins for the seller to offer a new date.",
        body=faces.EvidenceBody,
        answer=VisitFace,
        clauses=("2.3.1",),
        refusals=MISSED,
    )
    def report_seller_no_show(self, request: Request, pk: int) -> Response:
        return self._reported(report_seller_no_show, pk)

    @documented(
        "Report that the buyer was not there",
        "The seller reports it after the agreed begin and the grace. The service stays owed; whether the buyer's "
        "reasons exclude it is decided on a claim.",
        body=faces.EvidenceBody,
        answer=VisitFace,
        clauses=("4.1.1",),
        refusals=MISSED,
    )
    def report_buyer_no_show(self, request: Request, pk: int) -> Response:
        return self._reported(report_buyer_no_show, pk)

    @documented(
        "Report that the work was broken off",
        "The buyer reports that the engineer left before the work was done. The appointment is confirmed again; a fresh "
        "limit begins for the seller to offer a new date.",
        body=faces.EvidenceBody,
        answer=VisitFace,
        clauses=("2.3.1",),
        refusals=("evidence_required", "too_early", "not_under_way", REPEATED),
    )
    def report_broken_off(self, request: Request, pk: int) -> Response:
        return self._reported(report_broken_off, pk)

    @documented(
        "Dispute a no-show",
        "The side that is said not to have come, or to have left, says otherwise; both accounts stay on the record.",
        body=faces.EvidenceBody,
        answer=VisitFace,
        clauses=("2.3.1",),
        refusals=("evidence_required", "no_such_no_show", REPEATED),
    )
    def dispute_no_show(self, request: Request, pk: int) -> Response:
        return self._reported(dispute_no_show, pk)

    @documented(
        "Give the video link",
        "The seller gives the link of a planned session, or another one. No limit moves.",
        body=faces.VideoLinkBody,
        answer=VisitFace,
        clauses=("2.2.1",),
        refusals=("video_link_invalid", "not_planned", REPEATED),
    )
    def give_video_link(self, request: Request, pk: int) -> Response:
        told = self.sent(faces.VideoLinkBody).validated_data
        visit = self._visit(pk, told["visit"])
        return self.shown(VisitFace, give_video_link(visit, told["video_url"], by=self.by, at=self.at))

    @documented(
        "Send another engineer",
        "Somebody else of the seller's comes to a visit that is planned; its date and place stay, no limit moves, and "
        "the buyer is told who comes.",
        body=faces.AnotherEngineerBody,
        answer=VisitFace,
        clauses=("2.2.1", "2.3.1"),
        refusals=(
            "nobody_named", "engineer_of_another", "engineer_unfit", "engineer_booked", "same_engineer", "not_planned",
            "deadline_passed", "lapsed", REPEATED,
        ),
    )  # fmt: skip
    def send_another_engineer(self, request: Request, pk: int) -> Response:
        told = self.sent(faces.AnotherEngineerBody).validated_data
        visit = self._visit(pk, told["visit"])
        engineer: Any = chosen(engineers_for(self.by), told["engineer"], "engineer")
        who = {"engineer": engineer, "contact_name": told["contact_name"], "reason": told["reason"]}
        return self.shown(VisitFace, send_another_engineer(visit, **who, by=self.by, at=self.at))

    def _reported(self, step: Callable[..., Visit], pk: int) -> Response:
        sent = self.sent(faces.EvidenceBody)
        visit = self._visit(pk, sent.validated_data["visit"])
        evidence = sent.validated_data["evidence"]
        return self.shown(VisitFace, step(visit, evidence, photos=sent.photos_sent(), by=self.by, at=self.at))

    def _visit(self, pk: int, wanted: int) -> Visit:
        return part_of(one(appointments_for(self.by), pk, self.by).visits.all(), wanted, "visit")


class DateView(Resource):
    """Other dates: one side proposes, the other says yes or no."""

    @listed("List proposed dates", faces.ProposedDateFace, faces.ProposedDatesQuestion)
    def index(self, request: Request) -> Response:
        return self.page(proposed_dates_for(self.by), faces.ProposedDateFace, faces.ProposedDatesQuestion)

    @documented(
        "Propose another date",
        "Either side, for a visit that is planned, was missed or was not enough, or for an agreed date that the seller "
        "has not confirmed; it replaces what was proposed before. Of the seller it meets the limit in which he owes a "
        "date, and he may name who comes then. Nothing moves before the other side's yes.",
        body=faces.ProposeDateBody,
        answer=faces.ProposedDateFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.3.1",),
        refusals=(
            "windows_invalid", "no_visit_to_move", "slot_taken", "point_unfit", "engineer_of_another", "engineer_unfit",
            "engineer_booked",
            "deadline_passed", "lapsed", REPEATED,
        ),
    )  # fmt: skip
    def propose(self, request: Request, pk: int) -> Response:
        appointment, sent = self._appointment(pk), self.sent(faces.ProposeDateBody)
        told = {"reason": sent.validated_data["reason"], **self._who_comes(sent)}
        made = propose_new_date(appointment, sent.proposed(), **told, by=self.by, at=self.at)
        return self.shown(faces.ProposedDateFace, made, HTTPStatus.CREATED)

    @documented(
        "Accept a proposed date",
        "The other side's yes to one of the windows: the new visit is planned; one that was planned before is put off. "
        "The answer is that visit. Before the seller has confirmed there is none yet: the answer is the proposed date. "
        "A seller may name who comes then.",
        body=faces.AcceptDateBody,
        answer=faces.VisitOrDate,
        clauses=("2.3.1",),
        refusals=(
            "window_required", "window_past", "slot_taken", "hold_expired", "engineer_of_another", "engineer_unfit",
            "engineer_booked", *DATED,
        ),
    )  # fmt: skip
    def accept(self, request: Request, pk: int) -> Response:
        sent = self.sent(faces.AcceptDateBody)
        proposal, window = self._proposal(pk, sent.validated_data["date"]), sent.validated_data["window"]
        made = accept_new_date(proposal, window=window, **self._who_comes(sent), by=self.by, at=self.at)
        return self.shown(VisitFace if isinstance(made, Visit) else faces.ProposedDateFace, made)

    @documented(
        "Decline a proposed date",
        "The other side's no, with what would suit it; a planned visit stays planned.",
        body=faces.DeclineDateBody,
        answer=faces.ProposedDateFace,
        clauses=("2.3.1",),
        refusals=("wish_required", *DATED),
    )
    def decline(self, request: Request, pk: int) -> Response:
        told = self.sent(faces.DeclineDateBody).validated_data
        proposal = self._proposal(pk, told["date"])
        return self.shown(faces.ProposedDateFace, decline_new_date(proposal, told["wish"], by=self.by, at=self.at))

    def _appointment(self, pk: int) -> ServiceAppointment:
        return one(appointments_for(self.by), pk, self.by)

    def _who_comes(self, sent: faces.WhoComesBody) -> dict[str, Any]:
        told = sent.validated_data
        engineer = chosen(engineers_for(self.by), told["engineer"], "engineer")
        return {"engineer": engineer, "contact_name": told["contact_name"]}

    def _proposal(self, pk: int, wanted: int) -> DateProposal:
        return part_of(self._appointment(pk).proposals.all(), wanted, "date")
