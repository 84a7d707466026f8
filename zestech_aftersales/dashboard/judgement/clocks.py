"""Hearings, appeals and answers as clocks in the seller's work queue, beside those of the cases."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from complaints.models import JudgementDeadline
from complaints.queries.clocks import SHOWN, clocks_of_seller
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.dashboard.judgement.complaints import complaint_url


@dataclass(frozen=True, slots=True)
class JudgedClock:
    """One running limit with the thing it belongs to and the page where it is answered."""

    limit: JudgementDeadline
    thing: object
    url: str


def clocks_in_the_queue(by: Actor) -> list[JudgedClock]:
    """What the seller can answer, the next to end first: one query, at most SHOWN rows."""
    return [_row(limit) for limit in clocks_of_seller(by)[:SHOWN]]


def _row(limit: JudgementDeadline) -> JudgedClock:
    if limit.violation is not None:
        return JudgedClock(limit, limit.violation, reverse("dashboard:violation", args=[limit.violation.pk]))
    if limit.audit is not None:
        return JudgedClock(limit, limit.audit, reverse("dashboard:audit", args=[limit.audit.pk]))
    if limit.loss_claim is not None:
        return JudgedClock(limit, limit.loss_claim, reverse("dashboard:loss", args=[limit.loss_claim.pk]))
    request = limit.evidence_request
    complaint = limit.complaint if request is None else request.complaint
    url = reverse("dashboard:judgement") if complaint is None else complaint_url(complaint)
    return JudgedClock(limit, complaint, url)
