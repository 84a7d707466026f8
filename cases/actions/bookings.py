"""A buyer books service: the case is opened and the clocks start (2.2.1, 2.3.1, 2.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.steps import apply_passed_limits_of, is_repeat
from cases.covers import must_be_owed, must_offer_method, offered_services, terms_for_request
from cases.deadlines import FIRST_CLOCKS, Clocks
from cases.events import record_change
from cases.models import (
    Attachment,
    CaseState,
    Cover,
    Message,
    ServiceAppointment,
    ServiceCase,
    SlotSeat,
)
from cases.permissions import must_be_buyer
from cases.terms import ServiceRequest
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from cases.photos import Photo
    from sellers.models import ServicePoint
    from zestech_aftersales.accounts.actors import Actor


@action
def request_service(
    cover: Cover, request: ServiceRequest, *, by: Actor, at: datetime, case: ServiceCase | None = None
) -> ServiceAppointment | RuleBroken:
    """Open a case (or go on with `case`) and request an appointment in it.

    `at` is the instant the request was received: every limit of it is counted from there.
    Starts 48 h response and 14 natural days confirmation for a door visit (2.3.1), 48 h solution
    for a service point or remote guidance (2.3.2). RuleBroken: not_covered, cover_expired (2.3.4),
    method_not_offered (2.2.1), service_not_offered (2.1.1), slot_taken, slot_not_published,
    already_open. PermissionDenied for anybody but the buyer.
    """
    cover = _locked_cover(cover)
    must_be_buyer(cover, by)
    if event := earlier(by):
        is_repeat(event.subject, "appointment.requested", by)
        return ServiceAppointment.objects.get(pk=int(event.subject.removeprefix("appointment/")), buyer=cover.buyer)
    must_be_owed(cover, at=at)
    _must_be_offered(cover, request)
    if case is not None and (refused := _cannot_go_on(case, cover, by=by, at=at)):
        return refused
    case = _locked_case(case) if case is not None else _open_case(cover, request, at=at)
    appointment = _new_appointment(case, cover, request, at=at)
    _tell_the_fault(case, request, by=by, at=at)
    clocks = Clocks(appointment, is_new=True)
    for clock in FIRST_CLOCKS[appointment.method]:
        clocks.start(clock, at=at)
    if not appointment.is_door:
        _take_slot(appointment, request, at=at)
    appointment.next_due_at = clocks.next_due()
    appointment.save(update_fields=["next_due_at"])
    record_change(
        appointment,
        "appointment.requested",
        clause="2.3.1" if appointment.is_door else "2.3.2",
        by=by,
        at=at,
        before="",
        clocks=clocks,
        detail={"method": appointment.method, "service_type": appointment.service_type, "title": case.title},
    )
    if case.state != CaseState.OPEN:
        _reopen(case, appointment, by=by, at=at)
    return appointment


def _locked_cover(cover: Cover) -> Cover:
    return (
        Cover.objects.select_related("edition", "line__product", "order", "seller", "buyer")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=cover.pk)
    )


def _must_be_offered(cover: Cover, request: ServiceRequest) -> None:
    must_offer_method(cover, request.method)
    if request.service_type not in offered_services(cover):
        raise RuleBroken(
            "2.1.1", "service_not_offered", status=422, detail=_("The product's page does not offer this service.")
        )
    point = request.point
    if request.method == ServiceMethod.POINT and (point is None or point.seller_id != cover.seller_id):
        raise RuleBroken("2.2.1", "point_required", status=422, detail=_("Choose one of the seller's service points."))


def _cannot_go_on(case: ServiceCase, cover: Cover, *, by: Actor, at: datetime) -> RuleBroken | None:
    """Whether the case still has an open appointment at `at`; a limit that passed is applied first (T9)."""
    if case.cover_id != cover.pk:
        return RuleBroken("", "case_of_another_line", status=422, detail=_("This case is about another order line."))
    if apply_passed_limits_of(case, by=by, at=at) is not None:
        return _already_open()
    return None


def _locked_case(case: ServiceCase) -> ServiceCase:
    return ServiceCase.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)


def _reopen(case: ServiceCase, appointment: ServiceAppointment, *, by: Actor, at: datetime) -> None:
    """A fault that came back is the same case: it is open again."""
    before = case.state
    case.reopen()
    case.save(update_fields=["state"])
    record_change(
        appointment,
        "case.reopened",
        clause="",
        by=by.with_key(""),
        at=at,
        before=appointment.state,
        detail={"case": {"before": before, "after": case.state}},
    )


def _already_open() -> RuleBroken:
    return RuleBroken(
        "2.3.4", "already_open", detail=_("This case already has an open appointment. Finish or cancel it first.")
    )


def _open_case(cover: Cover, request: ServiceRequest, *, at: datetime) -> ServiceCase:
    return ServiceCase.objects.create(
        cover=cover,
        seller_id=cover.seller_id,
        buyer_id=cover.buyer_id,
        title=request.title,
        description=request.description,
        opened_at=at,
    )


def _new_appointment(case: ServiceCase, cover: Cover, request: ServiceRequest, *, at: datetime) -> ServiceAppointment:
    wanted: dict[str, Any] = {
        name: getattr(request, name)
        for name in ("method", "service_type", "wish", "point", "slot_starts_at", "address", "city", "country", "phone")
    }
    try:
        with transaction.atomic():
            appointment = ServiceAppointment.objects.create(
                case=case,
                seller_id=cover.seller_id,
                buyer_id=cover.buyer_id,
                received_at=at,
                terms=terms_for_request(cover, at),
                **wanted,
            )
    except IntegrityError as taken:
        raise _already_open() from taken
    case.cover = cover
    return appointment


def _tell_the_fault(case: ServiceCase, request: ServiceRequest, *, by: Actor, at: datetime) -> None:
    if not (request.description or request.photos):
        return
    buyer = by.acting_for or by.user
    message = Message.objects.create(
        case=case,
        author=by.user,
        side="buyer",
        author_name=str(buyer.name or buyer.email) if buyer else "",
        body=request.description,
        received_at=at,
    )
    attach_photos(message, request.photos, at=at)


def attach_photos(message: Message, photos: Sequence[Photo], *, at: datetime) -> None:
    """Store photos with a message."""
    for photo in photos:
        attachment = Attachment(
            case=message.case,
            message=message,
            name=photo.name,
            content_type=photo.content_type,
            size=len(photo.content),
            sha256=photo.sha256,
            received_at=at,
        )
        attachment.file.save(photo.name, ContentFile(photo.content), save=False)
        attachment.save()


def _take_slot(appointment: ServiceAppointment, request: ServiceRequest, *, at: datetime) -> None:
    point, starts_at = request.point, request.slot_starts_at
    if point is None or not point.has_published_slots:
        return
    if starts_at is None or starts_at <= at or point.slot_at(starts_at) is None:
        raise RuleBroken("2.2.1", "slot_not_published", status=422, detail=_("Choose one of the published times."))
    take_seat(appointment, point, starts_at, at=at)


def take_seat(appointment: ServiceAppointment, point: ServicePoint, starts_at: datetime, *, at: datetime) -> SlotSeat:
    """Take a free seat of a slot; the unique constraint decides between two who want the last one.

    RuleBroken slot_taken when none is left.
    """
    taken = SlotSeat.objects.filter(point=point, starts_at=starts_at, released_at=None)
    free = set(range(1, point.capacity + 1)) - set(taken.values_list("seat", flat=True))
    for seat in sorted(free):
        try:
            with transaction.atomic():
                return SlotSeat.objects.create(
                    point=point, starts_at=starts_at, seat=seat, appointment=appointment, taken_at=at
                )
        except IntegrityError:
            continue
    raise RuleBroken("2.2.1", "slot_taken", detail=_("This time has just been taken. Choose another one."))
