"""Loss claims as the seller sees them: what is claimed and why, his answer, and what he owes by currency (3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

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
from complaints.actions.losses import answer
from complaints.loss_words import LOSS_WORDS
from complaints.models import LossClaim, LossState
from complaints.queries.late import kept_late
from complaints.queries.losses import COLUMNS, history_for, ledger, losses_for
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.judgement.sections import JudgedRow, Section
from zestech_aftersales.dashboard.people import speakers_only
from zestech_aftersales.pages.kept import is_kept_late
from zestech_aftersales.ui.keyed import KeyedForm, attempt

TONES = {"loss.notified": "bad", "loss.final": "bad", "loss.withdrawn": "ok", "loss.written_off": "ok"}
ANSWERS = [("accept", gettext_lazy("I accept the claim")), ("contest", gettext_lazy("I contest the claim"))]


class AnswerForm(KeyedForm):
    """Yes or no to the claim; a no says why."""

    decision = forms.ChoiceField(label=gettext_lazy("Your answer"), choices=ANSWERS, widget=forms.RadioSelect)
    words = forms.CharField(
        label=gettext_lazy("In your own words"), max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Needed when you contest it: which amount is wrong, and why."),
    )  # fmt: skip

    def field_for(self, _missing: str) -> str:
        """What the action misses is always the words."""
        return "words"


@require_http_methods(["GET", "POST"])
@speakers_only
def loss(request: HttpRequest, by: Actor, pk: int) -> HttpResponseBase:
    """One claim: its heads, the breach it rests on, the answer."""
    at = cast(PersonRequest, request).received_at
    found = one(losses_for(by), pk, by)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sender, typed = by.with_key(form.cleaned_data["key"]), form.cleaned_data
        contests = typed["decision"] == "contest"
        if attempt(form, lambda: answer(found, typed["words"], contests=contests, by=sender, at=at)) is not None:
            messages.success(request, _("Your answer is recorded."))
            return redirect("dashboard:loss", found.pk)
        if is_kept_late(request, form):
            return redirect("dashboard:loss", found.pk)
        found = one(losses_for(by), pk, by)
    limits = list(found.deadlines.all())
    context = {
        "claim": found,
        "limits": limits,
        "late": kept_late(found),
        "form": form,
        "refusal": form.refusal,
        "can_answer": found.state == LossState.NOTIFIED,
        "clock": next((clock for clock in limits if clock.is_running), None),
        "columns": [label for _name, label, _where in COLUMNS],
        "ledger": ledger(found.seller_id),
        "history": [
            {
                "words": LOSS_WORDS[event.kind].headline,
                "at": event.effective_at,
                "clause": event.clause,
                "who": event.get_actor_kind_display(),
                "tone": TONES.get(event.kind, ""),
            }
            for event in reversed(history_for(found, by))
            if event.kind in LOSS_WORDS
        ],
    }
    return render(request, "dashboard/judgement/loss.html", context, status=form.status)


def _found(by: Actor) -> QuerySet[LossClaim]:
    return losses_for(by).prefetch_related("deadlines")


def _lines(page: Sequence[LossClaim], _by: Actor) -> list[JudgedRow]:
    return [_row(found) for found in page]


def _row(found: LossClaim) -> JudgedRow:
    return JudgedRow(
        thing=found,
        url=reverse("dashboard:loss", args=[found.pk]),
        title=" + ".join(str(money) for money in found.totals),
        clause="3.4",
        at=found.notified_at or found.drafted_at,
        limit=next((clock for clock in found.deadlines.all() if clock.is_running), None),
        under=str(found.violation),
    )


SECTION = Section(
    "losses",
    gettext_lazy("Loss claims"),
    gettext_lazy("What a confirmed breach has cost the platform. You can accept a claim or contest it."),
    _found,
    _lines,
)
