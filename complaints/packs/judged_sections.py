"""The sections of what was judged: rulings, complaints, violations, clearances, the timeline, the clauses and the files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cases.models import Attachment
from cases.threads import SIDES
from complaints.acceptance import Item
from complaints.headlines import headline_of
from complaints.models import (
    Clearance,
    Complaint,
    Determination,
    LossClaim,
    LossItem,
    Objection,
    Proposal,
    Violation,
    Voucher,
)
from complaints.packs.histories import History
from complaints.packs.reach import Reader, Subject
from complaints.packs.sections import Entry, Section, Writing, facts
from complaints.queries.complaints import limits_of
from complaints.queries.late import kept_late
from complaints.queries.violations import limit_of
from complaints.words import ended_because, finding_of
from zestech_aftersales.rulebook import CLAUSES, clause
from zestech_aftersales.rulebook.source import SOURCE
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from complaints.events import Judged

RULINGS = ("offer.flagged", "offer.held_reasonable", "offer.held_unreasonable", "offer.ruling_overtaken")


def judged_sections(subject: Subject, reader: Reader, told: list[History], writing: Writing) -> list[Section]:
    """What people decided, what happened in which order, and by which clauses."""
    events = sorted((event for history in told for event in history.events), key=lambda e: (e.recorded_at, e.pk))
    return [
        Section("rulings", _("Rulings on offers"), [_ruling(e, writing) for e in events if e.kind in RULINGS]),
        Section("complaints", _("Complaints"), [e for each in subject.complaints for e in _complaint(each, writing)]),
        Section(
            "violations", _("Violations"), [e for each in subject.violations for e in _violation(each, reader, writing)]
        ),
        Section("clearances", _("Clearance"), [_clearance(each, reader, writing) for each in subject.clearances]),
        Section(
            "losses",
            _("Losses of the platform (3.4)"),
            [e for each in subject.losses for e in _loss(each, reader, writing)],
        ),
        Section("timeline", _("Timeline"), [_happened(each, writing) for each in events]),
        Section("clauses", _("The clauses in the words of the rules"), _clauses(subject, events)),
    ]


def files_section(files: Iterable[tuple[Attachment | Voucher, str]], writing: Writing) -> Section:
    """The stored files, each with the name it has in the pack, or why it is not there."""
    entries = [
        Entry(
            each.name,
            facts(
                (_("In the pack"), place or _("missing in the store")),
                (_("Received"), writing.instant(each.received_at)),
                (_("Bytes when stored"), each.size),
                (_("SHA-256 when stored"), each.sha256),
            ),
        )
        for each, place in files
    ]
    return Section("files", _("Files"), entries)


def _ruling(event: Event, writing: Writing) -> Entry:
    told = event.detail or {}
    return Entry(
        str(headline_of(event)),
        facts((_("Offer"), told.get("offer")), (_("At"), writing.instant(event.effective_at))),
        str(told.get("reason", "")),
    )


def _complaint(each: Complaint, writing: Writing) -> Iterable[Entry]:
    yield Entry(
        f"{each.reference} ({each.get_state_display()})",
        facts(
            (_("Clause"), each.clause),
            (_("Breach took effect"), writing.instant(each.breach_at)),
            (_("Filed"), writing.instant(each.filed_at)),
            (_("Asked for"), each.remedy),
            (_("Negotiation until"), writing.instant(each.negotiation_ends_at)),
            (_("Escalated"), writing.instant(each.escalated_at)),
            (_("Ended"), writing.instant(each.ended_at)),
        ),
        each.statement,
    )
    items = [Item.from_json(kept) for kept in each.acceptance]
    yield Entry(
        _("Acceptance test"),
        tuple((str(item.title), item.reason) for item in items),
    )
    for limit in limits_of(each):
        yield Entry(
            _("Limit: %(clock)s") % {"clock": limit.get_clock_display()},
            facts(
                (_("State"), limit.get_state_display()),
                (_("Start"), writing.instant(limit.started_at)),
                (_("Counts"), limit.length_words),
                (_("Due"), writing.instant(limit.due_at)),
            ),
        )
    for proposal in Proposal.objects.filter(complaint=each).order_by("pk"):
        yield _proposal(proposal, writing)
    for request in each.evidence_requests.select_related("answer").order_by("pk"):
        yield Entry(
            _("Evidence asked of the %(side)s") % {"side": SIDES[request.side]},
            facts(
                (_("Asked"), writing.instant(request.asked_at)),
                (_("Answered"), writing.instant(request.answered_at)),
                (_("Answer"), request.answer.body if request.answer else ""),
            ),
            request.question,
        )
    yield from _came_late(each, writing)
    for determination in each.determinations.order_by("pk"):
        yield _determination(determination, writing)
    for objection in Objection.objects.filter(determination__complaint=each).select_related("evidence"):
        yield Entry(
            _("Objection of the %(side)s") % {"side": SIDES[objection.side]},
            facts((_("Received"), writing.instant(objection.received_at)), (_("Evidence"), objection.evidence.body)),
            objection.text,
        )


def _came_late(thing: Judged, writing: Writing) -> Iterable[Entry]:
    """What a side said after its time: an entry of its own beside the thing that it is about."""
    for late in kept_late(thing):
        yield Entry(
            str(late.headline),
            facts(
                (_("Side"), SIDES[late.side]),
                (_("Received"), writing.instant(late.at)),
                (_("The seller’s answer"), late.stance),
                (_("Evidence"), late.message.body if late.message else ""),
            ),
            late.text,
        )


def _proposal(each: Proposal, writing: Writing) -> Entry:
    return Entry(
        _("Proposal of the %(side)s") % {"side": SIDES[each.side]},
        facts(
            (_("Put"), writing.instant(each.put_at)),
            (_("Replaced"), writing.instant(each.replaced_at)),
            (_("Accepted by the buyer"), writing.instant(each.buyer_accepted_at)),
            (_("Accepted by the seller"), writing.instant(each.seller_accepted_at)),
            (_("Hash of the text"), each.text_hash),
        ),
        each.text,
    )


def _determination(each: Determination, writing: Writing) -> Entry:
    return Entry(
        _("Decision on the objection") if each.reviews_id else _("Determination"),
        facts(
            (_("Outcome"), each.get_liability_display()),
            (_("Clauses"), ", ".join(each.clauses)),
            (_("Decided"), writing.instant(each.decided_at)),
        ),
        each.reason,
    )


def _violation(each: Violation, reader: Reader, writing: Writing) -> Iterable[Entry]:
    named = ((_("Judged by"), each.judged_by), (_("Appeal decided by"), each.appeal_decided_by))
    yield Entry(
        f"{each} ({each.get_state_display()})",
        facts(
            (_("Clause"), each.clause),
            (_("Kind"), each.get_kind_display()),
            (_("Finding"), finding_of(each, limit_of(each))),
            (_("Took effect"), writing.instant(each.occurred_at)),
            (_("Cured"), writing.instant(each.cured_at)),
            (_("Seller notified"), writing.instant(each.notified_at)),
            (_("The seller’s answer"), each.answer),
            (_("Judged"), writing.instant(each.judged_at)),
            (_("Counts no longer because"), ended_because(each)),
            (_("Appeal"), each.appeal),
            (_("Appeal decided"), writing.instant(each.appeal_decided_at)),
            (_("Reasons on the appeal"), each.appeal_reason),
            *(named if reader.is_staff else ()),
        ),
        each.reason,
    )
    yield from _came_late(each, writing)


def _clearance(each: Clearance, reader: Reader, writing: Writing) -> Entry:
    decision = each.decision
    two = ((_("Proposed by"), decision.proposer), (_("Approved by"), decision.approver)) if reader.is_staff else ()
    return Entry(
        f"{each} ({each.get_state_display()})",
        facts(
            (_("Proposed"), writing.instant(each.proposed_at) if reader.is_staff else ""),
            (_("Cleared"), writing.instant(each.cleared_at)),
            *two,
            (_("Lifted"), writing.instant(each.lifted_at)),
            (_("Lifted because"), each.lifted_because),
        ),
        each.reason,
    )


def _loss(each: LossClaim, reader: Reader, writing: Writing) -> Iterable[Entry]:
    decision = each.decision
    two = ((_("Put up by"), decision.proposer), (_("Approved by"), decision.approver)) if decision else ()
    yield Entry(
        f"{each} ({each.get_state_display()})",
        facts(
            (_("Rests on"), each.violation),
            *((capfirst(item.get_head_display()), _head(item)) for item in each.items.all()),
            (_("Together"), " + ".join(str(money) for money in each.totals)),
            *(two if reader.is_staff else ()),
            (_("Seller notified"), writing.instant(each.notified_at)),
            (_("The seller’s answer"), each.answer),
            (_("Answered"), writing.instant(each.answered_at)),
            (_("Final"), writing.instant(each.settled_at)),
            (_("Ended"), writing.instant(each.ended_at)),
            (_("Reason of the end"), each.end_reason),
        ),
        each.reason,
    )
    yield from _came_late(each, writing)


def _head(item: LossItem) -> str:
    """One head: what is owed, what was claimed, its voucher with the hash of the file, how the breach caused it."""
    lowered = item.adjusted_amount is not None
    parts = [
        str(item.owed_money),
        f"{_('claimed at first')}: {item.claimed_money}; {item.adjusted_reason}" if lowered else "",
        f"{_('voucher')} {item.voucher}",
        f"{item.file.name} (SHA-256 {item.file.sha256})" if item.file else "",
        item.note,
    ]
    return "\n".join(part for part in parts if part)


def _happened(event: Event, writing: Writing) -> Entry:
    is_later = event.recorded_at != event.effective_at
    cited = f", {event.clause}" if event.clause else ""
    return Entry(
        f"{writing.instant(event.effective_at)} {headline_of(event)}{cited}",
        facts(
            (_("Side"), event.get_actor_kind_display()),
            (_("Recorded"), writing.instant(event.recorded_at) if is_later else ""),
            (_("Event"), f"{event.uid} ({event.stream})"),
        ),
    )


def _clauses(subject: Subject, events: list[Event]) -> list[Entry]:
    cited = {event.clause for event in events} | {each.clause for each in subject.violations}
    if subject.losses:
        cited.add("3.4")
    for complaint in subject.complaints:
        cited |= {complaint.clause, "3.3"}
        cited |= {each for one in complaint.determinations.all() for each in one.clauses}
    return [Entry(f"{number} {clause(number).title}", text=SOURCE[number]) for number in CLAUSES if number in cited]
