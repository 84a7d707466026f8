"""One audit as its seller sees it: the provisional findings, his answer, the result (3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

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
from complaints.actions.audit_results import answer
from complaints.audit_words import AUDIT_WORDS, TONES
from complaints.models import Audit, AuditState, JudgementDeadline
from complaints.queries.audits import audits_for, findings_of, history_for, with_next_limit
from complaints.queries.late import kept_late
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.judgement.sections import JudgedRow, Section
from zestech_aftersales.dashboard.judgement.violations import WordsForm
from zestech_aftersales.dashboard.people import speakers_only
from zestech_aftersales.pages.kept import is_kept_late
from zestech_aftersales.ui.keyed import attempt


@require_http_methods(["GET", "POST"])
@speakers_only
def audit(request: HttpRequest, by: Actor, pk: int) -> HttpResponseBase:
    """What was found, and what the seller can say to it."""
    at = cast(PersonRequest, request).received_at
    found = one(audits_for(by), pk, by)
    form = WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sender, words = by.with_key(form.cleaned_data["key"]), form.cleaned_data["words"]
        if attempt(form, lambda: answer(found, words, by=sender, at=at)) is not None:
            messages.success(request, _("Your words are with the auditors."))
            return redirect("dashboard:audit", found.pk)
        if is_kept_late(request, form):
            return redirect("dashboard:audit", found.pk)
        found = one(audits_for(by), pk, by)
    context = {"form": form, "refusal": form.refusal, **_shown(found, by)}
    return render(request, "dashboard/judgement/audit.html", context, status=form.status)


def _shown(found: Audit, by: Actor) -> dict[str, Any]:
    limits = list(found.deadlines.all())
    return {
        "audit": found,
        "findings": findings_of(found),
        "limits": limits,
        "late": kept_late(found),
        "clock": next((clock for clock in limits if clock.is_running), None),
        "is_heard": found.state == AuditState.OPEN and found.answered_at is None,
        "history": [
            {
                "words": AUDIT_WORDS[event.kind].headline,
                "at": event.effective_at,
                "clause": event.clause,
                "who": event.get_actor_kind_display(),
                "tone": TONES.get(event.kind, ""),
            }
            for event in reversed(history_for(found, by))
            if event.kind in AUDIT_WORDS
        ],
    }


def _found(by: Actor) -> QuerySet[Audit]:
    return with_next_limit(audits_for(by))


def _lines(page: Sequence[Audit], _by: Actor) -> list[JudgedRow]:
    return [_row(found) for found in page]


def _row(found: Audit) -> JudgedRow:
    running: list[JudgementDeadline] = [clock for clock in found.deadlines.all() if clock.is_running]
    return JudgedRow(
        thing=found,
        url=reverse("dashboard:audit", args=[found.pk]),
        title=_("Findings of an audit"),
        clause="3.2",
        at=found.notified_at or found.opened_at,
        limit=running[0] if running else None,
        under=str(found.draw) if found.draw is not None else "",
    )


SECTION = Section(
    "audits",
    gettext_lazy("Audits"),
    gettext_lazy("Looks at how you serve. You are heard on what was found before it is a finding."),
    _found,
    _lines,
)
