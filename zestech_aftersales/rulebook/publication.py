"""How a new edition comes into the world; the decision of two administrators stands above it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.periods import day_end
from zestech_aftersales.rulebook.queries import editions
from zestech_aftersales.rulebook.refusals import RuleBroken


def publish_edition(numbers: dict[str, Any], *, effective_at: datetime, at: datetime) -> RuleEdition:
    """Publish the next edition at an instant, in force from another; call it inside an action.

    RuleBroken 5.2 `edition_invalid` (422) says in its context which field is wrong and why; 409
    `edition_taken` when somebody else published at the same time.
    """
    edition = _next(numbers, effective_at=effective_at, at=at)
    try:
        with transaction.atomic():
            edition.save()
    except ValidationError as invalid:
        raise _refused(invalid) from invalid
    except IntegrityError as taken:
        raise RuleBroken(
            "5.2", "edition_taken", detail=_("Another edition was published just now. Read it and try again.")
        ) from taken
    return edition


def must_be_publishable(numbers: dict[str, Any], *, effective_at: datetime, at: datetime) -> None:
    """Raises `edition_invalid` as `publish_edition` would if it published at that instant; writes nothing."""
    try:
        _next(numbers, effective_at=effective_at, at=at).clean()
    except ValidationError as invalid:
        raise _refused(invalid) from invalid


def day_begin(day: date, law: EditionNumbers) -> datetime:
    """The instant at which a date begins in the zone of a law: where the date before it ends (T3)."""
    return day_end(day - timedelta(days=1), law.zone_info)


def _next(numbers: dict[str, Any], *, effective_at: datetime, at: datetime) -> RuleEdition:
    newest = editions().first()
    return RuleEdition(
        number=newest.number + 1 if newest else 1, published_at=at, effective_at=effective_at, numbers=numbers
    )


def _refused(invalid: ValidationError) -> RuleBroken:
    return RuleBroken(
        "5.2",
        "edition_invalid",
        status=422,
        detail=" ".join(invalid.messages),
        context={"errors": invalid.message_dict},
    )
