"""The clocks of requests as sums, those that run and those that a request would have (T2 to T7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cases.covers import must_be_owed, must_offer_method, terms_for_request
from cases.deadlines import FIRST_CLOCKS, length_of
from cases.excuses import outages_after
from cases.models import Clock, Cover, Deadline, ExclusionClaim, LongerLimitState, Pause
from cases.queries import deadlines_for
from cases.sums import CAUSES, Agreement, Basis, Explanation, Source, held_against, sum_of_kind
from sellers.queries import binding_terms
from zestech_aftersales.rulebook.limits import limit_due
from zestech_aftersales.rulebook.queries import law_for_order

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sellers.models import Term
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.rulebook.editions import EditionNumbers

STARTS: dict[str, str | Promise] = {
    Clock.RESPONSE: _("The request was received"),
    Clock.CONFIRMATION: _("The request was received"),
    Clock.SOLUTION: _("The request was received"),
    Clock.COUNTER: _("The counter-offer was received"),
    Clock.NEW_DATE: _("The visit did not take place"),
    Clock.BUYER_SILENCE: _("The offer was received"),
    Clock.OFFER_RULING: _("The offer was flagged"),
}
STARTS_ANEW = _("The buyer accepted the later offer")


class Ruling(NamedTuple):
    """What an order is counted by: its edition, the law it comes to with later better numbers, its promises."""

    cover: Cover
    law: EditionNumbers
    received_at: datetime
    terms: Mapping[str, Any]


def limits_for(by: Actor) -> QuerySet[Deadline]:
    """The limits somebody may see, each with all that its sum is told from."""
    return deadlines_for(by).select_related(
        "appointment__case__cover__edition",
        "appointment__case__cover__line__product",
        "appointment__case__cover__order",
        "appointment__case__cover__buyer",
    )


def explanation(deadline: Deadline) -> Explanation:
    """The sum of a stored limit; a disagreement with the stored due instant is logged as an error.

    Give it one of `limits_for`: then it takes a constant number of queries.
    """
    appointment = deadline.appointment
    cover = appointment.case.cover
    ruling = Ruling(
        cover, law_for_order(cover.edition, appointment.received_at), appointment.received_at, appointment.terms
    )
    told = _explained(
        ruling,
        str(deadline.clock),
        started_at=deadline.started_at,
        length=(deadline.amount_by_rule, deadline.promised),
        agreed=_agreements(deadline),
        pauses=list(deadline.pauses.all()),
        deadline=deadline,
    )
    return held_against(replace(told, deadline=deadline), deadline.due_at, deadline=deadline.pk)


def would_be(cover: Cover, method: str, *, at: datetime) -> list[Explanation]:
    """The limits that a request for a method would have if it were received at an instant; writes nothing.

    RuleBroken as `request_service` would refuse it: not_covered, cover_expired, method_not_offered (422).
    """
    must_be_owed(cover, at=at)
    terms = terms_for_request(cover, at)
    must_offer_method(cover, method, terms)
    ruling = Ruling(cover, law_for_order(cover.edition, at), at, terms)
    return [
        _explained(ruling, clock, started_at=at, length=length, pauses=_tolled(clock, at, ruling.law, length[0]))
        for clock in map(str, FIRST_CLOCKS[method])
        for length in [length_of(clock, ruling.law, ruling.terms)]
    ]


def _tolled(clock: str, at: datetime, law: EditionNumbers, amount: int) -> list[Pause]:
    """The outages of the platform that a clock would be born with; not stored."""
    row = Deadline(clock=clock, started_at=at, due_at=limit_due(clock, at, law, amount=amount))
    return [
        Pause(begins_at=excuse.begins_at, ends_at=excuse.ends_at, cause=excuse.cause)
        for excuse in outages_after(at)
        if excuse.touches(row)
    ]


def _causes_of(deadline: Deadline | None, pauses: Sequence[Pause]) -> Mapping[str, str | Promise]:
    """The causes of pauses in words; a claim of the seller by what it says happened, and where."""
    if deadline is None or not any(pause.cause.startswith("claim/") for pause in pauses):
        return CAUSES
    claims = ExclusionClaim.objects.filter(appointment=deadline.appointment_id)
    return CAUSES | {claim.cause: _happened(claim) for claim in claims}


def _happened(claim: ExclusionClaim) -> str:
    words = [claim.get_ground_display(), claim.get_kind_display(), claim.place]
    return capfirst(", ".join(word for word in words if word))


def _explained(
    ruling: Ruling,
    clock: str,
    *,
    started_at: datetime,
    length: tuple[int, str],
    agreed: tuple[Agreement, ...] = (),
    pauses: Sequence[Pause] = (),
    deadline: Deadline | None = None,
) -> Explanation:
    """The sum of a clock: what a ruling gives, the promise and the pauses that count."""
    amount, promised = length
    starts_anew = clock == Clock.CONFIRMATION and started_at != ruling.received_at
    return sum_of_kind(
        clock,
        Basis(ruling.cover.edition, ruling.law, ruling.received_at),
        started_at,
        STARTS_ANEW if starts_anew else STARTS[clock],
        length=length,
        sources=sources_of(ruling.cover, promised, amount, at=ruling.received_at),
        agreed=agreed,
        pauses=pauses,
        causes=_causes_of(deadline, pauses),
    )


def _agreements(deadline: Deadline) -> tuple[Agreement, ...]:
    """What buyer and seller agreed on for this clock, in the order in which they did; asked only where they did."""
    if deadline.agreed_from is None:
        return ()
    accepted = deadline.longer_limits.filter(state=LongerLimitState.ACCEPTED).order_by("answered_at", "id")
    return tuple(
        Agreement(
            amount=each.amount,
            instead_of=each.instead_of,
            reason=each.reason,
            proposed_at=each.received_at,
            agreed_at=each.answered_at or each.received_at,
            words=each.words,
            instead_words=each.instead_words,
        )
        for each in accepted
    )


def sources_of(cover: Cover, promised: str, amount: int, *, at: datetime) -> tuple[Source, ...]:
    """The commitments that promised so much on a dimension and bind the order for a request received at an instant."""
    if not promised:
        return ()
    terms = binding_terms(cover.line.product, cover.order.placed_at, at, buyer=cover.buyer)
    return tuple(_source(term) for term in terms if term.dimension == promised and term.value == amount)


def _source(term: Term) -> Source:
    said = term.commitment
    return Source(said.get_source_display(), said.statement, said.begins_at)
