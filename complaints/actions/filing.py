"""A buyer complains of a breach: tested item by item, then not accepted or negotiated at once (3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.actions.merges import case_merged
from cases.actions.messages import put_in_thread
from cases.actions.steps import apply_passed_limits_of
from cases.events import instant_text
from cases.models import ServiceCase
from cases.permissions import must_be_for_buyer
from cases.signing import object_to_awaited
from complaints import deadlines
from complaints.actions.complaint_steps import note
from complaints.matters import DUTIES, Matter
from complaints.models import Complaint, JudgementClock
from complaints.queries.filing import law_of, matters_of, next_limit, told_matter, trial_of
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.limits import limit_due
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from cases.photos import Photo
    from zestech_aftersales.accounts.actors import Actor

FILED = ("complaint.accepted", "complaint.rejected")


@dataclass(frozen=True, slots=True)
class ComplaintTerms:
    """What a buyer complains of: a fact of the case by its name, or a duty and an instant of his own telling."""

    statement: str
    breach: str = ""
    clause: str = ""
    breach_at: datetime | None = None
    remedy: str = ""
    photos: Sequence[Photo] = ()


@action
def file_complaint(case: ServiceCase, terms: ComplaintTerms, *, by: Actor, at: datetime) -> Complaint | RuleBroken:
    """Test the complaint and keep every item; accepted, the two sides negotiate from now on (3.3, 3.4).

    A complaint that fails an item is kept as not accepted, with the reasons and where to go; that is no refusal.
    A report of the same request that still waits for the buyer's word is objected to with what he tells himself.
    RuleBroken: statement_required, breach_at_invalid, clause_unknown (422), case_merged (409), breach_unknown (409,
    with the next limit of the seller as `earliest` where one still runs). PermissionDenied for anybody but the buyer of the case,
    or support for him.
    """
    rows = ServiceCase.objects.select_related("cover__order", "cover__edition", "seller", "buyer", "merged_into")
    case = rows.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    must_be_for_buyer(case, by)
    if event := earlier(by):
        return _filed_before(case, event.kind, event.subject)
    _must_be_told(terms, at=at)
    if case.merged_into is not None:
        raise case_merged(case.merged_into)
    for each in [case, *case.merged.order_by("pk")]:
        apply_passed_limits_of(each, by=by, at=at)
    matter = _matter(case, terms, at=at)
    if matter is None:
        return _unknown(case, terms)
    trial = trial_of(case, matter, at=at)
    complaint = Complaint(
        case=case,
        appointment=matter.appointment,
        seller=case.seller,
        buyer=case.buyer,
        clause=matter.clause,
        breach=matter.key,
        breach_at=matter.at,
        statement=terms.statement.strip(),
        remedy=terms.remedy.strip(),
        filed_at=at,
        filed_by=by.user,
        acceptance=[item.as_json() for item in trial.items],
    )
    if trial.is_accepted:
        law = law_of(complaint, at)
        complaint.accept(limit_due("negotiation", at, law))
        complaint.save()
        deadlines.start(JudgementClock.AUTO_ESCALATION, at=at, law=law, complaint=complaint)
    else:
        complaint.reject(at)
        complaint.save()
    message = put_in_thread(case, terms.statement, terms.photos, by=by, at=at) if terms.photos else None
    note(
        complaint, FILED[0] if trial.is_accepted else FILED[1], by=by, at=at, before="",
        detail={
            "breach": matter.key, "breach_at": instant_text(matter.at), "failed": [item.code for item in trial.failed],
            "message": message and message.pk,
        },
    )  # fmt: skip
    if not matter.key and matter.appointment is not None:
        # No fact of a limit, but what the buyer tells himself: he has not been silent about what was served.
        object_to_awaited([matter.appointment], terms.statement, by=by, at=at)
    return complaint


def _matter(case: ServiceCase, terms: ComplaintTerms, *, at: datetime) -> Matter | None:
    if not terms.breach:
        return told_matter(case, terms.clause, terms.breach_at or at)
    return next((each for each in matters_of(case, at=at) if each.key == terms.breach), None)


def _unknown(case: ServiceCase, terms: ComplaintTerms) -> RuleBroken:
    """The refusal, returned: a limit that has just passed stays written (T9)."""
    running = next_limit(case)
    earliest = running.due_at if running is not None and terms.breach == f"deadline/{running.pk}" else None
    return RuleBroken(
        "3.3",
        "breach_unknown",
        detail=_("The case shows no such breach, or not yet. Reload to see what can be complained of."),
        context={"earliest": instant_text(earliest)} if earliest else None,
    )


def _must_be_told(terms: ComplaintTerms, *, at: datetime) -> None:
    if not terms.statement.strip():
        raise RuleBroken(
            "3.3", "statement_required", status=422,
            detail=_("Say what happened."), context={"missing": ["statement"]},
        )  # fmt: skip
    if terms.breach:
        return
    if terms.clause not in ("", *DUTIES):
        raise RuleBroken(
            "3.3", "clause_unknown", status=422,
            detail=_("Choose one of the duties of section 2."), context={"missing": ["clause"]},
        )  # fmt: skip
    if terms.breach_at is None or terms.breach_at > at:
        raise RuleBroken(
            "3.3", "breach_at_invalid", status=422,
            detail=_("Say when it happened; that cannot lie in the future."), context={"fields": {"breach_at": [gettext("Choose an instant that has passed.")]}},
        )  # fmt: skip


def _filed_before(case: ServiceCase, kind: str, subject: str) -> Complaint:
    """What the same command filed under the same key."""
    if kind in FILED:
        found = Complaint.objects.filter(case=case, pk=int(subject.removeprefix("complaint/"))).first()
        if found is not None:
            return found
    raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
