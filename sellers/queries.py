"""What is read of sellers, always through the person who asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, When

from sellers import terms
from sellers.events import subject_of
from sellers.models import (
    Affiliation,
    ApiClient,
    Engineer,
    Enrolment,
    EnrolmentState,
    MarkPeriod,
    Membership,
    Product,
    Seller,
    SellerCommitment,
    ServicePoint,
    Term,
    TermState,
)
from sellers.proposals import Proposal, proposed
from sellers.terms import BestTerms, Offering, Promise, Verdict
from zestech_aftersales.accounts.actors import Actor, Channel, Seat
from zestech_aftersales.accounts.models import PlatformRole, User
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of

# As people look for them, not by the alphabet.
SEAT_ORDER = Case(*[When(seat=seat, then=place) for place, seat in enumerate((Seat.OWNER, Seat.STAFF))], default=9)


def actor_of(user: User, channel: Channel, key: str = "") -> Actor:
    """Who acts when this person does: a member acts for the seller, platform staff for nobody else."""
    # The relation remembers its answer: view and frame of one page ask for the same person.
    seat: Membership | None = None if user.platform_role else getattr(user, "membership", None)
    if seat is None:
        return Actor(channel=channel, user=user, key=key)
    return Actor(channel=channel, user=user, seller_id=seat.seller_id, seat=seat.seat, key=key)


def actor_of_client(application: Any, key: str = "") -> Actor:
    """Who acts when this OAuth2 application calls: its seller, its buyer, or the order feed.

    An application that is bound to nobody acts for nobody and reaches nothing.
    """
    bound: ApiClient | None = getattr(application, "binding", None)
    client_id = str(application.client_id)
    if bound is None:
        return Actor(channel=Channel.API, client_id=client_id, key=key)
    return Actor(
        channel=Channel.API,
        user=bound.buyer,
        client_id=client_id,
        seller_id=bound.seller_id,
        seat=Seat.CLIENT if bound.seller_id is not None else "",
        order_feed=bound.order_feed,
        key=key,
    )


def sellers_for(actor: Actor) -> QuerySet[Seller]:
    """The sellers somebody may look at: platform staff all, a member the own one."""
    if actor.platform_role:
        return Seller.objects.all()
    return Seller.objects.none() if actor.seller_id is None else Seller.objects.filter(pk=actor.seller_id)


def seller_of(actor: Actor) -> Seller | None:
    """The seller somebody acts for."""
    return Seller.objects.filter(pk=actor.seller_id).first() if actor.seller_id is not None else None


def _reach(actor: Actor) -> Q:
    if actor.platform_role:
        return Q()
    return Q(pk__in=[]) if actor.seller_id is None else Q(seller_id=actor.seller_id)


def with_marks(products: QuerySet[Product]) -> QuerySet[Product]:
    """The products with their mark periods fetched along, so that `is_marked_at` asks nothing more."""
    return products.prefetch_related(Prefetch("mark_periods", MarkPeriod.objects.order_by("begins_at")))


def with_mark_at(products: QuerySet[Product], at: datetime) -> QuerySet[Product]:
    """The products with `bears_mark`: whether each bears the mark at an instant (T5)."""
    covering = MarkPeriod.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gte=at), begins_at__lte=at)
    return products.annotate(bears_mark=Exists(covering.filter(product=OuterRef("pk"))))


def products_for(actor: Actor) -> QuerySet[Product]:
    """The products somebody keeps: a seller's own, all for platform staff."""
    return with_marks(Product.objects.filter(_reach(actor)).select_related("seller"))


def marked_products(actor: Actor, at: datetime) -> QuerySet[Product]:
    """The products somebody keeps that bear the mark at an instant; both ends of a period are inside (T5)."""
    bearing = MarkPeriod.objects.filter(begins_at__lte=at).filter(Q(ends_at__isnull=True) | Q(ends_at__gte=at))
    return Product.objects.filter(_reach(actor), pk__in=bearing.values("product"))


