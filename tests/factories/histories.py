"""Histories for tests: any steps of buyer, seller, auditor and sweep in any order, at chosen instants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from cases.actions.answers import accept, counter
from cases.actions.cancel import cancel
from cases.actions.claim_rulings import grant, reject
from cases.actions.confirm import confirm
from cases.actions.messages import write
from cases.actions.offers import offer, refuse, revise
from cases.actions.rulings import flag, rule_on_offer
from cases.actions.visits import check_in, complete
from cases.models import ServiceAppointment
from cases.sweep import sweep_batch
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory
from tests.factories.claims import claimed
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken

Steps = Iterable[tuple[str, timedelta]]


class History:
    """One appointment and everybody who does something in it; a step that is refused is a step too."""

    def __init__(self, appointment: ServiceAppointment) -> None:
        self.appointment = appointment
        self.buyer = make.buyer_of(appointment)
        self.seller = make.seller_of(appointment)
        self.auditor = Actor(channel=Channel.ADMIN, user=AuditorFactory())

    def play(self, steps: Steps, *, since: datetime) -> datetime:
        """Take the steps one after the other, each so long after the one before; returns the last instant."""
        at = since
        for name, later in steps:
            at += later
            try:
                STEPS[name](self, at)
            except (RuleBroken, TransitionNotAllowed, PermissionDenied, LookupError):
                # Refused, or there is nothing to do it with: histories are full of that.
                continue
        return at

    def newest(self, things: str) -> Any:
        """The newest of the appointment's offers, visits or claims; IndexError when there is none."""
        return getattr(self.appointment, things).order_by("-id")[0]


def _offer(history: History, at: datetime) -> object:
    terms = make.offer_terms(at, method=history.appointment.method)
    return offer(history.appointment, terms, by=history.seller, at=at)


def _revise(history: History, at: datetime) -> object:
    terms = make.offer_terms(at, method=history.appointment.method)
    return revise(history.newest("offers"), terms, by=history.seller, at=at)


def _accept(history: History, at: datetime) -> object:
    standing = history.newest("offers")
    by = history.buyer if standing.side == "seller" else history.seller
    return accept(standing, window=0 if standing.windows else None, by=by, at=at)


def _swept(_history: History, at: datetime) -> object:
    return sweep_batch(at=at)


def _claim(history: History, at: datetime) -> object:
    return claimed(history.appointment, at=at, begins_at=at - timedelta(hours=3), ends_at=at + timedelta(hours=20))


STEPS: dict[str, Callable[[History, datetime], object]] = {
    "offer": _offer,
    "revise": _revise,
    "accept": _accept,
    "counter": lambda history, at: counter(history.newest("offers"), wish="Later", by=history.buyer, at=at),
    "confirm": lambda history, at: confirm(history.appointment, items=make.ALL_ITEMS, by=history.seller, at=at),
    "refuse": lambda history, at: refuse(history.appointment, "Nobody is there.", by=history.seller, at=at),
    "cancel": lambda history, at: cancel(history.appointment, by=history.buyer, at=at),
    "flag": lambda history, at: flag(history.newest("offers"), "Too far away.", by=history.buyer, at=at),
    "hold": lambda history, at: rule_on_offer(
        history.newest("offers"), is_reasonable=True, reason="It is.", by=history.auditor, at=at
    ),
    "strike": lambda history, at: rule_on_offer(
        history.newest("offers"), is_reasonable=False, reason="It is not.", by=history.auditor, at=at
    ),
    "claim": _claim,
    "grant": lambda history, at: grant(history.newest("claims"), reason="Proven.", by=history.auditor, at=at),
    "reject": lambda history, at: reject(history.newest("claims"), reason="Not proven.", by=history.auditor, at=at),
    "write": lambda history, at: write(history.appointment.case, "Hello", by=history.buyer, at=at),
    "check_in": lambda history, at: check_in(history.newest("visits"), by=history.seller, at=at),
    "complete": lambda history, at: complete(history.newest("visits"), "Done.", by=history.seller, at=at),
    "sweep": _swept,
}
