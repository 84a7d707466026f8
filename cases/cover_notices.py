"""What a buyer is told of the end of his cover when a promise is judged anew (2.3.3, 2.3.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cases.cover_ends import end_for
from cases.models import Cover
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.ui.instants import instant_words

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User
    from zestech_aftersales.timeline.models import Event


class CoverAnnouncer:
    """Speaks for the streams `order/...`: to the buyer, where the end of a cover has moved."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """The buyer of the cover; the seller hears of the judgement itself."""
        if event.kind == "cover.put_right" and (event.before or {})["ends_at"] != (event.after or {})["ends_at"]:
            yield Recipient(_cover_of(event).buyer)

    def notice(self, event: Event, _recipient: User) -> Notice | None:
        """The end that counts now, with the reason and the clause."""
        cover = _cover_of(event)
        ends_at = end_for(cover, event.recorded_at)
        if ends_at is None:
            return None
        reason = (event.detail or {}).get("reason")
        parts = [
            _("A promise of the seller was judged anew. For requests that you make from now on the cover of %(line)s ends: %(end)s")
            % {"line": cover.line.title, "end": instant_words(ends_at)},
            _("Reason: %(reason)s") % {"reason": reason} if reason else "",
            _("Rule %(clause)s") % {"clause": event.clause},
        ]  # fmt: skip
        return Notice(
            subject=_("%(order)s: the end of your cover has moved") % {"order": cover.order.number},
            text="\n\n".join(part for part in parts if part),
            url=f"/portal/covers/{cover.pk}/promises/",
        )


def _cover_of(event: Event) -> Cover:
    found = Cover.objects.select_related("buyer", "order", "line")
    return found.get(pk=int(event.subject.removeprefix("cover/")))
