"""Everything a person sees of one complaint: one reading for the portal, the dashboard and the API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import DeadlineState, Message
from complaints.acceptance import Item
from complaints.complaint_words import COMPLAINT_WORDS, OF_THE_STAFF
from complaints.matters import matter_words
from complaints.models import (
    OPEN_COMPLAINTS,
    Complaint,
    ComplaintState,
    Determination,
    EvidenceRequest,
    JudgementClock,
    JudgementDeadline,
    Objection,
    Proposal,
)
from complaints.queries.complaints import limits_of, objection_of
from complaints.queries.late import Late, late_among
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.timeline.models import Event

State = ComplaintState
STAGES: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Filed"), (State.FILED, State.REJECTED)),
    (_("Negotiation"), (State.NEGOTIATING,)),
    (_("With the platform"), (State.ESCALATED, State.EVIDENCE)),
    (_("Decision"), (State.DETERMINED, State.OBJECTED)),
    (_("Final"), (State.SETTLED, State.REVIEWED, State.CLOSED, State.WITHDRAWN)),
)
TURNS: dict[str, str | Promise] = {
    State.NEGOTIATING: _("Both sides try to settle it"),
    State.ESCALATED: _("The platform looks at it"),
    State.EVIDENCE: _("The platform has asked for evidence"),
    State.DETERMINED: _("Decided; an objection is still possible"),
    State.OBJECTED: _("Another officer looks at the objection"),
}
LABELS: dict[str, str | Promise] = {
    "propose": _("Make a proposal"),
    "replace": _("Change my proposal"),
    "escalate": _("Hand it to the platform"),
    "withdraw": _("Withdraw the complaint"),
    "evidence": _("Answer the request for evidence"),
    "object": _("Object to the decision"),
}
FILED = ("complaint.accepted", "complaint.rejected")
PARTIES: dict[str, str | Promise] = {"buyer": _("buyer"), "seller": _("seller"), "platform": _("platform")}


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way, with where it stands: done, current, todo or failed."""

    label: str | Promise
    state: str


@dataclass(frozen=True, slots=True)
class Doing:
    """Something a person can do: now, or after an instant (`after`, the last one at which it is too early)."""

    name: str
    is_main: bool = False
    after: datetime | None = None
    # Of a request for evidence: which one, until when, and what was asked, where there are several.
    pk: int | None = None
    due_at: datetime | None = None
    about: str = ""

    @property
    def label(self) -> str | Promise:
        """The words of its button."""
        return LABELS[self.name]

    @property
    def query(self) -> str:
        """What the address of its page says beyond the step."""
        return f"?request={self.pk}" if self.pk else ""

    @property
    def step(self) -> str:
        """The page it leads to."""
        return "propose" if self.name == "replace" else self.name


@dataclass(frozen=True, slots=True)
class SidesProposal:
    """What one side proposes, as a person sees it; `proposal` is None while it has put nothing."""

    side: str
    proposal: Proposal | None
    is_mine: bool
    can_accept: bool

    @property
    def who(self) -> str | Promise:
        """The side in words."""
        return PARTIES[self.side]


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the history in words."""

    words: str | Promise
    at: datetime
    clause: str
    who: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintFile:
    """A complaint as one person sees it at one instant."""

    complaint: Complaint
    side: str
    matter: str
    limits: list[JudgementDeadline]
    proposals: list[SidesProposal]
    requests: list[EvidenceRequest]
    determinations: list[Determination]
    objection: Objection | None
    late: list[Late]
    filed_with: Message | None
    history: list[Happening]
    doings: list[Doing]
    at: datetime

    @property
    def items(self) -> list[Item]:
        """The acceptance test as it was done."""
        return [Item.from_json(kept) for kept in self.complaint.acceptance]

    @property
    def failed(self) -> list[Item]:
        """What it failed."""
        return [item for item in self.items if not item.passed]

    @property
    def turn(self) -> str | Promise:
        """Who must act, in words; empty when nobody must."""
        return TURNS.get(self.complaint.state, "")

    @property
    def running(self) -> list[JudgementDeadline]:
        """The limits that run, of this side's requests or of the complaint itself."""
        return [
            limit
            for limit in self.limits
            if limit.state == DeadlineState.RUNNING
            and (limit.evidence_request is None or limit.evidence_request.side == self.side)
        ]

    @property
    def own_limits(self) -> list[JudgementDeadline]:
        """The limits of the complaint itself; those of requests for evidence stand beside what was asked."""
        return [limit for limit in self.limits if limit.evidence_request is None]

    @property
    def stages(self) -> list[Stage]:
        """The way of a complaint."""
        return stages_of(self.complaint.state)

    @property
    def is_open(self) -> bool:
        """Whether it can still be settled."""
        return self.complaint.state in OPEN_COMPLAINTS


