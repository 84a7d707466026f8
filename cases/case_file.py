"""Everything a person sees of one case: one reading for the portal, the dashboard and the API."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cases import queries
from cases.choices import Choice, choices_for
from cases.deadlines import is_provisional
from cases.disclosures import CONFIRMED, counting_of
from cases.indicators import outside_promise
from cases.life_choices import case_choices, sign_off_choices
from cases.longer_choices import answers_to_longer, asking_for_longer, longer_limit_open
from cases.models import (
    AppointmentState,
    DateProposal,
    Deadline,
    DeadlineState,
    Disclosure,
    ExclusionClaim,
    ListedPart,
    LongerLimit,
    Offer,
    OfferState,
    PartsList,
    ProposalState,
    ServiceAppointment,
    ServiceCase,
    Side,
    SignOff,
    UnitReplacement,
    Visit,
    VisitState,
)
from cases.models.offer import OPEN_OFFERS
from cases.offer_rulings import Said, said_about
from cases.parts import spent, untold
from cases.permissions import is_seller, may_see_contact
from cases.progress import TURNS, Happening, Step, happening, steps_of
from cases.promises import Promised, promised_for_request
from cases.service_choices import ShownShipment, case_service_choices, part_choices, shown_shipments
from cases.service_terms import ServiceTerm, service_terms, undisclosed_charge
from cases.threads import Entry, thread_entries
from cases.units import Services, services
from cases.visit_choices import proposal_standing, visit_choices
from cases.words import EVENT_WORDS

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.timeline.models import Event

State = AppointmentState
# What is done in the surviving case once a duplicate was merged into it.
OF_THE_SURVIVOR = ("book_again", "close_case", "reopen_case", "announce_shipment", "replace_unit")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case as one person sees it at one instant."""

    case: ServiceCase
    appointment: ServiceAppointment
    earlier: list[ServiceAppointment]
    clocks: list[Deadline]
    longer_limits: list[LongerLimit]
    offers: list[Offer]
    disclosures: list[Disclosure]
    counting: Disclosure | None
    said: dict[int, list[Said]]
    visits: list[Visit]
    parts: PartsList | None
    proposals: list[DateProposal]
    sign_off: SignOff | None
    services: Services
    replacements: list[UnitReplacement]
    shipments: list[ShownShipment]
    claims: list[ExclusionClaim]
    merged: list[CaseFile]
    promised: list[Promised]
    thread: list[Entry]
    history: list[Happening]
    choices: list[Choice]
    held_until: datetime | None
    shows_address: bool
    # Whether it is read by somebody who may speak for the seller.
    is_for_seller: bool
    at: datetime

    @property
    def appointments(self) -> list[ServiceAppointment]:
        """All appointments of the case, the newest first."""
        return [self.appointment, *self.earlier]

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
    def has_only_passed_times(self) -> bool:
        """Whether an offer still stands whose times have all begun: who accepts it agrees on a date afterwards."""
        return self.standing is not None and bool(self.standing.windows) and not self.standing.windows_ahead(self.at)

    @property
    def standing(self) -> Offer | None:
        """The offer that can be answered."""
        return next((offer for offer in self.offers if offer.state in OPEN_OFFERS), None)

    @property
    def disclosure(self) -> Disclosure | None:
        """The latest version of the four items (3.1)."""
        return self.disclosures[-1] if self.disclosures else None

    @property
    def terms(self) -> list[ServiceTerm]:
        """The four items of 3.1 as they count: told by the confirmation, inferred, in doubt."""
        doubts = [doubt for each in self.disclosures for doubt in each.doubts.all()]
        return service_terms(self.appointment, self.counting, doubts)

    @property
    def other_disclosures(self) -> list[Disclosure]:
        """The versions beside the one that counts, newest first."""
        return [each for each in reversed(self.disclosures) if each != self.counting]

    @property
    def agreed(self) -> Offer | None:
        """The offer that was accepted last."""
        return next((offer for offer in reversed(self.offers) if offer.state == OfferState.ACCEPTED), None)

    @property
    def moved(self) -> DateProposal | None:
        """The date that both sides agreed on after that, before the seller has confirmed."""
        agreed = self.agreed
        taken = (each for each in reversed(self.proposals) if each.state == ProposalState.ACCEPTED)
        return None if agreed is None else next((each for each in taken if each.offer_id == agreed.pk), None)

    @property
    def undisclosed(self) -> dict[int, str | Promise]:
        """The standing offers whose price lies outside what was told, with the reason, by offer."""
        prices = [
            (offer, offer.price_amount, offer.price_currency) for offer in self.offers if offer.state in OPEN_OFFERS
        ]
        flags = {
            offer.pk: undisclosed_charge(
                self.appointment, amount, currency, disclosure=self.counting, agreed=self.agreed
            )
            for offer, amount, currency in prices
        }
        return {pk: why for pk, why in flags.items() if why}

    @property
    def outside_promise(self) -> dict[int, list[str]]:
        """What of the seller's standing offer lies outside what he has promised, by offer (2.3.3)."""
        standing = [offer for offer in self.offers if offer.state in OPEN_OFFERS and offer.side == Side.SELLER]
        return {offer.pk: outside_promise(offer, self.appointment) for offer in standing}

    @property
    def visit(self) -> Visit | None:
        """The visit that is planned or under way."""
        return _current(self.visits)

    @property
    def parts_untold(self) -> list[ListedPart]:
        """The parts for the visit whose charge the service terms do not name (3.1)."""
        if self.parts is None:
            return []
        return untold(list(self.parts.parts.all()), self.counting, spent=spent(self.agreed, (), self.counting))

    @property
    def proposal(self) -> DateProposal | None:
        """The proposed date of a visit that can be answered."""
        return proposal_standing(self.appointment, self.visits, self.proposals)

    @property
    def longer_limit(self) -> LongerLimit | None:
        """The longer limit that the buyer can still accept."""
        return longer_limit_open(self.longer_limits, at=self.at)

    @property
    def longer_due_at(self) -> datetime | None:
        """When that limit would be due if he accepted; None while it is paused."""
        asked = self.longer_limit
        if asked is None:
            return None
        row = next(row for row in self.clocks if row.pk == asked.deadline_id)
        return queries.due_with(row, asked.amount)

    @property
    def turn(self) -> str | Promise:
        """Who must act, in words; empty when nobody must."""
        if self.proposal is not None:
            return _("Waiting for an answer to the proposed date")
        if self.appointment.state == State.CONFIRMED and (self.visit is None or not self.visit.has_date):
            return _("Waiting for a new date")
        return TURNS.get(self.appointment.state, "")

    @property
    def meant(self) -> dict[str, Offer | DateProposal | LongerLimit | Disclosure | None]:
        """What a step is about, by kind: what can be answered, or else the latest, of which the action says what became."""
        return {
            "offer": self.standing or next(reversed(self.offers), None),
            "date": self.proposal or next(reversed(self.proposals), None),
            "longer_limit": self.longer_limit or next(reversed(self.longer_limits), None),
            "terms": self.disclosure,
        }

    @property
    def mark(self) -> str:
        """What a page is about: the request, and what can be answered in it. A form of the page brings it back."""
        return "-".join(str(each.pk) if each else "" for each in (self.appointment, *self.meant.values()))

    def own_thread(self) -> list[Entry]:
        """The thread of a merged case as the surviving one shows it: each entry named after its own case."""
        mark = self.case.reference
        return [
            replace(entry, rule=f"{entry.rule} · {mark}")
            if entry.rule
            else replace(entry, badges=(*entry.badges, mark), is_recordable=False)
            for entry in self.thread
        ]

    def own_history(self) -> list[Happening]:
        """The history of a merged case, each line named after its own case."""
        return [replace(each, who=f"{each.who} · {self.case.reference}") for each in self.history]

    @property
    def steps(self) -> list[Step]:
        """The way from request to completion."""
        return steps_of(self.appointment.state)


