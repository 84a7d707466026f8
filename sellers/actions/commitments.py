"""Recording, judging and ending what a seller promises beyond the rules (2.3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from sellers.actions.locks import lock_seller, locked
from sellers.actions.master import written_before
from sellers.actions.verdicts import PUT_RIGHT, give_verdicts, put_verdicts_right
from sellers.events import record_change, subject_of
from sellers.models import CommitmentSource, CommitmentState, Product, Seller, SellerCommitment, Term
from sellers.permissions import judges, must, must_say_why, screens, speaks_for
from sellers.queries import authors_of_judgement, judgement_that_stands
from sellers.terms import Promise
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.models import User
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.refusals import RuleBroken

CLAUSE = "2.3.3"


def promise_to_all(
    seller: Seller,
    product: Product | None,
    *,
    source: CommitmentSource,
    statement: str,
    terms: Sequence[Promise],
    by: Actor,
    at: datetime,
    begins_at: datetime | None = None,
    made_to: User | None = None,
    replaces: SellerCommitment | None = None,
    evidence: str = "",
) -> SellerCommitment:
    """Record a commitment inside somebody else's transaction; contract as `record_commitment`."""
    _check_sentence(seller, product, source, statement, terms, made_to)
    if replaces is not None:
        _supersede(replaces, seller, product, begins_at or at, by=by, at=at)
    commitment = SellerCommitment(
        seller=seller,
        product=product,
        made_to=made_to,
        source=source,
        statement=statement.strip(),
        begins_at=begins_at or at,
        recorded_at=at,
        replaces=replaces,
        evidence=evidence,
    )
    commitment.save()
    Term.objects.bulk_create(
        Term(commitment=commitment, dimension=each.dimension, value=each.value, excludes=each.excludes)
        for each in terms
    )
    record_change(
        commitment,
        "commitment.recorded",
        seller_id=seller.pk,
        clause=CLAUSE,
        by=by,
        at=at,
        effective_at=commitment.begins_at,
        after={"state": commitment.state},
        detail={
            "statement": commitment.statement,
            "source": commitment.source,
            "product": None if product is None else product.sku,
            "begins_at": commitment.begins_at,
            "evidence": evidence,
            "terms": [each.text for each in terms],
        },
    )
    return commitment


def _check_sentence(
    seller: Seller,
    product: Product | None,
    source: CommitmentSource,
    statement: str,
    terms: Sequence[Promise],
    made_to: User | None,
) -> None:
    if not statement.strip():
        raise RuleBroken(CLAUSE, "statement_missing", status=422, detail=_("Give the seller's own words."))
    if not terms:
        raise RuleBroken(CLAUSE, "terms_missing", status=422, detail=_("Split the sentence into at least one term."))
    if len({(each.dimension, each.value) for each in terms}) != len(terms):
        raise RuleBroken(CLAUSE, "terms_twice", status=422, detail=_("A term stands twice."))
    if (source == CommitmentSource.COMMUNICATION) != (made_to is not None):
        raise RuleBroken(
            CLAUSE,
            "recipient_unclear",
            status=422,
            detail=_("What was said to a buyer names that buyer; what is said to all names nobody."),
        )
    if source == CommitmentSource.PAGE and product is None:
        raise RuleBroken(CLAUSE, "product_missing", status=422, detail=_("A page belongs to a product."))
    if product is not None and product.seller_id != seller.pk:
        raise RuleBroken(CLAUSE, "product_of_another", status=422, detail=_("The product is another seller's."))


def _supersede(
    old: SellerCommitment, seller: Seller, product: Product | None, begins_at: datetime, *, by: Actor, at: datetime
) -> None:
    held = locked(SellerCommitment, old.pk)
    if held.seller_id != seller.pk or held.product_id != (None if product is None else product.pk):
        raise RuleBroken(
            CLAUSE, "replaces_another", status=422, detail=_("A commitment replaces only one about the same thing.")
        )
    before = held.state
    # Never ended in the past: what was promised bound the orders placed until now.
    held.supersede(max(begins_at, at, held.begins_at))
    held.save(update_fields=["state", "ended_at"])
    record_change(
        held,
        "commitment.superseded",
        seller_id=held.seller_id,
        clause=CLAUSE,
        by=by.with_key(""),
        at=at,
        before={"state": before},
        after={"state": held.state, "ended_at": held.ended_at},
    )


