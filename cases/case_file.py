"""Everything a person sees of one case: one reading for the portal, the dashboard and the API."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases import queries
from cases.choices import Choice, choices_for
from cases.deadlines import is_provisional
from cases.life_choices import case_choices, sign_off_choices
from cases.models import (
    AppointmentState,
    Attachment,
    DateProposal,
    Deadline,
    DeadlineState,
    Disclosure,
    ExclusionClaim,
    Message,
    Offer,
    ServiceAppointment,
    ServiceCase,
    SignOff,
    Visit,
    VisitState,
)
from cases.models.offer import OPEN_OFFERS
from cases.permissions import side_of
from cases.visit_choices import proposal_standing, visit_choices
from cases.words import EVENT_WORDS
from zestech_aftersales.accounts.actors import ActorKind

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.timeline.models import Event

State = AppointmentState
STEPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (gettext_lazy("Requested"), ()),
    (gettext_lazy("Offer"), (State.REQUESTED, State.PROPOSED, State.COUNTERED)),
    (gettext_lazy("Appointment"), (State.AGREED,)),
    (pgettext_lazy("step", "Service"), (State.CONFIRMED, State.IN_SERVICE)),
    (gettext_lazy("Completed"), (State.COMPLETED,)),
)
SIDES = {"buyer": gettext_lazy("buyer"), "seller": gettext_lazy("seller"), "platform": gettext_lazy("platform")}
TURNS: dict[str, str | Promise] = {
    State.REQUESTED: gettext_lazy("Waiting for the seller’s offer"),
    State.PROPOSED: gettext_lazy("Waiting for the buyer’s decision"),
    State.COUNTERED: gettext_lazy("Waiting for the seller’s answer"),
    State.AGREED: gettext_lazy("Waiting for the seller’s confirmation"),
    State.CONFIRMED: gettext_lazy("Visit planned"),
    State.IN_SERVICE: gettext_lazy("Service under way"),
}
TONES = {
    "appointment.deemed_refused": "bad",
    "appointment.refused": "bad",
    "appointment.confirmed": "ok",
    "appointment.completed": "ok",
    "service.signed": "ok",
    "service.objected": "warn",
    "visit.seller_no_show": "bad",
    "visit.buyer_no_show": "warn",
    "new_date.late": "warn",
    "offer.late": "warn",
    "confirmation.late": "warn",
    "refusal.late": "warn",
}
# Clocks that a plain message of the seller might be thought to stop.
ANSWER_CLOCKS = ("response", "solution", "counter")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way, with where it stands: done, current, todo or failed."""

    label: str | Promise
    state: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the thread, or a line across it (`rule`)."""

    at: datetime
    is_mine: bool = False
    author: str = ""
    side: str = ""
    text: str = ""
    badges: tuple[str, ...] = ()
    photos: tuple[Attachment, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the history in words."""

    words: str | Promise
    at: datetime
    clause: str
    who: str
    tone: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case as one person sees it at one instant."""

    case: ServiceCase
    appointment: ServiceAppointment
    earlier: list[ServiceAppointment]
    clocks: list[Deadline]
    offers: list[Offer]
    disclosures: list[Disclosure]
    visits: list[Visit]
    proposals: list[DateProposal]
    sign_off: SignOff | None
    services_used: int
    claims: list[ExclusionClaim]
    thread: list[Entry]
    history: list[Happening]
    choices: list[Choice]
    at: datetime

    @property
    def limit(self) -> Deadline | None:
        """The clock to show: the next one to run out, or a paused one."""
        return next((row for row in self.clocks if row.state == DeadlineState.RUNNING), None)

    @property
    def is_provisional(self) -> bool:
        """A limit has passed and its outcome is being established (T10)."""
        ended = self.appointment.ended_at if self.appointment.state in (State.DEEMED_REFUSED, State.LAPSED) else None
        return is_provisional(self.limit.due_at if self.limit else ended, at=self.at)

    @property
    def standing(self) -> Offer | None:
        """The offer that can be answered."""
        return next((offer for offer in self.offers if offer.state in OPEN_OFFERS), None)

    @property
    def disclosure(self) -> Disclosure | None:
        """The latest version of the four items (3.1)."""
        return self.disclosures[-1] if self.disclosures else None

    @property
    def visit(self) -> Visit | None:
        """The visit that is planned or under way."""
        return _current(self.visits)

    @property
    def proposal(self) -> DateProposal | None:
        """The proposed date of a visit that can be answered."""
        return proposal_standing(self.appointment, self.visits, self.proposals)

    @property
    def shows_address(self) -> bool:
        """The buyer's address and phone are for the seller only once the appointment is confirmed."""
        return self.appointment.state in (State.CONFIRMED, State.IN_SERVICE, State.COMPLETED)

    @property
    def turn(self) -> str | Promise:
        """Who must act, in words; empty when nobody must."""
        if self.proposal is not None:
            return _("Waiting for an answer to the proposed date")
        if self.appointment.state == State.CONFIRMED and self.visit is None:
            return _("Waiting for a new date")
        return TURNS.get(self.appointment.state, "")

    @property
    def steps(self) -> list[Step]:
        """The way from request to completion."""
        return _steps(self.appointment.state)


