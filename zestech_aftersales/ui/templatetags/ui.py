"""The tags pages are made of; each returns words with their picture, never a picture alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zestech_aftersales.rulebook import CLAUSES
from zestech_aftersales.rulebook.links import clause_url
from zestech_aftersales.ui import figures, instants, limits, states

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A drawing of the sprite; it stands beside a word and says nothing itself."""
    return format_html(
        '<svg class="icon icon-{}{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        name,
        f" {css}" if css else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def meter(value: float, of: float, tone: str = "info", label: str = "") -> SafeString:
    """A bar filled to `value` of `of`; tone: ok, warn, bad, info."""
    return figures.meter(float(value), float(of), tone, label or f"{figures.share(float(value), float(of)):.0f} %")


@register.simple_tag
def sparkline(values: Sequence[float], label: str) -> SafeString:
    """A small line of the values."""
    return figures.sparkline(values, label)


@register.inclusion_tag("partials/_bars.html")
def bars(rows: Sequence[tuple[str, Sequence[float]]], series: Sequence[tuple[str, str]], label: str) -> dict[str, Any]:
    """A stacked bar chart with its table behind it: rows (name, values), series (name, tone)."""
    kinds = [figures.Series(str(name), tone) for name, tone in series]
    totals = [sum(values[place] for _name, values in rows) for place in range(len(kinds))]
    return {
        "svg": figures.bars(rows, kinds, label),
        "rows": rows,
        "legend": list(zip(kinds, totals, strict=True)),
        "label": label,
    }


@register.simple_tag
def state_badge(thing: object) -> SafeString:
    """The state of a thing (or a state given as text) as a word with icon and tone."""
    _state, word = states.state_of(thing)
    look = states.look_of(thing)
    return badge(word, look.tone, look.icon)


@register.simple_tag
def badge(word: object, tone: str = "", icon_name: str = "") -> SafeString:
    """Any word as a badge; tone: ok, warn, bad, info or nothing."""
    return format_html(
        '<span class="badge{}">{}{}</span>',
        f" badge-{tone}" if tone else "",
        icon(icon_name) if icon_name else "",
        word,
    )


@register.simple_tag
def clause_link(clause_id: str) -> SafeString:
    """A link to a clause on the rules page; what is no clause stays a plain word."""
    words = _("Rule %(clause)s") % {"clause": clause_id}
    if clause_id not in CLAUSES:
        return format_html("{}", words)
    return format_html('<a class="clause nowrap" href="{}">{}</a>', clause_url(clause_id), words)


@register.simple_tag(takes_context=True)
def instant(context: template.Context, at: datetime | None, form: str = "full") -> SafeString:
    """An instant in the viewer's zone; the platform's is its title, and read aloud in the full form.

    form: full, short, day, time, both (the platform's time stands visibly beside it) or
    platform (the platform's time alone).
    """
    if at is None:
        return format_html('<span class="muted">{}</span>', _("not set"))
    platform = context.get("platform_zone")
    there = ""
    if platform is not None:
        zone = ZoneInfo(str(platform))
        there = _("%(instant)s platform time") % {"instant": instants.instant_words(at, "full", zone)}
    if form == "platform":
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), there)
    words = instants.instant_words(at, "full" if form == "both" else form)
    shown = format_html('<time class="instant" datetime="{}" title="{}">{}</time>', at.isoformat(), there, words)
    match form if there else "":
        case "both":
            return format_html('{} <span class="muted small">· {}</span>', shown, there)
        case "full":
            return format_html('{}<span class="visually-hidden">, {}</span>', shown, there)
    return shown


@register.filter
def duration(span: timedelta | None) -> str:
    """A span of time: 31 h 12 min."""
    return "" if span is None else instants.duration_words(span)


def _served_at(context: template.Context) -> datetime:
    """The instant the page is made for: the request's own, so that the card agrees with the command."""
    received = getattr(context.get("request"), "received_at", None)
    served: datetime = received if isinstance(received, datetime) else context["now"]
    return served


@register.inclusion_tag("partials/_countdown.html", takes_context=True)
def countdown(
    context: template.Context, deadline: Any, title: str = "", then: str = "", sum_at: str = ""
) -> dict[str, Any]:
    """The large card of a limit; title and then (what happens at its end) override the words of its kind.

    sum_at: the page that shows how it is counted.
    """
    card = limits.limit_card(deadline, _served_at(context), title, then)
    return {"card": card, "platform_zone": context.get("platform_zone"), "sum_at": sum_at}


@register.inclusion_tag("partials/_limit.html", takes_context=True)
def limit(context: template.Context, deadline: Any, title: str = "") -> dict[str, Any]:
    """The same limit in a line of a list: what is left, a meter, the due instant, which clock."""
    card = limits.limit_card(deadline, _served_at(context), title)
    return {"card": card, "words": limits.limit_words(card), "platform_zone": context.get("platform_zone")}


@register.filter
def initials(name: object) -> str:
    """Up to two letters for somebody's round sign."""
    return "".join(word[0] for word in str(name).replace("@", " ").split()[:2]).upper()
