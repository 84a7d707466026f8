"""Exclusion claims: filed and proven by the seller, read by both sides, decided by auditors (4.1.1 to 4.1.3)."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.exclusions import add_proof, end_event, file_claim, withdraw_claim
from cases.models import ExclusionClaim
from cases.queries import appointments_for, claims_for, one
from zestech_aftersales.api.bodies import ReasonBody
from zestech_aftersales.api.claim_faces import ClaimBody, ClaimFace, ClaimsQuestion, EndBody, ProofBody
from zestech_aftersales.api.documented import documented, listed
from zestech_aftersales.api.views.resource import Resource

REPEATED = "idempotency_key_reused"


class ClaimView(Resource):
    """Claims reach one request and the time concerned."""

    @listed("List claims", ClaimFace, ClaimsQuestion)
    def index(self, request: Request) -> Response:
        return self.page(claims_for(self.by), ClaimFace, ClaimsQuestion)

    @documented("Read a claim", answer=ClaimFace)
    def read(self, request: Request, pk: int) -> Response:
        return self._told(self._claim(pk))

    @documented(
        "Claim an exclusion",
        "For force majeure, the buyer's own reasons or an abuse. A claim of force majeure in time lets the named "
        "limits stand still until it is decided; without a photo its proof is awaited. A claim that fails on its "
        "instants alone is answered with 409 and kept as rejected.",
        body=ClaimBody,
        answer=ClaimFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("4.1.1", "4.1.2", "4.1.3"),
        refusals=("claim_incomplete", "claim_open", "request_ended", "already_late", "notice_too_late", REPEATED),
    )
    def file(self, request: Request, pk: int) -> Response:
        appointment = one(appointments_for(self.by), pk, self.by)
        filed = file_claim(appointment, self.sent(ClaimBody).terms(), by=self.by, at=self.at)
        return self._told(filed, HTTPStatus.CREATED)

    @documented(
        "Prove a claim",
        "In words or photos, within the limit; the claim goes to an auditor.",
        body=ProofBody,
        answer=ClaimFace,
        clauses=("4.1.2",),
        refusals=("proof_missing", "deadline_passed", REPEATED),
    )
    def prove(self, request: Request, pk: int) -> Response:
        claim, sent = self._claim(pk), self.sent(ProofBody)
        statement = sent.validated_data["statement"]
        return self._told(add_proof(claim, statement, sent.photos_sent(), by=self.by, at=self.at))

    @documented(
        "End the event of a claim",
        "An event that still lasted is over: the limits that stood still run on from then.",
        body=EndBody,
        answer=ClaimFace,
        clauses=("4.1.2",),
        refusals=("end_known", "end_invalid", REPEATED),
    )
    def end(self, request: Request, pk: int) -> Response:
        claim = self._claim(pk)
        ends_at = self.sent(EndBody).validated_data["ends_at"]
        return self._told(end_event(claim, ends_at, by=self.by, at=self.at))

    @documented(
        "Withdraw a claim",
        "Before it is decided: its pauses are as if they had never been.",
        body=ReasonBody,
        answer=ClaimFace,
        clauses=("4.1.1", "4.1.2", "4.1.3"),
        refusals=(REPEATED,),
    )
    def withdraw(self, request: Request, pk: int) -> Response:
        claim = self._claim(pk)
        reason = self.sent(ReasonBody).validated_data["reason"]
        return self._told(withdraw_claim(claim, reason=reason, by=self.by, at=self.at))

    def _claim(self, pk: int) -> ExclusionClaim:
        return one(claims_for(self.by), pk, self.by)

    def _told(self, claim: ExclusionClaim, status: HTTPStatus = HTTPStatus.OK) -> Response:
        return self.shown(ClaimFace, claim, status)