def case_file(case: ServiceCase, by: Actor, *, at: datetime) -> CaseFile:
    """Read a case that `queries.case_by_reference` found for this person; a constant number of queries."""
    appointments = list(case.appointments.select_related("point", "seller", "buyer").order_by("-id"))
    appointment = appointments[0]
    for each in appointments:
        each.case = case
    offers = list(appointment.offers.select_related("engineer", "point"))
    disclosures = list(appointment.disclosures.prefetch_related("doubts__cleared_by"))
    visits = list(appointment.visits.select_related("engineer", "point").prefetch_related("used_parts", "photos"))
    proposals = list(appointment.proposals.select_related("visit", "offer", "engineer", "made_by"))
    sign_off = SignOff.objects.filter(appointment=appointment).first()
    claims = list(appointment.claims.all())
    events = list(queries.history_of(case).select_related("actor"))
    clocks = queries.clocks_of(appointment)
    longer_limits = list(queries.longer_limits_of(appointment))
    standing = next((offer for offer in offers if offer.state in OPEN_OFFERS), None)
    # A surviving case is never merged itself, so this goes one step down only.
    merged = [case_file(each, by, at=at) for each in queries.merged_into(case)]
    return CaseFile(
        case=case,
        appointment=appointment,
        earlier=appointments[1:],
        clocks=clocks,
        longer_limits=longer_limits,
        offers=offers,
        disclosures=disclosures,
        counting=counting_of(appointment, disclosures, _confirmation(appointment, events)),
        said=said_about(events),
        visits=visits,
        parts=appointment.parts_lists.prefetch_related("parts").order_by("-version").first(),
        proposals=proposals,
        sign_off=sign_off,
        services=services(case.cover, queries.services_used(case.cover), appointment.terms),
        replacements=list(case.cover.replacements.all()),
        shipments=shown_shipments(queries.shipments_of(case), by),
        claims=claims,
        promised=promised_for_request(appointment),
        merged=merged,
        thread=sorted(
            [*thread_entries(case, by, clocks, events), *(entry for each in merged for entry in each.own_thread())],
            key=lambda entry: entry.at,
        ),
        history=sorted(
            [
                *(happening(event) for event in reversed(events) if event.kind in EVENT_WORDS),
                *(each for file in merged for each in file.own_history()),
            ],
            key=lambda happening: happening.at,
            reverse=True,
        ),
        choices=_choices(
            case,
            sign_off_choices(appointment, by, at=at, sign_off=sign_off),
            visit_choices(
                appointment, by, at=at, visits=visits, proposal=proposal_standing(appointment, visits, proposals)
            ),
            answers_to_longer(appointment, by, at=at, longer_limits=longer_limits),
            choices_for(
                appointment,
                by,
                at=at,
                standing=standing,
                visit=_current(visits),
                has_unread_terms=bool(disclosures) and disclosures[-1].acknowledged_at is None,
                has_terms=bool(disclosures),
                claims=claims,
            ),
            part_choices(appointment, by, visit=_current(visits)),
            case_service_choices(appointment, by),
            asking_for_longer(appointment, by, at=at, clocks=clocks),
            case_choices(appointment, by, at=at),
        ),
        held_until=queries.held_until(appointment, at=at),
        shows_address=may_see_contact(appointment, by),
        is_for_seller=is_seller(appointment, by),
        at=at,
    )


def _confirmation(appointment: ServiceAppointment, events: list[Event]) -> Event | None:
    told = [event for event in events if event.kind == CONFIRMED and event.subject == appointment.subject]
    return max(told, key=lambda event: event.pk, default=None)


def _choices(case: ServiceCase, *parts: list[Choice]) -> list[Choice]:
    """All choices in their order, the first expected one alone in front of the others."""
    choices = [choice for part in parts for choice in part]
    if case.merged_into_id is not None:
        # The fault goes on in the surviving case; what is still to be ended here stays possible.
        choices = [choice for choice in choices if choice.name not in OF_THE_SURVIVOR]
    main = next((choice for choice in choices if choice.is_main), None)
    return [Choice(choice.name, is_main=choice is main) for choice in choices]


def _current(visits: list[Visit]) -> Visit | None:
    return next((visit for visit in visits if visit.state in (VisitState.PLANNED, VisitState.CHECKED_IN)), None)
