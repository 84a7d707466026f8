"""The limits of the judgement told as sums: hearing, appeal, the times of a complaint, the answer to a loss, the bar.

Nothing moves them but the outages of the platform (T7), each of them until the limit was last tolled; the bar nothing
moves at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.sums import Basis, Explanation, held_against, outage_pauses, sum_of_kind
from cases.tolled_limits import TolledOutages
from complaints.models import STANDING_CLEARANCES, JudgementClock, JudgementDeadline
from complaints.queries.clocks import judged_limits_for
from complaints.queries.complaints import limits_of
from complaints.tolling import JUDGED_WITH, edition_of, tolled_at
from zestech_aftersales.rulebook.queries import edition_in_force

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cases.models import ServiceCase
    from complaints.models import Audit, Clearance, Complaint, LossClaim, Violation
    from complaints.queries.filing import Trial
    from sellers.bars import Bar
    from zestech_aftersales.accounts.actors import Actor

FILING, NEGOTIATION, BAR = "complaint", "negotiation", "bar"
STARTS: dict[str, str | Promise] = {
    JudgementClock.HEARING: _("The seller was told of the finding"),
    JudgementClock.APPEAL: _("The violation was confirmed"),
    JudgementClock.AUTO_ESCALATION: _("The complaint was filed"),
    JudgementClock.EVIDENCE: _("The platform asked for evidence"),
    JudgementClock.OBJECTION: _("The complaint was decided"),
    JudgementClock.LOSS_ANSWER: _("The seller was told of the claim"),
    FILING: _("The breach took effect"),
    NEGOTIATION: _("The complaint was filed"),
    BAR: _("The clearance took effect"),
}


def limits_for(by: Actor) -> QuerySet[JudgementDeadline]:
    """The limits of the judgement that somebody may see, each with all that its sum is told from."""
    return judged_limits_for(by).select_related(*JUDGED_WITH)


def sums_of(limits: Iterable[JudgementDeadline]) -> list[Explanation]:
    """The sums of stored limits, in their order; one of `limits_for` takes a constant number of queries."""
    wanted = list(limits)
    outages, tolled = TolledOutages.known(), tolled_at(wanted)
    return [_sum_of(limit, outages, until=tolled.get(limit.pk, limit.started_at)) for limit in wanted]


def _sum_of(limit: JudgementDeadline, outages: TolledOutages, *, until: datetime) -> Explanation:
    """What moved it, was applied when it was last tolled; what came after that, it did not reach, or is still to."""
    told = sum_of_kind(
        limit.clock,
        Basis.of(edition_of(limit), limit.started_at),
        limit.started_at,
        STARTS[limit.clock],
        pauses=outage_pauses(outages.reaching(limit.started_at, until=until)),
    )
    told = replace(told, clause=limit.clause, deadline=limit)
    return held_against(told, limit.due_at, judgement_limit=limit.pk)


def sums_of_thing(thing: Violation | Audit | LossClaim) -> list[Explanation]:
    """The limits of a violation, an audit or a claim of losses, oldest first."""
    return sums_of(thing.deadlines.select_related(*JUDGED_WITH).order_by("id"))


def sums_of_complaint(complaint: Complaint) -> list[Explanation]:
    """Every limit of a complaint: to file it, to negotiate, and those that ran in it since."""
    first = [sum_of_filing(complaint), sum_of_negotiation(complaint)]
    own = sums_of(limits_of(complaint).select_related(*JUDGED_WITH))
    return [*(told for told in first if told is not None), *own]


def sum_of_filing(complaint: Complaint) -> Explanation | None:
    """How the time to file a complaint was counted when it was; None where the test has not kept that."""
    until = complaint.file_until
    return None if until is None else _filing(complaint.case, complaint.breach_at, complaint.filed_at, until)


def sum_of_trial(case: ServiceCase, trial: Trial, *, at: datetime) -> Explanation:
    """How the time to complain of a breach is counted for a complaint filed at an instant."""
    return _filing(case, trial.matter.at, at, trial.file_until)


def _filing(case: ServiceCase, breach_at: datetime, filed_at: datetime, until: datetime) -> Explanation:
    """What was approved later did not count when it was filed."""
    pauses = outage_pauses(TolledOutages.approved().reaching(breach_at, until=filed_at))
    basis = Basis.of(case.cover.edition, breach_at)
    told = sum_of_kind(FILING, basis, breach_at, STARTS[FILING], pauses=pauses)
    return held_against(told, until, kind=FILING, case=case.pk)


def sum_of_negotiation(complaint: Complaint) -> Explanation | None:
    """From when on a complaint can be handed to the platform; None for one that was not taken up.

    Moved together with the time after which it escalates by itself.
    """
    if complaint.negotiation_ends_at is None:
        return None
    beside = complaint.deadlines.get(clock=JudgementClock.AUTO_ESCALATION)
    until = tolled_at([beside]).get(beside.pk, beside.started_at)
    pauses = outage_pauses(TolledOutages.known().reaching(complaint.filed_at, until=until))
    basis = Basis.of(complaint.case.cover.edition, complaint.filed_at)
    told = sum_of_kind(NEGOTIATION, basis, complaint.filed_at, STARTS[NEGOTIATION], pauses=pauses)
    return held_against(told, complaint.negotiation_ends_at, kind=NEGOTIATION, complaint=complaint.pk)


def sum_of_bar(bar: Bar) -> Explanation:
    """How the end of a bar is counted, under the edition in force at the clearance (3.2, T4)."""
    return _bar(bar.begins_at, bar.ends_at)


def sum_of_clearance(clearance: Clearance) -> Explanation | None:
    """How the bar after a clearance is counted; None where the clearance does not stand."""
    held = clearance.enrolment
    if clearance.state not in STANDING_CLEARANCES or held.cleared_at is None or held.bar_ends_at is None:
        return None
    return _bar(held.cleared_at, held.bar_ends_at)


def _bar(cleared_at: datetime, until: datetime) -> Explanation:
    basis = Basis.of(edition_in_force(cleared_at), cleared_at)
    return held_against(sum_of_kind(BAR, basis, cleared_at, STARTS[BAR]), until, kind=BAR)
