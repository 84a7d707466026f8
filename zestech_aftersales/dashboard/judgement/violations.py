"""One violation as its seller sees it: the finding, the facts behind it, his answer, his appeal (3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases.queries import one
from complaints.actions.hearings import answer, appeal
from complaints.models import JudgementDeadline, Violation, ViolationState
from complaints.queries.late import kept_late
from complaints.queries.violations import history_for, limit_of, violations_for, with_next_limit
from complaints.words import VIOLATION_WORDS, ended_because, finding_of
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.judgement.sections import JudgedRow, Section
from zestech_aftersales.dashboard.people import speakers_only
from zestech_aftersales.pages.kept import is_kept_late
from zestech_aftersales.ui.keyed import KeyedForm, attempt

CURED = (gettext_lazy("late, cured"), "ok", "check")
EXCUSED = (gettext_lazy("excused"), "ok", "shield-check")
TONES = {"violation.confirmed": "bad", "violation.upheld": "bad", "violation.dismissed": "ok", "violation.fell": "ok", "violation.overturned": "ok"}  # fmt: skip


class WordsForm(KeyedForm):
    """The seller's own words."""

    words = forms.CharField(
        label=gettext_lazy("In your own words"), max_length=8000, widget=forms.Textarea(attrs={"rows": 6})
    )


@require_http_methods(["GET", "POST"])
@speakers_only
def violation(request: HttpRequest, by: Actor, pk: int) -> HttpResponseBase:
    """What was found and decided, and what the seller can say now."""
    at = cast(PersonRequest, request).received_at
    found = one(violations_for(by), pk, by)
    form = WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sender, words = by.with_key(form.cleaned_data["key"]), form.cleaned_data["words"]
        # Sent twice, or after a decision: which step the form was for, its page tells; the action says what became of it.
        step = appeal if request.POST.get("step") == "appeal" else answer
        if attempt(form, lambda: step(found, words, by=sender, at=at)) is not None:
            messages.success(request, _("Your words are with the auditors."))
            return redirect("dashboard:violation", found.pk)
        if is_kept_late(request, form):
            return redirect("dashboard:violation", found.pk)
        found = one(violations_for(by), pk, by)
    context = {"form": form, "refusal": form.refusal, **_shown(found, by, at=at)}
    return render(request, "dashboard/judgement/violation.html", context, status=form.status)


def _shown(found: Violation, by: Actor, *, at: datetime) -> dict[str, Any]:
    limit = limit_of(found)
    clocks = list(found.deadlines.order_by("-id"))
    clock = next((clock for clock in clocks if clock.is_running), None)
    return {
        "violation": found,
        "case": found.appointment.case if found.appointment else None,
        "case_limit": limit,
        "finding": finding_of(found, limit),
        "ended_because": ended_because(found),
        "badges": _badges(found),
        "clock": clock,
        "limits": clocks[::-1],
        "late": kept_late(found),
        "step": _step(found, can_appeal=clock is not None and not clock.is_passed(at)),
        "history": [
            {
                "words": VIOLATION_WORDS[event.kind].headline,
                "at": event.effective_at,
                "clause": event.clause,
                "who": event.get_actor_kind_display(),
                "tone": TONES.get(event.kind, ""),
            }
            for event in reversed(history_for(found, by))
            if event.kind in VIOLATION_WORDS
        ],
    }


def _step(found: Violation, *, can_appeal: bool) -> str:
    if found.state == ViolationState.NOTIFIED and found.answered_at is None:
        return "answer"
    return "appeal" if found.state == ViolationState.CONFIRMED and can_appeal else ""


def _badges(found: Violation) -> tuple[tuple[Any, str, str], ...]:
    cured = (CURED,) if found.cured_at else ()
    return (*cured, EXCUSED) if found.dismissal == "excused" else cured


def _found(by: Actor) -> QuerySet[Violation]:
    return with_next_limit(violations_for(by))


def _lines(page: Sequence[Violation], _by: Actor) -> list[JudgedRow]:
    return [_row(found) for found in page]


def _row(found: Violation) -> JudgedRow:
    running: list[JudgementDeadline] = [clock for clock in found.deadlines.all() if clock.is_running]
    return JudgedRow(
        thing=found,
        url=reverse("dashboard:violation", args=[found.pk]),
        title=found.get_kind_display(),
        clause=found.clause,
        at=found.occurred_at,
        limit=running[0] if running else None,
        under=found.appointment.case.reference if found.appointment else "",
        badges=_badges(found),
    )


SECTION = Section(
    "violations",
    gettext_lazy("Violations"),
    gettext_lazy("Breaches that people judge. You are heard first, and you can appeal against a confirmation."),
    _found,
    _lines,
)
