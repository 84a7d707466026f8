"""Judging the terms of a commitment, inside somebody else's transaction (2.3.3)."""

from __future__ import annotations

from datetime import datetime

from sellers.events import record_change
from sellers.models import SellerCommitment, Term, TermState
from sellers.queries import promises_before
from sellers.terms import Offering, judged
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.rulebook.queries import edition_in_force


def give_verdicts(commitment: SellerCommitment, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Judge each term by the edition in force when the commitment begins; write state and one event.

    Errors: TransitionNotAllowed for what has been judged before.
    """
    law = edition_in_force(commitment.begins_at).law
    offering = _offering(commitment)
    before = promises_before(commitment)
    terms = list(Term.objects.filter(commitment=commitment).order_by("pk"))
    for term in terms:
        verdict = judged(term.promise, law, before, offering)
        term.state = TermState.BINDING if verdict.binds else TermState.VOID
        term.reason = verdict
    old = commitment.state
    _move(commitment, terms, at)
    commitment.save(update_fields=["state", "judged_at"])
    Term.objects.bulk_update(terms, ["state", "reason"])
    record_change(
        commitment,
        f"commitment.{commitment.state}",
        seller_id=commitment.seller_id,
        clause="2.3.3",
        by=by,
        at=at,
        before={"state": old},
        after={"state": commitment.state},
        detail={
            "terms": [{"term": term.promise.text, "state": term.state, "why": term.reason} for term in terms],
            "reason": reason,
        },
    )


def _move(commitment: SellerCommitment, terms: list[Term], at: datetime) -> None:
    bound = [term for term in terms if term.state == TermState.BINDING]
    if len(bound) == len(terms):
        commitment.bind(at)
    elif bound:
        commitment.split(at)
    else:
        commitment.void(at)


def _offering(commitment: SellerCommitment) -> Offering:
    """What the product's page offers; a page that lists nothing offers everything of 2.1.1 and 2.2.1."""
    all_of_the_rules = Offering()
    product = commitment.product
    if product is None:
        return all_of_the_rules
    return Offering(
        service_types=frozenset(product.service_types) or all_of_the_rules.service_types,
        methods=frozenset(product.methods) or all_of_the_rules.methods,
    )
