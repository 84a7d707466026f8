"""All pieces of the pages on one sheet, with made-up content, to look at and to test."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

PARTS = ("pieces", "case", "queue", "book")


class SampleForm(forms.Form):
    """One field of each shape."""

    title = forms.CharField(label="What is wrong", help_text="A few words.")
    text = forms.CharField(label="Description", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    date = forms.DateField(label="Date", widget=forms.DateInput(attrs={"type": "date"}))
    zone = forms.ChoiceField(
        label="Your time zone", choices=[("b", "Europe/Berlin (UTC+1)"), ("r", "Europe/Rome (UTC+1)")]
    )
    photos = forms.FileField(label="Photos or video", help_text="Pictures up to 10 MB each.")
    way = forms.ChoiceField(
        label="How shall we answer", widget=forms.RadioSelect, choices=[("m", "By e-mail"), ("p", "Here")]
    )
    sure = forms.BooleanField(label="I have read what follows from it")


def styleguide(request: HttpRequest, part: str) -> HttpResponse:
    """One of the sheets; the case, queue and book sheets show the pieces put together."""
    if part not in PARTS:
        raise Http404
    now: datetime = request.received_at  # type: ignore[attr-defined]  # a TimedRequest
    return render(request, f"styleguide/{part}.html", {"parts": PARTS, "part": part, **_sample(now)})


def _limit(now: datetime, left: timedelta, whole: timedelta, kind: str = "response", **more: Any) -> SimpleNamespace:
    return SimpleNamespace(
        **{"kind": kind, "clause": "2.3.1", "started_at": now + left - whole, "due_at": now + left, "state": "running"}
        | more
    )


def _sample(now: datetime) -> dict[str, Any]:
    day, hour, minute = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
    whole, month_half = 2 * day, 14 * day
    sent = now - 16 * hour
    return {
        "now": now,
        "tones": ("ok", "warn", "bad", "info"),
        "empty_form": SampleForm(),
        "bad_form": SampleForm({"title": "", "way": "x"}),
        "deadline": _limit(now, 31 * hour + 12 * minute, whole),
        "limits": [
            _limit(now, 31 * hour + 12 * minute, whole),
            _limit(now, 9 * day, month_half + hour, "confirmation"),
            _limit(now, hour + 50 * minute, whole),
            _limit(now, -minute, whole),
            _limit(now, hour, whole, due_at=None),
            _limit(now, -hour, whole, state="missed"),
            _limit(now, hour, whole, state="met"),
        ],
        "states": [
            "requested",
            "proposed",
            "countered",
            "agreed",
            "confirmed",
            "in_service",
            "completed",
            "refused",
            "deemed_refused",
            "lapsed",
            "cancelled",
            "excluded",
            "met",
            "missed",
            "paused",
            "not_covered",
            "active",
        ],
        "steps": [
            {"label": "Requested", "state": "done"},
            {"label": "Seller’s reply", "state": "current"},
            {"label": "Appointment", "state": "todo"},
            {"label": "Service", "state": "todo"},
            {"label": "Closed", "state": "todo"},
        ],
        "entries": [
            {
                "is_mine": True,
                "author": "Lena Hoffmann",
                "at": sent,
                "text": "The unit boots, but the steering-wheel buttons and the reversing camera do nothing. "
                "Fault code on the CAN box: E-17. Could an engineer come next week?",
                "photos": [
                    {"url": "/static/img/sample-wires.svg", "alt": "Wires behind the head unit"},
                    {"url": "/static/img/sample-code.svg", "alt": "Display showing E-17"},
                ],
            },
            {"rule": "48-hour reply clock started", "at": sent},
            {
                "author": "Nordic Car Audio",
                "side": "seller",
                "at": sent + 85 * minute,
                "text": "Thank you, we have your photos. Which model year is the car?",
                "badges": ["does not stop the clock"],
            },
        ],
        "events": [
            {"words": "Seller asked a question", "at": sent + 85 * minute},
            {"words": "48-hour clock started", "at": sent, "clause": "2.3.1"},
            {"words": "You requested an engineer visit", "at": sent},
            {"words": "Order paid, 1-year cover began", "at": now - 212 * day, "clause": "2.3.4", "tone": "ok"},
        ],
        "cover_end": now + 153 * day,
        "cover_start": now - 212 * day,
        "rows": [
            (
                "Camera guide lines missing",
                "ZA-2026-000391 · M. Rossi · Turin",
                "video",
                "Video guidance",
                "requested",
                _limit(now, hour + 50 * minute, whole, "solution", clause="2.3.2"),
                "row-bad",
            ),
            (
                "Spare part: GPS antenna",
                "ZA-2026-000402 · K. Nowak · Gdańsk",
                "parts",
                "Spare parts",
                "countered",
                _limit(now, 18 * hour + 5 * minute, whole, "counter"),
                "",
            ),
            (
                "No CAN-bus signal after installation",
                "ZA-2026-000418 · L. Hoffmann · Berlin",
                "engineer",
                "Engineer visit",
                "requested",
                _limit(now, 31 * hour + 12 * minute, whole),
                "",
            ),
            (
                "Firmware update fails at 80 %",
                "ZA-2026-000377 · J. Silva · Porto",
                "video",
                "Video guidance",
                "requested",
                _limit(now, 38 * hour + 20 * minute, whole, "solution", clause="2.3.2"),
                "",
            ),
            (
                "Replace the touch panel",
                "ZA-2026-000350 · A. Berg · Malmö",
                "point",
                "Local service point",
                "agreed",
                _limit(now, 9 * day, month_half + hour, "confirmation"),
                "",
            ),
        ],
        "spark": [27, 28, 26, 26.5, 25, 25.4, 23, 23.2, 22],
        "bar_series": [("On time", "info"), ("In the last 6 h", "warn"), ("Missed", "bad")],
        "bar_rows": [
            ("Tue", [38, 9, 0]),
            ("Wed", [48, 7, 4]),
            ("Thu", [32, 11, 0]),
            ("Fri", [56, 6, 0]),
            ("Sat", [24, 4, 0]),
            ("Sun", [20, 5, 6]),
            ("Mon", [44, 11, 0]),
        ],
        "slots": [
            ("08:00", True),
            ("09:30", True),
            ("11:00", False),
            ("13:00", True),
            ("14:30", True),
            ("16:00", False),
        ],
    }
