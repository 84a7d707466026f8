"""What was promised, with its source: for the buyer by cover or request, for the seller by commitment (2.3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from cases.models import ChatPromise, Cover, Message, ServiceAppointment, ServiceCase, Side
from cases.permissions import is_buyer, is_seller
from cases.queries import appointments_for, cases_for, covers_for
from sellers.models import SellerCommitment, Term, TermState
from sellers.queries import binding_terms
from sellers.terms import LISTS, Dimension

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@dataclass(frozen=True, slots=True)
class Promised:
    """A commitment as one person sees it: its terms, and the message it was made in."""

    commitment: SellerCommitment
    terms: tuple[Term, ...]
    # The terms that are the best on their dimension, and so set what counts.
    best: frozenset[int]
    message: Message | None

    @property
    def marked(self) -> list[tuple[Term, bool]]:
        """The terms, each with whether it is the best of its kind."""
        return [(term, term.pk in self.best) for term in self.terms]


def promised_for_cover(cover: Cover, *, at: datetime) -> list[Promised]:
    """What binds for a cover at an instant: the terms as of placement, and those made since."""
    return _promised(binding_terms(cover.line.product, cover.order.placed_at, at, buyer=cover.buyer))


def promised_for_request(appointment: ServiceAppointment) -> list[Promised]:
    """What binds a request: the terms as of the order's placement, and those made before it was received."""
    return promised_for_cover(appointment.case.cover, at=appointment.received_at)


def judged_anew_for_cover(cover: Cover, *, at: datetime) -> QuerySet[SellerCommitment]:
    """The commitments made to a cover's buyer by an instant whose judgement was put right, the last one first."""
    about = Q(product=cover.line.product_id) | Q(product__isnull=True)
    made_to = Q(made_to=cover.buyer_id) | Q(made_to__isnull=True)
    held = Q(ended_at__isnull=True) | Q(ended_at__gte=cover.order.placed_at)
    found = SellerCommitment.objects.filter(about, made_to, held, seller=cover.seller_id, begins_at__lte=at)
    return found.filter(put_right_at__lte=at).order_by("-put_right_at", "-pk").prefetch_related("terms")


def may_record(message: Message, case: ServiceCase, by: Actor) -> bool:
    """Whether somebody can point at a message as a promise: a word of the seller's side, by one who may speak here."""
    return message.side == Side.SELLER and bool(message.body) and (is_buyer(case, by) or is_seller(case, by))


def _promised(terms: Iterable[Term]) -> list[Promised]:
    by_commitment: dict[int, list[Term]] = {}
    for term in terms:
        by_commitment.setdefault(term.commitment_id, []).append(term)
    said_in = messages_of(by_commitment)
    best = _best(term for group in by_commitment.values() for term in group)
    return [Promised(group[0].commitment, tuple(group), best, said_in.get(pk)) for pk, group in by_commitment.items()]


def _best(terms: Iterable[Term]) -> frozenset[int]:
    tops: dict[Dimension, Term] = {}
    named: set[int] = set()
    for term in terms:
        promise = term.promise
        if promise.excludes:
            continue
        if promise.dimension in LISTS:
            named.add(term.pk)
        elif promise.dimension not in tops or promise.rank > tops[promise.dimension].promise.rank:
            tops[promise.dimension] = term
    return frozenset({*named, *(term.pk for term in tops.values())})


def messages_of(commitments: Iterable[int]) -> dict[int, Message]:
    """The messages that commitments were made in, by the commitment's key."""
    found = ChatPromise.objects.filter(commitment__in=list(commitments)).select_related("message__case")
    return {each.commitment_id: each.message for each in found}


def chat_promises_for(by: Actor) -> QuerySet[ChatPromise]:
    """The recorded promises of the cases a person may see."""
    mine = cases_for(by).order_by().values("pk")
    return ChatPromise.objects.select_related("message", "commitment").filter(message__case__in=mine)


def covers_bound_by(commitment: SellerCommitment, by: Actor) -> QuerySet[Cover]:
    """The covers whose orders were placed while a commitment held: they keep it until they end."""
    found = covers_for(by).filter(placed_while_it_held(commitment)) if _binds(commitment) else Cover.objects.none()
    return found.order_by("-id")


def requests_bound_by(commitment: SellerCommitment, by: Actor) -> QuerySet[ServiceAppointment]:
    """The requests that a commitment binds: received after it was made, under an order placed before it was over."""
    return appointments_for(by).filter(binding_requests(commitment)).order_by("-id")


def binding_requests(commitment: SellerCommitment) -> Q:
    """The requests that a commitment binds, as a condition."""
    return received_while_it_held(commitment) if _binds(commitment) else Q(pk__in=[])


def received_while_it_held(commitment: SellerCommitment) -> Q:
    """The requests that a commitment binds if anything of it does, as a condition."""
    when = _while(commitment, since="case__cover__order__placed_at", until="received_at")
    return when & _about(commitment, "case__cover__line__product", "buyer")


def placed_while_it_held(commitment: SellerCommitment) -> Q:
    """The covers whose orders keep what binds of a commitment, as a condition."""
    when = _while(commitment, since="order__placed_at", until="order__placed_at")
    return when & _about(commitment, "line__product", "buyer")


def _binds(commitment: SellerCommitment) -> bool:
    return any(term.state == TermState.BINDING for term in commitment.terms.all())


def _while(commitment: SellerCommitment, *, since: str, until: str) -> Q:
    """`sellers.queries.held_between`, asked of the other side: the fields of the span's two instants."""
    held = Q(**{f"{until}__gte": commitment.begins_at})
    return held if commitment.ended_at is None else held & Q(**{f"{since}__lte": commitment.ended_at})


def _about(commitment: SellerCommitment, product: str, buyer: str) -> Q:
    about = Q(seller_id=commitment.seller_id)
    if commitment.product_id is not None:
        about &= Q(**{product: commitment.product_id})
    if commitment.made_to_id is not None:
        about &= Q(**{buyer: commitment.made_to_id})
    return about
