"""Who hears of a clearance: the people of the cleared entity once it took effect, and the auditors who are to act (3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Clearance
from complaints.queries.clearances import cleared_sellers, who_may_sign
from sellers.queries import people_to_tell
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.ui.instants import instant_words

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User
    from zestech_aftersales.timeline.models import Event


@dataclass(frozen=True, slots=True)
class Words:
    """A headline and what it means; `for_seller`: the cleared entity hears of it, else the auditors who may sign."""

    headline: str | Promise
    sentence: str | Promise
    for_seller: bool = False


CLEARANCE_WORDS = {
    "clearance.proposed": Words(
        gettext_lazy("A clearance waits for a second auditor"),
        gettext_lazy("Another auditor has proposed to clear a seller. Read the violations and approve or decline."),
    ),
    "clearance.declined": Words(
        gettext_lazy("Clearance declined"), gettext_lazy("A second auditor has declined it. The seller stays as it is.")
    ),
    "clearance.in_force": Words(
        gettext_lazy("You are cleared from the after-sales programme"),
        gettext_lazy(
            "Two auditors have decided it. Your marks have ended and no application is accepted until the bar has"
            " ended. Every order placed under the mark stays as it is: you remain liable until its cover ends (4.3)."
            " Against each violation you can appeal within its time."
        ),
        for_seller=True,
    ),
    "clearance.under_review": Words(
        gettext_lazy("A clearance is to be reviewed"),
        gettext_lazy(
            "A violation that it cites stands no longer, others do. Its two auditors decide whether it stands."
        ),
    ),
    "clearance.review_proposed": Words(
        gettext_lazy("The outcome of a review waits for you"),
        gettext_lazy("The other auditor has proposed how the review ends. Agree or disagree."),
    ),
    "clearance.review_disagreed": Words(
        gettext_lazy("No agreement in the review"), gettext_lazy("The proposed outcome was not agreed to.")
    ),
    "clearance.stands": Words(
        gettext_lazy("Your clearance stands"),
        gettext_lazy("A violation that it cited stands no longer. Its two auditors have reviewed it: it stands."),
        for_seller=True,
    ),
    "clearance.lifted": Words(
        gettext_lazy("Your clearance is lifted"),
        gettext_lazy(
            "This corrects what you were told before: clearance and bar are as if they had never been. Where you took"
            " part, you take part again, and your products bear the mark again from now on."
        ),
        for_seller=True,
    ),
}
TOLD_TO_AUDITORS = {"clearance.proposed", "clearance.under_review", "clearance.review_proposed"}


class ClearanceAnnouncer:
    """Speaks for the streams `clearance/...`. Nobody outside hears of a proposal."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """The people of the cleared entity at once, or the auditors who can take the next step."""
        words = CLEARANCE_WORDS.get(event.kind)
        if words is None:
            return
        clearance = _clearance_of(event)
        if words.for_seller:
            for seller in cleared_sellers(clearance):
                for person in people_to_tell(seller):
                    yield Recipient(person, at_once=True)
        elif event.kind in TOLD_TO_AUDITORS:
            for person in who_may_sign(clearance):
                yield Recipient(person)

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words with the reasons, the end of the bar and the clause; None once there is nothing left to sign."""
        clearance, words, detail = _clearance_of(event), CLEARANCE_WORDS[event.kind], event.detail or {}
        if not words.for_seller and recipient not in who_may_sign(clearance):
            return None
        ends_at = parse_datetime(detail["bar_ends_at"]) if "bar_ends_at" in detail else None
        reason = clearance.reason if event.kind == "clearance.in_force" else detail.get("reason", "")
        parts = [
            str(words.sentence),
            _("The bar ends: %(instant)s.") % {"instant": instant_words(ends_at)} if ends_at else "",
            _("Reasons: %(reason)s") % {"reason": reason} if reason else "",
            _("Rule %(clause)s") % {"clause": event.clause},
        ]
        return Notice(
            subject=str(words.headline) if words.for_seller else f"{clearance}: {words.headline}",
            text="\n\n".join(part for part in parts if part),
            url="/dashboard/programme/" if words.for_seller else _desk(clearance),
        )


def _desk(clearance: Clearance) -> str:
    return reverse("admin:complaints_clearance_change", args=[clearance.pk])


def _clearance_of(event: Event) -> Clearance:
    found = Clearance.objects.select_related("seller", "decision", "review_decision")
    return found.get(pk=int(event.subject.removeprefix("clearance/")))
