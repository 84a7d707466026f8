"""What is judged: a seller is heard on violations and audits, answers losses; a buyer is heard on restrictions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions import restrictions
from cases.late_words import late_words
from cases.models import Restriction
from cases.queries import one, restrictions_for
from complaints.actions import audit_results, hearings, losses
from complaints.models import Audit, LossClaim, Violation
from complaints.queries.audits import audits_for, findings_of
from complaints.queries.clearances import clearances_for
from complaints.queries.late import kept_late
from complaints.queries.losses import ledger_for, losses_for, vouchers_for
from complaints.queries.violations import violations_for, with_missed_clock
from complaints.sums import sum_of_bar, sum_of_clearance, sums_of_thing
from sellers.bars import barred
from sellers.queries import seller_of
from zestech_aftersales.api import judgement_faces as faces
from zestech_aftersales.api.complaint_faces import ComplaintLimitFace
from zestech_aftersales.api.documented import documented, listed
from zestech_aftersales.api.limit_faces import BarFace, JudgedLimitsFace, JudgedSumFace, sums_answer, told
from zestech_aftersales.api.views.resource import Resource

REPEATED = "idempotency_key_reused"
NO_BAR: dict[str, None] = {"until": None, "open_again": None}


class Judged(Resource):
    """Needs a scope of its own: what is said here is said in a hearing."""

    scope_to_read = "judgement:read"
    scope_to_write = "judgement:write"

    def words(self) -> str:
        """What was said."""
        said: str = self.sent(faces.WordsBody).validated_data["words"]
        return said

    def limits(self, thing: Violation | Audit | LossClaim) -> list[dict[str, Any]]:
        """The limits of a thing, oldest first."""
        return self.rows(ComplaintLimitFace, thing.deadlines.order_by("id"))

    def late(self, thing: Violation | Audit | LossClaim) -> list[dict[str, Any]]:
        """What the seller said of it after his time, oldest first."""
        return [faces.LateWordsFace.of(each, at=self.at) for each in kept_late(thing)]

    def explained(self, thing: Violation | Audit | LossClaim) -> Response:
        """The limits of a thing as sums."""
        return sums_answer(sums_of_thing(thing), at=self.at)


class ViolationView(Judged):
    """Violations that the seller was told of."""

    @listed("List violations", faces.ViolationFace, faces.ViolationsQuestion)
    def index(self, request: Request) -> Response:
        return self.page(self._within_reach(), faces.ViolationFace, faces.ViolationsQuestion)

    @documented(
        "Read a violation",
        "With its hearing, its appeal and what came late.",
        answer=faces.ViolationDetail,
        clauses=("3.2",),
    )
    def read(self, request: Request, pk: int) -> Response:
        return self._told(self._violation(pk))

    @documented(
        "Answer a violation",
        "The seller is heard within the hearing; what comes later is answered with 409 and kept as late.",
        body=faces.WordsBody,
        answer=faces.ViolationDetail,
        clauses=("3.2",),
        refusals=("answer_missing", "already_answered", "hearing_over", REPEATED),
    )
    def answer(self, request: Request, pk: int) -> Response:
        violation = self._violation(pk)
        return self._told(hearings.answer(violation, self.words(), by=self.by, at=self.at))

    @documented(
        "Appeal against a violation",
        "Within the limit after the confirmation; a third person decides.",
        body=faces.WordsBody,
        answer=faces.ViolationDetail,
        clauses=("3.2",),
        refusals=("appeal_missing", "not_confirmed", "appeal_over", REPEATED),
    )
    def appeal(self, request: Request, pk: int) -> Response:
        violation = self._violation(pk)
        return self._told(hearings.appeal(violation, self.words(), by=self.by, at=self.at))

    @documented(
        "Explain the limits of a violation",
        "How the time to be heard, and to appeal once it is confirmed, is counted.",
        answer=JudgedLimitsFace,
        clauses=("3.2", "5.1"),
    )
    def explain(self, request: Request, pk: int) -> Response:
        return self.explained(self._violation(pk))

    def _violation(self, pk: int) -> Violation:
        return one(self._within_reach(), pk, self.by)

    def _within_reach(self) -> QuerySet[Violation]:
        return with_missed_clock(violations_for(self.by))

    def _told(self, violation: Violation) -> Response:
        limits, late = self.limits(violation), self.late(violation)
        return self.shown(faces.ViolationDetail, self._violation(violation.pk), limits=limits, late=late)


class AuditView(Judged):
    """Audits whose findings the seller was told of."""

    @listed("List audits", faces.AuditFace, faces.AuditsQuestion)
    def index(self, request: Request) -> Response:
        return self.page(audits_for(self.by), faces.AuditFace, faces.AuditsQuestion)

    @documented(
        "Read an audit",
        "With its findings, its hearing and what came late.",
        answer=faces.AuditDetail,
        clauses=("3.2",),
    )
    def read(self, request: Request, pk: int) -> Response:
        return self._told(self._audit(pk))

    @documented(
        "Answer an audit",
        "The seller is heard on the findings before there is a result.",
        body=faces.WordsBody,
        answer=faces.AuditDetail,
        clauses=("3.2",),
        refusals=("answer_missing", "not_asked", "already_answered", "hearing_over", REPEATED),
    )
    def answer(self, request: Request, pk: int) -> Response:
        audit = self._audit(pk)
        return self._told(audit_results.answer(audit, self.words(), by=self.by, at=self.at))

    @documented(
        "Explain the hearing of an audit",
        "How the time to be heard on its findings is counted.",
        answer=JudgedLimitsFace,
        clauses=("3.2", "5.1"),
    )
    def explain(self, request: Request, pk: int) -> Response:
        return self.explained(self._audit(pk))

    def _audit(self, pk: int) -> Audit:
        return one(audits_for(self.by), pk, self.by)

    def _told(self, audit: Audit) -> Response:
        findings = [faces.FindingFace.of(line, at=self.at) for line in findings_of(audit)]
        limits, late = self.limits(audit), self.late(audit)
        return self.shown(faces.AuditDetail, audit, findings=findings, limits=limits, late=late)


class LossView(Judged):
    """Loss claims that the seller was told of."""

    @listed("List loss claims", faces.LossFace, faces.LossesQuestion)
    def index(self, request: Request) -> Response:
        return self.page(losses_for(self.by), faces.LossFace, faces.LossesQuestion)

    @documented("Read a loss claim", "With its heads and what came late.", answer=faces.LossDetail, clauses=("3.4",))
    def read(self, request: Request, pk: int) -> Response:
        return self._told(self._claim(pk))

    @documented(
        "Answer a loss claim",
        "The seller accepts or contests it within the limit; silence leaves it not contested.",
        body=faces.LossAnswerBody,
        answer=faces.LossDetail,
        clauses=("3.4",),
        refusals=("answer_missing", "already_answered", "answer_over", REPEATED),
    )
    def answer(self, request: Request, pk: int) -> Response:
        claim, told = self._claim(pk), self.sent(faces.LossAnswerBody).validated_data
        return self._told(losses.answer(claim, told["words"], contests=told["contests"], by=self.by, at=self.at))

    @documented(
        "Read the ledger", "What all loss claims come to, by currency.", answer=faces.LedgerFace, clauses=("3.4",)
    )
    def ledger(self, request: Request) -> Response:
        lines = [
            faces.LedgerLineFace.of({"currency": line.currency, **line.written}, at=self.at)
            for line in ledger_for(self.by)
        ]
        return Response({"lines": lines})

    @documented("Read a voucher", "The bill itself, as PDF or photo.", answer=faces.VoucherDetail, clauses=("3.4",))
    def voucher(self, request: Request, pk: int, voucher: int) -> Response:
        found = one(vouchers_for(self.by).filter(claim=self._claim(pk)), voucher, self.by)
        return self.shown(faces.VoucherDetail, found)

    @documented(
        "Explain the limit of a loss claim",
        "How the time to answer it is counted.",
        answer=JudgedLimitsFace,
        clauses=("3.4", "5.1"),
    )
    def explain(self, request: Request, pk: int) -> Response:
        return self.explained(self._claim(pk))

    def _claim(self, pk: int) -> LossClaim:
        return one(losses_for(self.by), pk, self.by)

    def _told(self, claim: LossClaim) -> Response:
        items = self.rows(faces.LossItemFace, claim.items.order_by("id"))
        vouchers = self.rows(faces.VoucherFace, vouchers_for(self.by).filter(claim=claim))
        limits, late = self.limits(claim), self.late(claim)
        return self.shown(faces.LossDetail, claim, items=items, vouchers=vouchers, limits=limits, late=late)


class ClearanceView(Judged):
    """Clearances that took effect on the seller."""

    @listed("List clearances", faces.ClearanceFace, faces.ClearancesQuestion)
    def index(self, request: Request) -> Response:
        return self.page(clearances_for(self.by), faces.ClearanceFace, faces.ClearancesQuestion)

    @documented(
        "Read a clearance", "With the violations that it cites.", answer=faces.ClearanceDetail, clauses=("3.2", "4.3")
    )
    def read(self, request: Request, pk: int) -> Response:
        clearance = one(clearances_for(self.by), pk, self.by)
        cited = violations_for(self.by).filter(clearances=clearance)
        return self.shown(
            faces.ClearanceDetail, clearance, violations=self.rows(faces.ViolationFace, with_missed_clock(cited))
        )

    @documented(
        "Explain the bar of a clearance",
        "How the end of the bar is counted; a lifted clearance has none.",
        answer=JudgedLimitsFace,
        clauses=("3.2",),
    )
    def explain(self, request: Request, pk: int) -> Response:
        told = sum_of_clearance(one(clearances_for(self.by), pk, self.by))
        return sums_answer([] if told is None else [told], at=self.at)


class BarView(Judged):
    """The bar on an application of the seller."""

    @documented(
        "Read the bar on a new application",
        "Until when none is accepted, whatever clearance it comes from; for clearances of the seller's own legal "
        "entity also how it is counted.",
        answer=BarFace,
        clauses=("3.2",),
    )
    def read(self, request: Request) -> Response:
        seller = seller_of(self.by)
        if seller is None:
            raise Http404
        found = barred(seller, self.at)
        sums = [told(JudgedSumFace, sum_of_bar(bar), at=self.at) for bar in (found.own if found else ())]
        return self.shown(BarFace, found or NO_BAR, limits=sums)


class RestrictionView(Judged):
    """Restrictions of a buyer's covers, proposed or decided."""

    @listed("List restrictions", faces.RestrictionFace, faces.RestrictionsQuestion)
    def index(self, request: Request) -> Response:
        return self.page(restrictions_for(self.by), faces.RestrictionFace, faces.RestrictionsQuestion)

    @documented("Read a restriction", answer=faces.RestrictionDetail, clauses=("4.1.3",))
    def read(self, request: Request, pk: int) -> Response:
        return self._told(self._restriction(pk))

    @documented(
        "Answer a finding of abuse",
        "The buyer is heard before two auditors decide; what comes late is answered with 409 and kept as late.",
        body=faces.WordsBody,
        answer=faces.RestrictionDetail,
        clauses=("4.1.3",),
        refusals=("answer_missing", "already_answered", "hearing_over", REPEATED),
    )
    def answer(self, request: Request, pk: int) -> Response:
        found = self._restriction(pk)
        return self._told(restrictions.answer_finding(found, self.words(), by=self.by, at=self.at))

    @documented(
        "Appeal against a restriction",
        "It stands until a third auditor decides; what comes late is answered with 409 and kept as late.",
        body=faces.WordsBody,
        answer=faces.RestrictionDetail,
        clauses=("4.1.3",),
        refusals=("appeal_missing", "appeal_over", REPEATED),
    )
    def appeal(self, request: Request, pk: int) -> Response:
        found = self._restriction(pk)
        return self._told(restrictions.appeal(found, self.words(), by=self.by, at=self.at))

    def _restriction(self, pk: int) -> Restriction:
        return one(restrictions_for(self.by), pk, self.by)

    def _told(self, restriction: Restriction) -> Response:
        late = [faces.LateOfRestrictionFace.of(each, at=self.at) for each in late_words(restriction)]
        return self.shown(faces.RestrictionDetail, restriction, late=late)
