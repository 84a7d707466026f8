"""The limits of cases of which people are reminded: clocks, sign-offs, proofs, hearing and appeal of a restriction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import (
    Clock,
    Deadline,
    ExclusionClaim,
    Pause,
    ProofReminder,
    ReminderSent,
    Restriction,
    RestrictionReminder,
    SignOff,
    SignOffReminder,
)
from cases.reminders.kind import Hearers, Kind, Pauses, Said
from cases.reminders.ladder import Ladder, SellersLadder
from zestech_aftersales.accounts.models import User
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.rulebook.queries import law_for_order

REFUSED_THEN = _("If the limit passes, the request counts as refused by the seller from that instant.")
LAPSES_THEN = _("Without an answer the offer lapses. The cover stays, and service can be booked again.")
SIGNED_THEN = _("Without a word from you by then the service counts as signed off.")
UNHEARD_THEN = _("Without an answer by then it is decided without one.")
UNAPPEALED_THEN = _("After that the decision can no longer be appealed.")
UNPROVEN_THEN = _("Without proof by then the claim lapses, and the limits count as if nothing had been claimed.")


class _OfClocks(Hearers[Deadline]):
    def __init__(self, rows: Sequence[Deadline]) -> None:
        self.ladder = Ladder(rows)

    def of(self, row: Deadline, step: int) -> list[User]:
        return self.ladder.hearers(row, step)


class Clocks(Kind[Deadline]):
    """The clocks of an appointment, of seller and buyer."""

    stream, subject, record, link, lock = "limit", "deadline", ReminderSent, "deadline", "appointment"

    def rows(self) -> QuerySet[Deadline]:
        return Deadline.objects.select_related("appointment__buyer", "appointment__case")

    def hearers(self, rows: Sequence[Deadline]) -> Hearers[Deadline]:
        return _OfClocks(rows)

    def clock(self, row: Deadline) -> str:
        return str(row.clock)

    def pauses(self, rows: Sequence[Deadline]) -> Pauses:
        found: Pauses = defaultdict(list)
        for pause in Pause.objects.filter(deadline__in=rows, voided_at=None):
            found[pause.deadline_id].append(pause)
        return found

    def about(self, row: Deadline) -> dict[str, Any]:
        return {"appointment": row.appointment_id}

    def said(self, row: Deadline, person: User) -> Said | None:
        then = LAPSES_THEN if row.clock == Clock.BUYER_SILENCE else REFUSED_THEN
        return _said(row.appointment.case, person, str(then))


class _TheBuyer(Hearers[SignOff]):
    def of(self, row: SignOff, _step: int) -> list[User]:
        buyer = row.appointment.buyer
        return [buyer] if buyer.is_active else []


class SignOffs(Kind[SignOff]):
    """The buyer's time to sign a service off."""

    stream, subject, record, link, lock = "sign-off", "sign-off", SignOffReminder, "sign_off", "appointment"

    def rows(self) -> QuerySet[SignOff]:
        return SignOff.objects.select_related("appointment__buyer", "appointment__case")

    def hearers(self, _rows: Sequence[SignOff]) -> Hearers[SignOff]:
        return _TheBuyer()

    def clock(self, row: SignOff) -> str:
        return row.kind

    def about(self, row: SignOff) -> dict[str, Any]:
        return {"appointment": row.appointment_id}

    def said(self, row: SignOff, person: User) -> Said | None:
        return _said(row.appointment.case, person, str(SIGNED_THEN))


class _TheClaimant(Hearers[ExclusionClaim]):
    def __init__(self, rows: Sequence[ExclusionClaim]) -> None:
        self.ladder = SellersLadder({row.appointment.seller_id for row in rows})

    def of(self, row: ExclusionClaim, step: int) -> list[User]:
        return self.ladder.hearers(row.appointment.seller_id, step)


class Proofs(Kind[ExclusionClaim]):
    """The seller's time to prove the force majeure that he claims (4.1.2)."""

    stream, subject, record, link, lock = "proof", "claim", ProofReminder, "claim", "appointment"
    state, due = "proof_pending", "proof_due_at"

    def rows(self) -> QuerySet[ExclusionClaim]:
        return ExclusionClaim.objects.select_related("appointment__case")

    def hearers(self, rows: Sequence[ExclusionClaim]) -> Hearers[ExclusionClaim]:
        return _TheClaimant(rows)

    def clock(self, _row: ExclusionClaim) -> str:
        return LIMITS["force_majeure_proof"].kind

    def about(self, row: ExclusionClaim) -> dict[str, Any]:
        return {"appointment": row.appointment_id}

    def said(self, row: ExclusionClaim, person: User) -> Said | None:
        return _said(row.appointment.case, person, str(UNPROVEN_THEN))


class _WhoIsHeard(Hearers[Restriction]):
    def of(self, row: Restriction, _step: int) -> list[User]:
        buyer = row.cover.buyer
        return [buyer] if buyer.is_active else []


class Restrictions(Kind[Restriction]):
    """The buyer's time to be heard before his cover is restricted, and to appeal afterwards (4.1.3)."""

    stream, subject, record, link = "restriction-limit", "restriction-limit", RestrictionReminder, "restriction"
    marks = ("clock", "amount")

    def rows(self) -> QuerySet[Restriction]:
        return Restriction.objects.select_related("cover__buyer", "cover__order", "cover__edition")

    def hearers(self, _rows: Sequence[Restriction]) -> Hearers[Restriction]:
        return _WhoIsHeard()

    def clock(self, row: Restriction) -> str:
        # One that was declined never had a time to appeal: what it was reminded of was the hearing.
        return LIMITS["hearing" if row.begins_at is None else "appeal"].kind

    def amount(self, row: Restriction) -> int:
        return LIMITS[self.clock(row)].amount(law_for_order(row.cover.edition, row.started_at))

    def said(self, row: Restriction, _person: User) -> Said | None:
        then = UNHEARD_THEN if row.is_heard else UNAPPEALED_THEN
        return Said(row.cover.order.number, str(then), f"/portal/restrictions/{row.pk}/")

    def waiting(self, at: datetime) -> QuerySet[Restriction]:
        heard = Q(state="proposed", hearing_due_at__gte=at)
        appealing = Q(state__in=["in_force", "ended"], appeal_due_at__gte=at)
        return self.rows().filter(heard | appealing, next_reminder_at__lte=at)


def _said(case: Any, person: User, then: str) -> Said:
    page = "portal" if person.pk == case.buyer_id else "dashboard"
    return Said(case.reference, then, f"/{page}/cases/{case.reference}/")


CLOCKS, SIGN_OFFS, PROOFS, RESTRICTIONS = Clocks(), SignOffs(), Proofs(), Restrictions()
