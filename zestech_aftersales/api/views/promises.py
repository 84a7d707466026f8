"""Promises said in a case's thread, recorded by either side (2.3.3)."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.promises import record_promise
from cases.models import ChatPromise
from cases.promises import chat_promises_for
from cases.queries import case_by_reference, one
from zestech_aftersales.api.documented import documented, listed
from zestech_aftersales.api.promise_faces import PromiseBody, PromiseDetail, PromiseFace, PromisesQuestion, TermFace
from zestech_aftersales.api.views.resource import Resource, part_of


class PromiseView(Resource):
    """Commitments in communication, each with its message."""

    @listed("List promises", PromiseFace, PromisesQuestion)
    def index(self, request: Request) -> Response:
        return self.page(chat_promises_for(self.by), PromiseFace, PromisesQuestion)

    @documented("Read a promise", "With its terms and the verdict on each.", answer=PromiseDetail)
    def read(self, request: Request, pk: int) -> Response:
        return self._told(one(chat_promises_for(self.by).select_related("message__case"), pk, self.by))

    @documented(
        "Record a promise",
        "A message of the seller's side is a promise to this buyer, split into terms; either side records it. What "
        "the seller records is judged at once, what the buyer reports waits for an auditor.",
        body=PromiseBody,
        answer=PromiseDetail,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.3.3",),
        refusals=(
            "not_the_sellers_word", "statement_missing", "terms_missing", "terms_twice", "already_recorded",
            "idempotency_key_reused",
        ),
    )  # fmt: skip
    def record(self, request: Request, reference: str) -> Response:
        case = case_by_reference(reference, self.by)
        told = self.sent(PromiseBody).validated_data
        message = part_of(case.messages.select_related("case"), told["message"], "message")
        made = record_promise(message, told["terms"], by=self.by, at=self.at)
        return self._told(made, HTTPStatus.CREATED)

    def _told(self, promise: ChatPromise, status: HTTPStatus = HTTPStatus.OK) -> Response:
        terms = self.rows(TermFace, promise.commitment.terms.order_by("id"))
        return self.shown(PromiseDetail, promise, status, terms=terms)
