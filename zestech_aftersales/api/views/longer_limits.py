"""Longer limits for one request: asked for by the seller, accepted or declined by the buyer."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.longer_limits import accept_longer_limit, decline_longer_limit, propose_longer_limit
from cases.models import LongerLimit
from cases.queries import appointments_for, longer_limits_of, one
from zestech_aftersales.api.bodies import AcceptLongerLimitBody, DeclineLongerLimitBody, LongerLimitBody
from zestech_aftersales.api.case_faces import LongerLimitFace
from zestech_aftersales.api.documented import documented
from zestech_aftersales.api.views.resource import Resource, part_of

EXPIRY = ("deadline_passed", "idempotency_key_reused")


class LongerLimitView(Resource):
    """A longer limit binds once the buyer has accepted it before the limit was due."""

    @documented(
        "Ask for a longer limit",
        "The seller proposes another length for one of his running limits, in its own unit, counted from its start. "
        "The limit runs on as it is.",
        body=LongerLimitBody,
        answer=LongerLimitFace,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.3.3",),
        refusals=("limit_not_longer", "limit_not_running", "reason_required", *EXPIRY),
    )
    def propose(self, request: Request, pk: int) -> Response:
        appointment = one(appointments_for(self.by), pk, self.by)
        told = self.sent(LongerLimitBody).validated_data
        deadline = part_of(appointment.deadlines.all(), told["deadline"], "deadline")
        made = propose_longer_limit(deadline, told["amount"], told["reason"], by=self.by, at=self.at)
        return self.shown(LongerLimitFace, made, HTTPStatus.CREATED)

    @documented(
        "Accept a longer limit",
        "The buyer's own yes, at or before the due instant: the limit is counted with the longer length, for this "
        "request alone.",
        body=AcceptLongerLimitBody,
        answer=LongerLimitFace,
        clauses=("2.3.3",),
        refusals=("longer_limit_not_standing", *EXPIRY),
    )
    def accept(self, request: Request, pk: int) -> Response:
        asked = self._asked(pk, self.sent(AcceptLongerLimitBody).validated_data["longer_limit"])
        return self.shown(LongerLimitFace, accept_longer_limit(asked, by=self.by, at=self.at))

    @documented(
        "Decline a longer limit",
        "The limit stays what it is.",
        body=DeclineLongerLimitBody,
        answer=LongerLimitFace,
        clauses=("2.3.3",),
        refusals=("longer_limit_not_standing", *EXPIRY),
    )
    def decline(self, request: Request, pk: int) -> Response:
        told = self.sent(DeclineLongerLimitBody).validated_data
        asked = self._asked(pk, told["longer_limit"])
        return self.shown(LongerLimitFace, decline_longer_limit(asked, told["answer"], by=self.by, at=self.at))

    def _asked(self, pk: int, wanted: int) -> LongerLimit:
        return part_of(longer_limits_of(one(appointments_for(self.by), pk, self.by)), wanted, "longer_limit")
