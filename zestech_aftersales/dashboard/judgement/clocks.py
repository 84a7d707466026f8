"""Hearings, appeals and answers in the seller's work queue, among the limits of the cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import JudgementClock, JudgementDeadline
from complaints.queries.clocks import clocks_of_seller
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.dashboard.judgement.complaints import complaint_url
from zestech_aftersales.desk.counting import COUNTED
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
    title: str | Promise
    url: str
    css: str = ""

    @property
    def button(self) -> str | Promise:
        """The words of its button."""
        return BUTTONS.get(self.limit.clock, ANSWER)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the seller can answer under a limit, the next to end first: one query, to one over COUNTED."""

    limits: list[JudgementDeadline]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.limits)

    @property
    def has_more(self) -> bool:
        """Whether more run than were read: those the lists of each kind have alone."""
        return self.count > COUNTED

    def ending_by(self, instant: datetime) -> int:
        """How many of them end by an instant."""
        return sum(limit.due_at is not None and limit.due_at <= instant for limit in self.limits)

    def between(self, after: datetime | None, until: datetime | None, *, at: datetime) -> list[JudgedClock]:
        """Those behind one limit and up to another: on the pages of the queue together all that were read."""
        found = [
            limit
            for limit in self.limits
            if limit.due_at is not None
            and (after is None or limit.due_at > after)
            and (until is None or limit.due_at <= until)
        ]
        return [_row(limit, at) for limit in found]


def heard_by(by: Actor) -> Heard:
    """Read it for whoever speaks for a seller."""
    return Heard(list(clocks_of_seller(by)[: COUNTED + 1]))


def _row(limit: JudgementDeadline, at: datetime) -> JudgedClock:
    thing, title, url = _page_of(limit)
    return JudgedClock(limit, thing, title, url, LOUD.get(limit_card(limit, at).tone, ""))


def _page_of(limit: JudgementDeadline) -> tuple[object, str | Promise, str]:
    if limit.violation is not None:
        violation = limit.violation
        return violation, violation.get_kind_display(), reverse("dashboard:violation", args=[violation.pk])
    if limit.audit is not None:
        return limit.audit, _("Findings of an audit"), reverse("dashboard:audit", args=[limit.audit.pk])
    if limit.loss_claim is not None:
        return limit.loss_claim, _("Loss claim"), reverse("dashboard:loss", args=[limit.loss_claim.pk])
    request = limit.evidence_request
    complaint = limit.complaint if request is None else request.complaint
    url = reverse("dashboard:judgement") if complaint is None else complaint_url(complaint)
    return complaint, _("Complaint"), url
