"""The seller's queue: views of his appointments by whose turn it is, sorted by the next limit, read page by page.

A page is found by the key it begins behind, never by an offset, and nothing is counted further than shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import (
    BooleanField,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    prefetch_related_objects,
)
from django.utils.translation import gettext_lazy as _

from cases import queries
from cases.events import instant_text
from cases.models import (
    AppointmentState,
    Deadline,
    DeadlineState,
    Offer,
    ServiceAppointment,
    Side,
    Visit,
    VisitState,
)
from cases.models.appointment import OPEN_STATES
from cases.models.offer import OPEN_OFFERS
from cases.visit_choices import dates_to_answer
from sellers.queries import LEFT, PART_TAKEN, sellers_for
from zestech_aftersales.desk.counting import COUNTED, BoundedCount

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

# What the page calls soon, and how long a missed case stays in its view: numbers of the display, not of the rules.
SOON_HOURS = 6
MISSED_SHOWN_DAYS = 30
UNDER_WAY = [VisitState.PLANNED, VisitState.CHECKED_IN]


class View(TextChoices):
    """A part of the queue."""

    REPLY = "reply", _("To reply")
    CONFIRM = "confirm", _("To confirm")
    BUYER = "buyer", _("Waiting for buyer")
    DATES = "dates", _("Dates proposed")
    VISITS = "visits", _("Visits")
    MISSED = "missed", _("Missed")
    ALL = "all", _("All")


STATES: dict[str, list[Any]] = {
    View.REPLY: queries.TO_REPLY,
    View.CONFIRM: queries.TO_CONFIRM,
    View.BUYER: queries.WITH_BUYER,
    View.DATES: [AppointmentState.AGREED, AppointmentState.CONFIRMED],
    View.VISITS: queries.PLANNED,
    View.MISSED: queries.MISSED,
}
# What a view is sorted by; the missed ones newest first.
ORDER: dict[str, str] = {View.DATES: "visit_at", View.VISITS: "visit_at", View.MISSED: "-ended_at"}


class RowBeyond(Func):
    """(a, b) > (c, d), or < where `descending`: one comparison of rows, which an index can answer."""

    output_field = BooleanField()

    def __init__(self, key: str, at: datetime, pk: int, *, descending: bool) -> None:
        super().__init__(F(key), F("pk"), Value(at, DateTimeField()), Value(pk))
        self.sign = "<" if descending else ">"

    def as_sql(self, compiler: Any, _connection: Any, **_context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """The comparison and its parameters."""
        parts = [compiler.compile(each) for each in self.get_source_expressions()]
        mine, id_, theirs, other_id = [sql for sql, _params in parts]
        sql = f"({mine}, {id_}) {self.sign} ({theirs}, {other_id})"
        return sql, [value for _sql, params in parts for value in params]


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page begins: behind the row with this value of its sorting and this id."""

    at: datetime | None
    pk: int

    @property
    def text(self) -> str:
        """How an address carries it."""
        return f"{instant_text(self.at) if self.at else ''}~{self.pk}"

    @classmethod
    def read(cls, text: str) -> Key | None:
        """The key an address carries; None for anything that is none."""
        when, _sign, pk = text.partition("~")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            return None
        try:
            at = datetime.fromisoformat(when) if when else None
        except ValueError:
            return None
        return None if at is not None and at.tzinfo is None else cls(at, int(pk))


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of the queue, and the key the next one begins behind."""

    rows: list[ServiceAppointment]
    next_key: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many wait in each view, how many are due soon, how many are open; each counted to one over COUNTED."""

    views: dict[str, int]
    soon: int
    open: int
    has_left: bool


def in_view(by: Actor, view: str, *, at: datetime) -> QuerySet[ServiceAppointment]:
    """The appointments of a part of the queue, in no order."""
    found = queries.appointments_for(by)
    if view == View.ALL:
        return found
    if view == View.MISSED:
        found = found.filter(ended_at__gte=at - timedelta(days=MISSED_SHOWN_DAYS))
    if view == View.DATES:
        # No limit runs on a date that the buyer proposes; still somebody waits for an answer.
        found = found.filter(pk__in=dates_to_answer(Side.BUYER).values("appointment"))
    waiting = Q(state__in=STATES[view])
    return found.filter(waiting | queries.OWES_NEW_DATE if view == View.REPLY else waiting)


def counts(by: Actor, *, at: datetime) -> Counts:
    """All counts of the queue in one query."""
    parts = {view.value: in_view(by, view, at=at) for view in View if view != View.ALL}
    soon = queries.appointments_for(by).filter(
        Q(state__in=queries.TO_REPLY + queries.TO_CONFIRM) | queries.OWES_NEW_DATE,
        next_due_at__lte=at + timedelta(hours=SOON_HOURS),
    )
    parts |= {"soon": soon, "open": queries.appointments_for(by).filter(state__in=OPEN_STATES)}
    bounded = {name: BoundedCount(part.order_by().values("pk")[: COUNTED + 1]) for name, part in parts.items()}
    asked = sellers_for(by).values(**bounded, enrolment=PART_TAKEN)
    told: Any = asked.first() or dict.fromkeys(parts, 0)
    return Counts(
        views={name: told[name] for name in parts if name not in ("soon", "open")},
        soon=told["soon"],
        open=told["open"],
        has_left=told.get("enrolment") in LEFT,
    )


