"""What is done at the staff desk itself: filters kept, exports noted, reading accesses opened, used and closed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.models import PlatformRole, User
from zestech_aftersales.action import action
from zestech_aftersales.desk.access import open_access
from zestech_aftersales.desk.models import ReadingAccess, SavedFilter
from zestech_aftersales.desk.reader import Reader
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.record import record

FILTERS_KEPT = 100


def _staff(by: Actor) -> User:
    if by.user is None or not by.platform_role:
        raise PermissionDenied(_("This is for platform staff."))
    return by.user


def _tidy(kept: SavedFilter) -> None:
    kept.name = kept.name.strip()
    try:
        kept.full_clean()
    except ValidationError as wrong:
        raise RuleBroken("", "filter_invalid", status=422, detail=" ".join(wrong.messages)) from wrong


@action
def save_filter(list_: str, *, name: str, query: str, by: Actor, at: datetime) -> SavedFilter:
    """Keep a filter under a name; RuleBroken (422) without a name or with one that is taken."""
    owner = _staff(by)
    if SavedFilter.objects.filter(owner=owner).count() >= FILTERS_KEPT:
        raise RuleBroken("", "filter_invalid", status=422, detail=_("Remove a saved filter first: you have too many."))
    kept = SavedFilter(owner=owner, list=list_, name=name, query=query, saved_at=at)
    _tidy(kept)
    kept.save()
    return kept


@action
def rename_filter(kept: SavedFilter, *, name: str, by: Actor, at: datetime) -> SavedFilter:
    """Give one's own filter another name."""
    kept = _own(kept, by)
    kept.name, kept.saved_at = name, at
    _tidy(kept)
    kept.save(update_fields=["name", "saved_at"])
    return kept


@action
def remove_filter(kept: SavedFilter, *, by: Actor, at: datetime) -> None:
    """Forget one's own filter."""
    _own(kept, by).delete()


def _own(kept: SavedFilter, by: Actor) -> SavedFilter:
    locked = SavedFilter.objects.select_for_update().get(pk=kept.pk)
    if locked.owner_id != _staff(by).pk:
        raise PermissionDenied(_("This filter is somebody else’s."))
    return locked


@action
def note_export(list_: str, *, query: str, by: Actor, at: datetime) -> None:
    """Record that somebody took a list away, and by what filter."""
    person = _staff(by)
    record(
        stream=f"exports/{person.pk}",
        subject=f"list/{list_}",
        kind="list.exported",
        by=by,
        effective_at=at,
        recorded_at=at,
        detail={"filter": query},
    )


@action
def open_reading(*, reason: str, hours: int, by: Actor, at: datetime) -> ReadingAccess:
    """Open a time-limited access for an administrator.

    RuleBroken (422) without a reason or for too long, (409) while another one of this person is open: closing the one
    must not leave a second open behind it.
    """
    person = _staff(by)
    if by.platform_role != PlatformRole.ADMINISTRATOR:
        raise PermissionDenied(_("This is for administrators."))
    if not reason.strip():
        raise RuleBroken("", "reason_required", status=422, detail=_("Give the reasons."))
    if not 0 < hours <= settings.READING_ACCESS_HOURS:
        most = _("Choose between 1 and %(hours)d hours.") % {"hours": settings.READING_ACCESS_HOURS}
        raise RuleBroken("", "access_too_long", status=422, detail=most)
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if open_access(Reader(person, at)) is not None:
        raise RuleBroken(
            "", "access_open", detail=_("You have an open reading access. Close it, or use it to its end.")
        )
    access = ReadingAccess.objects.create(
        person=person, reason=reason.strip(), opened_at=at, ends_at=at + timedelta(hours=hours)
    )
    _record(access, "access.opened", access.stream, by=by, at=at)
    return access


@action
def note_look(access: ReadingAccess, subject: str, *, by: Actor, at: datetime) -> None:
    """Record what was read under an access; PermissionDenied once it has ended."""
    if access.person_id != _staff(by).pk or not access.is_open(at):
        raise PermissionDenied(_("Your reading access has ended."))
    _record(access, "access.looked", subject, by=by, at=at)


@action
def close_reading(access: ReadingAccess, *, by: Actor, at: datetime) -> ReadingAccess:
    """End one's own access before its time; once it has ended nothing changes."""
    locked = ReadingAccess.objects.select_for_update(of=("self",)).get(pk=access.pk)
    if locked.person_id != _staff(by).pk:
        raise PermissionDenied(_("Only who opened it closes it."))
    if locked.is_open(at):
        locked.closed_at = at
        locked.save(update_fields=["closed_at"])
        _record(locked, "access.closed", locked.stream, by=by, at=at)
    return locked


def _record(access: ReadingAccess, kind: str, subject: str, *, by: Actor, at: datetime) -> None:
    record(
        stream=access.stream,
        subject=subject,
        kind=kind,
        by=by,
        effective_at=at,
        recorded_at=at,
        detail={"reason": access.reason, "ends_at": access.ends_at} if kind == "access.opened" else None,
    )
