"""Restrictions of covers at the staff desk: proposed by one auditor, decided by another, appeals by a third (4.1.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import display_for_value
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cases.actions.restrictions import decide_appeal, decide_restriction, propose_restriction
from cases.admin.exclusions import AUDITORS, moment_field
from cases.admin.told import Told
from cases.late_words import late_words
from cases.models import Cover, Restriction
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.staff import ReadOnlyStateAdmin, ReasonForm, Step, decision_in, fields_told
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of


class RestrictForm(ReasonForm):
    """The finding with its evidence, and the end."""

    ends_at = moment_field(_("Until"), required=True, help_text=_("In your own time zone. None is without an end."))


def approve_restriction(restriction: Restriction, *, reason: str, by: Actor, at: datetime) -> object:
    """The second auditor's yes."""
    return decide_restriction(restriction, approved=True, reason=reason, by=by, at=at)


def decline_restriction(restriction: Restriction, *, reason: str, by: Actor, at: datetime) -> object:
    """The second auditor's no."""
    return decide_restriction(restriction, approved=False, reason=reason, by=by, at=at)


def _restriction_proposed(restriction: Restriction) -> list[str]:
    """Whose cover it is, until when, and what the buyer answers."""
    of_cover = fields_told(restriction.cover, "order", "line", "buyer", "seller")
    return [*of_cover, *fields_told(restriction, "ends_at", "answer")]


def uphold(restriction: Restriction, *, reason: str, by: Actor, at: datetime) -> object:
    """The third auditor keeps it."""
    return decide_appeal(restriction, upheld=True, reason=reason, by=by, at=at)


def lift(restriction: Restriction, *, reason: str, by: Actor, at: datetime) -> object:
    """The third auditor lifts it."""
    return decide_appeal(restriction, upheld=False, reason=reason, by=by, at=at)


RESTRICT = Step(
    "restrict", _("Propose to restrict for abuse"), propose_restriction, AUDITORS, "4.1.3",
    _("The buyer is heard as long as the rules give him; then another auditor decides. Nothing changes before."),
    RestrictForm, lambda cover: isinstance(cover, Cover) and cover.state == "active",
)  # fmt: skip


@admin.register(Restriction)
class RestrictionAdmin(Told, ReadOnlyStateAdmin):
    list_display = ("cover", "state", "proposed_at", "hearing_due_at", "answered_at", "ends_at", "appealed_at")
    list_filter = ("state",)
    search_fields = ("cover__order__number__iexact", "cover__buyer__email__istartswith")
    search_help_text = _("Order number or the beginning of the buyer’s e-mail")
    list_select_related = (
        "cover__order", "cover__line", "cover__buyer", "cover__seller", "decision__proposer",
    )  # fmt: skip
    ordering = ("-id",)
    readonly_fields = ("late",)
    steps = (
        Step(
            "approve", _("Restrict the cover"), approve_restriction, AUDITORS, "4.1.3",
            _("Until its end nothing new can be requested under the cover. What is open goes on."),
            offered=lambda restriction: restriction.state == "proposed",
            decides=decision_in("decision"), shows=_restriction_proposed,
        ),
        Step(
            "decline", _("Decline"), decline_restriction, AUDITORS, "4.1.3", _("The cover stays as it is."),
            offered=lambda restriction: restriction.state == "proposed",
            decides=decision_in("decision"), shows=_restriction_proposed,
        ),
        Step(
            "uphold", _("Uphold on appeal"), uphold, AUDITORS, "4.1.3", _("The restriction stands until its end."),
            offered=lambda restriction: restriction.is_appeal_undecided,
        ),
        Step(
            "lift", _("Lift on appeal"), lift, AUDITORS, "4.1.3", _("The cover is active again at once."),
            offered=lambda restriction: restriction.is_appeal_undecided,
        ),
    )  # fmt: skip

    @admin.display(description=_("came late"))
    def late(self, restriction: Restriction) -> SafeString | str:
        """Nobody has to go by it, but whoever decides reads it."""
        rows = [(each.title, display_for_value(each.at, "–"), each.text) for each in late_words(restriction)]
        return format_html_join("", "<div><b>{}</b> {}: {}</div>", rows) or "–"

    def events_about(self, thing: Any) -> QuerySet[Event]:
        return events_of(thing.subject)
