"""The limits beside the clocks that an outage of the platform tolls too: proof, sign-off, hearing and appeal (T7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from cases.events import instant_text, record_change
from cases.excuses import outages_after, tolled_outages
from cases.late_words import ANSWER_LATE, APPEAL_LATE, late_words
from cases.models import (
    CaseState,
    Cover,
    DeadlineState,
    ExclusionClaim,
    Outage,
    OutageState,
    Restriction,
    RestrictionState,
    ServiceAppointment,
    SignOff,
    SignOffOutcome,
)
from cases.reminders.schedule import next_reminder_at
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.limits import limit_due
from zestech_aftersales.rulebook.periods import Pause, on_time
from zestech_aftersales.rulebook.queries import law_for_order
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.rulebook.editions import EditionNumbers


@dataclass(frozen=True, slots=True)
class TolledOutages:
    """The tolled outages, each with the instant from which on it counted; asked for once."""

    found: tuple[tuple[Pause, datetime], ...]

    @classmethod
    def approved(cls) -> Self:
        """All that were approved, each from then on: what is counted at an instant, as the time to file, knows those."""
        decided = ((each, each.decision) for each in tolled_outages().select_related("decision"))
        return cls(
            tuple(
                (Pause(each.begins_at, each.ends_at), decision.decided_at)
                for each, decision in decided
                if decision is not None and decision.decided_at is not None
            )
        )

    @classmethod
    def known(cls) -> Self:
        """All that were applied, each from then on: a stored limit knows those that have moved it."""
        applied = list(Outage.objects.filter(state=OutageState.APPLIED).order_by("id"))
        # By their streams, which are indexed: this is asked each second, and outages are few.
        told = Event.objects.filter(stream__in=[each.cause for each in applied], kind="outage.applied")
        since = dict(told.values_list("stream", "effective_at")) if applied else {}
        return cls(tuple((Pause(each.begins_at, each.ends_at), since[each.cause]) for each in applied))

    @property
    def first_begin(self) -> datetime:
        """Where the earliest one began."""
        return min(pause.begin for pause, _since in self.found)

    @property
    def last_end(self) -> datetime:
        """Where the latest one ended."""
        return max(pause.end for pause, _since in self.found if pause.end is not None)

    def reaching(self, start: datetime, *, until: datetime | None) -> list[Pause]:
        """The outages that can stop a limit; what was over at `until` no later one has moved."""
        return [
            pause
            for pause, since in self.found
            if pause.end is not None and pause.end > start and (until is None or since <= until)
        ]

    def due(
        self, kind: str, start: datetime, law: EditionNumbers, *, until: datetime | None, amount: int | None = None
    ) -> datetime:
        """The due instant of a limit that nothing else stops; with another number than the law's, if told one."""
        due_at = limit_due(kind, start, law, amount=amount, pauses=self.reaching(start, until=until))
        if due_at is None:
            raise ValueError("An outage is over before it is tolled.")
        return due_at


def tolled_due(kind: str, start: datetime, law: EditionNumbers) -> datetime:
    """The due instant of a limit that nothing stops but the outages of the platform that are tolled by now."""
    pauses = [Pause(each.begins_at, each.ends_at) for each in outages_after(start)]
    due_at = limit_due(kind, start, law, pauses=pauses)
    if due_at is None:
        raise ValueError("An outage is over before it is tolled.")
    return due_at


def toll_proofs(outage: Outage, *, by: Actor, at: datetime) -> None:
    """Proof that is awaited, or was not given in time, has as much longer as the platform was away."""
    reached = ExclusionClaim.objects.filter(
        state__in=["proof_pending", "lapsed"], filed_at__lt=outage.ends_at, proof_due_at__gte=outage.begins_at
    )
    keys = sorted(set(reached.values_list("appointment_id", flat=True)))
    rows = ServiceAppointment.objects.select_related("case__cover__edition").filter(pk__in=keys).order_by("pk")
    for appointment in rows.select_for_update(of=("self",), no_key=True):
        law = law_for_order(appointment.case.cover.edition, appointment.received_at)
        for claim in reached.filter(appointment=appointment).select_for_update(of=("self",), no_key=True):
            claim.appointment = appointment
            claim.proof_due_at = tolled_due("force_majeure_proof", claim.filed_at, law)
            claim.next_reminder_at = next_reminder_at(claim)
            claim.save(update_fields=["proof_due_at", "next_reminder_at"])
            record_change(
                appointment,
                "limit.tolled",
                clause=claim.clause,
                by=system(by.channel),
                at=at,
                before=appointment.state,
                detail={
                    "outage": outage.pk,
                    "claim": claim.pk,
                    "proof_due_at": instant_text(claim.proof_due_at),
                },
            )