def worklist(by: Actor, view: str, *, at: datetime, words: str = "", after: str = "", size: int = 25) -> Worklist:
    """A page of a view, the most urgent first; `words` searches through everything the seller has."""
    found = in_view(by, view, at=at)
    if words:
        # The case's own seller again: so the search begins at the cases of one seller, not at all titles.
        found = queries.appointments_found(queries.appointments_for(by).filter(case__seller=by.seller_id), words)
    order = "next_due_at" if words else ORDER.get(view, "next_due_at")
    key, field = Key.read(after), order.removeprefix("-")
    is_behind = key is not None and key.at is None
    parts = [] if is_behind else [_sorted_part(found, order, key, size + 1)]
    if not order.startswith("-"):
        # Behind those with a limit (or a visit): paused, planned and ended ones, the newest first.
        parts.append(_part_without(order, found, key if is_behind else None, size + 1))
    rows = _in_order(_whole(parts), field, descending=order.startswith("-"))
    more = len(rows) > size
    rows = rows[:size]
    return Worklist(rows, Key(getattr(rows[-1], field), rows[-1].pk).text if more else "")


def with_clocks(found: QuerySet[ServiceAppointment]) -> QuerySet[ServiceAppointment]:
    """The appointments with the time of their visit, whether an offer stands, and their clocks as `clocks`."""
    standing = Offer.objects.filter(appointment=OuterRef("pk"), state__in=OPEN_OFFERS)
    return (
        _with_visit(found)
        .select_related("case__cover__line__product", "case__cover__order", "buyer")
        .annotate(has_offer=Exists(standing))
        .prefetch_related(_clocks())
    )


def _clocks() -> Prefetch[str]:
    told = Deadline.objects.filter(state__in=[DeadlineState.RUNNING, DeadlineState.MISSED])
    return Prefetch("deadlines", told.order_by(F("due_at").asc(nulls_last=True), "pk"), to_attr="clocks")


def _with_visit(found: QuerySet[ServiceAppointment]) -> QuerySet[ServiceAppointment]:
    dated = Visit.objects.filter(appointment=OuterRef("pk"), state__in=UNDER_WAY, ends_at__isnull=False)
    visit = dated.order_by("starts_at")
    return found.annotate(visit_at=Subquery(visit.values("starts_at")[:1]))


def clock_shown(appointment: ServiceAppointment) -> Deadline | None:
    """The clock to show of an appointment that `worklist` read: the next to run out, or the one that was missed."""
    clocks: list[Deadline] = getattr(appointment, "clocks", [])
    running = [clock for clock in clocks if clock.state == DeadlineState.RUNNING]
    missed = [] if appointment.is_open else clocks[-1:]
    return next(iter([*running, *missed]), None)


Keys = QuerySet[ServiceAppointment, Any]


def _sorted_part(found: QuerySet[ServiceAppointment], order: str, key: Key | None, size: int) -> Keys:
    field, descending = order.removeprefix("-"), order.startswith("-")
    found = _with_visit(found).filter(**{f"{field}__isnull": False})
    if key is not None and key.at is not None:
        found = found.filter(RowBeyond(field, key.at, key.pk, descending=descending))
    return _keys(found, (order, "-pk" if descending else "pk"), size)


def _part_without(field: str, found: QuerySet[ServiceAppointment], key: Key | None, size: int) -> Keys:
    found = _with_visit(found).filter(**{f"{field}__isnull": True})
    if key is not None:
        found = found.filter(pk__lt=key.pk)
    return _keys(found, ("-pk",), size)


def _keys(found: QuerySet[ServiceAppointment], order: tuple[str, ...], size: int) -> Keys:
    """The first keys of a part, each part by its own index: so nothing is joined in vain."""
    return found.select_related(None).order_by(*order).values("pk")[:size]


def _whole(parts: list[Keys]) -> list[ServiceAppointment]:
    """The rows of all parts in one query, with all that is shown of them, in no order; and their clocks in another."""
    first, *rest = [
        with_clocks(ServiceAppointment.objects.filter(pk__in=keys)).prefetch_related(None) for keys in parts
    ]
    rows = list(first.union(*rest, all=True) if rest else first)
    prefetch_related_objects(rows, _clocks())
    return rows


def _in_order(rows: list[ServiceAppointment], field: str, *, descending: bool) -> list[ServiceAppointment]:
    """Those that have what is sorted by, and behind them the others, the newest first."""
    sorted_ = [row for row in rows if getattr(row, field) is not None]
    sorted_.sort(key=lambda row: (getattr(row, field), row.pk), reverse=descending)
    behind = [row for row in rows if getattr(row, field) is None]
    return sorted_ + sorted(behind, key=lambda row: row.pk, reverse=True)
