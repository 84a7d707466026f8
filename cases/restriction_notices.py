"""What a buyer is told of a restriction of his cover: that he is heard, what was decided, how to appeal (4.1.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Restriction
from zestech_aftersales.timeline.announcers import Notice, Recipient

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User
    from zestech_aftersales.timeline.models import Event

TOLD: dict[str, tuple[str | Promise, str | Promise]] = {
    "restriction.proposed": (
        gettext_lazy("You are heard before your cover is restricted"),
        gettext_lazy("Auditors look at how your cover was used. Nothing is decided yet: read the finding and answer it."),
    ),
    "restriction.in_force": (
        gettext_lazy("Your cover is restricted"),
        gettext_lazy("For some time no new service can be requested under it. What is open goes on. You can appeal."),
    ),
    "restriction.declined": (
        gettext_lazy("Your cover is not restricted"), gettext_lazy("The auditors have found no reason to restrict it."),
    ),
    "restriction.tolled": (
        gettext_lazy("You have more time: the platform was away"),
        gettext_lazy("An outage of the platform counts against nobody: your time to be heard, or to appeal, is longer by it."),
    ),
    "restriction.upheld": (
        gettext_lazy("The restriction stands"), gettext_lazy("A third auditor has decided your appeal: the restriction stands until its end."),
    ),
    "restriction.lifted": (
        gettext_lazy("The restriction is lifted"), gettext_lazy("A third auditor has decided your appeal for you: your cover is active again."),
    ),
    "restriction.ended": (
        gettext_lazy("The restriction has ended"), gettext_lazy("Your cover is active again."),
    ),
}  # fmt: skip


class RestrictionAnnouncer:
    """Speaks for the streams `restriction/...`: to the buyer only."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """The buyer of the cover; who has answered or appealed has no use for more time."""
        if event.kind not in TOLD:
            return
        restriction = _restriction_of(event)
        if event.kind == "restriction.tolled" and not restriction.reminds:
            return
        yield Recipient(restriction.cover.buyer)

    def notice(self, event: Event, _recipient: User) -> Notice | None:
        """The words, with the clause and where to answer."""
        restriction = _restriction_of(event)
        headline, sentence = TOLD[event.kind]
        return Notice(
            subject=f"{restriction.cover.order.number}: {headline}",
            text=f"{sentence}\n\n{_('Rule %(clause)s') % {'clause': event.clause}}",
            url=f"/portal/restrictions/{restriction.pk}/",
        )


def _restriction_of(event: Event) -> Restriction:
    found = Restriction.objects.select_related("cover__buyer", "cover__order")
    return found.get(pk=int(event.subject.removeprefix("restriction/")))
