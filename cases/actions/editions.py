"""A new edition of the rules: drafted and changed by an administrator, published by two of them (5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cases.events import instant_text
from cases.models import DraftState, EditionDraft
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.editions import EditionNumbers, InvalidNumbersError
from zestech_aftersales.rulebook.publication import days_span, must_be_publishable, publish_edition
from zestech_aftersales.timeline.actions.decisions import decide, put_forward
from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

EDITION = "edition"


@action
def draft_edition(title: str, numbers: Mapping[str, Any], *, by: Actor, at: datetime) -> EditionDraft:
    """Begin a draft with all numbers of the rules. RuleBroken: edition_invalid, title_required (422)."""
    _must_be_administrator(by)
    draft = EditionDraft(title=_titled(title), numbers=_valid(numbers), drafted_by=by.user, drafted_at=at)
    draft.save()
    _record(draft, "edition.drafted", before="", by=by, at=at, detail={"title": draft.title, "numbers": draft.numbers})
    return draft


@action
def change_draft(
    draft: EditionDraft, changes: Mapping[str, Any], *, title: str | None = None, by: Actor, at: datetime
) -> EditionDraft:
    """Change some numbers of a draft, and its title; the event tells each number before and after.

    RuleBroken: not_a_draft (409), edition_invalid, title_required (422).
    """
    _must_be_administrator(by)
    draft = _locked(draft)
    if draft.state != DraftState.DRAFTED:
        raise RuleBroken(
            "5.2", "not_a_draft", detail=_("Only a draft can be changed. Decline the proposal first, or draft anew.")
        )
    before = dict(draft.numbers)
    draft.numbers = _valid({**before, **changes})
    draft.title = draft.title if title is None else _titled(title)
    draft.save(update_fields=["numbers", "title"])
    changed = {name: [before[name], number] for name, number in draft.numbers.items() if before[name] != number}
    _record(
        draft, "edition.changed", before=draft.state, by=by, at=at, detail={"title": draft.title, "numbers": changed}
    )
    return draft


@action
def discard_draft(draft: EditionDraft, *, reason: str, by: Actor, at: datetime) -> EditionDraft:
    """Give a draft up; it is kept, marked as discarded."""
    _must_be_administrator(by)
    draft = _locked(draft)
    before = draft.state
    draft.discard()
    draft.save(update_fields=["state"])
    _record(draft, "edition.discarded", before=before, by=by, at=at, detail={"reason": reason.strip()})
    return draft


@action
def propose_draft(draft: EditionDraft, *, effective_on: date, reason: str, by: Actor, at: datetime) -> EditionDraft:
    """Propose to publish a draft, in force from the begin of a date in its own zone; another administrator decides.

    RuleBroken: edition_invalid (422) when the date is nearer than the lead, implausibly far, or not after the newest
    edition; period_invalid (422) where the calendar has no such date; reason_required (422).
    """
    _must_be_administrator(by)
    draft = _locked(draft)
    effective_at, _day_end = days_span(effective_on, effective_on, draft.law)
    must_be_publishable(draft.numbers, effective_at=effective_at, at=at)
    before = draft.state
    draft.propose(effective_at)
    draft.decision = put_forward(
        kind=EDITION, subject=draft.subject, reason=reason, clause="5.2", by=by.with_key(""), at=at
    )
    draft.save(update_fields=["state", "effective_at", "decision"])
    _record(draft, "edition.proposed", before=before, by=by, at=at, detail={"effective_at": instant_text(effective_at)})
    return draft


@action
def decide_draft(draft: EditionDraft, *, approved: bool, reason: str, by: Actor, at: datetime) -> EditionDraft:
    """Publish a proposed draft, or give it back to be changed, as a second administrator.

    The edition is published at `at`: the lead counts from then. PermissionDenied for the proposer,
    TransitionNotAllowed when it was decided before. RuleBroken: edition_invalid, reason_required for declining (422),
    edition_taken, not_proposed (409).
    """
    _must_be_administrator(by)
    draft = _locked(draft)
    before, decision, effective_at = draft.state, draft.decision, draft.effective_at
    if decision is None or effective_at is None:
        raise RuleBroken("5.2", "not_proposed", detail=_("Nobody has proposed to publish this draft."))
    decide(decision, approved=approved, reason=reason.strip(), by=by.with_key(""), at=at)
    detail: dict[str, Any] = {"decision": decision.pk, "reason": reason.strip()}
    if approved:
        draft.publish(publish_edition(draft.numbers, effective_at=effective_at, at=at))
        detail["edition"] = draft.edition.number if draft.edition else None
    else:
        draft.decline()
    draft.save(update_fields=["state", "edition", "effective_at"])
    kind = "edition.published" if approved else "edition.declined"
    _record(draft, kind, before=before, by=by, at=at, detail=detail)
    return draft


def _locked(draft: EditionDraft) -> EditionDraft:
    rows = EditionDraft.objects.select_related("decision").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=draft.pk)


def _titled(title: str) -> str:
    if not title.strip():
        raise RuleBroken("5.2", "title_required", status=422, detail=_("Say in a few words what it is to change."))
    return title.strip()


def _valid(numbers: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return EditionNumbers.from_json(numbers).to_json()
    except InvalidNumbersError as invalid:
        raise RuleBroken(
            "5.2", "edition_invalid", status=422, detail=str(invalid), context={"errors": invalid.errors}
        ) from invalid


def _must_be_administrator(by: Actor) -> None:
    if by.platform_role != PlatformRole.ADMINISTRATOR or by.acting_for is not None:
        raise PermissionDenied(_("Only administrators make editions of the rules, two of them together."))


def _record(draft: EditionDraft, kind: str, *, before: str, by: Actor, at: datetime, detail: dict[str, Any]) -> None:
    record(
        stream=draft.subject,
        subject=draft.subject,
        kind=kind,
        clause="5.2",
        by=by,
        effective_at=at,
        recorded_at=at,
        before={"state": before},
        after={"state": draft.state},
        detail=detail,
    )