def toll_sign_offs(outage: Outage, *, by: Actor, at: datetime) -> None:
    """A buyer whose word on a service is awaited has as much longer as the platform was away.

    Also where his silence had signed it before the outage was tolled, as long as he has not taken the case up again
    since: his word is awaited once more. The case stays closed until he objects.
    """
    awaited = SignOff.objects.filter(
        Q(state="running") | Q(state="missed", appointment__case__state=CaseState.CLOSED),
        started_at__lt=outage.ends_at,
        due_at__gte=outage.begins_at,
    )
    keys = sorted(awaited.values_list("appointment_id", flat=True))
    rows = ServiceAppointment.objects.select_related("case__cover__edition").filter(pk__in=keys).order_by("pk")
    for appointment in rows.select_for_update(of=("self",), no_key=True):
        signed = awaited.filter(appointment=appointment).first()
        if signed is None or (signed.state == DeadlineState.MISSED and _is_taken_up_again(signed, appointment)):
            continue
        signed.due_at = tolled_due(
            "sign_off", signed.started_at, law_for_order(appointment.case.cover.edition, appointment.received_at)
        )
        if signed.state == DeadlineState.MISSED:
            signed.restore()
            signed.outcome = SignOffOutcome.AWAITED
        signed.next_reminder_at = next_reminder_at(signed)
        signed.save(update_fields=["state", "ended_at", "outcome", "due_at", "next_reminder_at"])
        record_change(
            appointment,
            "limit.tolled",
            clause=signed.clause,
            by=system(by.channel),
            at=at,
            before=appointment.state,
            detail={"outage": outage.pk, "sign_off_due_at": instant_text(signed.due_at)},
        )


def _is_taken_up_again(signed: SignOff, appointment: ServiceAppointment) -> bool:
    """Whether the fault went on after a service that silence has signed, also in the case it was merged into.

    By a later request, or by a case that was opened again: that it is closed now says nothing of it.
    """
    case = appointment.case
    of_the_fault = [pk for pk in (case.pk, case.merged_into_id) if pk is not None]
    if ServiceAppointment.objects.filter(case__in=of_the_fault, received_at__gt=signed.started_at).exists():
        return True
    since = Event.objects.filter(stream__in=[f"case/{pk}" for pk in of_the_fault], effective_at__gt=signed.ended_at)
    return since.filter(detail__case__after=CaseState.OPEN).exists()


def toll_hearings(outage: Outage, *, by: Actor, at: datetime) -> None:
    """A buyer who is still heard, or can still appeal, has as much longer as the platform was away."""
    heard = Restriction.objects.filter(
        state=RestrictionState.PROPOSED, proposed_at__lt=outage.ends_at, hearing_due_at__gte=outage.begins_at
    )
    appealing = Restriction.objects.filter(
        state__in=[RestrictionState.IN_FORCE, RestrictionState.ENDED],
        appealed_at=None,
        begins_at__lt=outage.ends_at,
        appeal_due_at__gte=outage.begins_at,
    )
    covers = Cover.objects.select_related("edition").filter(restrictions__in=heard | appealing).order_by("pk")
    for cover in covers.select_for_update(of=("self",), no_key=True):
        for restriction in (heard | appealing).filter(cover=cover).select_for_update(of=("self",), no_key=True):
            _toll(restriction, cover, outage, by=by, at=at)


def _toll(restriction: Restriction, cover: Cover, outage: Outage, *, by: Actor, at: datetime) -> None:
    if restriction.state == RestrictionState.PROPOSED:
        start = restriction.proposed_at
        restriction.hearing_due_at = tolled_due("hearing", start, law_for_order(cover.edition, start))
    elif restriction.begins_at is not None:
        start = restriction.begins_at
        restriction.appeal_due_at = tolled_due("appeal", start, law_for_order(cover.edition, start))
    restriction.next_reminder_at = next_reminder_at(restriction)
    restriction.save(update_fields=["hearing_due_at", "appeal_due_at", "next_reminder_at"])
    _record(restriction, "restriction.tolled", restriction.state, outage, by=by, effective_at=at, at=at)
    _count_late_words(restriction, outage, by=by, at=at)


def _count_late_words(restriction: Restriction, outage: Outage, *, by: Actor, at: datetime) -> None:
    """What the buyer said too late is in time by the longer limit: his last answer, or his first appeal."""
    kind, due_at = (ANSWER_LATE if restriction.is_heard else APPEAL_LATE), restriction.due_at
    kept = [each for each in late_words(restriction) if each.kind == kind and due_at and on_time(each.at, due_at)]
    for words in kept if restriction.is_heard else kept[:1]:
        before = restriction.state
        if restriction.is_heard:
            restriction.answer, restriction.answered_at, restriction.next_reminder_at = words.text, words.at, None
        else:
            restriction.appeal_it(words.text, words.at)
        restriction.save(update_fields=["state", "answer", "answered_at", "appeal", "appealed_at", "next_reminder_at"])
        told = "restriction.answered" if restriction.is_heard else "restriction.appealed"
        _record(restriction, told, before, outage, by=by, effective_at=words.at, at=at, kept=words.event)


def _record(
    restriction: Restriction, kind: str, before: str, outage: Outage, *,
    by: Actor, effective_at: datetime, at: datetime, **told: object,
) -> None:  # fmt: skip
    appeal_due_at = restriction.appeal_due_at
    record(
        stream=restriction.subject,
        subject=restriction.subject,
        kind=kind,
        clause="4.1.3",
        by=system(by.channel),
        effective_at=effective_at,
        recorded_at=at,
        before={"state": before},
        after={"state": restriction.state},
        detail={
            "outage": outage.pk,
            "hearing_due_at": instant_text(restriction.hearing_due_at),
            "appeal_due_at": instant_text(appeal_due_at) if appeal_due_at else None,
            **told,
        },
    )
