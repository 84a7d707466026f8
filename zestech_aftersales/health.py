"""Health for machines: `/healthz` says the process is up and what the last verification found, `/readyz` whether
it can do its work."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases.sweep import oldest_unswept
from zestech_aftersales import clock
from zestech_aftersales.timeline.queries import last_beat, last_verification, oldest_undelivered

SWEEP = "sweep"


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer while the process runs, whatever else is broken; the second line tells of the last verification."""
    return HttpResponse(f"ok\n{verified()}\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and broker answer and the loops keep up, else 503; the body says what is wrong.

    `late_seconds` is how far behind each loop is: time since the last sweep, since the oldest limit that should
    have been swept, since the oldest notice that should have gone out.
    """
    report: dict[str, Any] = {"broker": broker_state()}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        report |= {"database": "ok", **loops(clock.now())}
    except DatabaseError:
        report["database"] = "does not answer"
    late = [name for name, loop in report.items() if isinstance(loop, dict) and not loop["in_time"]]
    is_ready = report["broker"] == report["database"] == "ok" and not late
    return JsonResponse({"ready": is_ready, **report}, status=200 if is_ready else 503)


def verified() -> str:
    """Return when everything was last counted again from the events, and how many differences were found."""
    try:
        last = last_verification()
    except DatabaseError:
        return "verification: the database does not answer"
    if last is None:
        return "verification: none yet"
    done_at = last.done_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"verification: {done_at}, {last.differences} differences"


def broker_state() -> str:
    """Return "ok" or what is wrong with the broker."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError:
        return "does not answer"
    finally:
        client.close()
    return "ok"


def loops(at: datetime) -> dict[str, dict[str, Any]]:
    """Return for each loop the instant that tells how far it came, and whether that is late at `at`."""
    swept = last_beat(SWEEP)
    return {
        "last_sweep": _judged(at, swept, is_late=lambda seconds: seconds is None or seconds > settings.READY_SECONDS),
        "oldest_unswept_limit": _judged(
            at,
            oldest_unswept(at=at),
            lambda seconds: (seconds or 0) > settings.SETTLE_SECONDS + settings.READY_SECONDS,
        ),
        "oldest_undelivered_notice": _judged(
            at, oldest_undelivered(at), lambda seconds: (seconds or 0) > settings.READY_SECONDS
        ),
    }


def _judged(at: datetime, since: datetime | None, is_late: Callable[[float | None], bool]) -> dict[str, Any]:
    seconds = None if since is None else max(0.0, (at - since).total_seconds())
    return {"since": since, "late_seconds": seconds, "in_time": not is_late(seconds)}
