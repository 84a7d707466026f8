"""The seller claims that he was kept from serving; his clocks stand while it is decided (4.1.1 to 4.1.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import excuses
from cases.actions.bookings import attach_photos
from cases.actions.steps import locked
from cases.beside import notice_due
from cases.corrections.commands import apply_after_rescission
from cases.corrections.reckoning import ending_miss, reckon
from cases.deadlines import Clocks, settle_limits
from cases.events import instant_text, record_claim
from cases.models import (
    AppointmentState,
    ClaimProof,
    ClaimState,
    Clock,
    DeadlineState,
    Duty,
    ExclusionClaim,
    Ground,
    Message,
    ServiceAppointment,
    VisitState,
)
from cases.permissions import must_be_seller
from cases.reminders.schedule import next_reminder_at
from cases.terms import ClaimTerms
from cases.tolled_limits import tolled_due
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from cases.photos import Photo
    from zestech_aftersales.accounts.actors import Actor


@action
def file_claim(
    appointment: ServiceAppointment, terms: ClaimTerms, *, by: Actor, at: datetime
) -> ExclusionClaim | RuleBroken:
    """Claim an exclusion with its evidence; a claim of force majeure pauses the named clocks provisionally.

    Without photos the proof of force majeure is awaited for 15 natural days. RuleBroken: claim_incomplete (422),
    claim_open (409), request_ended (409); and, kept as a rejected claim, already_late (409: the event began after
    the limits were over) and notice_too_late (409: more than 48 hours after the event began). Clauses 4.1.1 to 4.1.3.
    """
    appointment = locked(appointment)
    must_be_seller(appointment, by)
    if made := _made_before(appointment, by):
        return _refused_at_filing(made) or made
    _must_be_complete(terms)
    if appointment.claims.filter(state__in=[ClaimState.PROOF_PENDING, ClaimState.IN_REVIEW]).exists():
        raise RuleBroken("", "claim_open", detail=_("A claim on this request is still open. Wait for its decision."))
    clocks, claim = Clocks(appointment), _new_claim(appointment, terms, by=by, at=at)
    # A claim in time takes back a miss that was applied while it was on its way (T10), unless it fails whatever is.
    code = _fails_on_instants(claim, clocks, at=at)
    missed = settle_limits(
        clocks, meets=frozenset() if code else frozenset(map(Clock, _clocks_of(terms))), by=by, at=at
    )
    if not (appointment.is_open or (claim.duties and appointment.state == AppointmentState.DEEMED_REFUSED)):
        return RuleBroken(claim.clause, "request_ended", detail=_("This request has already ended."))
    claim.save()
    give_proof(claim, terms.statement, terms.photos, by=by, at=at)
    if code := code or _fails_on_instants(claim, clocks, at=at):
        claim.reject_at_filing(code)
    elif claim.ground == Ground.FORCE_MAJEURE and not terms.photos:
        claim.await_proof(tolled_due("force_majeure_proof", at, clocks.law))
        claim.next_reminder_at = next_reminder_at(claim)
    else:
        claim.begin_review()
    if claim.is_open and claim.ground == Ground.FORCE_MAJEURE and missed is None:
        claim.is_provisional = True
    claim.save()
    if claim.is_provisional:
        running = [row for row in clocks.rows if row.state == DeadlineState.RUNNING]
        excuses.put(clocks, *excuses.excuses_of(appointment), rows=running)
    appointment.next_due_at = clocks.next_due()
    appointment.save(update_fields=["next_due_at"])
    record_claim(claim, "claim.filed", by=by, at=at, before="", clocks=clocks, detail=_told(claim))
    apply_after_rescission(clocks, by=by, at=at)
    return _refused_at_filing(claim) or claim


@action
def add_proof(
    claim: ExclusionClaim, statement: str, photos: Sequence[Photo] = (), *, by: Actor, at: datetime
) -> ExclusionClaim | RuleBroken:
    """Give proof inside its limit; the claim goes to an auditor.

    RuleBroken: proof_missing (422); deadline_passed (409, committed): the limit for the proof was over at `at`,
    the claim lapses and its pauses are void.
    """
    appointment, claim = locked_claim(claim)
    must_be_seller(appointment, by)
    if is_claim_repeat(claim, "claim.proof_added", by):
        return claim
    if not statement.strip() and not photos:
        raise RuleBroken(claim.clause, "proof_missing", status=422, detail=_("Say what proves it, or add a photo."))
    if claim.proof_due_at is not None and not on_time(at, claim.proof_due_at):
        if claim.state == ClaimState.PROOF_PENDING:
            _lapse(appointment, claim, by=by, at=at)
        if claim.state == ClaimState.LAPSED:
            return RuleBroken(
                claim.clause, "deadline_passed", detail=_("The limit for the proof had passed; the claim has lapsed.")
            )
    before, clocks = claim.state, Clocks(appointment)
    missed = ending_miss(clocks)
    give_proof(claim, statement, photos, by=by, at=at)
    moved = []
    if claim.state != ClaimState.IN_REVIEW:
        claim.begin_review()
        claim.save(update_fields=["state", "next_reminder_at"])
    if before == ClaimState.LAPSED and claim.is_provisional:
        # The proof was in time and only committed late: the pauses stand as if it had never lapsed.
        moved = excuses.replace(clocks, excuses.excuse_of(claim), at=at)
    record_claim(claim, "claim.proof_added", by=by, at=at, before=before, clocks=clocks)
    reckon(clocks, moved, missed, by=by, at=at)
    return claim


@action
def withdraw_claim(claim: ExclusionClaim, *, reason: str = "", by: Actor, at: datetime) -> ExclusionClaim:
    """Take an undecided claim back: its pauses are as if they had never been."""
    appointment, claim = locked_claim(claim)
    must_be_seller(appointment, by)
    if is_claim_repeat(claim, "claim.withdrawn", by):
        return claim
    before = claim.state
    claim.withdraw()
    claim.save(update_fields=["state", "next_reminder_at"])
    void_pauses(appointment, claim, "claim.withdrawn", before=before, by=by, at=at, detail={"reason": reason.strip()})
    return claim


@action
def end_event(claim: ExclusionClaim, ends_at: datetime, *, reason: str = "", by: Actor, at: datetime) -> ExclusionClaim:
    """Say when an event that still lasted was over: its pauses close then and the due instants are computed.

    By the seller or an auditor; an auditor also says, with a reason, that what was granted ended earlier than that.
    RuleBroken: end_invalid (422) when it lies before the begin or after `at`, reason_required (422), end_known (409).
    """
    appointment, claim = locked_claim(claim)
    is_auditor = by.platform_role == PlatformRole.AUDITOR and by.acting_for is None
    if not is_auditor:
        must_be_seller(appointment, by)
    if is_claim_repeat(claim, "claim.event_ended", by):
        return claim
    begins_at, known = (
        (claim.granted_begins_at, claim.granted_ends_at) if claim.is_granted else (claim.begins_at, claim.ends_at)
    )
    is_earlier = is_auditor and claim.is_granted and known is not None and ends_at < known
    if begins_at is None or not (known is None or is_earlier) or not (claim.is_open or claim.is_granted):
        raise RuleBroken(claim.clause, "end_known", detail=_("The end of this event is already known."))
    if not begins_at < ends_at <= at:
        raise RuleBroken(
            claim.clause, "end_invalid", status=422, detail=_("The event ended after it began, and not in the future."),
            context={"missing": ["ends_at"]},
        )  # fmt: skip
    if is_earlier and not reason.strip():
        raise RuleBroken(claim.clause, "reason_required", status=422, detail=_("Give the reasons of the decision."))
    clocks = Clocks(appointment)
    missed = ending_miss(clocks)
    if claim.is_granted:
        claim.granted_ends_at = ends_at
    if known is None:
        claim.ends_at = ends_at
    claim.save(update_fields=["ends_at", "granted_ends_at"])
    moved = excuses.replace(clocks, excuses.excuse_of(claim), at=at) if claim.is_provisional or claim.is_granted else []
    record_claim(
        claim, "claim.event_ended", by=by, at=at, before=claim.state, clocks=clocks,
        detail={"ends_at": instant_text(ends_at), **({"reason": reason.strip()} if is_earlier else {})},
    )  # fmt: skip
    reckon(clocks, moved, missed, by=by, at=at)
    return claim


@action
def lapse_claim(claim: ExclusionClaim, *, by: Actor, at: datetime) -> ExclusionClaim:
    """Let a claim lapse whose proof did not come in time; nothing happens when it did, or when the limit still runs."""
    appointment, claim = locked_claim(claim)
    is_over = claim.proof_due_at is not None and not on_time(at, claim.proof_due_at)
    if claim.state == ClaimState.PROOF_PENDING and is_over:
        _lapse(appointment, claim, by=by, at=at)
    return claim


def locked_claim(claim: ExclusionClaim) -> tuple[ServiceAppointment, ExclusionClaim]:
    """The claim and its appointment as they are now, both locked: the appointment first."""
    appointment = locked(claim.appointment)
    fresh = ExclusionClaim.objects.select_for_update(of=("self",), no_key=True).get(pk=claim.pk)
    fresh.appointment = appointment
    return appointment, fresh


def is_claim_repeat(claim: ExclusionClaim, kind: str, by: Actor) -> bool:
    """Whether this very command on the claim was already carried out; RuleBroken when its key was spent elsewhere."""
    event = earlier(by)
    if event is None:
        return False
    if (event.subject, event.kind) != (claim.cause, kind):
        raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
    return True


def void_pauses(
    appointment: ServiceAppointment, claim: ExclusionClaim, kind: str, *, before: str, by: Actor, at: datetime,
    effective_at: datetime | None = None, detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Void all pauses of a claim, write its one event, and count by the old limits what came meanwhile."""
    clocks = Clocks(appointment)
    missed = ending_miss(clocks)
    moved = excuses.void(clocks, claim.cause, at=at)
    record_claim(claim, kind, by=by, at=at, effective_at=effective_at, before=before, clocks=clocks, detail=detail)
    reckon(clocks, moved, missed, by=by, at=at)


