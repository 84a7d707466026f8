"""Rule editions: published once, never changed."""

from datetime import timedelta
from functools import cached_property
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zestech_aftersales.rulebook.editions import LARGEST, EditionNumbers, InvalidNumbersError
from zestech_aftersales.rulebook.periods import day_end


class EditionPublishedError(TypeError):
    """A published edition was to be changed or removed; publish another one instead."""


class RuleEditionQuerySet(models.QuerySet["RuleEdition"]):
    """Editions that can be read and added to, nothing else."""

    def update(self, **_changes: Any) -> NoReturn:
        raise EditionPublishedError("Published editions stand; publish another one.")

    def delete(self) -> NoReturn:
        raise EditionPublishedError("Published editions stand; publish another one.")


class RuleEdition(models.Model):
    """One version of the numbers of the rules, with the instant from which it is in force."""

    number = models.PositiveIntegerField(gettext_lazy("number"), unique=True)
    published_at = models.DateTimeField(gettext_lazy("published"))
    effective_at = models.DateTimeField(gettext_lazy("in force from"), unique=True)
    numbers = models.JSONField(gettext_lazy("numbers"))

    objects = RuleEditionQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        verbose_name = gettext_lazy("rule edition")
        verbose_name_plural = gettext_lazy("rule editions")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(effective_at__gt=models.F("published_at")),
                name="rulebook_edition_published_before_in_force",
            ),
        )

    def __str__(self) -> str:
        return _("Edition %(number)d") % {"number": self.number}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Publish the edition; EditionPublishedError when it already is, ValidationError by clean()."""
        if not self._state.adding:
            raise EditionPublishedError("Published editions stand; publish another one.")
        self.clean()
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise EditionPublishedError("Published editions stand; publish another one.")

    @cached_property
    def law(self) -> EditionNumbers:
        """The numbers, typed."""
        return EditionNumbers.from_json(self.numbers)

    def clean(self) -> None:
        """Numbers that cannot stand, a date too early and a gap in the count are refused.

        An edition takes effect at the earliest on the date of its publication plus the lead.
        """
        super().clean()
        try:
            law = EditionNumbers.from_json(self.numbers)
        except InvalidNumbersError as invalid:
            raise ValidationError(
                {"numbers": [f"{name}: {error}" for name, error in invalid.errors.items()]}
            ) from invalid
        published = self.published_at.astimezone(law.zone_info).date()
        lead = settings.PUBLICATION_LEAD_DAYS
        # The date of publication + lead begins where the date before it ends.
        if self.effective_at < day_end(published + timedelta(days=lead - 1), law.zone_info):
            raise ValidationError(
                {
                    "effective_at": _(
                        "An edition takes effect at the earliest %(lead)d dates after the date of its publication."
                    )
                    % {"lead": lead}
                }
            )
        # No edition takes effect before the one before it: a mistyped year would be the last word for ever.
        if self.effective_at > self.published_at + timedelta(days=LARGEST["days"]):
            raise ValidationError({"effective_at": _("This date lies too far ahead: somebody mistyped it.")})
        newest = RuleEdition.objects.order_by("number").last()
        if self.number != (newest.number + 1 if newest else 1):
            raise ValidationError({"number": _("Editions are numbered without gaps.")})
        if newest and self.effective_at <= newest.effective_at:
            raise ValidationError({"effective_at": _("An edition takes effect after the one before it.")})
