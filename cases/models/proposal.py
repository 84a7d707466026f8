"""A proposed date for a visit: a new one after a no-show, or another one for a visit that is planned."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from cases.models.offer import Side
from cases.models.visit import VisitState


class ProposalState(models.TextChoices):
    STANDING = "standing", _("standing")
    REPLACED = "replaced", _("replaced")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    VOID = "void", _("void")


# Whose fault it is that a visit is made, or goes on, at another time.
MISSED_BY: dict[str, Side] = {
    VisitState.SELLER_NO_SHOW: Side.SELLER,
    VisitState.BROKEN_OFF: Side.SELLER,
    VisitState.BUYER_NO_SHOW: Side.BUYER,
}


class DateProposal(models.Model):
    """Windows that one side proposes for a visit; nothing comes of it without the other side's yes."""

    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="proposals")
    # The visit it is to stand in for or to follow: planned, one that did not take place, or one that was not enough.
    visit = models.ForeignKey(
        "cases.Visit", models.PROTECT, related_name="proposals", db_index=False, null=True, blank=True
    )
    # Before the seller has confirmed there is no visit: then the accepted offer whose time it is to stand in for.
    offer = models.ForeignKey(
        "cases.Offer", models.PROTECT, related_name="dates", db_index=False, null=True, blank=True
    )
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    state = FSMField(_("state"), default=ProposalState.STANDING, choices=ProposalState.choices, protected=True)
    # Visit windows as offers keep them: [{"starts_at": ISO, "ends_at": ISO}], instants in UTC.
    windows = models.JSONField(_("visit windows"), default=list)
    # Who comes then; nobody named: who was to come before.
    engineer = models.ForeignKey(
        "sellers.Engineer", models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    contact_name = models.CharField(_("named person"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    accepted_window = models.PositiveSmallIntegerField(_("accepted window"), null=True, blank=True)
    # What the other side would rather have, where it said no.
    wish = models.CharField(_("wish"), max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("proposed date")
        verbose_name_plural = _("proposed dates")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(state="standing"), name="one_standing_date_per_appointment"
            ),
            models.CheckConstraint(
                condition=Q(visit__isnull=False) | Q(offer__isnull=False), name="proposed_date_is_for_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.get_state_display()}"

    @property
    def shown_windows(self) -> list[dict[str, datetime]]:
        """The windows with instants instead of text."""
        return [{end: datetime.fromisoformat(text) for end, text in kept.items()} for kept in self.windows]

    @property
    def chosen_window(self) -> dict[str, datetime] | None:
        """The window that was agreed on."""
        return None if self.accepted_window is None else self.shown_windows[self.accepted_window]

    @property
    def is_caused_by_seller(self) -> bool:
        """Whether the visit moves because of the seller: he did not come, or he asked for another date first."""
        missed_by = MISSED_BY.get(self.visit.state) if self.visit is not None else None
        return bool((missed_by or self.side) == Side.SELLER)

    @property
    def stands_in_for(self) -> datetime | None:
        """When it was to be, or has been, before."""
        if self.visit is not None:
            return self.visit.starts_at
        window = self.offer.agreed_window if self.offer is not None else None
        return window["starts_at"] if window is not None else None

    @transition(field=state, source=ProposalState.STANDING, target=ProposalState.REPLACED)
    def replace(self) -> None:
        pass

    @transition(field=state, source=ProposalState.STANDING, target=ProposalState.ACCEPTED)
    def accept(self, window: int) -> None:
        self.accepted_window = window

    @transition(field=state, source=ProposalState.STANDING, target=ProposalState.DECLINED)
    def decline(self, wish: str) -> None:
        self.wish = wish

    @transition(field=state, source=ProposalState.STANDING, target=ProposalState.VOID)
    def void(self) -> None:
        """What it was about is gone."""
