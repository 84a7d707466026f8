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
)
from django.utils.translation import gettext_lazy as _

from cases import queries
from cases.events import instant_text
from cases.models import Deadline, DeadlineState, Offer, ServiceAppointment, Visit, VisitState
from cases.models.appointment import OPEN_STATES
from cases.models.offer import OPEN_OFFERS
from sellers.queries import sellers_for

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

# How far a count goes: more are shown as "100+".
COUNTED = 100
# What the page calls soon, and how long a missed case stays in its view: numbers of the display, not of the rules.
SOON_HOURS = 6
MISSED_SHOWN_DAYS = 30
UNDER_WAY = [VisitState.PLANNED, VisitState.CHECKED_IN]


class View(TextChoices):
    """A part of the queue."""

    REPLY = "reply", _("To reply")
    CONFIRM = "confirm", _("To confirm")
    BUYER = "buyer", _("Waiting for buyer")
    VISITS = "visits", _("Visits")
    MISSED = "missed", _("Missed")
    ALL = "all", _("All")


STATES: dict[str, list[Any]] = {
    View.REPLY: queries.TO_REPLY,
    View.CONFIRM: queries.TO_CONFIRM,
    View.BUYER: queries.WITH_BUYER,
    View.VISITS: queries.PLANNED,
    View.MISSED: queries.MISSED,
}
# What a view is sorted by; the missed ones newest first.
ORDER: dict[str, str] = {View.VISITS: "visit_at", View.MISSED: "-ended_at"}


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


class BoundedCount(Subquery):
    """The number of rows of a subquery that has a limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"


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


def in_view(by: Actor, view: str, *, at: datetime) -> QuerySet[ServiceAppointment]:
    """The appointments of a part of the queue, in no order."""
    found = queries.appointments_for(by)
    if view == View.ALL:
        return found
    if view == View.MISSED:
        found = found.filter(ended_at__gte=at - timedelta(days=MISSED_SHOWN_DAYS))
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
    told: dict[str, int] = sellers_for(by).values(**bounded).first() or dict.fromkeys(parts, 0)
    return Counts(
        views={name: told[name] for name in parts if name not in ("soon", "open")},
        soon=told["soon"],
        open=told["open"],
    )


def worklist(by: Actor, view: str, *, at: datetime, words: str = "", after: str = "", size: int = 25) -> Worklist:
    """A page of a view, the most urgent first; `words` searches through everything the seller has."""
    found = in_view(by, view, at=at)
    if words:
        # The case's own seller again: so the search begins at the cases of one seller, not at all titles.
        found = queries.appointments_found(queries.appointments_for(by).filter(case__seller=by.seller_id), words)
    order = "next_due_at" if words else ORDER.get(view, "next_due_at")
    key, field = Key.read(after), order.removeprefix("-")
    rows = [] if key is not None and key.at is None else _sorted_part(found, order, key, size + 1)
    if len(rows) <= size and not order.startswith("-"):
        # Behind those with a limit (or a visit): paused, planned and ended ones, the newest first.
        behind = key if key is not None and key.at is None else None
        rows += _part_without(order, found, behind, size + 1 - len(rows))
    more = len(rows) > size
    rows = rows[:size]
    return Worklist(rows, Key(getattr(rows[-1], field), rows[-1].pk).text if more else "")


def with_clocks(found: QuerySet[ServiceAppointment]) -> QuerySet[ServiceAppointment]:
    """The appointments with the time of their visit, whether an offer stands, and their clocks as `clocks`."""
    standing = Offer.objects.filter(appointment=OuterRef("pk"), state__in=OPEN_OFFERS)
    told = Deadline.objects.filter(state__in=[DeadlineState.RUNNING, DeadlineState.MISSED])
    ordered = told.order_by(F("due_at").asc(nulls_last=True), "pk")
    return (
        _with_visit(found)
        .select_related("case__cover__line__product", "case__cover__order", "buyer")
        .annotate(has_offer=Exists(standing))
        .prefetch_related(Prefetch("deadlines", ordered, to_attr="clocks"))
    )


def _with_visit(found: QuerySet[ServiceAppointment]) -> QuerySet[ServiceAppointment]:
    visit = Visit.objects.filter(appointment=OuterRef("pk"), state__in=UNDER_WAY).order_by("starts_at")
    return found.annotate(visit_at=Subquery(visit.values("starts_at")[:1]))


def clock_shown(appointment: ServiceAppointment) -> Deadline | None:
    """The clock to show of an appointment that `worklist` read: the next to run out, or the one that was missed."""
    clocks: list[Deadline] = getattr(appointment, "clocks", [])
    running = [clock for clock in clocks if clock.state == DeadlineState.RUNNING]
    missed = [] if appointment.is_open else clocks[-1:]
    return next(iter([*running, *missed]), None)


def _sorted_part(
    found: QuerySet[ServiceAppointment], order: str, key: Key | None, size: int
) -> list[ServiceAppointment]:
    field, descending = order.removeprefix("-"), order.startswith("-")
    found = _with_visit(found).filter(**{f"{field}__isnull": False})
    if key is not None and key.at is not None:
        found = found.filter(RowBeyond(field, key.at, key.pk, descending=descending))
    return _whole(found, (order, "-pk" if descending else "pk"), size)


def _part_without(
    field: str, found: QuerySet[ServiceAppointment], key: Key | None, size: int
) -> list[ServiceAppointment]:
    found = _with_visit(found).filter(**{f"{field}__isnull": True})
    if key is not None:
        found = found.filter(pk__lt=key.pk)
    return _whole(found, ("-pk",), size)


def _whole(found: QuerySet[ServiceAppointment], order: tuple[str, ...], size: int) -> list[ServiceAppointment]:
    """The first rows with all that is shown of them: the keys are found first, so that nothing is joined in vain."""
    keys = found.select_related(None).order_by(*order).values("pk")[:size]
    return list(with_clocks(ServiceAppointment.objects.filter(pk__in=keys)).order_by(*order))