@action
def record_commitment(
    seller: Seller,
    product: Product | None,
    *,
    source: CommitmentSource,
    statement: str,
    terms: Sequence[Promise],
    by: Actor,
    at: datetime,
    begins_at: datetime | None = None,
    made_to: User | None = None,
    replaces: SellerCommitment | None = None,
    evidence: str = "",
) -> SellerCommitment:
    """Record what a seller said, split into terms; without a product it is said of all products.

    The seller's own word (and an import) is judged at once. What platform staff record on somebody's
    report waits in `recorded` for an auditor's `judge`. `made_to` names the buyer of something said
    in communication, `evidence` where it can be read; `replaces` is superseded and no longer held against the new one.
    The same command repeated (by.key) returns the same commitment.
    Errors: RuleBroken `statement_missing`, `terms_missing`, `terms_twice`, `recipient_unclear`,
    `product_missing`, `product_of_another`, `replaces_another`; TransitionNotAllowed for `replaces`
    that no longer stands.
    """
    must(speaks_for(seller.pk, by) or screens(by), by)
    lock_seller(seller.pk)
    written = written_before(by, "commitment.recorded")
    if written is not None:
        return SellerCommitment.objects.get(pk=int(written.subject.partition("/")[2]))
    commitment = promise_to_all(
        seller,
        product,
        source=source,
        statement=statement,
        terms=terms,
        by=by,
        at=at,
        begins_at=begins_at,
        made_to=made_to,
        replaces=replaces,
        evidence=evidence.strip(),
    )
    if not by.platform_role:
        give_verdicts(commitment, by=by.with_key(""), at=at)
    return commitment


@action
def judge(
    commitment: SellerCommitment,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    decisions: Mapping[int, str] | None = None,
) -> SellerCommitment:
    """Hold a recorded commitment against the rules and earlier promises, term by term; auditors.

    Without `decisions` the system's proposal is accepted; with them (verdict by the term's key) the auditor decides,
    with reasons where he differs. Afterwards it is binding, void, or split (some terms bind).
    Errors: RuleBroken `reason_missing`, `narrower_than_rules` (422); TransitionNotAllowed.
    """
    must(judges(by), by)
    lock_seller(commitment.seller_id)
    held = locked(SellerCommitment, commitment.pk)
    give_verdicts(held, by=by, at=at, reason=reason.strip(), decisions=decisions)
    return held


@action
def judge_anew(
    commitment: SellerCommitment,
    *,
    reason: str,
    decisions: Mapping[int, str],
    added: Sequence[Promise] = (),
    by: Actor,
    at: datetime,
    seen: int | None = None,
) -> SellerCommitment:
    """Put right how a commitment was judged, at once by the system or by another auditor; auditors, with the reason.

    `decisions` (verdict by the term's key) changes the verdict on terms; a term that was read wrong is found not to be
    promised, and what the words do say is `added`, judged as the system proposes. What it binds it has bound from the
    start, what is void has never bound: open requests and covers follow (`cases.put_right_promises`). The same command
    repeated (by.key) changes nothing more. PermissionDenied for who recorded it or gave the judgement that stands.
    `seen` is the key of the event of the judgement that the auditor had before him; another one is not overwritten.
    Errors: RuleBroken `reason_missing`, `terms_twice`, `narrower_than_rules` (422), `not_judged`,
    `judged_meanwhile`, `nothing_put_right` (409).
    """
    if not judges(by):
        raise PermissionDenied(_("Your place does not allow this."))
    why = must_say_why(reason)
    lock_seller(commitment.seller_id)
    held = locked(SellerCommitment, commitment.pk)
    if written_before(by, PUT_RIGHT, subject=subject_of(held)) is not None:
        return held
    if by.user_id in authors_of_judgement(held):
        raise PermissionDenied(_("You took part in an earlier step: another person has to decide."))
    if held.state == CommitmentState.RECORDED:
        raise RuleBroken(CLAUSE, "not_judged", detail=_("It waits for its first judgement."))
    stands = judgement_that_stands(held)
    if seen is not None and (stands is None or stands.pk != seen):
        raise RuleBroken(
            CLAUSE,
            "judged_meanwhile",
            detail=_("Another auditor has put it right since you opened its page: read the verdicts as they are now."),
        )
    put_verdicts_right(held, by=by, at=at, reason=why, decisions=decisions, added=added)
    return held


@action
def end(commitment: SellerCommitment, *, by: Actor, at: datetime, reason: str) -> SellerCommitment:
    """Take a standing commitment back for what is still to come; this instant is its last.

    Orders placed before keep it. The seller's people, or platform staff on their request. The same command repeated
    (by.key) changes nothing more. Errors: RuleBroken `reason_missing`, `not_begun`; TransitionNotAllowed.
    """
    must(speaks_for(commitment.seller_id, by) or screens(by), by)
    why = must_say_why(reason)
    lock_seller(commitment.seller_id)
    held = locked(SellerCommitment, commitment.pk)
    if written_before(by, "commitment.ended", subject=subject_of(held)) is not None:
        return held
    return end_commitment(held, reason=why, by=by, at=at)


def end_commitment(held: SellerCommitment, *, reason: str, by: Actor, at: datetime) -> SellerCommitment:
    """End a locked commitment inside somebody else's transaction."""
    before = held.state
    if held.begins_at > at and before in (CommitmentState.BINDING, CommitmentState.SPLIT):
        raise RuleBroken(
            CLAUSE, "not_begun", detail=_("It has been announced and cannot be taken back before it holds.")
        )
    held.end(at)
    held.save(update_fields=["state", "ended_at"])
    record_change(
        held,
        "commitment.ended",
        seller_id=held.seller_id,
        clause=CLAUSE,
        by=by,
        at=at,
        before={"state": before},
        after={"state": held.state, "ended_at": held.ended_at},
        detail={"reason": reason},
    )
    return held