def give_proof(
    claim: ExclusionClaim, statement: str, photos: Sequence[Photo], *, side: str = "seller", by: Actor, at: datetime
) -> None:
    """Put what was given as evidence into the thread, for everybody of the case to see."""
    message = Message.objects.create(
        case=claim.appointment.case,
        author=by.user,
        side=side,
        author_name=str(by.user.name or by.user.email) if by.user else by.client_id,
        body=statement.strip(),
        received_at=at,
    )
    attach_photos(message, photos, at=at)
    ClaimProof.objects.create(claim=claim, message=message)


def _lapse(appointment: ServiceAppointment, claim: ExclusionClaim, *, by: Actor, at: datetime) -> None:
    before = claim.state
    claim.lapse()
    claim.save(update_fields=["state", "next_reminder_at"])
    void_pauses(
        appointment, claim, "claim.lapsed", before=before, by=system(by.channel), at=at, effective_at=claim.proof_due_at
    )


def _must_be_complete(terms: ClaimTerms) -> None:
    if missing := terms.missing():
        raise RuleBroken(
            "4.1.2" if terms.ground == Ground.FORCE_MAJEURE else "4.1.1",
            "claim_incomplete",
            status=422,
            detail=_("Say what happened, where and when, which duties it stops, and how you prove it."),
            context={"missing": missing},
        )


