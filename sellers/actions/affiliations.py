"""Keeping the graph between sellers: auditors record a tie with its evidence and end it (3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from sellers.actions.locks import lock_sellers, locked
from sellers.models import Affiliation, AffiliationBasis, Seller
from sellers.permissions import judges, must_say_why
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.record import earlier, record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User

CLAUSE = "3.2"


@action
def record_affiliation(
    seller: Seller, affiliate: Seller, *, basis: AffiliationBasis, evidence: str, by: Actor, at: datetime
) -> Affiliation:
    """Tie two sellers together from now on; auditors. What they applied for before was applied for without it.

    The same command repeated (by.key) returns the same affiliation. Errors: RuleBroken `evidence_missing`,
    `same_entity` (an entity is barred as itself), `already_affiliated`.
    """
    _must_judge(by)
    first, second = _pair(seller, affiliate)
    written = earlier(by)
    if written is not None and written.kind == "affiliation.recorded":
        return Affiliation.objects.get(pk=int(written.subject.partition("/")[2]))
    if not evidence.strip():
        raise RuleBroken(CLAUSE, "evidence_missing", status=422, detail=_("State the evidence of the tie."))
    if first.pk == second.pk or first.entity_key == second.entity_key:
        raise RuleBroken(CLAUSE, "same_entity", status=422, detail=_("One legal entity is no affiliate of itself."))
    if Affiliation.objects.filter(seller=first, affiliate=second, ended_at__isnull=True).exists():
        raise RuleBroken(CLAUSE, "already_affiliated", detail=_("This affiliation is recorded already."))
    affiliation = Affiliation.objects.create(
        seller=first,
        affiliate=second,
        basis=AffiliationBasis(basis),
        evidence=evidence.strip(),
        kept_from=at,
        recorded_by=cast("User", by.user),
    )
    _record(affiliation, "affiliation.recorded", by=by, at=at)
    return affiliation


@action
def end_affiliation(affiliation: Affiliation, *, by: Actor, at: datetime, reason: str) -> Affiliation:
    """End a tie from now on, with the reason; bars asked about earlier instants still see it. Auditors.

    Errors: RuleBroken `reason_missing`, `affiliation_ended`.
    """
    _must_judge(by)
    why = must_say_why(reason)
    lock_sellers([affiliation.seller_id, affiliation.affiliate_id])
    held = locked(Affiliation, affiliation.pk)
    written = earlier(by)
    if written is not None and written.subject == held.subject:
        return held
    if held.ended_at is not None:
        raise RuleBroken(CLAUSE, "affiliation_ended", detail=_("This affiliation has ended already."))
    held.ended_at, held.ended_by, held.end_reason = at, by.user, why
    held.save(update_fields=["ended_at", "ended_by", "end_reason"])
    _record(held, "affiliation.ended", by=by, at=at)
    return held


def _must_judge(by: Actor) -> None:
    """Auditors in person; the system keeps no graph."""
    if not judges(by) or by.acting_for is not None:
        raise PermissionDenied(_("Only auditors keep the affiliations."))


def _pair(seller: Seller, affiliate: Seller) -> tuple[Seller, Seller]:
    rows = lock_sellers([seller.pk, affiliate.pk])
    return rows[0], rows[-1]


def _record(affiliation: Affiliation, kind: str, *, by: Actor, at: datetime) -> None:
    record(
        stream=affiliation.subject,
        subject=affiliation.subject,
        kind=kind,
        clause=CLAUSE,
        by=by,
        effective_at=at,
        recorded_at=at,
        after={
            "seller": affiliation.seller_id,
            "affiliate": affiliation.affiliate_id,
            "basis": affiliation.basis,
            "evidence": affiliation.evidence,
            "kept_from": affiliation.kept_from,
            "ended_at": affiliation.ended_at,
        },
        detail={"reason": affiliation.end_reason} if affiliation.end_reason else None,
    )
