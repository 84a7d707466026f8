"""What is read of orders and cases, always through the person who asks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import structlog
from django.db.models import Case, Exists, F, Model, OuterRef, Prefetch, Q, QuerySet, When
from django.http import Http404

from cases.cover_ends import last_to_end, still_owed
from cases.models import (
    AppointmentState,
    Attachment,
    Cover,
    CoverState,
    DateProposal,
    Deadline,
    ExclusionClaim,
    ListedPart,
    LongerLimit,
    Message,
    Offer,
    OfferState,
    Order,
    Pause,
    Restriction,
    ServiceAppointment,
    ServiceCase,
    Shipment,
    SignOff,
    SignOffOutcome,
    SlotSeat,
    UsedPart,
    Visit,
    VisitState,
    Waiver,
)
from cases.models.appointment import OPEN_STATES
from cases.models.seat import occupied_at
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.rulebook import periods
from zestech_aftersales.rulebook.limits import limit_due
from zestech_aftersales.rulebook.queries import law_for_order
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from sellers.models import ServicePoint
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.timeline.models import Event

log = structlog.get_logger("security")
Thing = TypeVar("Thing", bound=Model)

# More digits than a key can have are no reference.
REFERENCE = re.compile(r"^ZA-(?P<year>\d{4})-(?P<pk>\d{6,18})$")

# The seller's views of his queue: whose turn it is.
TO_REPLY = [AppointmentState.REQUESTED, AppointmentState.COUNTERED]
TO_CONFIRM = [AppointmentState.AGREED]
WITH_BUYER = [AppointmentState.PROPOSED]
PLANNED = [AppointmentState.CONFIRMED, AppointmentState.IN_SERVICE]
# The one limit that runs once a visit is confirmed: a seller who did not come owes a new date.
OWES_NEW_DATE = Q(state=AppointmentState.CONFIRMED, next_due_at__isnull=False)
MISSED = [AppointmentState.DEEMED_REFUSED]
# The visits by which an engineer reaches a case: all but those put off to another date.
STILL_HIS = [state for state in VisitState.values if state != VisitState.RESCHEDULED]


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


def covers_of_order(order: Order, by: Actor) -> QuerySet[Cover]:
    """The covers of the lines of an order that somebody may see; a seller is told his own lines only."""
    covers = order.covers.select_related("line__product").order_by("line__position")
    return covers.filter(seller_id=by.seller_id) if by.seller_id is not None else covers


def newest_owed_cover(by: Actor, *, at: datetime) -> Cover | None:
    """The cover that binds a seller the longest at an instant, if any does (2.3.4)."""
    # A restricted cover binds on: what is open goes on, and the restriction ends.
    bound = covers_for(by).filter(still_owed(at), state__in=[CoverState.ACTIVE, CoverState.RESTRICTED])
    return last_to_end(bound, at=at)


def cases_for(by: Actor) -> QuerySet[ServiceCase]:
    """The cases a person may see; an engineer only those of his visits."""
    cases = ServiceCase.objects.select_related("cover__line__product", "cover__order", "seller", "buyer")
    return _within_reach(cases, by, visits="appointments__visits")


def listed_cases(by: Actor) -> QuerySet[ServiceCase]:
    """The cases that a list shows: a merged one is found under the surviving case."""
    return cases_for(by).filter(merged_into=None)


def appointments_for(by: Actor) -> QuerySet[ServiceAppointment]:
    """The appointments a person may see; an engineer only those of his visits."""
    appointments = ServiceAppointment.objects.select_related("case__cover__line__product", "seller", "buyer", "point")
    return _within_reach(appointments, by, visits="visits")


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
    """The visits that begin from `begin` on and before `end`, but those put off, cancelled or without a time yet."""
    told = visits_for(by).filter(starts_at__gte=begin, starts_at__lt=end, ends_at__isnull=False)
    return told.exclude(state__in=[VisitState.RESCHEDULED, VisitState.CANCELLED])


def claims_for(by: Actor) -> QuerySet[ExclusionClaim]:
    """The exclusion claims on the appointments a person may see."""
    return ExclusionClaim.objects.select_related("appointment").filter(appointment__in=_keys(appointments_for(by)))


def proposed_dates_for(by: Actor) -> QuerySet[DateProposal]:
    """The other dates that were proposed in the appointments a person may see."""
    return DateProposal.objects.select_related("appointment").filter(appointment__in=_keys(appointments_for(by)))


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
    """The cases that a search means: a reference, an order number, or words of the title; also of a merged case."""
    words = words.strip()
    if match := REFERENCE.match(words.upper()):
        # The reference of a merged case leads to the one that survives.
        named = ServiceCase.objects.filter(pk=int(match["pk"]))
        return cases.filter(Q(pk=int(match["pk"])) | Q(pk__in=named.values("merged_into")))
    merged = ServiceCase.objects.filter(merged_into=OuterRef("pk"), title__icontains=words)
    return cases.filter(Q(title__icontains=words) | Q(Exists(merged)) | Q(cover__order__number__iexact=words))


def appointments_found(appointments: QuerySet[ServiceAppointment], words: str) -> QuerySet[ServiceAppointment]:
    """The appointments of the cases that a search means; a merged case and the surviving one are read together."""
    words = words.strip()
    if match := REFERENCE.match(words.upper()):
        pk = int(match["pk"])
        into, merged = ServiceCase.objects.filter(pk=pk), ServiceCase.objects.filter(merged_into=pk)
        # As sets that are found once: with a join, every case would be looked at, and below every order.
        together = Q(case__in=merged.values("pk")) | Q(case__in=into.values("merged_into"))
        return appointments.filter(Q(case=pk) | together)
    ordered = Cover.objects.filter(order__number__in={words, words.upper()}).values("pk")
    merged = ServiceCase.objects.filter(merged_into=OuterRef("case_id"), title__icontains=words)
    return appointments.filter(Q(case__title__icontains=words) | Q(Exists(merged)) | Q(case__cover__in=ordered))


def orders_found(orders: QuerySet[Order], words: str) -> QuerySet[Order]:
    """The orders that a search means: a number, or words of a line's title."""
    return orders.filter(Q(number__iexact=words) | Q(lines__title__icontains=words)).distinct()


