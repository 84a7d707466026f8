"""The card of a running limit: how much is left, until when, and what happens then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zestech_aftersales.ui.figures import share
from zestech_aftersales.ui.instants import duration_words, left_words

# From these shares of a limit on, the card is shown in the next louder tone.
LOUD_FROM = ((87.5, "bad"), (25.0, "warn"), (0.0, "ok"))

TITLES = {
    "response": gettext_lazy("Time left for the seller’s reply"),
    "solution": gettext_lazy("Time left for the seller’s solution"),
    "confirmation": gettext_lazy("Time left to confirm the appointment"),
    "counter": gettext_lazy("Time left for the answer to the counter-offer"),
    "new_date": gettext_lazy("Time left to offer a new date"),
    "buyer_silence": gettext_lazy("Time left for the buyer’s answer"),
    "offer_ruling": gettext_lazy("Time left for the platform’s ruling on the offer"),
    "sign_off": gettext_lazy("Time left to sign the service off"),
    "hearing": gettext_lazy("Time left to be heard"),
    "appeal": gettext_lazy("Time left to appeal"),
    "loss_answer": gettext_lazy("Time left to answer the loss claim"),
    "auto_escalation": gettext_lazy("Time left to settle"),
    "evidence": gettext_lazy("Time left to give evidence"),
    "objection": gettext_lazy("Time left to object"),
}
CONSEQUENCES = {
    "response": gettext_lazy("Without an effective reply in time the request counts as refused."),
    "solution": gettext_lazy("Without a solution in time the local service counts as refused."),
    "confirmation": gettext_lazy("Without a confirmation in time the request counts as refused."),
    "counter": gettext_lazy("Without an answer in time the request counts as refused."),
    "new_date": gettext_lazy("Without a new date in time the appointment counts as refused."),
    "buyer_silence": gettext_lazy("Without an answer the appointment lapses, without anyone’s fault."),
    "offer_ruling": gettext_lazy(
        "Until then the buyer’s time and the confirmation stand still; a late ruling is watched over."
    ),
    "sign_off": gettext_lazy("Without a word the service counts as signed off."),
    "hearing": gettext_lazy("Without an answer it is decided on file."),
    "appeal": gettext_lazy("Without an appeal the decision stands."),
    "loss_answer": gettext_lazy("Without an answer the claim counts as not contested."),
    "auto_escalation": gettext_lazy("Not settled by then, the complaint goes to the platform by itself."),
    "evidence": gettext_lazy("Without an answer in time the platform decides on file."),
    "objection": gettext_lazy("Without an objection in time the decision stands."),
}


@dataclass(frozen=True, slots=True)
class LimitCard:
    """What the page says of one limit at the instant it is served."""

    kind: str
    title: str
    then: str
    clause: str
    tone: str
    status: str
    words: str
    used: float
    started_at: datetime
    due_at: datetime | None
    now: datetime

    @property
    def is_running(self) -> bool:
        return self.status == "running"


def limit_card(deadline: Any, now: datetime, title: str = "", then: str = "") -> LimitCard:
    """The card of a deadline-like thing: `kind`, `clause`, `started_at`, `due_at`, and `state` where it has one.

    No due instant means that the clock is paused. A limit that passed without its outcome
    written yet is being established (T10).
    """
    kind = str(deadline.kind)
    due: datetime | None = deadline.due_at
    state = str(getattr(deadline, "state", "running"))
    status, words, tone, used = _standing(state, deadline.started_at, due, now)
    shown = getattr(deadline, "get_kind_display", None)
    return LimitCard(
        kind=kind,
        title=title or str(TITLES.get(kind) or (shown() if callable(shown) else kind)),
        then="" if status in {"met", "voided"} else then or str(CONSEQUENCES.get(kind, "")),
        clause=str(getattr(deadline, "clause", "")),
        tone=tone,
        status=status,
        words=words,
        used=used,
        started_at=deadline.started_at,
        due_at=due,
        now=now,
    )


def _standing(state: str, started: datetime, due: datetime | None, now: datetime) -> tuple[str, str, str, float]:
    """Status, words, tone and used share of a limit at an instant."""
    if state == "met":
        return "met", _("Met in time"), "ok", 100.0
    if state == "missed":
        return "missed", _("Limit missed"), "bad", 100.0
    if state == "voided":
        return "voided", _("No longer runs"), "none", 0.0
    if due is None:
        return "paused", _("The clock is paused"), "none", 0.0
    if now > due:
        return "passed", _("Limit passed, being established"), "bad", 100.0
    used = share((now - started) / timedelta(seconds=1), (due - started) / timedelta(seconds=1))
    return "running", duration_words(due - now), next(tone for least, tone in LOUD_FROM if used >= least), used


def limit_words(card: LimitCard) -> str:
    """The words for a list: what is left, or how the limit stands."""
    if card.is_running and card.due_at is not None:
        return left_words(card.due_at - card.now)
    return card.words
