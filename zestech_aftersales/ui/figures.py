"""Meters and small charts as SVG made on the server: no script, no style attribute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

TONES = frozenset({"ok", "warn", "bad", "info", "none"})
CHART_WIDTH, CHART_HEIGHT, LABEL_HEIGHT = 320, 110, 16
# How wide a letter below a bar is, on the average.
LETTER = 5.6


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a bar chart: its name and tone."""

    name: str
    tone: str


def share(value: float, of: float) -> float:
    """Percent of a whole, between 0 and 100, two places."""
    return round(100 * min(1.0, max(0.0, value / of)), 2) if of > 0 else 0.0


def meter(value: float, of: float, tone: str, label: str) -> SafeString:
    """A bar that is filled to `value` of `of`; the label says it in words."""
    fill = tone if tone in TONES else "none"
    return format_html(
        '<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="meter-track" width="100" height="8"/>'
        '<rect class="fill-{}" data-fill width="{}" height="8"/></svg>',
        label,
        fill,
        share(value, of),
    )


def sparkline(values: Sequence[float], label: str) -> SafeString:
    """A line without axes; the label says what it shows."""
    if len(values) < 2:
        return SafeString("")
    lowest, highest = min(values), max(values)
    span = (highest - lowest) or 1
    points = " ".join(
        f"{round(100 * place / (len(values) - 1), 1)},{round(22 - 18 * (value - lowest) / span, 1)}"
        for place, value in enumerate(values)
    )
    return format_html(
        '<svg class="sparkline" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polyline points="{}"/></svg>',
        label,
        points,
    )


def bars(
    rows: Sequence[tuple[str, Sequence[float]]], series: Sequence[Series], label: str, *, is_course: bool = False
) -> SafeString:
    """A stacked bar for each row; values in the order of the series.

    Names that do not fit are cut; of a course (weeks one after the other) some are left out instead, the last never.
    """
    tallest = max((sum(values) for _name, values in rows), default=0) or 1
    step = CHART_WIDTH / max(1, len(rows))
    width = round(min(34.0, step * 0.62), 1)
    ground = CHART_HEIGHT - LABEL_HEIGHT
    pieces: list[SafeString] = []
    names = _fitting([name for name, _values in rows], step, is_course=is_course)
    for place, (_name, values) in enumerate(rows):
        middle = step * (place + 0.5)
        pieces.extend(
            _stack(middle - width / 2, width, ground, (ground - 6) / tallest, zip(series, values, strict=True))
        )
        pieces.append(_below(middle, names[place]))
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>',
        CHART_WIDTH,
        CHART_HEIGHT,
        label,
        CHART_WIDTH,
        ground,
        ground,
        format_html_join("", "{}", ((piece,) for piece in pieces)),
    )


def _fitting(names: Sequence[str], step: float, *, is_course: bool) -> list[str]:
    """What of the names is written so that none runs into the next one; "" for those left out."""
    if not is_course:
        letters = max(2, int(step / LETTER))
        return [name if len(name) <= letters else f"{name[: letters - 1]}…" for name in names]
    longest = LETTER * max(map(len, names), default=1)
    # The last one is moved inside the picture, by so much towards the one before it.
    moved = max(0.0, (longest - step) / 2)
    every = ceil((longest + moved) / step)
    return [name if (len(names) - 1 - place) % every == 0 else "" for place, name in enumerate(names)]


def _below(middle: float, name: str) -> SafeString:
    """A name below its bar, inside the picture."""
    half = len(name) * LETTER / 2
    place = round(min(max(middle, half), CHART_WIDTH - half), 1)
    return format_html('<text x="{}" y="{}" text-anchor="middle">{}</text>', place, CHART_HEIGHT - 3, name)


def _stack(
    left: float, width: float, ground: float, scale: float, parts: Iterable[tuple[Series, float]]
) -> list[SafeString]:
    """The rectangles of one bar, from the ground up, with a hair of air between them."""
    rectangles = []
    top = ground
    for series, value in parts:
        if value <= 0:
            continue
        height = max(1.5, value * scale)
        top -= height
        rectangles.append(
            format_html(
                '<rect class="fill-{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"/>',
                series.tone if series.tone in TONES else "none",
                round(left, 1),
                round(top, 1),
                width,
                round(max(1.0, height - 1), 1),
            )
        )
    return rectangles
