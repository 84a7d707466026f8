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


def days_span(first: date, last: date, law: EditionNumbers) -> tuple[datetime, datetime]:
    """From the begin of a date to the end of a date in the zone of a law: a date begins where the one before it ends (T3).

    RuleBroken `period_invalid` (422) at the edges of the calendar, where nothing can be counted.
    """
    try:
        return day_end(first - timedelta(days=1), law.zone_info), day_end(last, law.zone_info)
    except (OverflowError, ValueError) as beyond:
        raise RuleBroken(
            "5.1", "period_invalid", status=422, detail=_("These dates lie beyond the calendar.")
        ) from beyond


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
