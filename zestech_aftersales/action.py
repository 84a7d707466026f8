"""The frame of every action: one durable transaction, and refusals that survive it (T9)."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

from zestech_aftersales.rulebook.refusals import RuleBroken

P = ParamSpec("P")
T = TypeVar("T")


def action(fn: Callable[P, T | RuleBroken]) -> Callable[P, T]:
    """Run an action in its own outermost transaction.

    A RuleBroken that the action *raises* rolls everything back. One that it *returns* follows
    an expiry or stored evidence: the transaction is committed first, then it is raised, so the
    caller sees one face of a refusal and nothing raises across the commit.
    RuntimeError when called inside another transaction: actions are never nested.
    """

    @wraps(fn)
    def framed(*args: P.args, **kwargs: P.kwargs) -> T:
        with transaction.atomic(durable=True):
            outcome = fn(*args, **kwargs)
        if isinstance(outcome, RuleBroken):
            raise outcome
        return outcome

    return framed
