"""What is read of orders and cases, always through the person who asks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import structlog
from django.db.models import Case, F, Model, Prefetch, Q, QuerySet, When
from django.http import Http404

from cases.models import (
    AppointmentState,
    Attachment,
    Cover,
    CoverState,
    Deadline,
    Disclosure,
    ExclusionClaim,
    Message,
    Offer,
    Order,
    Restriction,
    ServiceAppointment,
    ServiceCase,
    SignOff,
    SlotSeat,
    Visit,
    VisitState,
    Waiver,
)
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from sellers.models import ServicePoint
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.rulebook.editions import EditionNumbers
    from zestech_aftersales.timeline.models import Event

log = structlog.get_logger("security")
Thing = TypeVar("Thing", bound=Model)

REFERENCE = re.compile(r"^ZA-(?P<year>\d{4})-(?P<pk>\d{6,})$")

# The seller's views of his queue: whose turn it is.
TO_REPLY = [AppointmentState.REQUESTED, AppointmentState.COUNTERED]
TO_CONFIRM = [AppointmentState.AGREED]
WITH_BUYER = [AppointmentState.PROPOSED]
PLANNED = [AppointmentState.CONFIRMED, AppointmentState.IN_SERVICE]
# The one limit that runs once a visit is confirmed: a seller who did not come owes a new date.
OWES_NEW_DATE = Q(state=AppointmentState.CONFIRMED, next_due_at__isnull=False)
# The cases in which a completed service waits for its buyer’s word.
TO_SIGN_OFF = Q(pk__in=SignOff.objects.filter(state="running").values("appointment__case"))
MISSED = [AppointmentState.DEEMED_REFUSED]


def orders_for(by: Actor) -> QuerySet[Order]:
    """The orders a person may see: the buyer his own, a seller those with a line of his, staff and the feed all."""
    orders = Order.objects.all()
    if by.platform_role or by.order_feed:
        return orders
    if by.seller_id is not None:
        # A semi-join: a page of them needs no DISTINCT over all.
        mine = Cover.objects.filter(seller_id=by.seller_id).values("order_id")
        return orders.filter(pk__in=mine) if by.seat != Seat.ENGINEER else orders.none()
    return _of_buyer(orders, by)


def covers_for(by: Actor) -> QuerySet[Cover]:
    """The covers a person may see."""
    return _within_reach(Cover.objects.select_related("line__product", "order", "seller", "edition"), by)


def waivers_for(by: Actor) -> QuerySet[Waiver]:
    """The waivers of the covers a person may see."""
    return Waiver.objects.select_related("cover__order", "cover__line").filter(cover__in=_keys(covers_for(by)))


def restrictions_for(by: Actor) -> QuerySet[Restriction]:
    """The restrictions of a buyer's own covers; staff sees all. They are no business of the seller."""
    found = Restriction.objects.select_related("cover__order", "cover__line", "decision")
    return found.none() if by.seller_id is not None else found.filter(cover__in=_keys(covers_for(by)))


def no_shows_of(buyer_id: int, law: EditionNumbers, *, at: datetime) -> int:
    """How often a buyer was not there within the window that draws attention; it only flags (4.1.3)."""
    window = timedelta(days=law.abuse_window_days)
    missed = Visit.objects.filter(appointment__buyer=buyer_id, state=VisitState.BUYER_NO_SHOW)
    return missed.filter(starts_at__gt=at - window, starts_at__lte=at).count()


def covers_of_order(order: Order, by: Actor) -> QuerySet[Cover]:
    """The covers of the lines of an order that somebody may see; a seller is told his own lines only."""
    covers = order.covers.select_related("line__product").order_by("line__position")
    return covers.filter(seller_id=by.seller_id) if by.seller_id is not None else covers


def newest_owed_cover(by: Actor, *, at: datetime) -> Cover | None:
    """The cover that binds a seller the longest at an instant, if any does (2.3.4)."""
    owed = covers_for(by).filter(state=CoverState.ACTIVE, ends_at__gte=at)
    return owed.order_by("-ends_at").first()


def cases_for(by: Actor) -> QuerySet[ServiceCase]:
    """The cases a person may see; an engineer only those of his visits."""
    cases = ServiceCase.objects.select_related("cover__line__product", "cover__order", "seller", "buyer")
    return _within_reach(cases, by, engineer="appointments__visits__engineer__user_id")


def appointments_for(by: Actor) -> QuerySet[ServiceAppointment]:
    """The appointments a person may see; an engineer only those of his visits."""
    appointments = ServiceAppointment.objects.select_related("case__cover__line__product", "seller", "buyer", "point")
    return _within_reach(appointments, by, engineer="visits__engineer__user_id")


def offers_for(by: Actor) -> QuerySet[Offer]:
    """The offers of the appointments a person may see."""
    return Offer.objects.select_related("appointment").filter(appointment__in=_keys(appointments_for(by)))


def visits_for(by: Actor) -> QuerySet[Visit]:
    """The visits of the appointments a person may see; an engineer only his own."""
    visits = Visit.objects.select_related("appointment__case__cover__line", "engineer", "point")
    if by.seat == Seat.ENGINEER:
        return visits.filter(engineer__user=by.user, appointment__seller=by.seller_id)
    return visits.filter(appointment__in=_keys(appointments_for(by)))


def visits_under_way(by: Actor) -> QuerySet[Visit]:
    """The visits somebody still has to make or to report on."""
    under_way = visits_for(by).filter(state__in=[VisitState.PLANNED, VisitState.CHECKED_IN])
    return under_way.filter(appointment__state__in=PLANNED)