def complaint_file(complaint: Complaint, side: str, *, at: datetime) -> ComplaintFile:
    """Read a complaint that `queries.complaints` found for somebody of that side; a constant number of queries."""
    limits = list(limits_of(complaint))
    standing = {each.side: each for each in complaint.proposals.filter(replaced_at=None)}
    requests = list(
        complaint.evidence_requests.select_related("answer", "deadline").prefetch_related("answer__attachments")
    )
    determinations = list(complaint.determinations.order_by("id"))
    events = events_of(complaint.subject)
    return ComplaintFile(
        complaint=complaint,
        side=side,
        matter=matter_words(complaint.breach, _clock_of(complaint)),
        limits=limits,
        proposals=_proposals(complaint, side, standing),
        requests=requests,
        determinations=determinations,
        objection=objection_of(complaint),
        late=late_among(events),
        filed_with=filed_with(events),
        history=[
            _happening(event)
            for event in reversed(events)
            if event.kind in COMPLAINT_WORDS and event.kind not in OF_THE_STAFF
        ],
        doings=doings_of(complaint, side, limits=limits, requests=requests, has_proposal=side in standing, at=at),
        at=at,
    )


def filed_with(events: Iterable[Event]) -> Message | None:
    """The message with the photos that a complaint was filed with, by its own events."""
    told = next((event.detail or {} for event in events if event.kind in FILED), {})
    message = told.get("message")
    return None if message is None else Message.objects.prefetch_related("attachments").filter(pk=message).first()


def doings_of(
    complaint: Complaint, side: str, *, limits: Sequence[JudgementDeadline], requests: Sequence[EvidenceRequest],
    has_proposal: bool, at: datetime,
) -> list[Doing]:  # fmt: skip
    """What a side can do with a complaint, now or from when on; the actions check it again."""
    asked = [each for each in requests if _can_answer(each, side, at)]
    doings = [
        Doing("evidence", is_main=n == 0, pk=each.pk, due_at=each.deadline.due_at, about=each.question)
        for n, each in enumerate(sorted(asked, key=_by_limit))
    ]
    if complaint.state in OPEN_COMPLAINTS:
        doings.append(Doing("replace" if has_proposal else "propose", is_main=not doings and not has_proposal))
    if side == "buyer":
        if complaint.state == State.NEGOTIATING:
            until = complaint.negotiation_ends_at
            doings.append(Doing("escalate", after=until if until is not None and on_time(at, until) else None))
        if complaint.state in OPEN_COMPLAINTS:
            doings.append(Doing("withdraw"))
    objection = next((limit for limit in limits if limit.clock == JudgementClock.OBJECTION), None)
    if complaint.state == State.DETERMINED and objection is not None and not objection.is_passed(at):
        doings.append(Doing("object"))
    return doings


def stages_of(state: str) -> list[Stage]:
    """The way of a complaint, up to where it stands."""
    if state == State.REJECTED:
        return [Stage(label, "failed" if n == 0 else "todo") for n, (label, _states) in enumerate(STAGES)]
    place = next(n for n, (_label, states) in enumerate(STAGES) if state in states)
    is_over = place == len(STAGES) - 1
    last = "failed" if state == State.WITHDRAWN else "done"
    return [
        Stage(label, "done" if n < place else "todo" if n > place else last if is_over else "current")
        for n, (label, _states) in enumerate(STAGES)
    ]


def _by_limit(request: EvidenceRequest) -> tuple[bool, datetime, int]:
    due_at = request.deadline.due_at
    return due_at is None, due_at or request.asked_at, request.pk


def _can_answer(request: EvidenceRequest, side: str, at: datetime) -> bool:
    limit = request.deadline
    return request.side == side and request.answered_at is None and limit.is_running and not limit.is_passed(at)


def _proposals(complaint: Complaint, side: str, standing: dict[str, Proposal]) -> list[SidesProposal]:
    is_open = complaint.state in OPEN_COMPLAINTS
    shown = []
    for each in ("buyer", "seller", "platform"):
        proposal, is_mine = standing.get(each), each == side
        mine = (
            None if proposal is None else proposal.buyer_accepted_at if side == "buyer" else proposal.seller_accepted_at
        )
        if each != "platform" or proposal is not None:
            can_accept = is_open and proposal is not None and not is_mine and mine is None
            shown.append(SidesProposal(each, proposal, is_mine, can_accept))
    return shown


def _clock_of(complaint: Complaint) -> str:
    """The clock that was missed, where the breach is a missed limit."""
    kind, _slash, pk = complaint.breach.partition("/")
    if kind != "deadline" or complaint.appointment is None:
        return ""
    row = complaint.appointment.deadlines.filter(pk=int(pk)).first()
    return str(row.clock) if row is not None else ""


def _happening(event: Event) -> Happening:
    tone = {"complaint.rejected": "bad", "complaint.settled": "ok", "complaint.escalated": "warn"}.get(event.kind, "")
    return Happening(
        COMPLAINT_WORDS[event.kind].headline, event.effective_at, event.clause, event.get_actor_kind_display(), tone
    )


def side_seen_by(complaint: Complaint, by: Actor) -> str:
    """The side whose page it is: the buyer's in the portal, the seller's in the dashboard."""
    return "seller" if by.seller_id is not None else "buyer"
