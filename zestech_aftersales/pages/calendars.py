"""Visits to take away: an .ics file that any calendar reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from cases.models import Visit, VisitState
from cases.permissions import may_see_contact
from zestech_aftersales.accounts.actors import Actor

TAKES_PLACE = (VisitState.PLANNED, VisitState.CHECKED_IN, VisitState.DONE)


def calendar_answer(name: str, visits: Iterable[Visit], namespace: str, *, by: Actor, at: datetime) -> HttpResponse:
    """The visits as a file to save. A visit keeps its UID, so a newer file strikes out what was put off, or restores it."""
    calendar = Calendar()
    calendar.add("prodid", "-//ZESTECH//After-sales//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for visit in (each for each in visits if each.has_date):
        calendar.add_component(_event(visit, namespace, by=by, at=at))
    answer = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _event(visit: Visit, namespace: str, *, by: Actor, at: datetime) -> Event:
    case, is_on = visit.appointment.case, visit.state in TAKES_PLACE
    page = settings.BASE_URL + reverse(f"{namespace}:case", args=[case.reference])
    event = Event()
    event.add("uid", f"visit-{visit.pk}@{urlsplit(settings.BASE_URL).hostname}")
    # A calendar believes the higher number: the file that was taken later, also where a correction restored the visit.
    age = max(0, int((at - visit.appointment.received_at).total_seconds()))
    event.add("sequence", 2 * age + (not is_on))
    event.add("status", "CONFIRMED" if is_on else "CANCELLED")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", visit.starts_at.astimezone(UTC))
    if visit.ends_at and visit.ends_at > visit.starts_at:
        event.add("dtend", visit.ends_at.astimezone(UTC))
    event.add("summary", f"{case.title} ({case.reference})")
    event.add("description", "\n".join([*_told(visit), page]))
    if place := _place(visit, by):
        event.add("location", place)
    event.add("url", page)
    return event


def _told(visit: Visit) -> list[str]:
    appointment = visit.appointment
    lines = [f"{appointment.get_method_display()} · {appointment.get_service_type_display()}"]
    if named := str(visit.engineer or visit.contact_name):
        lines.append(_("Named person: %(name)s") % {"name": named})
    if visit.video_url and visit.state in TAKES_PLACE:
        lines.append(_("Video session: %(link)s") % {"link": visit.video_url})
    return lines


def _place(visit: Visit, by: Actor) -> str:
    """Where it is: the point, or the buyer's door for those who are told it."""
    appointment, point = visit.appointment, visit.point
    if point is not None:
        parts = [point.name, point.address, point.city, point.country]
    elif appointment.is_door:
        parts = [appointment.address if may_see_contact(appointment, by) else "", appointment.city, appointment.country]
    else:
        parts = []
    return ", ".join(part for part in parts if part)