def products_with_promises(actor: Actor) -> QuerySet[Product]:
    """The products somebody keeps, with mark history and every commitment made about each."""
    return products_for(actor).prefetch_related(Prefetch("commitments", commitments_for(actor).order_by("-begins_at")))


def points_for(actor: Actor) -> QuerySet[ServicePoint]:
    """The service points somebody keeps: a seller's own, all for platform staff."""
    return ServicePoint.objects.filter(_reach(actor)).select_related("seller")


def open_points(seller_id: int) -> QuerySet[ServicePoint]:
    """The service points of a seller that take bookings."""
    return ServicePoint.objects.filter(seller_id=seller_id, is_active=True)


def points_of(seller_id: int) -> QuerySet[ServicePoint]:
    """The points of a seller that take bookings, for whoever may already see a case of that seller."""
    return ServicePoint.objects.filter(seller_id=seller_id, is_active=True)


def engineers_of(seller_id: int) -> QuerySet[Engineer]:
    """The engineers of a seller who take visits, for whoever may already see a case of that seller."""
    return Engineer.objects.filter(seller_id=seller_id, is_active=True)


def engineers_for(actor: Actor) -> QuerySet[Engineer]:
    """The engineers somebody sends: a seller's own, all for platform staff."""
    return Engineer.objects.filter(_reach(actor)).select_related("seller", "user")


def engineer_of(actor: Actor) -> Engineer | None:
    """What the seller keeps of the engineer who is logged in."""
    return Engineer.objects.filter(_reach(actor), user_id=actor.user_id).first() if actor.user_id else None


def members_of(seller: Seller) -> QuerySet[Membership]:
    """The people of a seller, owners first."""
    return Membership.objects.filter(seller=seller).select_related("user").order_by(SEAT_ORDER, "user__email")


def log_ins_of(seller: Seller) -> QuerySet[User]:
    """The people of a seller whose log-in can be an engineer's."""
    return User.objects.filter(membership__seller=seller).order_by("email")


def people_to_tell(seller: Seller) -> QuerySet[User]:
    """Who hears of what happens to a seller's cases: owner and staff who can still log in."""
    return User.objects.filter(
        membership__seller=seller, membership__seat__in=[Seat.OWNER, Seat.STAFF], is_active=True
    ).order_by("pk")


# The one that stands before what was turned down or ended, whichever was applied for last: a lifted clearance gives an
# old enrolment back.
IN_HAND_FIRST = (
    Case(When(state__in=[EnrolmentState.APPLIED, EnrolmentState.ACTIVE], then=0), default=1), "-applied_at", "-id",
)  # fmt: skip


def enrolments_for(actor: Actor) -> QuerySet[Enrolment]:
    """The applications somebody may see, the one that stands first: a seller's own, all for platform staff."""
    found = Enrolment.objects.filter(_reach(actor)).select_related("seller", "agreed_edition")
    return found.order_by(*IN_HAND_FIRST)


def is_enrolled(actor: Actor) -> bool:
    """Whether somebody's seller takes part now, so that its products can bear the mark."""
    if actor.seller_id is None:
        return False
    return Enrolment.objects.filter(seller_id=actor.seller_id, state=EnrolmentState.ACTIVE).exists()


# Whether a seller takes part, or else did once, for a query of sellers: one of LEFT where it did and does no more. What
# is bound runs off then (4.3), whatever became of a new application.
LEFT = (EnrolmentState.WITHDRAWN, EnrolmentState.CLEARED)
PART_TAKEN = Subquery(
    Enrolment.objects.filter(seller=OuterRef("pk"), state__in=[EnrolmentState.ACTIVE, *LEFT])
    .order_by(Case(When(state=EnrolmentState.ACTIVE, then=0), default=1))
    .values("state")[:1]
)


