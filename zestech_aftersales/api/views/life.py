"""The buyer's word at the end: sign a service off or object, close a case or take it up again, ask what is unclear."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.acknowledged import acknowledge_answer
from cases.actions.case_life import close_case, reopen_case
from cases.actions.disclose import find_unclear
from cases.actions.sign_offs import object_to, sign_off
from cases.queries import appointments_for, case_by_reference, one, sign_off_of
from zestech_aftersales.api.bodies import ReasonBody
from zestech_aftersales.api.case_faces import CaseFace, MessageFace
from zestech_aftersales.api.documented import documented
from zestech_aftersales.api.service_bodies import NothingBody
from zestech_aftersales.api.views.resource import Resource, part_of
from zestech_aftersales.api.visit_faces import AcknowledgeAnswerBody, DoubtFace, SignOffFace, UnclearBody

REPEATED = "idempotency_key_reused"


class SignOffView(Resource):
    """The buyer's sign-off of a completed service."""

    @documented("Read a sign-off", "There is one once a service is completed.", answer=SignOffFace, clauses=("2.1.1",))
    def read(self, request: Request, pk: int) -> Response:
        found = sign_off_of(one(appointments_for(self.by), pk, self.by))
        if found is None:
            raise Http404
        return self.shown(SignOffFace, found)

    @documented(
        "Sign a service off",
        "The buyer confirms what the report says; a case that waits for nothing else is closed.",
        body=NothingBody,
        answer=SignOffFace,
        clauses=("2.1.1",),
        refusals=("not_awaited", REPEATED),
    )
    def sign(self, request: Request, pk: int) -> Response:
        appointment = one(appointments_for(self.by), pk, self.by)
        self.sent(NothingBody)
        return self.shown(SignOffFace, sign_off(appointment, by=self.by, at=self.at))

    @documented(
        "Object to a report",
        "The buyer says in time what is not done: the case is open again.",
        body=ReasonBody,
        answer=SignOffFace,
        clauses=("2.1.1",),
        refusals=("reason_required", "not_awaited", "deadline_passed", REPEATED),
    )
    def refuse(self, request: Request, pk: int) -> Response:
        appointment = one(appointments_for(self.by), pk, self.by)
        reason = self.sent(ReasonBody).validated_data["reason"]
        return self.shown(SignOffFace, object_to(appointment, reason, by=self.by, at=self.at))


class CaseLifeView(Resource):
    """A case beyond its appointments."""

    @documented(
        "Close a case",
        "The buyer wants nothing more in it; it can be reopened inside the cover.",
        body=NothingBody,
        answer=CaseFace,
        clauses=("2.3.4",),
        refusals=("still_open", "already_closed", "case_merged", REPEATED),
    )
    def close(self, request: Request, reference: str) -> Response:
        case = case_by_reference(reference, self.by)
        self.sent(NothingBody)
        return self.shown(CaseFace, close_case(case, by=self.by, at=self.at))

    @documented(
        "Reopen a case",
        "The buyer takes it up again inside the cover: the fault is back. A limit begins with the next request.",
        body=ReasonBody,
        answer=CaseFace,
        clauses=("2.3.4",),
        refusals=("reason_required", "not_covered", "cover_expired", "already_open_case", "case_merged", REPEATED),
    )
    def reopen(self, request: Request, reference: str) -> Response:
        case = case_by_reference(reference, self.by)
        reason = self.sent(ReasonBody).validated_data["reason"]
        return self.shown(CaseFace, reopen_case(case, reason, by=self.by, at=self.at))


class AnswerView(Resource):
    """An answer of the seller that the buyer acknowledges."""

    @documented(
        "Acknowledge an answer",
        "After a deemed refusal the buyer says that the seller's answer had reached him in time, when, and what it "
        "said. Kept as evidence; once support has classified it as an offer or a confirmation it counts from that "
        "instant, and the refusal is taken back.",
        body=AcknowledgeAnswerBody,
        answer=MessageFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.3.1", "2.3.2"),
        refusals=("message_empty", "not_deemed_refused", "already_acknowledged", "answer_outside_limit", REPEATED),
    )
    def acknowledge(self, request: Request, pk: int) -> Response:
        appointment = one(appointments_for(self.by), pk, self.by)
        told = self.sent(AcknowledgeAnswerBody).validated_data
        kept = acknowledge_answer(appointment, told["words"], told["answered_at"], by=self.by, at=self.at)
        return self.shown(MessageFace, kept, HTTPStatus.CREATED, attachments=[])


class DoubtView(Resource):
    """What the buyer finds unclear in a disclosure."""

    @documented(
        "Ask about an unclear item",
        "The buyer asks about one of the four items; a newer version answers. In a dispute an item in doubt counts as "
        "the rules infer it.",
        body=UnclearBody,
        answer=DoubtFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("3.1",),
        refusals=("item_unknown", "question_missing", "already_asked", "version_replaced", REPEATED),
    )
    def ask(self, request: Request, pk: int) -> Response:
        appointment = one(appointments_for(self.by), pk, self.by)
        told = self.sent(UnclearBody).validated_data
        disclosure = part_of(appointment.disclosures.all(), told["disclosure"], "disclosure")
        asked = find_unclear(disclosure, told["item"], told["question"], by=self.by, at=self.at)
        return self.shown(DoubtFace, asked, HTTPStatus.CREATED)
