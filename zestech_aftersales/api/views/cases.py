"""Cases with their thread, and the limits of everything."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.messages import write
from cases.models import Message
from cases.queries import (
    case_by_reference,
    cases_for,
    deadlines_for,
    history_of,
    merged_into,
    messages_in,
    one,
    shipments_of,
)
from zestech_aftersales.api.bodies import MessageBody
from zestech_aftersales.api.case_faces import (
    AppointmentFace,
    AttachmentFace,
    CaseDetail,
    CaseFace,
    DeadlineFace,
    EventFace,
    MessageFace,
)
from zestech_aftersales.api.documented import documented, listed
from zestech_aftersales.api.questions import CasesQuestion, DeadlinesQuestion
from zestech_aftersales.api.service_faces import ShipmentFace
from zestech_aftersales.api.views.resource import Resource


class CaseView(Resource):
    """Service cases: one fault of one order line each."""

    @listed("List cases", CaseFace, CasesQuestion)
    def index(self, request: Request) -> Response:
        return self.page(cases_for(self.by), CaseFace, CasesQuestion)

    @documented("Read a case", "With its appointments, its thread and its history.", answer=CaseDetail)
    def read(self, request: Request, reference: str) -> Response:
        case = case_by_reference(reference, self.by)
        return self.shown(
            CaseDetail,
            case,
            appointments=self.rows(AppointmentFace, case.appointments.order_by("id")),
            messages=[self._message(message) for message in messages_in(case)],
            shipments=self.rows(ShipmentFace, shipments_of(case)),
            merged=self.rows(CaseFace, merged_into(case)),
            history=self.rows(EventFace, history_of(case)),
        )

    @documented(
        "Write a message",
        "A plain message is no effective response: the clocks run on.",
        body=MessageBody,
        answer=MessageFace,
        statuses=(HTTPStatus.CREATED,),
        refusals=("message_empty", "case_merged", "idempotency_key_reused"),
    )
    def write(self, request: Request, reference: str) -> Response:
        case = case_by_reference(reference, self.by)
        sent = self.sent(MessageBody)
        body = sent.validated_data["body"]
        message = write(case, body, photos=sent.photos_sent(), by=self.by, at=self.at)
        return Response(self._message(message), status=HTTPStatus.CREATED)

    def _message(self, message: Message) -> dict[str, object]:
        photos = [AttachmentFace.of(photo, at=self.at) for photo in message.attachments.all()]
        return MessageFace.of(message, at=self.at, attachments=photos)


class DeadlineView(Resource):
    """The clocks of the appointments."""

    @listed("List deadlines", DeadlineFace, DeadlinesQuestion)
    def index(self, request: Request) -> Response:
        return self.page(deadlines_for(self.by), DeadlineFace, DeadlinesQuestion)

    @documented("Read a deadline", answer=DeadlineFace)
    def read(self, request: Request, pk: int) -> Response:
        return self.shown(DeadlineFace, one(deadlines_for(self.by).select_related("appointment__case"), pk, self.by))