def affiliations_for(actor: Actor) -> QuerySet[Affiliation]:
    """The graph between sellers: kept by auditors and for their eyes alone."""
    found = Affiliation.objects.select_related("seller", "affiliate", "recorded_by", "ended_by")
    return found if actor.platform_role == PlatformRole.AUDITOR else found.none()


def enrolment_of(seller: Seller) -> Enrolment | None:
    """The seller's application or enrolment that stands, else the latest, whatever became of it."""
    return Enrolment.objects.filter(seller=seller).order_by(*IN_HAND_FIRST).first()


def commitments_for(actor: Actor) -> QuerySet[SellerCommitment]:
    """The commitments somebody keeps: a seller's own, all for platform staff."""
    found = SellerCommitment.objects.filter(_reach(actor))
    return found.select_related("seller", "product", "made_to").prefetch_related("terms")


def in_force(at: datetime) -> Q:
    """Terms that bind at an instant; the first and the last instant are inside (T5).

    Told by the instants and not by the commitment's present state: a promise that ended last week
    still bound the week before.
    """
    return held_between(at, at)


def held_between(since: Any, until: Any) -> Q:
    """Terms that bound at some instant of a span: made by its end, and not over before it began (T5).

    From an order's placement to a request: the promises of the page as it stood then, and every later one. Taking
    one away changes nothing for an order that was placed before (2.3.3). Instants, or expressions for them.
    """
    return Q(state=TermState.BINDING, commitment__begins_at__lte=until) & (
        Q(commitment__ended_at__isnull=True) | Q(commitment__ended_at__gte=since)
    )


JUDGEMENTS = ("commitment.binding", "commitment.split", "commitment.void", "commitment.put_right")


def promises_before(commitment: SellerCommitment) -> list[Promise]:
    """What already binds when a commitment begins, for the same products and the same buyers.

    A promise about all products is held against earlier ones about all; one to a single buyer is
    held against what that buyer has been promised, alone or with everybody.
    """
    found = Term.objects.filter(
        in_force(commitment.begins_at), commitment__in=SellerCommitment.objects.filter(_heard_with(commitment))
    ).exclude(commitment_id__in=[commitment.pk, commitment.replaces_id or commitment.pk])
    return [term.promise for term in found]


def _heard_with(commitment: SellerCommitment) -> Q:
    """The commitments of its seller about all that it is about, to all whom it is made to."""
    about, made_to = Q(product__isnull=True), Q(made_to__isnull=True)
    if commitment.product_id is not None:
        about |= Q(product_id=commitment.product_id)
    if commitment.made_to_id is not None:
        made_to |= Q(made_to_id=commitment.made_to_id)
    return Q(about, made_to, seller_id=commitment.seller_id)


def proposal_for(commitment: SellerCommitment, promises: Iterable[Promise]) -> Proposal:
    """What the system proposes for the terms of a commitment: held against the edition in force when it begins."""
    law = edition_in_force(commitment.begins_at).law
    return proposed(promises, law, promises_before(commitment), offering_of(commitment.product))


def to_reconsider(commitment: SellerCommitment, dimensions: Iterable[str] | None = None) -> list[SellerCommitment]:
    """The later promises of its seller that are void as narrower than this one, though it binds no more; people judge.

    On the `dimensions` on which it is void, or on some of them.
    """
    void = commitment.terms.filter(state=TermState.VOID)
    if dimensions is not None:
        void = void.filter(dimension__in=dimensions)
    named = set(void.values_list("dimension", flat=True))
    later = Term.objects.filter(
        reason=Verdict.NARROWS_EARLIER,
        dimension__in=named,
        commitment__seller_id=commitment.seller_id,
        commitment__begins_at__gte=commitment.begins_at,
    ).exclude(commitment=commitment)
    # It was narrower than this one only where it is about the same, made to the same, while this one held.
    if commitment.product_id is not None:
        later = later.filter(commitment__product_id=commitment.product_id)
    if commitment.made_to_id is not None:
        later = later.filter(commitment__made_to_id=commitment.made_to_id)
    if commitment.ended_at is not None:
        later = later.filter(commitment__begins_at__lte=commitment.ended_at)
    found = SellerCommitment.objects.filter(pk__in=later.values("commitment")).order_by("pk")
    return [each for each in found if named & _no_longer_narrower(each)]


