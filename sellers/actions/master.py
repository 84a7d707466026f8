"""Adding and changing master data, inside somebody else's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from sellers.actions.locks import lock_seller, locked
from sellers.events import record_change, subject_of
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event

Thing = TypeVar("Thing", bound=Model)


def must_be_valid(thing: Model, *, but: Iterable[str] = ()) -> None:
    """Raise RuleBroken `invalid` with the faults by field, the same for every channel; `but`: fields not looked at."""
    try:
        thing.full_clean(exclude=set(but))
    except ValidationError as invalid:
        faults = invalid.message_dict
        lines = [f"{'' if name == '__all__' else name + ': '}{' '.join(texts)}" for name, texts in faults.items()]
        raise RuleBroken("", "invalid", status=422, detail="; ".join(lines), context={"fields": faults}) from invalid


def written_before(by: Actor, kind: str, *, subject: str = "") -> Event | None:
    """The event of this very command under its key; RuleBroken when the key was spent on another one."""
    event = earlier(by)
    if event is not None and (event.kind != kind or (subject and event.subject != subject)):
        raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
    return event


def _as_stored(thing: Model, fields: list[str]) -> dict[str, Any]:
    return {name: thing.serializable_value(name) for name in fields}


def add_thing(thing: Thing, kind: str, *, seller_id: int | None, clause: str, by: Actor, at: datetime) -> Thing:
    """Save a new row after checking every field, and write its event; None: the thing is the seller.

    The same command repeated (by.key) returns the row that it added the first time.
    """
    if seller_id is not None:
        lock_seller(seller_id)
    written = written_before(by, kind)
    if written is not None:
        return QuerySet(type(thing)).get(pk=int(written.subject.partition("/")[2]))
    must_be_valid(thing)
    thing.save()
    record_change(
        thing,
        kind,
        seller_id=thing.pk if seller_id is None else seller_id,
        clause=clause,
        by=by,
        at=at,
        after=model_to_dict(thing, exclude=["id"]),
    )
    return thing


def change_thing(
    thing: Thing,
    changes: Mapping[str, Any],
    kind: str,
    *,
    allowed: frozenset[str],
    seller_id: int,
    clause: str,
    by: Actor,
    at: datetime,
) -> Thing:
    """Change the named fields of a row under its lock and write one event; nothing new writes nothing.

    Errors: RuleBroken `field_fixed` for a field that is not `allowed`, `invalid` for a value.
    """
    fixed = sorted(set(changes) - allowed)
    if fixed:
        raise RuleBroken(
            "",
            "field_fixed",
            status=422,
            detail=_("This cannot be changed: %(fields)s.") % {"fields": ", ".join(fixed)},
        )
    held = locked(type(thing), thing.pk)
    if written_before(by, kind, subject=subject_of(held)) is not None:
        return held
    names = [name for name, value in changes.items() if getattr(held, name) != value]
    if not names:
        return held
    before = _as_stored(held, names)
    for name in names:
        setattr(held, name, changes[name])
    must_be_valid(held)
    held.save(update_fields=names)
    record_change(
        held, kind, seller_id=seller_id, clause=clause, by=by, at=at, before=before, after=_as_stored(held, names)
    )
    return held
