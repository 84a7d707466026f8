"""The platform's own calendar: weeks of the staff desk are its weeks."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from zestech_aftersales.rulebook.queries import edition_in_force


def platform_zone(at: datetime) -> ZoneInfo:
    """The zone whose midnights divide days and weeks at an instant."""
    return ZoneInfo(str(edition_in_force(at).law.zone))