def no_longer_narrower_than(commitment: SellerCommitment) -> list[SellerCommitment]:
    """The earlier promises that were put right since, on whose account terms of this one are void for nothing."""
    named = _no_longer_narrower(commitment)
    void = Term.objects.filter(state=TermState.VOID, dimension__in=named)
    put_right = SellerCommitment.objects.filter(
        _heard_with(commitment), put_right_at__isnull=False, begins_at__lte=commitment.begins_at
    )
    return list(put_right.filter(pk__in=void.values("commitment")).exclude(pk=commitment.pk).order_by("pk"))


def _no_longer_narrower(commitment: SellerCommitment) -> set[str]:
    """The dimensions on which it is void as narrower than an earlier promise, and would be proposed otherwise now."""
    narrow = list(commitment.terms.filter(reason=Verdict.NARROWS_EARLIER))
    if not narrow:
        return set()
    proposal = proposal_for(commitment, [term.promise for term in narrow])
    both = zip(narrow, proposal.terms, strict=True)
    return {str(term.dimension) for term, now in both if now.verdict != Verdict.NARROWS_EARLIER}


def authors_of_judgement(commitment: SellerCommitment) -> set[int]:
    """Who recorded a commitment, and who gave the judgement that stands."""
    recorded = _told_of(commitment).filter(kind="commitment.recorded").first()
    told = (recorded, judgement_that_stands(commitment))
    return {event.actor_id for event in told if event is not None and event.actor_id is not None}


def judgement_that_stands(commitment: SellerCommitment) -> Event | None:
    """The event of the last judgement of a commitment; None before its first."""
    return _told_of(commitment).filter(kind__in=JUDGEMENTS).last()


def _told_of(commitment: SellerCommitment) -> QuerySet[Event]:
    return events_of(f"seller/{commitment.seller_id}").filter(subject=subject_of(commitment))


def offering_of(product: Product | None) -> Offering:
    """What the product's page offers; a page that lists nothing offers everything of 2.1.1 and 2.2.1."""
    all_of_the_rules = Offering()
    if product is None:
        return all_of_the_rules
    return Offering(
        service_types=frozenset(product.service_types) or all_of_the_rules.service_types,
        methods=frozenset(product.methods) or all_of_the_rules.methods,
    )


def binding_terms(
    product: Product, at: datetime, until: datetime | None = None, *, buyer: User | None = None
) -> list[Term]:
    """The terms that bind for a product at an instant, or at any instant from there `until` another (2.3.3).

    The seller's general ones are among them; those made to one person count for that `buyer` only.
    """
    about = Q(commitment__product=product) | Q(commitment__product__isnull=True)
    made_to = Q(commitment__made_to__isnull=True)
    if buyer is not None:
        made_to |= Q(commitment__made_to=buyer)
    when = held_between(at, at if until is None else until)
    found = Term.objects.filter(about, made_to, when, commitment__seller_id=product.seller_id)
    return list(found.select_related("commitment").order_by("commitment__begins_at", "pk"))


def best_terms(
    product: Product, at: datetime, until: datetime | None = None, *, buyer: User | None = None
) -> BestTerms:
    """The best binding value for the buyer per dimension; dimensions without a promise are missing.

    For a request give the instants of placement and of receipt: the page binds as it stood at the
    first, and so does every promise made between the two (domain section 3, commitments).
    """
    return terms.best(term.promise for term in binding_terms(product, at, until, buyer=buyer))
