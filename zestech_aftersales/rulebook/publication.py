"""How a new edition comes into the world; the decision of two administrators stands above it."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.queries import editions
from zestech_aftersales.rulebook.refusals import RuleBroken


def publish_edition(numbers: dict[str, Any], *, effective_at: datetime, at: datetime) -> RuleEdition:
    """Publish the next edition at an instant, in force from another; call it inside an action.

    RuleBroken 5.2 `edition_invalid` (422) says in its context which field is wrong and why; 409
    `edition_taken` when somebody else published at the same time.
    """
    newest = editions().first()
    edition = RuleEdition(
        number=newest.number + 1 if newest else 1,
        published_at=at,
        effective_at=effective_at,
        numbers=numbers,
    )
    try:
        with transaction.atomic():
            edition.save()
    except ValidationError as invalid:
        raise RuleBroken(
            "5.2",
            "edition_invalid",
            status=422,
            detail=" ".join(invalid.messages),
            context={"errors": invalid.message_dict},
        ) from invalid
    except IntegrityError as taken:
        raise RuleBroken(
            "5.2", "edition_taken", detail=_("Another edition was published just now. Read it and try again.")
        ) from taken
    return edition