def with_latest_appointment(cases: QuerySet[ServiceCase]) -> QuerySet[ServiceCase]:
    """The cases with their appointments fetched along as `newest_first`."""
    return cases.prefetch_related(
        Prefetch("appointments", ServiceAppointment.objects.order_by("-id"), to_attr="newest_first")
    )


def hold_of(by: Actor, point: ServicePoint, starts_at: datetime | None, *, at: datetime) -> SlotSeat | None:
    """The seat that is held for a buyer who is booking, as long as it counts."""
    if starts_at is None:
        return None
    return SlotSeat.objects.filter(held_for(by), occupied_at(at), point=point, starts_at=starts_at).first()


def held_until(appointment: ServiceAppointment, *, at: datetime) -> datetime | None:
    """Until when the proposed times of a service point are held while the other side decides; None: nothing is."""
    holds = appointment.seats.filter(occupied_at(at), held_until__isnull=False)
    return holds.order_by("held_until").values_list("held_until", flat=True).first()


def held_for(by: Actor) -> Q:
    """The seats that are held for a buyer who is booking."""
    buyer = by.acting_for.pk if by.acting_for is not None else by.user_id
    return Q(held_by=buyer, held_by__isnull=False, appointment=None)


def offered_at_order(cover: Cover) -> list[str]:
    """The methods and services that the product's page named when the order was placed, in words."""
    kept = cover.snapshot
    methods = [str(ServiceMethod(name).label) for name in kept.get("methods", []) if name in ServiceMethod.values]
    types = [str(ServiceType(name).label) for name in kept.get("service_types", []) if name in ServiceType.values]
    return methods + types


def agreed_offer(appointment: ServiceAppointment) -> Offer | None:
    """The offer that was accepted last."""
    return appointment.offers.filter(state=OfferState.ACCEPTED).order_by("-id").first()


def services_used(cover: Cover) -> int:
    """How many services were done under a cover, as its buyer has not objected to."""
    return _done_services([cover]).count()


def needed_parts(appointment: ServiceAppointment) -> QuerySet[ListedPart]:
    """What the visit will need, as last told."""
    last = appointment.parts_lists.order_by("-version").values("pk")[:1]
    return ListedPart.objects.filter(parts_list__in=last).order_by("position")


def used_parts(appointment: ServiceAppointment) -> QuerySet[UsedPart]:
    """What the visits of an appointment used."""
    return UsedPart.objects.filter(visit__appointment=appointment).order_by("visit__number", "position")


def shipments_for(by: Actor) -> QuerySet[Shipment]:
    """The shipments of the cases a person may see."""
    return Shipment.objects.select_related("case").filter(case__in=_keys(cases_for(by)))


