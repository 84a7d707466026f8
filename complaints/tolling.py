"""How long a limit of the judgement is once the outages of the platform are counted, and which of them still are to be.

An outage counts against nobody in the judgement either (T7); `complaints.actions.tolled` moves the limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.models import Outage, OutageState
from cases.tolled_limits import TolledOutages
from complaints import hearing
from complaints.models import JudgementClock, JudgementDeadline
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from cases.laws import Laws
    from zestech_aftersales.rulebook.editions import EditionNumbers
    from zestech_aftersales.rulebook.models import RuleEdition

TOLLED, FOLLOWED = "judgement.tolled", "outage.followed"
# What a limit is about, with the edition that it is counted by.
JUDGED_WITH = (
    "violation__appointment__case__cover__edition",
    "audit",
    "complaint__case__cover__edition",
    "evidence_request__complaint__case__cover__edition",
    "loss_claim__violation__appointment__case__cover__edition",
)


def outages_to_follow(*, at: datetime) -> list[tuple[Outage, datetime]]:
    """The outages that were applied by then and not followed to their end yet, each with the instant of that."""
    applied = list(Outage.objects.filter(state=OutageState.APPLIED).order_by("id"))
    if not applied:
        return []
    # By their streams, which are indexed: this is asked each second, and outages are few.
    told = Event.objects.filter(stream__in=[each.cause for each in applied], kind__in=["outage.applied", FOLLOWED])
    since: dict[str, datetime] = {}
    followed: set[str] = set()
    for event in told:
        if event.kind == FOLLOWED:
            followed.add(event.stream)
        else:
            since[event.stream] = event.effective_at
    return [(each, since[each.cause]) for each in applied if each.cause not in followed and since[each.cause] <= at]


def due_of(
    limit: JudgementDeadline, outages: TolledOutages, law: EditionNumbers, *, until: datetime | None
) -> datetime:
    """The due instant of a limit with the outages that were applied by then; without an instant, with all of them.

    `law` is that of `law_of` here and below: whoever counts many limits asks for it once.
    """
    return outages.due(limit.clock, limit.started_at, law, amount=limit.amount, until=until)


def negotiation_end_of(
    limit: JudgementDeadline, outages: TolledOutages, law: EditionNumbers, *, until: datetime | None
) -> datetime | None:
    """Until when a complaint is negotiated before its buyer may escalate it; None for any limit but its escalation.

    The negotiation has no limit of its own. It began together with the time after which the complaint escalates by
    itself, so an outage that lengthens the one is counted for the other too.
    """
    if limit.clock != JudgementClock.AUTO_ESCALATION:
        return None
    return outages.due("negotiation", limit.started_at, law, until=until)


def is_moved(limit: JudgementDeadline, outages: TolledOutages, law: EditionNumbers, *, until: datetime) -> bool:
    """Whether the outages applied by then move a limit, or the negotiation that is counted beside it."""
    if due_of(limit, outages, law, until=until) != limit.due_at:
        return True
    ends_at = negotiation_end_of(limit, outages, law, until=until)
    return limit.complaint is not None and ends_at is not None and ends_at != limit.complaint.negotiation_ends_at


def counted_until(limit: JudgementDeadline, *, tolled_at: datetime | None) -> datetime | None:
    """Until when an outage must have been applied to have moved a limit that was tolled last at `tolled_at`.

    What runs is about to be moved by every outage there is. What was used or over is moved by none that came after it
    was tolled last, also not by one that was applied while it still ran.
    """
    return None if limit.is_running else tolled_at or limit.started_at


def tolled_at(limits: Iterable[JudgementDeadline]) -> dict[int, datetime]:
    """When limits were last tolled, by their keys; one query."""
    told = Event.objects.filter(kind=TOLLED, stream__in={thing_of(limit).subject for limit in limits})
    named = (((event.detail or {}).get("limit", {}).get("id"), event.recorded_at) for event in told.order_by("id"))
    return {key: at for key, at in named if key is not None}


def edition_of(limit: JudgementDeadline) -> RuleEdition:
    """The edition of the order that a limit of the judgement is about; of an audit the one in force at its start."""
    about = thing_of(limit)
    if limit.complaint is not None or limit.evidence_request is not None:
        edition: RuleEdition = about.case.cover.edition
        return edition
    violation = limit.violation or (limit.loss_claim.violation if limit.loss_claim else None)
    return hearing.edition_of(violation, limit.started_at) if violation else edition_in_force(limit.started_at)


def law_of(limit: JudgementDeadline, laws: Laws) -> EditionNumbers:
    """The law that a limit of the judgement is counted by."""
    return laws.at(edition_of(limit), limit.started_at)


def thing_of(limit: JudgementDeadline) -> Any:
    """What is judged: a violation, an audit, a complaint or a claim of losses."""
    asked = limit.evidence_request
    return limit.violation or limit.audit or limit.complaint or limit.loss_claim or (asked.complaint if asked else None)
