"""The limits that run beside the clocks of a request, counted and told as sums: proof, sign-off, hearing, appeal.

Nothing moves them but the outages of the platform (T7): those tolled while somebody still had the time, and those
that reached a time which had passed unused, as long as nothing was built on it. What was used in time no later one moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import ClaimState, RestrictionState
from cases.sums import Basis, Explanation, held_against, outage_pauses, sum_of_kind
from cases.tolled_limits import TolledOutages
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from cases.models import Cover, ExclusionClaim, Restriction, SignOff
    from zestech_aftersales.rulebook.editions import EditionNumbers

PROOF, SIGN_OFF, HEARING, APPEAL = "force_majeure_proof", "sign_off", "hearing", "appeal"
STARTS: dict[str, str | Promise] = {
    PROOF: _("The claim was filed"),
    SIGN_OFF: _("The service was completed"),
    HEARING: _("The restriction was proposed"),
    APPEAL: _("The restriction came into force"),
}
# As long as proof is still owed, or would still count.
UNPROVEN = (ClaimState.PROOF_PENDING, ClaimState.LAPSED)


@dataclass(frozen=True, slots=True)
class LimitBeside:
    """One such limit as it is stored; `until` is when the time was used or over, None as long as it is not.

    `ruled_at` is the instant whose law counts: the request's, or that of the limit's own start.
    """

    kind: str
    clause: str
    cover: Cover
    ruled_at: datetime
    started_at: datetime
    due_at: datetime | None
    until: datetime | None

    def counted(self, law: EditionNumbers, outages: TolledOutages) -> datetime:
        """The due instant, counted anew."""
        amount = LIMITS[self.kind].amount(law)
        return outages.due(self.kind, self.started_at, law, amount=amount, until=self.until)


def limit_of_proof(claim: ExclusionClaim, events: Iterable[Event]) -> LimitBeside | None:
    """The time to prove a claim; None where no proof was ever awaited. `events` are those of its case, in order."""
    if claim.proof_due_at is None:
        return None
    request, told = claim.appointment, list(events)
    given = [
        event.effective_at
        for event in told
        if event.subject == claim.cause
        and (event.before or {}).get("state") in UNPROVEN
        and (event.after or {}).get("state") not in UNPROVEN
    ]
    tolled = [
        event.recorded_at
        for event in told
        if event.kind == "limit.tolled" and (event.detail or {}).get("claim") == claim.pk
    ]
    until = _used_at(given, tolled)
    return LimitBeside(
        PROOF, claim.clause, request.case.cover, request.received_at, claim.filed_at, claim.proof_due_at, until,
    )  # fmt: skip


def limits_of_restriction(restriction: Restriction, events: Iterable[Event]) -> list[LimitBeside]:
    """The buyer's time to be heard and, once it came into force, to appeal; `events` are those of its own stream."""
    clause, cover, told = "4.1.3", restriction.cover, list(events)
    decided = [
        event.effective_at
        for event in told
        if (event.before or {}).get("state") == RestrictionState.PROPOSED
        and (event.after or {}).get("state") != RestrictionState.PROPOSED
    ]
    tolled: dict[str, list[datetime]] = {HEARING: [], APPEAL: []}
    for event in told:
        if event.kind == "restriction.tolled":
            was_heard = (event.before or {}).get("state") == RestrictionState.PROPOSED
            tolled[HEARING if was_heard else APPEAL].append(event.recorded_at)
    begun, until = restriction.proposed_at, _used_at(decided, tolled[HEARING])
    limits = [LimitBeside(HEARING, clause, cover, begun, begun, restriction.hearing_due_at, until)]
    if restriction.begins_at is not None:
        appealed = [event.effective_at for event in told if event.kind == "restriction.appealed"]
        begun, until = restriction.begins_at, _used_at(appealed, tolled[APPEAL])
        limits.append(LimitBeside(APPEAL, clause, cover, begun, begun, restriction.appeal_due_at, until))
    return limits


def _used_at(used: list[datetime], tolled: list[datetime]) -> datetime | None:
    """Until when an outage could move a limit; None as long as its time is not used.

    A toll that was written down between the receipt of what used the time and its commit has moved the limit as well.
    """
    return max([min(used), *tolled]) if used else None


def limit_of_sign_off(signed: SignOff) -> LimitBeside:
    """The buyer's time to say whether a service is done.

    The outage that had given it back when silence had ended it counts, also where it was tolled after the new end.
    """
    request, until = signed.appointment, signed.ended_at
    if until is not None:
        tolled = Event.objects.filter(
            stream=f"case/{request.case_id}", subject=request.subject, kind="limit.tolled",
            detail__has_key="sign_off_due_at",
        )  # fmt: skip
        last = tolled.order_by("id").last()
        until = max(until, last.recorded_at) if last else until
    return LimitBeside(
        SIGN_OFF, signed.clause, request.case.cover, request.received_at, signed.started_at, signed.due_at,
        until,
    )  # fmt: skip


def sum_of(limit: LimitBeside) -> Explanation:
    """The sum of such a limit; a disagreement with the stored due instant is logged as an error."""
    reaching = TolledOutages.known().reaching(limit.started_at, until=limit.until)
    basis = Basis.of(limit.cover.edition, limit.ruled_at)
    told = sum_of_kind(limit.kind, basis, limit.started_at, STARTS[limit.kind], pauses=outage_pauses(reaching))
    return held_against(replace(told, clause=limit.clause), limit.due_at, kind=limit.kind, cover=limit.cover.pk)


def sum_of_proof(claim: ExclusionClaim) -> Explanation | None:
    """How the time to prove a claim is counted."""
    stream, tolled = f"case/{claim.appointment.case_id}", Q(kind="limit.tolled", subject=claim.appointment.subject)
    events = Event.objects.filter(tolled | Q(subject=claim.cause), stream=stream).order_by("id")
    limit = limit_of_proof(claim, events)
    return None if limit is None else sum_of(limit)


def sums_of_restriction(restriction: Restriction) -> list[Explanation]:
    """How the time to be heard and the time to appeal are counted."""
    events = Event.objects.filter(stream=restriction.subject).order_by("id")
    return [sum_of(limit) for limit in limits_of_restriction(restriction, events)]
