"""Tags that speak of a cover."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import cover_ends
from cases.models import Cover, CoverState
from cases.units import services
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.ui import figures
from zestech_aftersales.ui.instants import instant_words
from zestech_aftersales.ui.templatetags.ui import badge, state_badge

register = template.Library()


@register.simple_tag
def cover_left(cover: Cover, at: datetime) -> SafeString:
    """What is left of a cover: a meter, the days, and its last instant."""
    ends_at = cover_ends.end_for(cover, at)
    if cover.starts_at is None or ends_at is None:
        return format_html("")
    left = (ends_at - at).days
    words = ngettext("%(days)d day left", "%(days)d days left", left) % {"days": left} if left >= 0 else _("ended")
    whole = (ends_at - cover.starts_at).total_seconds()
    used = min(whole, max(0.0, (at - cover.starts_at).total_seconds()))
    tone = "ok" if left > 60 else "warn" if left >= 0 else "none"
    return format_html(
        '{} <span class="small">{} · {}</span>',
        figures.meter(used, whole, tone, words),
        words,
        instant_words(ends_at, "day"),
    )


@register.simple_tag
def cover_badge(cover: Cover, at: datetime) -> SafeString:
    """The state of a cover; that it has ended is told by its last instant, no state says so."""
    ends_at = cover_ends.end_for(cover, at)
    has_ended = cover.state == CoverState.ACTIVE and ends_at is not None and not on_time(at, ends_at)
    return badge(_("Ended"), "", "x") if has_ended else state_badge(cover)


@register.simple_tag
def services_words(cover: Cover, used: dict[int, int]) -> str:
    """How many services were used under a cover, against those promised; `used` by the covers' keys."""
    told = services(cover, used.get(cover.pk, 0))
    if told.promised is None:
        return ngettext("%(used)d service used", "%(used)d services used", told.used) % {"used": told.used}
    words = {"used": told.used, "promised": told.promised}
    return ngettext(
        "%(used)d of %(promised)d promised service used", "%(used)d of %(promised)d promised services used", told.promised
    ) % words  # fmt: skip


@register.filter
def end_for(cover: Cover, at: datetime) -> datetime | None:
    """The last instant of the cover for a request received at an instant."""
    return cover_ends.end_for(cover, at)


@register.filter
def bookable(cover: Cover, at: datetime) -> bool:
    """Whether service can be requested under the cover now."""
    return cover_ends.is_bookable(cover, at)