def shipments_of(case: ServiceCase) -> QuerySet[Shipment]:
    """The shipments of a case, oldest first."""
    return Shipment.objects.select_related("case").filter(case=case).order_by("id")


def services_used_under(covers: Iterable[Cover]) -> Counter[int]:
    """The same for each of several covers, by the cover's key; one query."""
    return Counter(_done_services(list(covers)).values_list("case__cover_id", flat=True))


def _done_services(covers: list[Cover]) -> QuerySet[ServiceAppointment]:
    done = ServiceAppointment.objects.filter(case__cover__in=covers, state=AppointmentState.COMPLETED)
    return done.exclude(sign_off__outcome=SignOffOutcome.OBJECTED)


def sign_off_of(appointment: ServiceAppointment) -> SignOff | None:
    """The buyer's word on a completed service, given or awaited."""
    return SignOff.objects.filter(appointment=appointment).first()


def merged_into(case: ServiceCase) -> QuerySet[ServiceCase]:
    """The duplicates that were merged into a case, oldest first; who may see the one may see them."""
    found = ServiceCase.objects.select_related("cover__line__product", "cover__order", "seller", "buyer")
    return found.filter(merged_into=case).order_by("id")


def clocks_of(appointment: ServiceAppointment) -> list[Deadline]:
    """All clocks of an appointment, the running ones first by due instant."""
    rows = appointment.deadlines.prefetch_related("pauses")
    return list(rows.order_by(Case(When(state="running", then=0), default=1), F("due_at").asc(nulls_last=True), "id"))


def rows_of(appointment: ServiceAppointment) -> list[Deadline]:
    """All clocks of an appointment in the order in which they began, each with `has_pauses`: most have none."""
    stood = Pause.objects.filter(deadline=OuterRef("pk"), voided_at=None)
    return list(appointment.deadlines.annotate(has_pauses=Exists(stood)).order_by("id"))


def longer_limits_of(appointment: ServiceAppointment) -> QuerySet[LongerLimit]:
    """The longer limits that were asked for in a request, oldest first."""
    return LongerLimit.objects.filter(deadline__appointment=appointment).select_related("deadline").order_by("id")


def due_with(row: Deadline, amount: int) -> datetime | None:
    """When a clock of `clocks_of` would be due with another length, its pauses counted."""
    appointment = row.appointment
    law = law_for_order(appointment.case.cover.edition, appointment.received_at)
    stood = [periods.Pause(each.begins_at, each.ends_at) for each in row.pauses.all() if each.voided_at is None]
    return limit_due(row.clock, row.started_at, law, amount=amount, pauses=stood)


def history_of(case: ServiceCase) -> QuerySet[Event]:
    """The timeline of a case, oldest first."""
    return events_of(case.stream)


def messages_in(case: ServiceCase) -> QuerySet[Message]:
    """The messages of a case with their photos, oldest first."""
    return case.messages.prefetch_related("attachments").order_by("received_at", "id")


def thread_of(case: ServiceCase) -> QuerySet[Message]:
    """The same with what was recorded from them."""
    return messages_in(case).prefetch_related("promises__commitment")


def attachments_for(by: Actor) -> QuerySet[Attachment]:
    """The photos of the cases a person may see."""
    return Attachment.objects.filter(case__in=_keys(cases_for(by)))


def _of_buyer(things: QuerySet[Thing], by: Actor) -> QuerySet[Thing]:
    buyer = by.acting_for.pk if by.acting_for is not None else by.user_id
    return things.filter(buyer_id=buyer) if buyer is not None else things.none()


def _within_reach(things: QuerySet[Thing], by: Actor, *, visits: str = "") -> QuerySet[Thing]:
    if by.seller_id is not None:
        mine = things.filter(seller_id=by.seller_id)
        if by.seat != Seat.ENGINEER:
            return mine
        # Where another engineer comes at another date, the first one is no longer of the case.
        his = {f"{visits}__engineer__user_id": by.user_id, f"{visits}__state__in": STILL_HIS}
        return mine.filter(**his).distinct() if visits else mine.none()
    if by.platform_role and by.acting_for is None:
        return things
    return _of_buyer(things, by)


def _keys(things: QuerySet[Thing]) -> QuerySet[Thing]:
    return things.order_by().values("pk")  # type: ignore[return-value]


def is_booked_again(appointment: ServiceAppointment) -> bool:
    """Whether the same fault has another open appointment by now."""
    others = ServiceAppointment.objects.filter(case=appointment.case_id, state__in=OPEN_STATES)
    return others.exclude(pk=appointment.pk).exists()
