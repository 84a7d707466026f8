"""The complaints about a seller's services, for its owner and staff (3.3, 3.4)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from complaints.matters import matter_words
from complaints.models import Complaint, JudgementDeadline
from complaints.queries.clocks import clocks_of_seller
from complaints.queries.complaints import complaints_for
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.dashboard.judgement.sections import JudgedRow, Section
from zestech_aftersales.dashboard.people import member
from zestech_aftersales.pages.complaints import ComplaintPages

complaint_pages = ComplaintPages("dashboard", member)


def complaint_url(complaint: Complaint) -> str:
    """Where the seller reads it."""
    return reverse("dashboard:complaint", args=[complaint.reference])


def _found(by: Actor) -> QuerySet[Complaint]:
    return complaints_for(by).order_by("-id")


def _lines(found: Sequence[Complaint], by: Actor) -> list[JudgedRow]:
    running: dict[int, JudgementDeadline] = {}
    for limit in clocks_of_seller(by).filter(Q(complaint__in=found) | Q(evidence_request__complaint__in=found)):
        about = limit.complaint or (limit.evidence_request and limit.evidence_request.complaint)
        if about is not None:
            running.setdefault(about.pk, limit)
    return [_row(complaint, running.get(complaint.pk)) for complaint in found]


def _row(complaint: Complaint, limit: JudgementDeadline | None) -> JudgedRow:
    return JudgedRow(
        thing=complaint,
        url=complaint_url(complaint),
        title=matter_words(complaint.breach),
        clause=complaint.clause,
        at=complaint.filed_at,
        limit=limit,
        under=complaint.case.reference,
    )


SECTION = Section(
    "complaints",
    gettext_lazy("Complaints"),
    gettext_lazy("What buyers complain of. Both sides try to settle first; then the platform decides."),
    _found,
    _lines,
)