def visits_between(by: Actor, begin: datetime, end: datetime) -> QuerySet[Visit]:
    """The visits that begin from `begin` on and before `end`, but those put off to another day."""
    told = visits_for(by).filter(starts_at__gte=begin, starts_at__lt=end).exclude(state=VisitState.RESCHEDULED)
    # Planned under an appointment that has ended: nobody goes there any more.
    return told.exclude(~Q(appointment__state__in=PLANNED), state=VisitState.PLANNED)


def disclosures_for(by: Actor) -> QuerySet[Disclosure]:
    """The disclosures of the appointments a person may see."""
    return Disclosure.objects.select_related("appointment").filter(appointment__in=_keys(appointments_for(by)))


def claims_for(by: Actor) -> QuerySet[ExclusionClaim]:
    """The exclusion claims on the appointments a person may see."""
    return ExclusionClaim.objects.select_related("appointment").filter(appointment__in=_keys(appointments_for(by)))


def deadlines_for(by: Actor) -> QuerySet[Deadline]:
    """The clocks of the appointments a person may see."""
    return Deadline.objects.select_related("appointment").filter(appointment__in=_keys(appointments_for(by)))


def one(things: QuerySet[Thing], pk: int | str, by: Actor) -> Thing:
    """One thing within reach; Http404 for anything else, and a line in the security log when it exists."""
    thing = things.filter(pk=pk).first()
    if thing is None:
        if things.model._default_manager.filter(pk=pk).exists():
            log.warning(
                "out_of_reach", thing=things.model._meta.label_lower, pk=pk, user=by.user_id, seller=by.seller_id
            )
        raise Http404
    return thing


def case_by_reference(reference: str, by: Actor) -> ServiceCase:
    """The case with that reference (ZA-2026-000418), if the person may see it; Http404 otherwise."""
    match = REFERENCE.match(reference)
    if match is None:
        raise Http404
    case = one(cases_for(by), int(match["pk"]), by)
    if case.reference != reference:
        raise Http404
    return case


def found(cases: QuerySet[ServiceCase], words: str) -> QuerySet[ServiceCase]:
    """The cases that a search means: a reference, an order number, or words of the title."""
    words = words.strip()
    if match := REFERENCE.match(words.upper()):
        return cases.filter(pk=int(match["pk"]))
    return cases.filter(Q(title__icontains=words) | Q(cover__order__number__iexact=words))


def appointments_found(appointments: QuerySet[ServiceAppointment], words: str) -> QuerySet[ServiceAppointment]:
    """The appointments of the cases that a search means."""
    words = words.strip()
    if match := REFERENCE.match(words.upper()):
        return appointments.filter(case=int(match["pk"]))
    # As a set that is found once: with a join, every order would be looked at.
    ordered = Cover.objects.filter(order__number__in={words, words.upper()}).values("pk")
    return appointments.filter(Q(case__title__icontains=words) | Q(case__cover__in=ordered))


def orders_found(orders: QuerySet[Order], words: str) -> QuerySet[Order]:
    """The orders that a search means: a number, or words of a line's title."""
    return orders.filter(Q(number__iexact=words) | Q(lines__title__icontains=words)).distinct()


def with_latest_appointment(cases: QuerySet[ServiceCase]) -> QuerySet[ServiceCase]:
    """The cases with their appointments fetched along as `newest_first`."""
    return cases.prefetch_related(
        Prefetch("appointments", ServiceAppointment.objects.order_by("-id"), to_attr="newest_first")
    )


def taken_seats(points: Iterable[ServicePoint], *, since: datetime) -> Counter[tuple[int, datetime]]:
    """How many seats are taken, by point and slot."""
    taken = SlotSeat.objects.filter(point__in=list(points), starts_at__gte=since, released_at=None)
    return Counter(taken.values_list("point_id", "starts_at"))


def services_used(cover: Cover) -> int:
    """How many services were completed under a cover."""
    return ServiceAppointment.objects.filter(case__cover=cover, state=AppointmentState.COMPLETED).count()


def clocks_of(appointment: ServiceAppointment) -> list[Deadline]:
    """All clocks of an appointment, the running ones first by due instant."""
    rows = appointment.deadlines.prefetch_related("pauses")
    return list(rows.order_by(Case(When(state="running", then=0), default=1), F("due_at").asc(nulls_last=True), "id"))


def history_of(case: ServiceCase) -> QuerySet[Event]:
    """The timeline of a case, oldest first."""
    return events_of(case.stream)


def thread_of(case: ServiceCase) -> QuerySet[Message]:
    """The messages of a case with their photos, oldest first."""
    return case.messages.prefetch_related("attachments").order_by("received_at", "id")


def attachments_for(by: Actor) -> QuerySet[Attachment]:
    """The photos of the cases a person may see."""
    return Attachment.objects.filter(case__in=_keys(cases_for(by)))


def _of_buyer(things: QuerySet[Thing], by: Actor) -> QuerySet[Thing]:
    buyer = by.acting_for.pk if by.acting_for is not None else by.user_id
    return things.filter(buyer_id=buyer) if buyer is not None else things.none()


def _within_reach(things: QuerySet[Thing], by: Actor, *, engineer: str = "") -> QuerySet[Thing]:
    if by.seller_id is not None:
        mine = things.filter(seller_id=by.seller_id)
        if by.seat != Seat.ENGINEER:
            return mine
        return mine.filter(**{engineer: by.user_id}).distinct() if engineer else mine.none()
    if by.platform_role and by.acting_for is None:
        return things
    return _of_buyer(things, by)


def _keys(things: QuerySet[Thing]) -> QuerySet[Thing]:
    return things.order_by().values("pk")  # type: ignore[return-value]
