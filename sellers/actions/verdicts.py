"""Judging the terms of a commitment, inside somebody else's transaction (2.3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sellers.events import record_change
from sellers.models import CommitmentState, SellerCommitment, Term, TermState
from sellers.models.commitment import JUDGED
from sellers.permissions import must_say_why
from sellers.queries import proposal_for, to_reconsider
from sellers.terms import Verdict
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.rulebook.refusals import RuleBroken

if TYPE_CHECKING:
    from sellers.proposals import Proposal
    from sellers.terms import Promise

PUT_RIGHT = "commitment.put_right"


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
    terms = terms_of(commitment)
    proposal = proposal_for(commitment, [term.promise for term in terms])
    told = weighed(terms, proposal, decisions or {})
    if any(each["why"] != each["proposed"] for each in told):
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


def put_verdicts_right(
    commitment: SellerCommitment,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    decisions: Mapping[int, str],
    added: Sequence[Promise],
) -> None:
    """Give other verdicts on some terms of a judged commitment, and one on each term that was overlooked.

    What is `added` gets the system's proposal; the other terms keep their verdicts. Later promises that are void as
    narrower than what has never bound are named in the event and stay as they are: people judge. Errors: RuleBroken
    `terms_twice`, `narrower_than_rules` (422), `nothing_put_right` (409).
    """
    known = terms_of(commitment)
    if len({*added, *(term.promise for term in known)}) != len(added) + len(known):
        raise RuleBroken("2.3.3", "terms_twice", status=422, detail=_("A term stands twice."))
    overlooked = [
        Term(commitment=commitment, dimension=each.dimension, value=each.value, excludes=each.excludes)
        for each in added
    ]
    terms = [*(term for term in known if decisions.get(term.pk, term.reason) != term.reason), *overlooked]
    if not terms:
        raise RuleBroken("2.3.3", "nothing_put_right", detail=_("No judgement is changed by this."))
    old, was = commitment.state, {term.pk: term.reason for term in known}
    for term in overlooked:
        term.save()
    proposal = proposal_for(commitment, [term.promise for term in terms])
    told = weighed(terms, proposal, decisions)
    Term.objects.bulk_update(terms, ["state", "reason"])
    _move_after_all(commitment, terms_of(commitment))
    commitment.judged_at = commitment.put_right_at = at
    commitment.put_right_reason = reason
    commitment.save(update_fields=["state", "judged_at", "put_right_at", "put_right_reason"])
    again = [each.pk for each in to_reconsider(commitment, {term.dimension for term in terms})]
    record_change(
        commitment,
        PUT_RIGHT,
        seller_id=commitment.seller_id,
        clause="2.3.3",
        by=by,
        at=at,
        before={"state": old},
        after={"state": commitment.state},
        detail={
            "terms": [{**each, "was": was.get(each["key"], "")} for each in told],
            "proposed": proposal.whole,
            "reason": reason,
            **({"reconsider": again} if again else {}),
        },
    )


def terms_of(commitment: SellerCommitment) -> list[Term]:
    """Its terms as they stand now, in their order."""
    return list(Term.objects.filter(commitment=commitment).order_by("pk"))


def weighed(terms: Sequence[Term], proposal: Proposal, decisions: Mapping[int, str]) -> list[dict[str, Any]]:
    """Give each stored term its verdict, decided or else as proposed; returns what the event tells of them.

    RuleBroken `narrower_than_rules` (422): nobody binds what is below the rules.
    """
    told = []
    for term, proposed in zip(terms, proposal.terms, strict=True):
        verdict = Verdict(decisions.get(term.pk, proposed.verdict))
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
                "key": term.pk,
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
    return told


def _move(commitment: SellerCommitment, terms: list[Term], at: datetime) -> None:
    bound = [term for term in terms if term.state == TermState.BINDING]
    if len(bound) == len(terms):
        commitment.bind(at)
    elif bound:
        commitment.split(at)
    else:
        commitment.void(at)


def _move_after_all(commitment: SellerCommitment, terms: list[Term]) -> None:
    """What all verdicts make of it now; one that is over stays so, for the orders that keep it."""
    bound = [term for term in terms if term.state == TermState.BINDING]
    if len(bound) == len(terms):
        wanted, move = CommitmentState.BINDING, commitment.bind_after_all
    elif bound:
        wanted, move = CommitmentState.SPLIT, commitment.split_after_all
    else:
        wanted, move = CommitmentState.VOID, commitment.void_after_all
    if commitment.state in JUDGED and commitment.state != wanted:
        move()
