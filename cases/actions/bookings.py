"""A buyer books service: the case is opened and the clocks start (2.2.1, 2.3.1, 2.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.merges import case_merged
from cases.actions.steps import apply_passed_limits_of, is_repeat
from cases.cover_ends import with_longest_months
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
    Visit,
)
from cases.permissions import must_be_for_buyer
from cases.refusals import already_open
from cases.seats import seat_booking
from cases.terms import ServiceRequest
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from cases.photos import Photo
    from sellers.models import ServicePoint
    from sellers.slots import Slot
    from sellers.terms import BestTerms
    from zestech_aftersales.accounts.actors import Actor


@action
def request_service(
    cover: Cover, request: ServiceRequest, *, by: Actor, at: datetime, case: ServiceCase | None = None
) -> ServiceAppointment | RuleBroken:
    """Open a case (or go on with `case`) and request an appointment in it.

    `at` is the instant the request was received: every limit of it is counted from there.
    Starts 48 h response and 14 natural days confirmation for a door visit (2.3.1), 48 h solution
    for a service point or remote guidance (2.3.2). RuleBroken: not_covered, cover_expired (2.3.4),
    method_not_offered, video_needs_no_visit (2.2.1), service_not_offered (2.1.1), slot_taken, hold_expired,
    slot_not_published, already_open. PermissionDenied for anybody but the buyer.
    """
    cover = _locked_cover(cover, at=at)
    must_be_for_buyer(cover, by)
    if event := earlier(by):
        is_repeat(event.subject, "appointment.requested", by)
        return ServiceAppointment.objects.get(pk=int(event.subject.removeprefix("appointment/")), buyer=cover.buyer)
    must_be_owed(cover, at=at)
    terms = terms_for_request(cover, at)
    _must_be_offered(cover, request, terms)
    if case is None:
        case = _open_case(cover, request, at=at)
    # Under its lock: it may have been merged since the caller read it.
    elif refused := _cannot_go_on(case := _locked_case(case), cover, by=by, at=at):
        return refused
    appointment = _new_appointment(case, cover, request, terms, at=at)
    clocks = Clocks(appointment, is_new=True)
    clocks.plan(FIRST_CLOCKS[appointment.method], at=at)
    appointment.next_due_at = clocks.next_due()
    _save_new(appointment)
    clocks.write(at=at)
    if appointment.next_due_at != clocks.next_due():  # an outage that was tolled already
        appointment.next_due_at = clocks.next_due()
        appointment.save(update_fields=["next_due_at"])
    _tell_the_fault(case, request, by=by, at=at)
    if not appointment.is_door:
        _take_slot(appointment, request, at=at)
    record_change(
        appointment,
        "appointment.requested",
        clause="2.3.1" if appointment.is_door else "2.3.2",
        by=by,
        at=at,
        before="",
        clocks=clocks,
        detail=_told(appointment, case),
    )
    if case.state != CaseState.OPEN:
        _reopen(case, appointment, by=by, at=at)
    return appointment


def _locked_cover(cover: Cover, *, at: datetime) -> Cover:
    rows = Cover.objects.select_related("edition", "line__product", "order", "seller", "buyer")
    return with_longest_months(rows, at=at).select_for_update(of=("self",), no_key=True).get(pk=cover.pk)


def _must_be_offered(cover: Cover, request: ServiceRequest, terms: BestTerms) -> None:
    must_offer_method(cover, request.method, terms, service_type=request.service_type)
    if request.service_type not in offered_services(cover, terms):
        raise RuleBroken(
            "2.1.1", "service_not_offered", status=422, detail=_("The product's page does not offer this service.")
        )
    point = request.point
    if request.method == ServiceMethod.POINT and (point is None or point.seller_id != cover.seller_id):
        raise RuleBroken("2.2.1", "point_required", status=422, detail=_("Choose one of the seller's service points."))


def _told(appointment: ServiceAppointment, case: ServiceCase) -> dict[str, str]:
    told = {"method": appointment.method, "service_type": appointment.service_type, "title": case.title}
    return told | ({"unit_serial": appointment.unit_serial} if appointment.unit_serial else {})


def _cannot_go_on(case: ServiceCase, cover: Cover, *, by: Actor, at: datetime) -> RuleBroken | None:
    """Whether the case still has an open appointment at `at`; a limit that passed is applied first (T9)."""
    if case.cover_id != cover.pk:
        return RuleBroken("", "case_of_another_line", status=422, detail=_("This case is about another order line."))
    if case.merged_into is not None:
        return case_merged(case.merged_into)
    # A refusal in a merged duplicate may have been cured or rescinded: one fault has one open appointment.
    for each in [case, *case.merged.order_by("pk")]:
        if apply_passed_limits_of(each, by=by, at=at) is not None:
            return already_open()
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


def _open_case(cover: Cover, request: ServiceRequest, *, at: datetime) -> ServiceCase:
    return ServiceCase.objects.create(
        cover=cover,
        seller_id=cover.seller_id,
        buyer_id=cover.buyer_id,
        title=request.title,
        description=request.description,
        opened_at=at,
    )


def _new_appointment(
    case: ServiceCase, cover: Cover, request: ServiceRequest, terms: BestTerms, *, at: datetime
) -> ServiceAppointment:
    wanted: dict[str, Any] = {
        name: getattr(request, name)
        for name in ("method", "service_type", "wish", "point", "slot_starts_at", "address", "city", "country", "phone")
    }
    case.cover = cover
    return ServiceAppointment(
        case=case,
        seller_id=cover.seller_id,
        buyer_id=cover.buyer_id,
        received_at=at,
        terms=terms,
        unit_serial=cover.unit_serial,
        **wanted,
    )


def _save_new(appointment: ServiceAppointment) -> None:
    try:
        with transaction.atomic():
            appointment.save()
    except IntegrityError as taken:
        raise already_open() from taken


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
    store_photos(message.case, photos, at=at, message=message)


def store_photos(
    case: ServiceCase,
    photos: Sequence[Photo],
    *,
    at: datetime,
    message: Message | None = None,
    visit: Visit | None = None,
) -> None:
    """Store photos in a case, with the message or the visit's report that they belong to."""
    for photo in photos:
        attachment = Attachment(
            case=case,
            message=message,
            visit=visit,
            name=photo.name,
            content_type=photo.content_type,
            size=len(photo.content),
            sha256=photo.sha256,
            received_at=at,
        )
        attachment.file.save(photo.name, ContentFile(photo.content), save=False)
        attachment.save()


def _take_slot(appointment: ServiceAppointment, request: ServiceRequest, *, at: datetime) -> None:
    point = request.point
    if point is not None and point.has_published_slots:
        seat_booking(appointment, point, must_be_published(point, request.slot_starts_at, at=at), at=at)


def must_be_published(point: ServicePoint, starts_at: datetime | None, *, at: datetime) -> Slot:
    """The published slot that begins then and lies ahead; RuleBroken slot_not_published (422) for any other instant."""
    slot = point.slot_at(starts_at) if starts_at is not None and starts_at > at else None
    if slot is None:
        raise RuleBroken("2.2.1", "slot_not_published", status=422, detail=_("Choose one of the published times."))
    return slot
