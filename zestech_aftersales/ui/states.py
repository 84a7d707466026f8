"""How a state is shown: tone and icon beside its word, for every machine of the system.

The words are the model's own (get_state_display); a state not listed is shown in a calm grey.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import capfirst


@dataclass(frozen=True, slots=True)
class Look:
    """Tone (ok, warn, bad, info or nothing) and icon of a state."""

    tone: str
    icon: str


PLAIN = Look("", "info")
_LOOKS: dict[Look, str] = {
    Look("ok", "check-circle"): (
        "paid active agreed confirmed completed met done binding approved accepted granted resolved settled "
        "recovered upheld received standing delivered sent reasonable held_reasonable no_finding"
    ),
    Look(
        "info", "hourglass"
    ): "requested placed filed applied notified draft pending planned open running recorded announced shipped",
    Look("info", "tool"): "in_service checked_in in_review",
    Look("warn", "hourglass"): (
        "proposed countered proposed_change candidate negotiating evidence proof_pending escalated reopened"
    ),
    Look("warn", "pause"): "paused restricted under_review",
    Look("warn", "flag"): "flagged appealed objected contested partly_granted provisional split",
    Look("warn", "calendar"): "rescheduled",
    Look("bad", "x-circle"): "refused deemed_refused rejected declined held_unreasonable overturned",
    Look(
        "bad", "warning"
    ): "missed lost no_show seller_no_show buyer_no_show broken_off cleared findings quarantined uncontested in_force",
    Look("", "x"): (
        "cancelled lapsed excluded voided void waived withdrawn superseded ended refunded not_covered expired "
        "dismissed written_off revoked replaced lifted returned"
    ),
    Look("", "check"): "closed determined reviewed final adjusted",
}
LOOKS: dict[str, Look] = {state: look for look, states in _LOOKS.items() for state in states.split()}


# What is good news for an appointment is none for a violation.
_OF_ONE_THING = {
    "violation.confirmed": Look("bad", "warning"),
    "violation.upheld": Look("bad", "warning"),
    "violation.overturned": Look("ok", "x"),
    "violation.dismissed": Look("ok", "x"),
    "restriction.upheld": Look("bad", "warning"),
    "longerlimit.standing": Look("warn", "hourglass"),
}


def look_of(thing: object) -> Look:
    """The look of a thing's state, or of a state's stored value."""
    if isinstance(thing, str):
        return LOOKS.get(thing, PLAIN)
    state, _word = state_of(thing)
    return _OF_ONE_THING.get(f"{type(thing).__name__.lower()}.{state}") or LOOKS.get(state, PLAIN)


def state_of(thing: object) -> tuple[str, str]:
    """State and its word: of an object with `state`, or of the state itself given as text."""
    state = thing if isinstance(thing, str) else str(getattr(thing, "state", ""))
    shown = getattr(thing, "get_state_display", None)
    word = str(shown()) if callable(shown) else state.replace("_", " ")
    return state, capfirst(word)
