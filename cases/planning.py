"""Which engineer can make a visit: what the seller keeps of him, and the visits he has already (2.2.1, 2.3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import AppointmentState, Visit, VisitState
from cases.terms import Window
from sellers.models import Engineer
from sellers.planning import Job, Misfit, misfit
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod

if TYPE_CHECKING:
    from cases.models import Offer, ServiceAppointment

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


def must_be_free(engineer: Engineer | None, appointment: ServiceAppointment, window: Window) -> None:
    """For the buyer's yes: an offer binds the seller whatever he keeps of his engineer, but nobody is at two places.

    RuleBroken engineer_booked (409).
    """
    if engineer is None:
        return
    Engineer.objects.select_for_update(of=("self",), no_key=True).get(pk=engineer.pk)
    job = _job(appointment, [window])
    if any(_booked([engineer], appointment, begin, end).exists() for begin, end in job.times):
        raise RuleBroken(
            "2.2.1",
            "engineer_booked",
            detail=_("The engineer has another visit then by now. Choose another time, or ask for one."),
        )


def plan_visit(
    appointment: ServiceAppointment, accepted: Offer, *, engineer: Engineer | None = None, contact_name: str = ""
) -> Visit:
    """Plan the visit that an accepted offer agreed on: its chosen window, the booked slot, or its next step.

    Who comes: the `engineer` or the person named now, or else whom the offer named.
    RuleBroken engineer_unfit (422), engineer_booked (409).
    """
    if accepted.windows:
        window = Window.from_json(accepted.windows[accepted.accepted_window or 0])
    else:
        starts_at = appointment.slot_starts_at or accepted.next_step_at or accepted.received_at
        window = Window(starts_at, starts_at)
    if engineer is None and not contact_name:
        engineer = accepted.engineer
    if appointment.is_door:
        must_fit(engineer, appointment, [window])
    else:  # the buyer's own acceptance confirms it
        must_be_free(engineer, appointment, window)
    return Visit.objects.create(
        appointment=appointment,
        number=appointment.visits.count() + 1,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        engineer=engineer,
        contact_name=contact_name or accepted.contact_name,
        point=accepted.point or appointment.point,
        video_url=accepted.video_url if appointment.method == ServiceMethod.REMOTE else "",
    )


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
    """The visits of other appointments that take the engineers then; a visit without an end takes its begin."""
    planned = Visit.objects.filter(
        engineer__in=engineers,
        state__in=[VisitState.PLANNED, VisitState.CHECKED_IN],
        appointment__state__in=[AppointmentState.CONFIRMED, AppointmentState.IN_SERVICE],
    ).exclude(appointment=appointment)
    return planned.filter(Q(ends_at__gt=begin) | Q(starts_at__gte=begin), starts_at__lt=end)
