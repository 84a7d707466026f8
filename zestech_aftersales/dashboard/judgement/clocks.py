"""Hearings, appeals and answers in the seller's work queue, among the limits of the cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import JudgementClock, JudgementDeadline
from complaints.queries.clocks import SHOWN, clocks_of_seller
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.dashboard.judgement.complaints import complaint_url
from zestech_aftersales.ui.limits import limit_card

# What is to be done under each limit; under all others the seller answers.
BUTTONS: dict[str, str | Promise] = {
    JudgementClock.APPEAL: _("Appeal"),
    JudgementClock.AUTO_ESCALATION: _("Propose"),
    JudgementClock.OBJECTION: _("Object"),
}
ANSWER = _("Answer")
LOUD = {"bad": "row-bad", "warn": "row-warn"}


@dataclass(frozen=True, slots=True)
class JudgedClock:
    """One running limit with the thing it belongs to, the page where it is met, and what is done there."""

    limit: JudgementDeadline
    thing: object
    url: str
    css: str = ""

    @property
    def button(self) -> str | Promise:
        """The words of its button."""
        return BUTTONS.get(self.limit.clock, ANSWER)


def clocks_in_the_queue(
    by: Actor, *, after: datetime | None, until: datetime | None, at: datetime
) -> tuple[list[JudgedClock], bool]:
    """What the seller can answer under the limits behind one and up to another, and whether more than SHOWN wait."""
    found = clocks_of_seller(by)
    if after is not None:
        found = found.filter(due_at__gt=after)
    if until is not None:
        found = found.filter(due_at__lte=until)
    limits = list(found[: SHOWN + 1])
    return [_row(limit, at) for limit in limits[:SHOWN]], len(limits) > SHOWN


def _row(limit: JudgementDeadline, at: datetime) -> JudgedClock:
    thing, url = _page_of(limit)
    return JudgedClock(limit, thing, url, LOUD.get(limit_card(limit, at).tone, ""))


def _page_of(limit: JudgementDeadline) -> tuple[object, str]:
    if limit.violation is not None:
        return limit.violation, reverse("dashboard:violation", args=[limit.violation.pk])
    if limit.audit is not None:
        return limit.audit, reverse("dashboard:audit", args=[limit.audit.pk])
    if limit.loss_claim is not None:
        return limit.loss_claim, reverse("dashboard:loss", args=[limit.loss_claim.pk])
    request = limit.evidence_request
    complaint = limit.complaint if request is None else request.complaint
    return complaint, reverse("dashboard:judgement") if complaint is None else complaint_url(complaint)
