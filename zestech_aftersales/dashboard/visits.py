"""The visits: an engineer's round, and the week of the whole seller."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_GET

from cases.models import Visit
from cases.queries import visits_between, visits_under_way
from sellers.models import Engineer
from sellers.queries import engineer_of
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.forms import DAY_NAMES, HoursField
from zestech_aftersales.dashboard.people import members_only
from zestech_aftersales.pages.calendars import calendar_answer
from zestech_aftersales.rulebook.services import ServiceType

WEEK = re.compile(r"(?P<year>\d{4})-W(?P<week>\d{2})")
DAYS_OF_WEEK = 7
# A week with more visits than this is cut off, and says so.
SHOWN = 500


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar with its visits."""

    date: date
    is_today: bool
    visits: list[Visit]


def round_of_visits(request: HttpRequest, by: Actor) -> HttpResponse:
    """What an engineer has before him: visits under way and planned, the next one first."""
    at = cast(PersonRequest, request).received_at
    zone = timezone.get_current_timezone()
    visits = list(visits_under_way(by).order_by("starts_at", "pk")[:SHOWN])
    days = sorted({visit.starts_at.astimezone(zone).date() for visit in visits})
    rows = _days(days, visits, zone=zone, at=at)
    own = engineer_of(by)
    context = {"days": rows, "own": own, "services": _services(own), "hours": _hours(own)}
    return render(request, "dashboard/round.html", context)


def _services(own: Engineer | None) -> list[str | Promise]:
    return [ServiceType(value).label for value in own.skills] if own is not None else []


def _hours(own: Engineer | None) -> list[tuple[object, str]]:
    """The working hours in words, day by day; none where none are kept."""
    if own is None or not own.working_hours:
        return []
    return [(name, HoursField.text(own.working_hours.get(day, []))) for day, name in DAY_NAMES.items()]


@require_GET
@members_only
def calendar(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """A week of visits in the viewer's zone; `?week=2026-W10`."""
    at = cast(PersonRequest, request).received_at
    zone = timezone.get_current_timezone()
    today = at.astimezone(zone).date()
    monday = _monday(request.GET.get("week", ""), today)
    days = [monday + timedelta(days=n) for n in range(DAYS_OF_WEEK)]
    visits = list(_of_week(by, monday, zone)[: SHOWN + 1])
    return render(
        request,
        "dashboard/calendar.html",
        {
            "days": _days(days, visits[:SHOWN], zone=zone, at=at),
            "is_cut_off": len(visits) > SHOWN,
            "week": monday.isocalendar(),
            "shown_week": _week(monday),
            "earlier": _week(monday - timedelta(days=DAYS_OF_WEEK)),
            "later": _week(monday + timedelta(days=DAYS_OF_WEEK)),
            "is_this_week": today in days,
        },
    )


@require_GET
@members_only
def calendar_file(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """The same week as a file for one's own calendar."""
    at = cast(PersonRequest, request).received_at
    zone = timezone.get_current_timezone()
    monday = _monday(request.GET.get("week", ""), at.astimezone(zone).date())
    visits = _of_week(by, monday, zone)[:SHOWN]
    return calendar_answer(f"visits-{_week(monday)}.ics", visits, "dashboard", by=by, at=at)


def _of_week(by: Actor, monday: date, zone: tzinfo) -> QuerySet[Visit]:
    begin, end = (datetime.combine(day, time.min, zone) for day in (monday, monday + timedelta(days=DAYS_OF_WEEK)))
    return visits_between(by, begin, end).order_by("starts_at", "pk")


def _days(days: list[date], visits: list[Visit], *, zone: tzinfo, at: datetime) -> list[Day]:
    today = at.astimezone(zone).date()
    return [
        Day(day, day == today, [visit for visit in visits if visit.starts_at.astimezone(zone).date() == day])
        for day in days
    ]


def _week(day: date) -> str:
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def _monday(asked: str, today: date) -> date:
    """The Monday of the week asked for; of this week where nothing sensible is asked."""
    try:
        if match := WEEK.fullmatch(asked):
            monday = date.fromisocalendar(int(match["year"]), int(match["week"]), 1)
            # The neighbours of the last weeks a calendar knows could not be linked to.
            if date.min.year < monday.year < date.max.year:
                return monday
    except ValueError:
        pass
    return today - timedelta(days=today.weekday())
