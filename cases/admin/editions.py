"""Draft editions at the staff desk: administrators write them, two of them publish one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.actions.editions import change_draft, decide_draft, discard_draft, draft_edition, propose_draft
from cases.admin.told import Told
from cases.models import EditionDraft, Simulation
from cases.number_forms import DraftForm
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.rulebook.editions import UNITS, EditionNumbers
from zestech_aftersales.rulebook.numbers import number_rows
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.staff import MasterDataAdmin, ReasonForm, Step, decision_in, fields_told
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of
from zestech_aftersales.ui.instants import instant_words

SHOWN = 10
ADMINISTRATORS = (PlatformRole.ADMINISTRATOR,)
READ = (
    "title",
    "state",
    "effective_at",
    "edition",
    "drafted_by",
    "drafted_at",
    "proposer",
    "approver",
    "comparison",
    "simulated",
)


class ProposeForm(ReasonForm):
    """From which date the edition is to be in force."""

    effective_on = forms.DateField(
        label=_("In force from"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_(
            "It begins at 00:00 of this date in the draft’s own zone. The earliest date is counted from the day on "
            "which the second administrator publishes it: leave time for that."
        ),
    )
    field_order = ("effective_on", "reason")


def publish(draft: EditionDraft, *, reason: str, by: Actor, at: datetime) -> object:
    """The second administrator's yes."""
    return decide_draft(draft, approved=True, reason=reason, by=by, at=at)


def decline(draft: EditionDraft, *, reason: str, by: Actor, at: datetime) -> object:
    """The second administrator's no: back to the desk."""
    return decide_draft(draft, approved=False, reason=reason, by=by, at=at)


def propose(draft: EditionDraft, *, effective_on: date, reason: str, by: Actor, at: datetime) -> object:
    """The first administrator's proposal."""
    return propose_draft(draft, effective_on=effective_on, reason=reason, by=by, at=at)


def compared(law: EditionNumbers, in_force: EditionNumbers) -> SafeString:
    """Every number as a table, what has changed marked with what it means for the buyer."""
    rows = list(number_rows(law, in_force))
    return render_to_string("admin/_numbers.html", {"rows": rows, "changed": sum(1 for row in rows if row.sense)})


def _proposed_at(draft: EditionDraft) -> datetime:
    """When the law was in force that the draft is held against: an edition in force would hide what it changed."""
    return draft.decision.proposed_at if draft.decision else draft.drafted_at


def _edition_proposed(draft: EditionDraft) -> Iterator[str]:
    """From when it is in force, in the viewer's zone and its own, and every number that it changes."""
    [begin] = fields_told(draft, "effective_at")
    own = instant_words(draft.effective_at, zone=draft.law.zone_info) if draft.effective_at else ""
    yield f"{begin} · {own}"
    changed = [row for row in number_rows(draft.law, edition_in_force(_proposed_at(draft)).law) if row.sense]
    yield ngettext(
        "%(counter)s number differs from the edition in force.",
        "%(counter)s numbers differ from the edition in force.",
        len(changed),
    ) % {"counter": len(changed)}
    for row in changed:
        yield f"{row.label} ({row.clause}): {row.before} → {row.words}, {row.sense_words}"


@admin.register(EditionDraft)
class EditionDraftAdmin(Told, MasterDataAdmin):
    """Changed while it is a draft; then shown. Discarded drafts stay, marked."""

    form = DraftForm
    list_display = ("title", "state", "effective_at", "edition", "drafted_by", "drafted_at")
    list_filter = ("state",)
    list_select_related = ("drafted_by", "edition", "decision__proposer")
    ordering = ("-id",)
    steps = (
        Step(
            "propose", _("Propose to publish"), propose, ADMINISTRATORS, "5.2",
            _("Another administrator decides. Until then the numbers cannot be changed."),
            ProposeForm, lambda draft: draft.state == "drafted",
        ),
        Step(
            "publish", _("Publish this edition"), publish, ADMINISTRATORS, "5.2",
            _("It stands for ever. Orders placed from its date on are under it; older orders have those of its numbers that are better for the buyer."),
            offered=lambda draft: draft.state == "proposed", decides=decision_in("decision"),
            shows=_edition_proposed,
        ),
        Step(
            "decline", _("Decline"), decline, ADMINISTRATORS, "5.2",
            _("It becomes a draft again and can be changed."),
            offered=lambda draft: draft.state == "proposed", decides=decision_in("decision"),
            shows=_edition_proposed,
        ),
        Step(
            "discard", _("Discard"), discard_draft, ADMINISTRATORS, "",
            _("It is kept, marked as discarded, and can be neither changed nor published."),
            offered=lambda draft: draft.state == "drafted",
        ),
    )  # fmt: skip

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, which knows the law in force now."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.in_force = edition_in_force(cast(PersonRequest, request).received_at).law
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if not may_write:
            return list(READ)
        return ["title", *UNITS] if obj is None else ["title", "simulated", *UNITS]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [name for name in self.get_fields(request, obj) if name in READ and name != "title"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == "drafted")

    def add_thing(self, thing: Any, by: Actor, at: datetime) -> EditionDraft:
        return draft_edition(thing.title, thing.numbers, by=by, at=at)

    def change_thing(self, thing: Any, changes: dict[str, Any], by: Actor, at: datetime) -> object:
        title = changes.pop("title", None)
        return change_draft(thing, changes, title=title, by=by, at=at)

    @admin.display(description=_("numbers beside those then in force"))
    def comparison(self, draft: EditionDraft) -> SafeString:
        return compared(draft.law, edition_in_force(_proposed_at(draft)).law)

    @admin.display(description=_("proposed by"))
    def proposer(self, draft: EditionDraft) -> str:
        return str(draft.decision.proposer) if draft.decision else "–"

    @admin.display(description=_("decided by"))
    def approver(self, draft: EditionDraft) -> str:
        return str(draft.decision.approver or "–") if draft.decision else "–"

    @admin.display(description=_("simulations"))
    def simulated(self, draft: EditionDraft) -> SafeString:
        runs = [
            (
                reverse("admin:cases_simulation_change", args=[run.pk]),
                f"{run}: {run.differing} / {run.total}",
                "" if run.numbers == draft.numbers else _("with other numbers than the draft has now"),
            )
            for run in Simulation.objects.filter(draft=draft).order_by("-id")[:SHOWN]
        ]
        begin = format_html(
            '<a href="{}?draft={}">{}</a>', reverse("admin:cases_simulation_add"), draft.pk, _("Run it over past cases")
        )
        return format_html("{}{}", begin, format_html_join("", '<br><a href="{}">{}</a> {}', runs))

    def events_about(self, thing: EditionDraft) -> QuerySet[Event]:
        return events_of(thing.subject)