def _clocks_of(terms: ClaimTerms) -> list[str]:
    return [name for name in terms.duties if name != Duty.VISIT]


def _new_claim(appointment: ServiceAppointment, terms: ClaimTerms, *, by: Actor, at: datetime) -> ExclusionClaim:
    is_event = terms.ground == Ground.FORCE_MAJEURE
    missable = Q(state=VisitState.BUYER_NO_SHOW) | Q(state=VisitState.PLANNED, ends_at__isnull=False)
    there = appointment.visits.filter(missable, starts_at__lte=at)
    return ExclusionClaim(
        appointment=appointment,
        ground=terms.ground,
        kind=terms.kind if is_event else "",
        place=terms.place.strip()[:200],
        begins_at=terms.begins_at if is_event else None,
        ends_at=terms.ends_at if is_event else None,
        duties=list(terms.duties) if is_event else [],
        visit=there.order_by("-number").first() if terms.ground == Ground.BUYER_REASON else None,
        filed_by=by.user,
        filed_at=at,
    )


def _fails_on_instants(claim: ExclusionClaim, clocks: Clocks, *, at: datetime) -> str:
    """The code of a claim that fails whatever its evidence: the instants alone decide (domain section 3)."""
    if claim.ground != Ground.FORCE_MAJEURE or claim.begins_at is None:
        return ""
    # Granted, it would reach what was over when it was filed, too.
    excuse = replace(excuses.excuse_of(claim), filed_at=None)
    named = [row for row in clocks.rows if row.clock in excuse.clocks and excuses.is_in_reach(row)]
    ended = claim.appointment.state in (AppointmentState.DEEMED_REFUSED, AppointmentState.LAPSED)
    if (named or ended) and not any(excuse.touches(row) for row in named):
        return "already_late"
    due_at = notice_due(claim)
    return "" if due_at is None or on_time(at, due_at) else "notice_too_late"


def _refused_at_filing(claim: ExclusionClaim) -> RuleBroken | None:
    context: dict[str, Any] = {"claim": claim.pk}
    if claim.code == "already_late":
        words = _("The event began after the limit had passed: it excuses nothing. The claim is kept as rejected.")
    elif claim.code == "notice_too_late":
        words = _("Notice of the event came later than the rules allow. The claim is kept as rejected.")
        if due_at := notice_due(claim):
            context["due_at"] = instant_text(due_at)
    else:
        return None
    return RuleBroken(claim.clause, claim.code, detail=words, context=context)


def _made_before(appointment: ServiceAppointment, by: Actor) -> ExclusionClaim | None:
    event = earlier(by)
    if event is None:
        return None
    kind, _slash, key = event.subject.partition("/")
    made = appointment.claims.filter(pk=int(key)).first() if kind == "claim" else None
    if made is None or event.kind != "claim.filed":
        raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
    return made


def _told(claim: ExclusionClaim) -> dict[str, Any]:
    return {
        "ground": claim.ground,
        "kind": claim.kind,
        "place": claim.place,
        "duties": claim.duties,
        "begins_at": instant_text(claim.begins_at) if claim.begins_at else None,
        "ends_at": instant_text(claim.ends_at) if claim.ends_at else None,
        "code": claim.code,
    }
