"""A proposal of every kind that two people decide, made through the real actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from cases.actions.claim_rulings import REVOCATION, decide_revocation, propose_revocation
from cases.actions.editions import EDITION, decide_draft
from cases.actions.outages import OUTAGE_TOLL, decide_outage, propose_outage
from cases.actions.restrictions import RESTRICTION, decide_restriction
from complaints.actions import losses
from complaints.actions.clearances import CLEARANCE, REVIEW, answer_outcome, approve_clearance, propose_outcome
from complaints.actions.losses import LOSS
from complaints.sweep import let_groundless_fall
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import editions
from tests.factories import losses as lost
from tests.factories.clearances import a_proposal, a_violation
from tests.factories.sellers import SellerFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor

AT = instant("2026-03-02T01:15:30Z")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = AT + 40 * DAY

Deciding = Callable[[Actor], object]


@dataclass(frozen=True)
class Put:
    """What one person has put forward: the decision's kind and thing, who it was, who else may decide, and how one does."""

    kind: str
    thing: Any
    first: Actor
    others: list[Actor]
    decide: Deciding


def a_clearance() -> Put:
    """The clearance of a seller, by one auditor."""
    first = claim.an_auditor()
    thing = a_proposal(SellerFactory(), at=AT, by=first)
    others = [claim.an_auditor(), claim.an_auditor()]
    return Put(CLEARANCE, thing, first, others, lambda by: approve_clearance(thing, reason="So.", by=by, at=LATER))


def a_review() -> Put:
    """Two violations are cited and one falls: the two auditors of the clearance review it."""
    seller, first, other = SellerFactory(), claim.an_auditor(), claim.an_auditor()
    cited = [a_violation(seller, at=AT), a_violation(seller, at=AT)]
    thing = approve_clearance(a_proposal(seller, at=AT, by=first, cited=cited), reason="So.", by=other, at=AT + HOUR)
    cited[0].groundless_since = AT + DAY
    cited[0].breach = f"deadline/{999_000_000 + cited[0].pk}"
    cited[0].save()
    let_groundless_fall(at=AT + DAY)
    propose_outcome(thing, outcome="stands", reason="It does.", by=first, at=AT + 2 * DAY)
    return Put(
        REVIEW,
        thing,
        first,
        [other, other],
        lambda by: answer_outcome(thing, agreed=True, reason="Yes.", by=by, at=LATER),
    )


def a_loss() -> Put:
    """A loss claim that finance has put up."""
    first = lost.of_finance()
    thing = losses.put_up(lost.a_draft(), reason="Look.", by=first, at=lost.DRAFTED)
    others = [claim.an_auditor(), claim.an_auditor()]
    return Put(
        LOSS, thing, first, others, lambda by: losses.approve(thing, reason="So.", by=by, at=lost.DRAFTED + HOUR)
    )


def an_outage() -> Put:
    """An outage of an hour, by one administrator."""
    first = claim.an_administrator()
    thing = propose_outage(begins_at=AT - HOUR, ends_at=AT, reason="Away.", by=first, at=AT)
    others = [claim.an_administrator(), claim.an_administrator()]
    return Put(
        OUTAGE_TOLL, thing, first, others, lambda by: decide_outage(thing, approved=True, reason="So.", by=by, at=LATER)
    )


def an_edition() -> Put:
    """An edition with a quicker answer, by one administrator."""
    first = claim.an_administrator()
    thing = editions.a_proposal(date(2026, 9, 1), at=AT, by=first, response_hours=24)
    others = [claim.an_administrator(), claim.an_administrator()]
    return Put(
        EDITION, thing, first, others, lambda by: decide_draft(thing, approved=True, reason="So.", by=by, at=LATER)
    )


def a_restriction() -> Put:
    """A cover restricted for abuse, by one auditor."""
    first = claim.an_auditor()
    thing = claim.a_restriction(make.a_cover(), at=AT, by=first)
    others = [claim.an_auditor(), claim.an_auditor()]
    decide = partial(decide_restriction, thing, approved=True, reason="So.", at=LATER)
    return Put(RESTRICTION, thing, first, others, lambda by: decide(by=by))


def a_revocation() -> Put:
    """A grant to be taken back, by one auditor."""
    first = claim.an_auditor()
    filed = claim.claimed(make.requested(at=AT), at=AT + DAY, proven=True)
    thing = claim.granted(filed, at=AT + DAY + HOUR)
    propose_revocation(thing, reason="Another year.", by=first, at=AT + 2 * DAY)
    others = [claim.an_auditor(), claim.an_auditor()]
    decide = partial(decide_revocation, thing, approved=True, reason="So.", at=LATER)
    return Put(REVOCATION, thing, first, others, lambda by: decide(by=by))


KINDS: list[Any] = [a_clearance, a_review, a_loss, an_outage, an_edition, a_restriction, a_revocation]
