"""Judging the terms of a commitment, inside somebody else's transaction (2.3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from sellers.events import record_change
from sellers.models import SellerCommitment, Term, TermState
from sellers.permissions import must_say_why
from sellers.queries import proposal_for
from sellers.terms import Verdict
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.rulebook.refusals import RuleBroken


def give_verdicts(
    commitment: SellerCommitment,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    decisions: Mapping[int, str] | None = None,
) -> None:
    """Judge each term by the edition in force when the commitment begins; write state and one event.

    `decisions` names the verdict of terms (by key) on which somebody differs from the system's proposal, which holds
    for the rest. Errors: RuleBroken `reason_missing`, `narrower_than_rules` (422); TransitionNotAllowed for what has
    been judged before.
    """
    terms = list(Term.objects.filter(commitment=commitment).order_by("pk"))
    proposal = proposal_for(commitment, [term.promise for term in terms])
    differs = False
    told = []
    for term, proposed in zip(terms, proposal.terms, strict=True):
        verdict = Verdict((decisions or {}).get(term.pk, proposed.verdict))
        differs = differs or verdict != proposed.verdict
        if verdict.binds and proposed.verdict == Verdict.NARROWS_RULES:
            raise RuleBroken(
                "2.3.3",
                "narrower_than_rules",
                status=422,
                detail=_("%(term)s: nothing below the rules can bind. %(reason)s")
                % {"term": term.promise.text, "reason": proposed.reason},
            )
        term.state = TermState.BINDING if verdict.binds else TermState.VOID
        term.reason = verdict
        told.append(
            {
                "term": term.promise.text,
                "dimension": term.dimension,
                "value": term.value,
                "excludes": term.excludes,
                "state": term.state,
                "why": term.reason,
                "proposed": proposed.verdict,
                "compared": proposed.reason,
            }
        )
    if differs:
        must_say_why(reason)
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
        detail={"terms": told, "proposed": proposal.whole, "reason": reason},
    )


def _move(commitment: SellerCommitment, terms: list[Term], at: datetime) -> None:
    bound = [term for term in terms if term.state == TermState.BINDING]
    if len(bound) == len(terms):
        commitment.bind(at)
    elif bound:
        commitment.split(at)
    else:
        commitment.void(at)
