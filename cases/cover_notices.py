"""What a buyer is told of the end of his cover when a promise is judged (1.1, 2.3.3, 2.3.4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cases.cover_ends import COVER_PUT_RIGHT
from cases.models import Cover, CoverState
from cases.pinned_promises import COVER_REACHED
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.ui.instants import instant_words

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User
    from zestech_aftersales.timeline.models import Event


OWED = (CoverState.ACTIVE, CoverState.RESTRICTED)
ADMITTED = (CoverState.PENDING, CoverState.ACTIVE)


class CoverAnnouncer:
    """Speaks for the streams `order/...`: to the buyer, where a cover was found, or the end of a standing one moved."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """The buyer of the cover; the seller hears of the judgement itself."""
        if event.kind in (COVER_REACHED, COVER_PUT_RIGHT) and (_is_admitted(event) or _has_moved(event)):
            yield Recipient(_cover_of(event).buyer)

    def notice(self, event: Event, _recipient: User) -> Notice:
        """The cover or its end as it counts now, with the reason and the clause."""
        cover, reason = _cover_of(event), (event.detail or {}).get("reason")
        subject, said = _found(event, cover) if _is_admitted(event) else _moved(event, cover)
        judged = (
            _("A promise of the seller was judged anew.")
            if event.kind == COVER_PUT_RIGHT
            else _("The platform has judged what the seller had promised before your order.")
        )
        parts = [
            f"{judged} {said}",
            _("Reason: %(reason)s") % {"reason": reason} if reason else "",
            _("Rule %(clause)s") % {"clause": event.clause},
        ]
        return Notice(
            subject=subject,
            text="\n\n".join(part for part in parts if part),
            url=f"/portal/covers/{cover.pk}/promises/",
        )


def _is_admitted(event: Event) -> bool:
    before, after = (event.before or {}).get("state"), (event.after or {}).get("state")
    is_found = before == CoverState.NOT_COVERED and after in ADMITTED
    return is_found and (after == CoverState.PENDING or _is_ahead(event))


def _has_moved(event: Event) -> bool:
    """Whether the end for a request of now is another one, of a cover that stands and was not over either way."""
    before, after = event.before or {}, event.after or {}
    has_moved = before.get("owed_until") != after.get("owed_until")
    return after.get("state") in OWED and has_moved and _is_ahead(event)


def _is_ahead(event: Event) -> bool:
    """Whether the cover goes on by one of the two ends at least."""
    ends = [(told or {}).get("owed_until") for told in (event.before, event.after)]
    return any(end and on_time(event.recorded_at, datetime.fromisoformat(end)) for end in ends)


def _found(event: Event, cover: Cover) -> tuple[str, str]:
    subject = _("%(order)s: your order has a service cover") % {"order": cover.order.number}
    until = (event.after or {}).get("owed_until")
    if until is None:
        return subject, _("It gives %(line)s a service cover, which begins when the order is fully paid.") % {
            "line": cover.line.title
        }
    return subject, _("It gives %(line)s a service cover, which ends: %(end)s") % {
        "line": cover.line.title,
        "end": instant_words(datetime.fromisoformat(until)),
    }


def _moved(event: Event, cover: Cover) -> tuple[str, str]:
    until = datetime.fromisoformat((event.after or {})["owed_until"])
    return (
        _("%(order)s: the end of your cover has moved") % {"order": cover.order.number},
        _("For requests that you make from now on the cover of %(line)s ends: %(end)s")
        % {"line": cover.line.title, "end": instant_words(until)},
    )


def _cover_of(event: Event) -> Cover:
    found = Cover.objects.select_related("buyer", "order", "line")
    return found.get(pk=int(event.subject.removeprefix("cover/")))