def case_file(case: ServiceCase, by: Actor, *, at: datetime) -> CaseFile:
    """Read a case that `queries.case_by_reference` found for this person; a constant number of queries."""
    appointments = list(case.appointments.select_related("point", "seller", "buyer").order_by("-id"))
    appointment = appointments[0]
    for each in appointments:
        each.case = case
    offers = list(appointment.offers.select_related("engineer", "point"))
    disclosures = list(appointment.disclosures.all())
    visits = list(appointment.visits.select_related("engineer", "point"))
    proposals = list(appointment.proposals.all())
    sign_off = SignOff.objects.filter(appointment=appointment).first()
    claims = list(appointment.claims.all())
    events = list(queries.history_of(case).select_related("actor"))
    clocks = queries.clocks_of(appointment)
    standing = next((offer for offer in offers if offer.state in OPEN_OFFERS), None)
    return CaseFile(
        case=case,
        appointment=appointment,
        earlier=appointments[1:],
        clocks=clocks,
        offers=offers,
        disclosures=disclosures,
        visits=visits,
        proposals=proposals,
        sign_off=sign_off,
        services_used=queries.services_used(case.cover),
        claims=claims,
        thread=_thread(case, by, clocks, events),
        history=[_happening(event) for event in reversed(events) if event.kind in EVENT_WORDS],
        choices=_choices(
            sign_off_choices(appointment, by, at=at, sign_off=sign_off),
            visit_choices(
                appointment, by, at=at, visits=visits, proposal=proposal_standing(appointment, visits, proposals)
            ),
            choices_for(
                appointment,
                by,
                at=at,
                standing=standing,
                visit=_current(visits),
                has_unread_terms=bool(disclosures) and disclosures[-1].acknowledged_at is None,
                claims=claims,
            ),
            case_choices(appointment, by, at=at),
        ),
        at=at,
    )


def _choices(*parts: list[Choice]) -> list[Choice]:
    """All choices in their order, the first expected one alone in front of the others."""
    choices = [choice for part in parts for choice in part]
    main = next((choice for choice in choices if choice.is_main), None)
    return [Choice(choice.name, is_main=choice is main) for choice in choices]


def _current(visits: list[Visit]) -> Visit | None:
    return next((visit for visit in visits if visit.state in (VisitState.PLANNED, VisitState.CHECKED_IN)), None)


def _steps(state: str) -> list[Step]:
    place = next((n for n, (_label, states) in enumerate(STEPS) if state in states), None)
    if place is None:
        # Ended before the service: the way broke off after the request.
        return [
            Step(label, "done" if n == 0 else "failed" if n == 1 else "todo") for n, (label, _s) in enumerate(STEPS)
        ]
    is_over = state == State.COMPLETED
    return [
        Step(label, "done" if n < place or is_over else "current" if n == place else "todo")
        for n, (label, _states) in enumerate(STEPS)
    ]


def _thread(case: ServiceCase, by: Actor, clocks: list[Deadline], events: list[Event]) -> list[Entry]:
    mine = side_of(case, by)
    entries = [
        _entry(message, mine=mine, clocks=clocks)
        for message in case.messages.prefetch_related("attachments").order_by("received_at", "id")
    ]
    entries += [
        Entry(at=event.effective_at, rule=str(EVENT_WORDS[event.kind].headline))
        for event in events
        if event.kind in EVENT_WORDS and not event.kind.startswith(("message.", "case."))
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _entry(message: Message, *, mine: str, clocks: Iterable[Deadline]) -> Entry:
    was_running = any(
        row.clock in ANSWER_CLOCKS
        and row.started_at <= message.received_at
        and (row.ended_at is None or message.received_at < row.ended_at)
        for row in clocks
    )
    stops_nothing = message.side == ActorKind.SELLER and was_running
    return Entry(
        at=message.received_at,
        is_mine=message.side == mine,
        author=message.author_name,
        side=str(SIDES[message.side]),
        text=message.body,
        badges=(_("does not stop the clock"),) if stops_nothing else (),
        photos=tuple(message.attachments.all()),
    )


def _happening(event: Event) -> Happening:
    return Happening(
        words=EVENT_WORDS[event.kind].headline,
        at=event.effective_at,
        clause=event.clause,
        who=event.get_actor_kind_display(),
        tone=TONES.get(event.kind, ""),
    )
