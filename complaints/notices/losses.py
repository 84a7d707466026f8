"""Who hears of a loss claim: the seller's owner and staff, and of his answer who drafted it (3.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.deadlines import settle
from complaints.loss_words import LOSS_WORDS
from complaints.models import LossClaim
from complaints.notices.limits import ToldLimit
from complaints.tolling import TOLLED
from sellers.queries import people_to_tell
from zestech_aftersales.timeline.announcers import Notice, Recipient

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User
    from zestech_aftersales.timeline.models import Event

FOR_THE_SELLER = {
    "loss.notified", "loss.uncontested", "loss.adjusted", "loss.final", "loss.recovered", "loss.written_off",
    "loss.withdrawn", "loss.paid_back", TOLLED,
}  # fmt: skip
SILENCE = "loss.uncontested"
FOR_THE_DRAFTER = {"loss.accepted", "loss.contested"}


class LossAnnouncer:
    """Speaks for the streams `loss/...`. A seller who was never told of a draft hears nothing of its end."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """The seller's owner and staff, or who drafted it."""
        if event.kind not in FOR_THE_SELLER | FOR_THE_DRAFTER:
            return
        claim = _claim_of(event)
        if event.kind in FOR_THE_DRAFTER:
            yield Recipient(claim.drafted_by)
        elif claim.notified_at is not None:
            # By time: an answer that came at the last instant may still be on its way (T10).
            not_before = event.effective_at + settle() if event.kind == SILENCE else None
            for person in people_to_tell(claim.seller):
                yield Recipient(person, not_before=not_before)

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words: how much, why, until when it can be answered, and where; None once a silence was taken back."""
        claim, words, detail = _claim_of(event), LOSS_WORDS[event.kind], event.detail or {}
        if event.kind == SILENCE and claim.answered_at is not None:
            return None
        parts = [
            str(words.sentence),
            ", ".join(detail.get("totals", [])),
            str(detail.get("reason", "") or detail.get("reference", "")),
            ToldLimit.of(event).words,
            _("Rule %(clause)s") % {"clause": event.clause},
        ]
        page = (
            reverse("admin:complaints_lossclaim_change", args=[claim.pk])
            if recipient.platform_role
            else f"/dashboard/judgement/losses/{claim.pk}/"
        )
        return Notice(f"{claim}: {words.headline}", "\n\n".join(part for part in parts if part), page)


def _claim_of(event: Event) -> LossClaim:
    found = LossClaim.objects.select_related("seller", "drafted_by")
    return found.get(pk=int(event.subject.removeprefix("loss/")))
