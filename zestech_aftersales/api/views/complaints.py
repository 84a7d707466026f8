"""Complaints: filed and escalated by the buyer's clients; negotiated, proven and objected to by both sides'."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

from cases.queries import case_by_reference
from complaints.acceptance import Item
from complaints.actions.determinations import object_to
from complaints.actions.evidence import give_evidence
from complaints.actions.filing import file_complaint
from complaints.actions.negotiation import accept_proposal, escalate, propose, withdraw
from complaints.models import Complaint
from complaints.queries.complaints import complaint_by_reference, complaints_for, limits_of, objection_of, requests_for
from complaints.queries.filing import matters_of, trial_of
from complaints.queries.late import kept_late
from complaints.sums import sum_of_trial, sums_of_complaint
from zestech_aftersales.api import complaint_faces as faces
from zestech_aftersales.api.complaint_faces import ComplaintDetail, ComplaintFace, ComplaintsQuestion
from zestech_aftersales.api.documented import documented, listed
from zestech_aftersales.api.limit_faces import (
    FilingLimitFace,
    FilingLimitsFace,
    JudgedLimitsFace,
    JudgedSumFace,
    sums_answer,
    told,
)
from zestech_aftersales.api.views.resource import Resource, part_of

REPEATED = "idempotency_key_reused"


class ComplaintView(Resource):
    """Complaints and what the two sides do in them."""

    @listed("List complaints", ComplaintFace, ComplaintsQuestion)
    def index(self, request: Request) -> Response:
        return self.page(complaints_for(self.by), ComplaintFace, ComplaintsQuestion)

    @documented(
        "Read a complaint",
        "With its acceptance test, limits, standing proposals, decisions and what came late.",
        answer=ComplaintDetail,
    )
    def read(self, request: Request, reference: str) -> Response:
        return self._told(complaint_by_reference(reference, self.by))

    @documented(
        "File a complaint",
        "Tested item by item; one that fails an item is kept as `rejected`, with the reasons and where to go.",
        body=faces.ComplaintBody,
        answer=ComplaintDetail,
        statuses=(HTTPStatus.CREATED,),
        clauses=("3.3", "3.4"),
        refusals=("statement_required", "clause_unknown", "breach_at_invalid", "breach_unknown", REPEATED),
    )
    def file(self, request: Request, reference: str) -> Response:
        case = case_by_reference(reference, self.by)
        filed = file_complaint(case, self.sent(faces.ComplaintBody).terms(), by=self.by, at=self.at)
        return self._told(filed, HTTPStatus.CREATED)

    @documented(
        "Explain the limits of a complaint",
        "How the time to file it, to negotiate, to give evidence and to object is counted.",
        answer=JudgedLimitsFace,
        clauses=("3.3", "5.1"),
    )
    def explain(self, request: Request, reference: str) -> Response:
        return sums_answer(sums_of_complaint(complaint_by_reference(reference, self.by)), at=self.at)

    @documented(
        "Explain the time to complain",
        "For each breach that the case shows: how the time to complain of it is counted, for a complaint filed now.",
        answer=FilingLimitsFace,
        clauses=("3.3", "5.1"),
    )
    def explain_filing(self, request: Request, reference: str) -> Response:
        case = case_by_reference(reference, self.by)
        trials = [trial_of(case, matter, at=self.at) for matter in matters_of(case, at=self.at)]
        sums = [(trial, sum_of_trial(case, trial, at=self.at)) for trial in trials]
        return Response(
            {
                "breaches": [
                    FilingLimitFace.of(trial.matter, at=self.at, limit=told(JudgedSumFace, sum_, at=self.at))
                    for trial, sum_ in sums
                ]
            }
        )

    @documented(
        "Propose a settlement", "It stands beside the other side's; the same text from both settles.",
        body=faces.ProposalBody, answer=ComplaintDetail, clauses=("3.4",), refusals=("proposal_required", REPEATED),
    )  # fmt: skip
    def propose(self, request: Request, reference: str) -> Response:
        complaint = complaint_by_reference(reference, self.by)
        text = self.sent(faces.ProposalBody).validated_data["text"]
        return self._told(propose(complaint, text, by=self.by, at=self.at))

    @documented(
        "Accept a proposal", "Names the hash of the text that was read; both sides on one text settle the complaint.",
        body=faces.AcceptProposalBody, answer=ComplaintDetail, clauses=("3.4",),
        refusals=("proposal_changed", "own_proposal", REPEATED),
    )  # fmt: skip
    def accept(self, request: Request, reference: str) -> Response:
        complaint = complaint_by_reference(reference, self.by)
        told = self.sent(faces.AcceptProposalBody).validated_data
        return self._told(accept_proposal(complaint, **told, by=self.by, at=self.at))

    @documented(
        "Escalate a complaint", "From the instant after the negotiation's end.",
        body=faces.NothingBody, answer=ComplaintDetail, clauses=("3.4",),
        refusals=("too_early", "already_escalated", REPEATED),
    )  # fmt: skip
    def escalate(self, request: Request, reference: str) -> Response:
        complaint = complaint_by_reference(reference, self.by)
        self.sent(faces.NothingBody)
        return self._told(escalate(complaint, by=self.by, at=self.at))

    @documented(
        "Withdraw a complaint", body=faces.WithdrawBody, answer=ComplaintDetail, clauses=("3.3",), refusals=(REPEATED,)
    )
    def withdraw(self, request: Request, reference: str) -> Response:
        complaint = complaint_by_reference(reference, self.by)
        reason = self.sent(faces.WithdrawBody).validated_data["reason"]
        return self._told(withdraw(complaint, reason, by=self.by, at=self.at))

    @documented(
        "Give evidence",
        "Answers a request of the platform; it stands in the thread of the case, for both sides to read. What comes too late is answered with 409 and kept as late.",
        body=faces.EvidenceAnswerBody, answer=ComplaintDetail, clauses=("3.3",),
        refusals=("evidence_required", "already_answered", "evidence_over", REPEATED),
    )  # fmt: skip
    def evidence(self, request: Request, reference: str) -> Response:
        complaint, sent = complaint_by_reference(reference, self.by), self.sent(faces.EvidenceAnswerBody)
        told = sent.validated_data
        asked = part_of(requests_for(self.by).filter(complaint=complaint), told["request"], "request")
        return self._told(give_evidence(asked, told["words"], photos=sent.photos_sent(), by=self.by, at=self.at))

    @documented(
        "Object to a decision",
        "The one objection of either side, with new evidence; another officer decides anew. What comes too late is answered with 409 and kept as late.",
        body=faces.ObjectionBody, answer=ComplaintDetail, clauses=("3.3",),
        refusals=("objection_required", "evidence_required", "already_objected", "objection_over", REPEATED),
    )  # fmt: skip
    def object(self, request: Request, reference: str) -> Response:
        complaint, sent = complaint_by_reference(reference, self.by), self.sent(faces.ObjectionBody)
        told = sent.validated_data
        done = object_to(complaint, told["text"], told["evidence"], photos=sent.photos_sent(), by=self.by, at=self.at)
        return self._told(done)

    def _told(self, complaint: Complaint, status: int = HTTPStatus.OK) -> Response:
        items = [Item.from_json(kept) for kept in complaint.acceptance]
        objected = objection_of(complaint)
        body = ComplaintDetail.of(
            complaint,
            at=self.at,
            acceptance=[faces.AcceptanceItemFace.of(item, at=self.at) for item in items],
            limits=[faces.ComplaintLimitFace.of(limit, at=self.at) for limit in limits_of(complaint)],
            proposals=self.rows(faces.ProposalFace, complaint.proposals.filter(replaced_at=None).order_by("id")),
            determinations=self.rows(faces.DeterminationFace, complaint.determinations.order_by("id")),
            objection=None if objected is None else faces.ObjectionFace.of(objected, at=self.at),
            evidence_requests=self.rows(faces.EvidenceRequestFace, complaint.evidence_requests.order_by("id")),
            late=[faces.LateFace.of(each, at=self.at) for each in kept_late(complaint)],
        )
        return Response(body, status=status)
