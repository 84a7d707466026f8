"""Which engineer can make a visit: what the seller keeps of him, and the visits he has already (2.2.1, 2.3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import AppointmentState, ProposalState, Visit, VisitState
from cases.terms import Window
from sellers.models import Engineer, ServicePoint
from sellers.planning import Job, Misfit, misfit
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod

if TYPE_CHECKING:
    from cases.models import DateProposal, Offer, ServiceAppointment

# How far ahead, and how many of, the visits planned already are told to whoever plans another one.
SHOWN_DAYS, SHOWN_VISITS = 60, 12


@dataclass(frozen=True, slots=True)
class Taken:
    """A time at which an engineer has another visit."""

    engineer: str
    starts_at: datetime
    ends_at: datetime


# What to do about each of them.
ADVICE: dict[Misfit, str | Promise] = {
    Misfit.INACTIVE: _("%(name)s takes no visits. Choose another engineer, or name a person."),
    Misfit.SERVICE: _("%(name)s does not do this service. Choose another engineer, or add the service."),
    Misfit.AREA: _("%(name)s does not go to %(place)s. Choose another engineer, or add the area."),
    Misfit.DAY_OFF: _("%(name)s has a day off then. Choose another engineer or another time."),
    Misfit.HOURS: _("%(name)s does not work then. Choose another engineer or another time."),
    Misfit.BOOKED: _("%(name)s has another visit then. Choose another engineer or another time."),
}


def must_fit(
    engineer: Engineer | None,
    appointment: ServiceAppointment,
    windows: Iterable[Window],
    *,
    method: str = "",
    service_type: str = "",
) -> None:
    """Raise unless the engineer can make the visit at each of the times; nobody named is no fault.

    The engineer's row is locked until the action ends, so that two visits never take him at the same time.
    RuleBroken (2.2.1): engineer_unfit (422) with the reason in its context, engineer_booked (409).
    """
    if engineer is None:
        return
    kept = Engineer.objects.select_for_update(of=("self",), no_key=True).get(pk=engineer.pk)
    job = _job(appointment, windows, method=method, service_type=service_type)
    why = misfit(kept, job)
    if why is None and any(_booked([kept], appointment, begin, end).exists() for begin, end in job.times):
        why = Misfit.BOOKED
    if why is None:
        return
    is_booked = why == Misfit.BOOKED
    told = {"name": kept.name, "place": " ".join(part for part in (job.city, job.country) if part)}
    raise RuleBroken(
        "2.2.1",
        "engineer_booked" if is_booked else "engineer_unfit",
        status=409 if is_booked else 422,
        detail=str(ADVICE[why]) % told,
        context={"reason": str(why), "fields": {"engineer": [str(why.label)]}},
    )


def must_be_open(point: ServicePoint | None, windows: Iterable[Window]) -> None:
    """Raise unless a service point is in business on the days of each of the times; RuleBroken point_unfit (422, 2.2.1).

    Outside its opening hours on such a day it may still be opened for somebody.
    """
    if point is None:
        return
    told = {"name": point.name}
    if not point.is_active:
        raise _point_unfit("inactive", _("%(name)s takes no customers. Choose another service point.") % told)
    if any(point.is_closed_between(each.starts_at, each.ends_at) for each in windows):
        raise _point_unfit("closed", _("%(name)s is closed then. Choose another time or another service point.") % told)


def _point_unfit(reason: str, words: str | Promise) -> RuleBroken:
    context = {"reason": reason, "fields": {"point": [str(words)]}}
    return RuleBroken("2.2.1", "point_unfit", status=422, detail=str(words), context=context)


def must_be_free(engineer: Engineer | None, appointment: ServiceAppointment, windows: Iterable[Window]) -> None:
    """For the buyer's yes: an offer binds the seller whatever he keeps of his engineer, but nobody is at two places.

    RuleBroken engineer_booked (409).
    """
    if engineer is None:
        return
    Engineer.objects.select_for_update(of=("self",), no_key=True).get(pk=engineer.pk)
    job = _job(appointment, windows)
    if any(_booked([engineer], appointment, begin, end).exists() for begin, end in job.times):
        raise RuleBroken(
            "2.2.1",
            "engineer_booked",
            detail=_("The engineer has another visit then by now. Choose another time, or ask for one."),
        )


def plan_visit(
    appointment: ServiceAppointment,
    accepted: Offer,
    *,
    engineer: Engineer | None = None,
    contact_name: str = "",
    at: datetime,
) -> Visit:
    """Plan the visit that was agreed on: at the date moved to since, in the offer's chosen window or the booked slot.

    Where none of them was named, or all of it is over at `at`, the visit has no end: its time is still to be agreed.
    Who comes: the `engineer` or the person named now, or else whom the agreed date or the offer named.
    RuleBroken engineer_unfit (422), engineer_booked (409).
    """
    moved = accepted.dates.filter(state=ProposalState.ACCEPTED).order_by("-id").first()
    window = agreed_time(appointment, accepted, moved)
    if window is not None and window.ends_at <= at:
        window = None
    times = [window] if window is not None else []
    if engineer is None and not contact_name:
        engineer, contact_name = _who_comes(accepted, moved)
    if appointment.is_door:
        must_fit(engineer, appointment, times)
    else:  # the buyer's own acceptance confirms it
        must_be_free(engineer, appointment, times)
    planned = Visit.objects.create(
        appointment=appointment,
        number=appointment.visits.count() + 1,
        # Confirmed while its window runs: before that nobody could have come.
        starts_at=max(at, window.starts_at if window is not None else accepted.next_step_at or at),
        ends_at=window.ends_at if window is not None else None,
        engineer=engineer,
        contact_name=contact_name or accepted.contact_name,
        point=accepted.point or appointment.point,
        video_url=accepted.video_url if appointment.method == ServiceMethod.REMOTE else "",
    )
    # Another date that was proposed meanwhile can still be answered: it is about this visit now.
    accepted.dates.filter(state=ProposalState.STANDING).update(visit=planned)
    return planned


def agreed_time(appointment: ServiceAppointment, accepted: Offer, moved: DateProposal | None) -> Window | None:
    """When the two sides agreed to meet: moved to, chosen or booked; None where the offer names a next step only."""
    if moved is not None:
        return Window.from_json(moved.windows[moved.accepted_window or 0])
    if accepted.windows:
        return Window.from_json(accepted.windows[accepted.accepted_window or 0])
    point, booked = accepted.point or appointment.point, appointment.slot_starts_at
    if booked is None or point is None or appointment.method != ServiceMethod.POINT:
        return None
    slot = point.slot_at(booked)
    return Window(booked, slot.ends_at if slot else booked + timedelta(minutes=point.slot_minutes))


def _who_comes(accepted: Offer, moved: DateProposal | None) -> tuple[Engineer | None, str]:
    if moved is not None and (moved.engineer is not None or moved.contact_name):
        return moved.engineer, moved.contact_name
    return accepted.engineer, ""


def fitting(
    engineers: Sequence[Engineer], appointment: ServiceAppointment, windows: Sequence[Window]
) -> list[tuple[Engineer, Misfit | None]]:
    """Each engineer with what speaks against him, those who fit first; two queries whatever their number."""
    job = _job(appointment, windows)
    booked: set[int | None] = set()
    for begin, end in job.times:
        booked |= set(_booked(engineers, appointment, begin, end).values_list("engineer_id", flat=True))
    judged = [(each, misfit(each, job) or (Misfit.BOOKED if each.pk in booked else None)) for each in engineers]
    return sorted(judged, key=lambda one: one[1] is not None)


def taken_times(engineers: Sequence[Engineer], appointment: ServiceAppointment, *, at: datetime) -> list[Taken]:
    """The next visits of other appointments that engineers have before them, the first ones first; one query."""
    ahead = _booked(engineers, appointment, at, at + timedelta(days=SHOWN_DAYS)).select_related("engineer")
    told = ahead.order_by("starts_at", "pk")[:SHOWN_VISITS]
    return [Taken(str(each.engineer), *each.span) for each in told]


def _job(
    appointment: ServiceAppointment, windows: Iterable[Window], *, method: str = "", service_type: str = ""
) -> Job:
    goes_out = (method or appointment.method) == ServiceMethod.DOOR
    return Job(
        service_type=service_type or appointment.service_type,
        city=appointment.city if goes_out else "",
        country=appointment.country if goes_out else "",
        times=tuple((each.starts_at, max(each.ends_at, each.starts_at + datetime.resolution)) for each in windows),
    )


def _booked(
    engineers: Sequence[Engineer], appointment: ServiceAppointment, begin: datetime, end: datetime
) -> QuerySet[Visit]:
    """The visits of other appointments that take the engineers then; one whose time is still to be agreed takes none."""
    planned = Visit.objects.filter(
        engineer__in=engineers,
        state__in=[VisitState.PLANNED, VisitState.CHECKED_IN],
        appointment__state__in=[AppointmentState.CONFIRMED, AppointmentState.IN_SERVICE],
    ).exclude(appointment=appointment)
    return planned.filter(Q(ends_at__gt=begin) | Q(starts_at__gte=begin), starts_at__lt=end, ends_at__isnull=False)
