"""The work queue, its export, and the cases behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from cases import worklists
from cases.cover_ends import COUNTED_END, end_for
from cases.figures import DAYS_BACK, DAYS_CHARTED, Figures, figures
from cases.models import AppointmentState, Deadline, ServiceAppointment
from cases.worklists import SOON_HOURS, View
from complaints.queries.clearances import run_off_covers
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.judgement.clocks import LOUD, Heard, JudgedClock, heard_by
from zestech_aftersales.dashboard.people import is_engineer, member, members_only, speakers_only
from zestech_aftersales.dashboard.tables import csv_answer
from zestech_aftersales.dashboard.visits import round_of_visits
from zestech_aftersales.desk.counting import COUNTED
from zestech_aftersales.pages.views import CasePages
from zestech_aftersales.ui.limits import limit_card

State = AppointmentState
METHOD_ICONS = {"door": "engineer", "point": "point", "remote": "video"}
# The step that a row leads to right away; everything else leads to the case.
STEPS: dict[str, tuple[str, str | Promise]] = {
    State.REQUESTED: ("offer", gettext_lazy("Reply")),
    State.COUNTERED: ("", gettext_lazy("Answer")),
    State.AGREED: ("confirm", gettext_lazy("Confirm")),
    State.DEEMED_REFUSED: ("offer", gettext_lazy("Offer a late cure")),
}
EXPORTED = 5000
RUN_OFF_SHOWN = 10
COLUMNS = ("case", "order", "fault", "product", "buyer", "method", "state", "received_at", "clock", "clause", "due_at")

case_pages = CasePages("dashboard", member)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue."""

    appointment: ServiceAppointment
    clock: Deadline | None
    icon: str
    css: str
    step: str
    button: str | Promise


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the queue with its bounded count."""

    name: str
    label: str | Promise
    count: str


@require_GET
@members_only
def queue(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """The work queue, the next limit first; an engineer sees his round of visits instead."""
    if is_engineer(by):
        return round_of_visits(request, by)
    at = cast(PersonRequest, request).received_at
    view, words = _asked(request)
    listed = worklists.worklist(by, view, at=at, words=words, after=request.GET.get("after", ""))
    counted = worklists.counts(by, at=at)
    answers = figures(by, at=at)
    heard = heard_by(by)
    soon = counted.soon + heard.ending_by(at + timedelta(hours=SOON_HOURS))
    waiting = counted.views | {View.REPLY.value: counted.views[View.REPLY.value] + heard.count}
    judged = _judged(request, heard, view, words, listed, at)
    context = {
        "view": View(view),
        "by_visit": worklists.ORDER.get(view) == "visit_at",
        "words": words,
        "rows": _in_one([_row(appointment, at) for appointment in listed.rows], judged),
        "more_judged": bool(judged) and heard.has_more,
        "is_first": not request.GET.get("after"),
        "next_url": _address(request, listed.next_key) if listed.next_key else "",
        "tabs": [Tab(each.value, each.label, _bounded(waiting.get(each.value))) for each in View],
        "soon": soon,
        "soon_words": _bounded(soon),
        "soon_hours": SOON_HOURS,
        "open_words": _bounded(counted.open),
        "answers": answers,
        "days_back": DAYS_BACK,
        **_chart(answers, at),
        **_run_off(by, at, has_left=counted.has_left),
    }
    return render(request, "dashboard/queue.html", context)


def _judged(
    request: HttpRequest, heard: Heard, view: str, words: str, listed: worklists.Worklist, at: datetime
) -> list[JudgedClock]:
    """The limits of the judgement that fall among those of this page: what one must answer stands in one list."""
    begins = worklists.Key.read(request.GET.get("after", ""))
    ends = worklists.Key.read(listed.next_key)
    if words or view not in (View.REPLY, View.ALL) or (begins is not None and begins.at is None):
        return []
    after, until = (None if key is None else key.at for key in (begins, ends))
    return heard.between(after, until, at=at)


def _in_one(rows: list[Row], judged: list[JudgedClock]) -> list[Row | JudgedClock]:
    """Both by their limits; behind them what has none, in its own order."""

    def due_at(row: Row | JudgedClock) -> datetime:
        due = row.limit.due_at if isinstance(row, JudgedClock) else row.appointment.next_due_at
        return due or datetime.max.replace(tzinfo=UTC)

    return sorted([*rows, *judged], key=due_at) if judged else [*rows]


def _run_off(by: Actor, at: datetime, *, has_left: bool) -> dict[str, Any]:
    """For a seller who has left: the orders that stay bound, the next to end first (4.3)."""
    if not has_left:
        return {"has_left": False}
    next_to_end = run_off_covers(by, at).order_by(COUNTED_END, "id")[:RUN_OFF_SHOWN]
    # Which ones they are goes by months of equal length; their order by the ends that are shown.
    shown = sorted(next_to_end, key=lambda cover: (end_for(cover, at) or at, cover.pk))
    return {"has_left": True, "at": at, "run_off": shown}


@require_GET
@speakers_only
def export(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """The view as CSV, instants in UTC; at most EXPORTED rows."""
    at = cast(PersonRequest, request).received_at
    view, words = _asked(request)
    listed = worklists.worklist(by, view, at=at, words=words, size=EXPORTED)
    return csv_answer(f"zestech-{view}.csv", [COLUMNS, *_cells(listed.rows)])


def _asked(request: HttpRequest) -> tuple[str, str]:
    """The view and the words of the search; a search looks through all."""
    words = request.GET.get("q", "").strip()
    view = request.GET.get("view", "")
    if words:
        return View.ALL.value, words
    return (view if view in View.values else View.REPLY.value), ""


def _row(appointment: ServiceAppointment, at: datetime) -> Row:
    clock = worklists.clock_shown(appointment)
    step, button = STEPS.get(appointment.state, ("", gettext_lazy("Open")))
    if appointment.state == State.DEEMED_REFUSED and getattr(appointment, "has_offer", False):
        step, button = "", gettext_lazy("Open")
    if appointment.state == State.CONFIRMED and appointment.next_due_at is not None:
        step, button = "propose_date", gettext_lazy("Offer a new date")
    tone = limit_card(clock, at).tone if clock else ""
    return Row(appointment, clock, METHOD_ICONS[appointment.method], LOUD.get(tone, ""), step, button)


def _bounded(count: int | None) -> str:
    """A count for the page: 12, or 100+ where nobody counted further; nothing where nobody counted."""
    if count is None:
        return ""
    return f"{COUNTED}+" if count > COUNTED else str(count)


def _address(request: HttpRequest, after: str) -> str:
    asked = request.GET.copy()
    asked["after"] = after
    return f"?{asked.urlencode()}"


def _chart(answers: Figures, at: datetime) -> dict[str, Any]:
    zone = timezone.get_current_timezone()
    days = answers.by_day(until=at.astimezone(zone).date(), zone=zone)
    return {
        "bar_rows": [(date_format(day, "D"), values) for day, values in days],
        "bar_series": [
            (_("In time"), "info"),
            (_("In the last %(hours)d hours") % {"hours": SOON_HOURS}, "warn"),
            (_("Missed"), "bad"),
        ],
        "bar_title": _("Replies in the last %(days)d days") % {"days": DAYS_CHARTED},
    }


def _cells(rows: list[ServiceAppointment]) -> Iterator[list[object]]:
    for appointment in rows:
        case, clock = appointment.case, worklists.clock_shown(appointment)
        yield [
            case.reference,
            case.cover.order.number,
            case.title,
            case.cover.line.title,
            appointment.buyer.name or appointment.buyer.email,
            appointment.method,
            appointment.state,
            appointment.received_at.isoformat(),
            clock.clock if clock else "",
            clock.clause if clock else "",
            clock.due_at.isoformat() if clock and clock.due_at else "",
        ]
