"""The limits beside the clocks of a request, counted and told as sums: notice, proof, sign-off, hearing, appeal.

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
from zestech_aftersales.rulebook.queries import law_for_order
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from cases.models import Cover, ExclusionClaim, Restriction, SignOff
    from zestech_aftersales.rulebook.editions import EditionNumbers

NOTICE, PROOF = "force_majeure_notice", "force_majeure_proof"
SIGN_OFF, HEARING, APPEAL = "sign_off", "hearing", "appeal"
STARTS: dict[str, str | Promise] = {
    NOTICE: _("The event began"),
    PROOF: _("The claim was filed"),
    SIGN_OFF: _("The service was completed"),
    HEARING: _("The restriction was proposed"),
    APPEAL: _("The restriction came into force"),
}
# Nobody gives notice on a request that there is not yet.
REQUESTED_IN_IT = _("The request was received while the event already lasted")
# As long as proof is still owed, or would still count.
UNPROVEN = (ClaimState.PROOF_PENDING, ClaimState.LAPSED)


@dataclass(frozen=True, slots=True)
class LimitBeside:
    """One such limit; `until` is when the time was used or over, None as long as it is not.

    `ruled_at` is the instant whose law counts: the request's, or that of the limit's own start. `due_at` is as it is
    stored; that of a notice nobody keeps.
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


def limit_of_notice(claim: ExclusionClaim) -> LimitBeside | None:
    """The time to give notice of an event, which the claim itself is; None where the seller had none to give of it.

    Of an event that had begun before there was a request, notice is given once there is one.
    """
    begins_at, request = claim.begins_at, claim.appointment
    if begins_at is None or not claim.gives_notice:
        return None
    return LimitBeside(
        NOTICE, claim.clause, request.case.cover, request.received_at, max(begins_at, request.received_at), None,
        claim.filed_at,
    )  # fmt: skip


def notice_due(claim: ExclusionClaim) -> datetime | None:
    """Until when notice of the claimed event was in time, with the outages that were approved when it came."""
    limit = limit_of_notice(claim)
    if limit is None:
        return None
    return limit.counted(law_for_order(limit.cover.edition, limit.ruled_at), TolledOutages.approved())


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
    told = _told(limit, STARTS[limit.kind], TolledOutages.known())
    return held_against(told, limit.due_at, kind=limit.kind, cover=limit.cover.pk)


def _told(limit: LimitBeside, start_words: str | Promise, outages: TolledOutages) -> Explanation:
    basis = Basis.of(limit.cover.edition, limit.ruled_at)
    pauses = outage_pauses(outages.reaching(limit.started_at, until=limit.until))
    return replace(sum_of_kind(limit.kind, basis, limit.started_at, start_words, pauses=pauses), clause=limit.clause)


def sum_of_notice(claim: ExclusionClaim) -> Explanation | None:
    """How the time to give notice of a claimed event is counted."""
    limit = limit_of_notice(claim)
    if limit is None:
        return None
    words = STARTS[NOTICE] if limit.started_at == claim.begins_at else REQUESTED_IN_IT
    return _told(limit, words, TolledOutages.approved())


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
