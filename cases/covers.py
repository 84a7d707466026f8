"""The cover of an order line: whether there is one, and when it ends (1.1, 2.3.3, 2.3.4, T4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from cases.cover_ends import includes, is_restricted, later_end
from cases.models import Cover, CoverState, NotCovered, Order, OrderLine
from sellers.queries import best_terms, open_points
from zestech_aftersales.rulebook import RuleBroken, periods
from zestech_aftersales.rulebook.queries import edition_in_force, law_for_order
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sellers.models import Product, ServicePoint
    from sellers.terms import BestTerms
    from zestech_aftersales.rulebook.editions import EditionNumbers


def first_cover(order: Order, line: OrderLine, product: Product) -> Cover:
    """The cover as the order was placed: pending, or not covered because the page bore no mark.

    The mark, the page and the commitments are kept as they stood then. A promised cover makes up
    for a missing mark (2.3.3).
    """
    terms = best_terms(product, order.placed_at, buyer=order.buyer)
    marked = product.is_marked_at(order.placed_at)
    is_covered = marked or "cover_months" in terms
    return Cover.objects.create(
        line=line,
        order=order,
        seller_id=product.seller_id,
        buyer_id=order.buyer_id,
        state=CoverState.PENDING if is_covered else CoverState.NOT_COVERED,
        reason="" if is_covered else NotCovered.UNMARKED,
        edition=order.edition,
        snapshot={
            "marked": marked,
            "page": product.page,
            "methods": product.methods,
            "service_types": product.service_types,
            "terms": terms,
        },
    )


def begin_cover(cover: Cover, paid_at: datetime) -> None:
    """A pending cover begins with the full payment, unless no edition was in force then (5.2); the caller saves it."""
    if paid_at < edition_in_force(paid_at).effective_at:
        cover.decline(NotCovered.BEFORE_RULES)
    else:
        cover.activate(paid_at, cover_end(paid_at, law_for_order(cover.edition, paid_at), cover.terms))


def terms_for_request(cover: Cover, received_at: datetime) -> BestTerms:
    """What binds a request: the commitments as of placement and the later ones made before it came (2.3.3)."""
    return best_terms(cover.line.product, cover.order.placed_at, received_at, buyer=cover.buyer)


def offered_methods(cover: Cover, terms: Mapping[str, Any]) -> list[str]:
    """The methods of the page as the order was placed, what was added since, and what was promised (2.2.1, 2.3.3).

    Door and point where the page is silent. `terms` are what binds the request.
    """
    named = {*cover.snapshot.get("methods", []), *cover.line.product.methods}
    return sorted({*(named or {ServiceMethod.DOOR.value, ServiceMethod.POINT.value}), *terms.get("methods", [])})


def methods_for(service_type: str, offered: list[str]) -> list[str]:
    """How a service can be booked where these methods are offered: video guidance needs no visit, it is remote (2.2.1)."""
    return [ServiceMethod.REMOTE.value] if service_type == ServiceType.VIDEO else offered


def bookable_methods(cover: Cover, terms: Mapping[str, Any]) -> list[str]:
    """The methods that some request under the cover can choose: remote too where video guidance is offered (2.2.1)."""
    by_video = methods_for(ServiceType.VIDEO, []) if ServiceType.VIDEO in offered_services(cover, terms) else []
    return sorted({*offered_methods(cover, terms), *by_video})


def offered_services(cover: Cover, terms: Mapping[str, Any]) -> list[str]:
    """The services of the page then and now, and what was promised; all of 2.1.1 where the page is silent."""
    named = {*cover.snapshot.get("service_types", []), *cover.line.product.service_types}
    offered = {*(named or ServiceType.values), *terms.get("service_types", [])}
    return [value for value in ServiceType.values if value in offered]


def bookable_points(cover: Cover, terms: Mapping[str, Any]) -> QuerySet[ServicePoint]:
    """The seller's open service points, where the method is offered for a request under the cover (2.2.1)."""
    points = open_points(cover.seller_id)
    return points if ServiceMethod.POINT in offered_methods(cover, terms) else points.none()


def must_be_owed(cover: Cover, *, at: datetime) -> None:
    """Raises RuleBroken not_covered (1.1) or cover_expired (2.3.4), both 422, unless service is owed at an instant."""
    state = cover.state
    if state in (CoverState.ACTIVE, CoverState.RESTRICTED):
        state = CoverState.RESTRICTED if is_restricted(cover, at) else CoverState.ACTIVE
    if state != CoverState.ACTIVE:
        why = cover.get_reason_display() if state == CoverState.NOT_COVERED else CoverState(state).label
        raise RuleBroken(
            "1.1",
            "not_covered",
            status=422,
            detail=_("This order line has no service cover: %(why)s") % {"why": why},
            context={"state": state, "reason": cover.reason},
        )
    if not includes(cover, at):
        raise RuleBroken(
            "2.3.4",
            "cover_expired",
            status=422,
            detail=_("The service cover of this order line has ended. Ask the seller for a paid service."),
        )


def must_offer_method(cover: Cover, method: str, terms: Mapping[str, Any], *, service_type: str = "") -> None:
    """Raises RuleBroken (2.2.1, 422) unless the seller offers the method for the product, and the service so.

    Without a service it is enough that some service can be booked so. Codes: method_not_offered, video_needs_no_visit.
    """
    offered = offered_methods(cover, terms) if service_type else bookable_methods(cover, terms)
    if method in methods_for(service_type, offered):
        return
    if service_type == ServiceType.VIDEO:
        code, told = "video_needs_no_visit", _("Video guidance needs no visit. Book it as remote.")
    else:
        code, told = "method_not_offered", _("The seller does not offer this method for the product.")
    raise RuleBroken("2.2.1", code, status=422, detail=told)


def cover_end(paid_at: datetime, law: EditionNumbers, terms: dict[str, Any]) -> datetime:
    """24:00 of the corresponding date a year after payment, or later by commitment; an instant in UTC (T4)."""
    a_year = periods.years_limit(paid_at, law.cover_years, law.zone_info)
    return later_end(paid_at, a_year, terms.get("cover_months", 0), law.zone_info)
