"""Whether an engineer can be sent: services, areas, days off and working hours; pure arithmetic in the engineer's zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.models import Engineer
from sellers.slots import instant_of, read_hours

ONE_DAY = timedelta(days=1)


class Misfit(models.TextChoices):
    """Why an engineer cannot make a visit, in the words for a list of choices."""

    INACTIVE = "inactive", _("takes no visits")
    SERVICE = "service", _("does not do this service")
    AREA = "area", _("does not go there")
    DAY_OFF = "day_off", _("has a day off")
    HOURS = "hours", _("does not work then")
    BOOKED = "booked", _("has another visit then")


@dataclass(frozen=True, slots=True)
class Job:
    """What an engineer is wanted for: the service, the place (empty where nobody goes anywhere), the times."""

    service_type: str
    city: str = ""
    country: str = ""
    # Begin and end of each, the end not included.
    times: tuple[tuple[datetime, datetime], ...] = ()


def misfit(engineer: Engineer, job: Job) -> Misfit | None:
    """Why the engineer cannot do the job, None when nothing that the seller keeps speaks against it.

    An empty list keeps nobody out: no services means every service, no areas everywhere, no hours any time.
    """
    if not engineer.is_active:
        return Misfit.INACTIVE
    if engineer.skills and job.service_type not in engineer.skills:
        return Misfit.SERVICE
    if not goes_to(engineer.areas, job.city, job.country):
        return Misfit.AREA
    for begin, end in job.times:
        if _is_off(engineer, begin, end):
            return Misfit.DAY_OFF
        if not _works(engineer, begin, end):
            return Misfit.HOURS
    return None


def goes_to(areas: Iterable[str], city: str, country: str) -> bool:
    """Whether a place lies in the areas: "AE" is a country, "Berlin" a city, "DE Frankfurt" a city of a country.

    A place that nobody told, and no areas at all, keep nobody out.
    """
    named = [" ".join(area.split()).casefold() for area in areas]
    city, country = " ".join(city.split()).casefold(), country.strip().casefold()
    if not named or not (city or country):
        return True
    return any(place in named for place in (city, country, f"{country} {city}") if place.strip())


def days_of(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The dates of the zone that a time touches, its end not included."""
    day = begin.astimezone(zone).date()
    last = max(begin, end - datetime.resolution).astimezone(zone).date()
    while day <= last:
        yield day
        day += ONE_DAY


def _is_off(engineer: Engineer, begin: datetime, end: datetime) -> bool:
    off = {date.fromisoformat(day) for day in engineer.days_off}
    return not off.isdisjoint(days_of(begin, end, ZoneInfo(engineer.time_zone)))


def _works(engineer: Engineer, begin: datetime, end: datetime) -> bool:
    """Whether the whole time lies in one stretch of the working hours; hours may end at 24:00."""
    hours = read_hours(engineer.working_hours)
    if not any(hours.values()):
        return True
    zone = ZoneInfo(engineer.time_zone)
    day = begin.astimezone(zone).date()
    return any(
        instant_of(day, opens, zone) <= begin and end <= instant_of(day, closes, zone)
        for opens, closes in hours.get(day.weekday(), ())
    )
