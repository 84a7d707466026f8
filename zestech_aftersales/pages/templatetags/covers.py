"""Tags that speak of a cover."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Cover, CoverState
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.ui import figures
from zestech_aftersales.ui.instants import instant_words
from zestech_aftersales.ui.templatetags.ui import badge, state_badge

register = template.Library()


@register.simple_tag
def cover_left(cover: Cover, at: datetime) -> SafeString:
    """What is left of a cover: a meter, the days, and its last instant."""
    if cover.starts_at is None or cover.ends_at is None:
        return format_html("")
    left = (cover.ends_at - at).days
    words = ngettext("%(days)d day left", "%(days)d days left", left) % {"days": left} if left >= 0 else _("ended")
    whole = (cover.ends_at - cover.starts_at).total_seconds()
    used = min(whole, max(0.0, (at - cover.starts_at).total_seconds()))
    tone = "ok" if left > 60 else "warn" if left >= 0 else "none"
    return format_html(
        '{} <span class="small">{} · {}</span>',
        figures.meter(used, whole, tone, words),
        words,
        instant_words(cover.ends_at, "day"),
    )


@register.simple_tag
def cover_badge(cover: Cover, at: datetime) -> SafeString:
    """The state of a cover; that it has ended is told by its last instant, no state says so."""
    has_ended = cover.state == CoverState.ACTIVE and cover.ends_at is not None and not on_time(at, cover.ends_at)
    return badge(_("Ended"), "", "x") if has_ended else state_badge(cover)


@register.filter
def bookable(cover: Cover, at: datetime) -> bool:
    """Whether service can be requested under the cover now."""
    return cover.is_bookable(at)
