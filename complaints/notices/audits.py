"""Who hears of an audit: the seller's owner and staff once there are findings, and the auditor who looks after it (3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.deadlines import settle
from complaints.audit_words import AUDIT_WORDS
from complaints.models import Audit
from complaints.notices.limits import ToldLimit
from complaints.tolling import TOLLED
from sellers.queries import people_to_tell
from zestech_aftersales.timeline.announcers import Notice, Recipient

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User
    from zestech_aftersales.timeline.models import Event

FOR_THE_SELLER = {"audit.notified", "audit.no_finding", "audit.findings", TOLLED}
# The end of the seller's time; an answer that came at the last instant may still be on its way (T10).
BY_TIME = {"audit.hearing_over"}
FOR_THE_OFFICER = {"audit.answered"}


class AuditAnnouncer:
    """Speaks for the streams `audit/...`. A seller who was told of no findings hears nothing of a clean end."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """The seller's owner and staff, or the auditor who looks after it."""
        if event.kind not in FOR_THE_SELLER | FOR_THE_OFFICER | BY_TIME:
            return
        audit = _audit_of(event)
        if event.kind in FOR_THE_OFFICER and audit.officer is not None:
            yield Recipient(audit.officer)
        if event.kind in FOR_THE_SELLER | BY_TIME and audit.notified_at is not None:
            not_before = event.effective_at + settle() if event.kind in BY_TIME else None
            for person in people_to_tell(audit.seller):
                yield Recipient(person, not_before=not_before)

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words: what was found and why, until when one can answer it, and where; None once an answer in
        time has taken back what came by time."""
        audit = _audit_of(event)
        if event.kind in BY_TIME and audit.answered_at is not None:
            return None
        words, detail = AUDIT_WORDS[event.kind], event.detail or {}
        parts = [
            str(words.sentence),
            *(f"{found['clause']}: {found['note']}" for found in detail.get("findings", ())),
            str(detail.get("reason", "")),
            ToldLimit.of(event).words,
            _("Rule %(clause)s") % {"clause": event.clause},
        ]
        return Notice(
            subject=f"{audit}: {words.headline}",
            text="\n\n".join(part for part in parts if part),
            url=_page(audit, recipient),
        )


def _page(audit: Audit, recipient: User) -> str:
    if recipient.platform_role:
        return reverse("admin:complaints_audit_change", args=[audit.pk])
    return f"/dashboard/judgement/audits/{audit.pk}/"


def _audit_of(event: Event) -> Audit:
    return Audit.objects.select_related("seller", "officer").get(pk=int(event.subject.removeprefix("audit/")))
