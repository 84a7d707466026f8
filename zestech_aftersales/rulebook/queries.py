"""What is read from the rulebook."""

from datetime import datetime

from django.db.models import Q

from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.models import RuleEdition, RuleEditionQuerySet


def editions() -> RuleEditionQuerySet:
    """All editions, the newest first."""
    return RuleEdition.objects.order_by("-number")


def edition_in_force(at: datetime) -> RuleEdition:
    """The edition in force at an instant; the first one for anything earlier (5.2)."""
    in_force = RuleEdition.objects.filter(effective_at__lte=at).order_by("-number").first()
    return in_force or RuleEdition.objects.order_by("number")[:1].get()


def law_for_order(edition: RuleEdition, at: datetime) -> EditionNumbers:
    """The numbers for an order placed under an edition, for a duty that begins at an instant.

    The order keeps its edition, except on a point where one in force since is better for the
    buyer.
    """
    later = RuleEdition.objects.filter(number__gt=edition.number, effective_at__lte=at)
    return edition.law.improved_by(each.law for each in later.order_by("number"))


def edition_of_number(edition: RuleEdition, field: str, number: int, at: datetime) -> RuleEdition:
    """The edition from which an order of `edition` has a number of its law: its own, or the first better one."""
    if getattr(edition.law, field) == number:
        return edition
    later = RuleEdition.objects.filter(number__gt=edition.number, effective_at__lte=at).order_by("number")
    return next((each for each in later if getattr(each.law, field) == number), edition)


def due_on_time(received_at: datetime, due: str = "due_at") -> Q:
    """Rows whose due instant something received at that instant still meets (T5)."""
    return Q(**{f"{due}__gte": received_at})


def due_passed(at: datetime, due: str = "due_at") -> Q:
    """Rows whose due instant has passed; NULL (an open pause) is neither passed nor on time."""
    return Q(**{f"{due}__lt": at})
