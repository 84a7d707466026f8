"""Who hears of a violation: the seller's owner and staff, and the auditor who looks after it (3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.deadlines import settle
from complaints.models import Violation
from complaints.notices.limits import ToldLimit
from complaints.queries.assignments import auditors
from complaints.tolling import TOLLED
from complaints.words import VIOLATION_WORDS, ended_because
from sellers.queries import people_to_tell
from zestech_aftersales.timeline.announcers import Notice, Recipient

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User
    from zestech_aftersales.timeline.models import Event

FOR_THE_SELLER = {
    "violation.notified",
    "violation.confirmed",
    "violation.dismissed",
    "violation.opened_again",
    "violation.upheld",
    "violation.overturned",
    "violation.fell",
    TOLLED,
}
# The end of the seller's time; an answer that came at the last instant may still be on its way (T10).
BY_TIME = {"violation.hearing_over": "answered_at", "violation.appeal_over": "appealed_at"}
FOR_THE_OFFICER = {"violation.answered", "violation.appealed"}
# Somebody has to look at it, whoever it is: all of them while nobody looks after it.
FOR_AN_AUDITOR = {"violation.complaint_reviewed"}


class ViolationAnnouncer:
    """Speaks for the streams `violation/...`. A seller who was never told of a candidate hears nothing of its end."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """The seller's owner and staff, or the auditor who looks after it."""
        if event.kind not in FOR_THE_SELLER | FOR_THE_OFFICER | FOR_AN_AUDITOR | BY_TIME.keys():
            return
        violation = _violation_of(event)
        if event.kind in FOR_THE_OFFICER and violation.officer is not None:
            yield Recipient(violation.officer)
        if event.kind in FOR_AN_AUDITOR:
            for auditor in auditors() if violation.officer is None else [violation.officer]:
                yield Recipient(auditor)
        if event.kind in FOR_THE_SELLER | BY_TIME.keys() and violation.notified_at is not None:
            not_before = event.effective_at + settle() if event.kind in BY_TIME else None
            for person in people_to_tell(violation.seller):
                yield Recipient(person, not_before=not_before)

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words: what was decided and why, until when one can answer it, and where; None once an answer in
        time has taken back what came by time."""
        violation = _violation_of(event)
        if event.kind in BY_TIME and getattr(violation, BY_TIME[event.kind]) is not None:
            return None
        words, detail = VIOLATION_WORDS[event.kind], event.detail or {}
        because = ended_because(violation) if "code" in detail else ""
        parts = [
            str(words.sentence),
            because,
            str(detail.get("reference", "")),
            str(detail.get("reason", "")),
            ToldLimit.of(event).words,
            _("Rule %(clause)s") % {"clause": event.clause},
        ]
        return Notice(
            subject=f"{violation}: {words.headline}",
            text="\n\n".join(part for part in parts if part),
            url=_page(violation, recipient),
        )


def _page(violation: Violation, recipient: User) -> str:
    if recipient.platform_role:
        return reverse("admin:complaints_violation_change", args=[violation.pk])
    return f"/dashboard/judgement/violations/{violation.pk}/"


def _violation_of(event: Event) -> Violation:
    found = Violation.objects.select_related("seller", "officer")
    return found.get(pk=int(event.subject.removeprefix("violation/")))
