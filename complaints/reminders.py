"""The limits of the judgement of which people are reminded: who can still answer, and what follows if he does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.reminders.kind import Hearers, Kind, Said
from cases.reminders.ladder import SellersLadder
from complaints.models import Complaint, JudgementClock, JudgementDeadline, JudgementReminder
from zestech_aftersales.accounts.models import User

BUYER, SELLER = "buyer", "seller"
AT_ITS_END = {
    JudgementClock.HEARING: _("Without an answer by then it is decided without one."),
    JudgementClock.APPEAL: _("After that the decision can no longer be appealed."),
    JudgementClock.AUTO_ESCALATION: _("After that the complaint goes to the platform by itself."),
    JudgementClock.EVIDENCE: _("Without an answer by then the complaint is decided on file."),
    JudgementClock.OBJECTION: _("Without an objection by then the decision stands and the complaint is closed."),
    JudgementClock.LOSS_ANSWER: _("Without an answer by then the claim counts as not contested."),
}
THINGS = ("violation", "audit", "complaint", "evidence_request__complaint", "loss_claim")


def _complaint_of(row: JudgementDeadline) -> Complaint | None:
    return row.complaint if row.evidence_request is None else row.evidence_request.complaint


def _seller_of(row: JudgementDeadline) -> int:
    thing: Any = row.violation or row.audit or row.loss_claim or _complaint_of(row)
    return int(thing.seller_id)


def _sides(row: JudgementDeadline) -> tuple[str, ...]:
    """Who can still use the time: both sides of a complaint, the side that was asked, the seller of all else."""
    if row.evidence_request is not None:
        return (row.evidence_request.side,)
    return (SELLER,) if row.complaint is None else (BUYER, SELLER)


class _WhoCanAnswer(Hearers[JudgementDeadline]):
    def __init__(self, rows: Sequence[JudgementDeadline]) -> None:
        self.sellers = SellersLadder({_seller_of(row) for row in rows})

    def of(self, row: JudgementDeadline, step: int) -> list[User]:
        sides, complaint = _sides(row), _complaint_of(row)
        told = self.sellers.hearers(_seller_of(row), step) if SELLER in sides else []
        if complaint is not None and BUYER in sides and complaint.buyer.is_active:
            told = [complaint.buyer, *told]
        return told


class JudgementLimits(Kind[JudgementDeadline]):
    """Hearings, appeals, negotiations, requests for evidence, objections, answers to losses (3.2 to 3.4)."""

    stream, subject, record, link = "judgement-limit", "judgement-limit", JudgementReminder, "limit"

    def rows(self) -> QuerySet[JudgementDeadline]:
        return JudgementDeadline.objects.select_related(
            *THINGS, "complaint__buyer", "evidence_request__complaint__buyer"
        )

    def hearers(self, rows: Sequence[JudgementDeadline]) -> Hearers[JudgementDeadline]:
        return _WhoCanAnswer(rows)

    def clock(self, row: JudgementDeadline) -> str:
        return row.kind

    def said(self, row: JudgementDeadline, person: User) -> Said | None:
        complaint, then = _complaint_of(row), str(AT_ITS_END[JudgementClock(row.clock)])
        if complaint is not None:
            page = "portal/complaints" if person.pk == complaint.buyer_id else "dashboard/judgement/complaints"
            return Said(complaint.reference, then, f"/{page}/{complaint.reference}/")
        for page, thing in (("violations", row.violation), ("audits", row.audit), ("losses", row.loss_claim)):
            if thing is not None:
                return Said(str(thing), then, f"/dashboard/judgement/{page}/{thing.pk}/")
        return None


LIMITS_OF_THE_JUDGEMENT = JudgementLimits()
