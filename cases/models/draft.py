"""A draft of the next edition of the rules: numbers that are no law yet."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from zestech_aftersales.rulebook.editions import EditionNumbers

if TYPE_CHECKING:
    from zestech_aftersales.rulebook.models import RuleEdition


class DraftState(models.TextChoices):
    DRAFTED = "drafted", pgettext_lazy("edition", "draft")
    PROPOSED = "proposed", _("proposed")
    PUBLISHED = "published", pgettext_lazy("edition", "published")
    DISCARDED = "discarded", pgettext_lazy("edition", "discarded")


class EditionDraft(models.Model):
    """What administrators prepare; two of them make it an edition, which then stands for ever.

    It lives in this app, not in the rulebook: the rulebook knows neither people nor decisions, and the simulator
    runs it over cases.
    """

    state = FSMField(_("state"), default=DraftState.DRAFTED, choices=DraftState.choices, protected=True)
    title = models.CharField(_("what it is to change"), max_length=120)
    numbers = models.JSONField(_("numbers"))
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted"))
    effective_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    # The last proposal; earlier ones that were declined name this draft as their subject.
    decision = models.OneToOneField("timeline.Decision", models.PROTECT, related_name="+", null=True, blank=True)
    edition = models.OneToOneField("rulebook.RuleEdition", models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name = _("draft edition")
        verbose_name_plural = _("draft editions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="published", edition__isnull=False)
                | ~models.Q(state="published") & models.Q(edition__isnull=True),
                name="draft_published_has_edition",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> str:
        """What its events and decisions are about."""
        return f"edition_draft/{self.pk}"

    @cached_property
    def law(self) -> EditionNumbers:
        """The numbers, typed."""
        return EditionNumbers.from_json(self.numbers)

    @transition(field=state, source=DraftState.DRAFTED, target=DraftState.PROPOSED)
    def propose(self, effective_at: datetime) -> None:
        self.effective_at = effective_at

    @transition(field=state, source=DraftState.PROPOSED, target=DraftState.PUBLISHED)
    def publish(self, edition: RuleEdition) -> None:
        self.edition = edition

    @transition(field=state, source=DraftState.PROPOSED, target=DraftState.DRAFTED)
    def decline(self) -> None:
        self.effective_at = None

    @transition(field=state, source=DraftState.DRAFTED, target=DraftState.DISCARDED)
    def discard(self) -> None:
        pass
