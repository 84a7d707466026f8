"""Audits at the staff desk: samples that can be drawn again, checklists with their frozen evidence, results (3.2)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import ServiceAppointment
from cases.queries import REFERENCE
from complaints.actions.audit_results import close_clean, close_with_findings, notify
from complaints.actions.audits import add_case, find, open_audit
from complaints.admin.assignment import ASSIGN
from complaints.admin.facts import fact_link
from complaints.admin.late import ShowsLate
from complaints.admin.limits import LimitRows
from complaints.checklist import is_intact
from complaints.headlines import headline_of
from complaints.models import Audit, AuditDraw, AuditItem, AuditState, ItemVerdict
from complaints.permissions import AUDITORS
from complaints.queries.assignments import history_with_assignments
from complaints.queries.audits import hashes_recorded, with_progress
from complaints.samples import differences
from sellers.models import Seller
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.staff import MasterDataAdmin, OptionalReasonForm, ReadOnlyRows, ReadOnlyStateAdmin, Step
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of

# How many of those that a sample was drawn from its page shows, the heaviest first; the file has them all.
SHOWN = 50


class OpenForm(forms.ModelForm[Audit]):
    """Whom, and why."""

    seller = forms.ModelChoiceField(
        label=gettext_lazy("Seller"), queryset=Seller.objects.order_by("pk"), to_field_name="slug",
        widget=forms.TextInput, help_text=gettext_lazy("The short name, as in the list of sellers."),
        error_messages={"invalid_choice": gettext_lazy("There is no seller of this short name.")},
    )  # fmt: skip
    cause = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For the desk: the seller reads the findings only."),
    )  # fmt: skip


class CaseForm(forms.Form):
    """Which case, by its reference."""

    case = forms.CharField(label=gettext_lazy("Case"), help_text="ZA-2026-000418")

    def clean_case(self) -> ServiceAppointment:
        """The last appointment of the case."""
        match = REFERENCE.match(self.cleaned_data["case"].strip().upper())
        key = int(match["pk"]) if match else None
        found = ServiceAppointment.objects.filter(case=key).select_related("case").order_by("-id").first()
        if found is None or match is None or found.case.reference != match[0]:
            raise forms.ValidationError(_("There is no such case."))
        return found


class FindForm(forms.Form):
    """What the line shows."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("Finding"), widget=forms.RadioSelect,
        choices=[(verdict.value, verdict.label) for verdict in ItemVerdict if verdict != ItemVerdict.OPEN],
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Of a breach the seller reads it; say what was owed and what the evidence shows."),
    )  # fmt: skip
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("When the breach took effect"), required=False,
        help_text=gettext_lazy("As 2026-03-04 09:15, in the time zone shown above. Not asked where a limit or visit of the case says it; left empty, the end of the request counts, or its receipt while it goes on."),
    )  # fmt: skip


class NotifyForm(forms.Form):
    """Nothing is asked: the findings speak for themselves."""


class CloseForm(OptionalReasonForm):
    """The result in words."""

    reason = forms.CharField(
        label=gettext_lazy("Result"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("A seller who was told of findings reads it."),
    )  # fmt: skip


def look_at_case(audit: Audit, *, case: ServiceAppointment, by: Actor, at: datetime) -> Audit:
    """Freeze one more case."""
    return add_case(audit, case, by=by, at=at)


def _is_open(audit: Audit) -> bool:
    return bool(audit.state == AuditState.OPEN)


def _is_looked_through(audit: Audit) -> bool:
    verdicts = set(audit.items.values_list("verdict", flat=True))
    return _is_open(audit) and ItemVerdict.OPEN not in verdicts


def _has_breaches(audit: Audit) -> bool:
    return audit.items.filter(verdict=ItemVerdict.BREACH).exists()


def _case_link(appointment: ServiceAppointment | None) -> SafeString | str:
    if appointment is None:
        return "–"
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:case_file", args=[appointment.case_id]), appointment.case.reference
    )


class ItemRows(ReadOnlyRows):
    model = AuditItem
    fields = readonly_fields = (
        "clause",
        "line",
        "case",
        "verdict",
        "note",
        "found_by",
        "violation",
        "evidence_is_intact",
    )
    verbose_name_plural = gettext_lazy("checklist")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        return found.select_related("audit", "appointment__case", "found_by", "violation").order_by("id")

    @admin.display(description=gettext_lazy("what is looked at"))
    def line(self, item: AuditItem) -> SafeString:
        page = reverse("admin:complaints_audititem_change", args=[item.pk])
        return format_html('<a href="{}">{}</a>', page, item.get_question_display())

    @admin.display(description=gettext_lazy("case"))
    def case(self, item: AuditItem) -> SafeString | str:
        return _case_link(item.appointment)

    @admin.display(description=gettext_lazy("as it was frozen"), boolean=True)
    def evidence_is_intact(self, item: AuditItem) -> bool:
        return is_intact(item)


class AuditLimitRows(LimitRows):
    fk_name = "audit"


@admin.register(Audit)
class AuditAdmin(ShowsLate, MasterDataAdmin):
    form = OpenForm
    list_display = (
        "__str__", "seller", "part", "draw", "state", "opened_at", "progress", "notified_at", "answered_at", "officer",
    )  # fmt: skip
    list_filter = ("state", "part", ("notified_at", admin.EmptyFieldListFilter), "draw")
    search_fields = ("seller__name__istartswith", "seller__slug__iexact", "seller__legal_name__istartswith")
    search_help_text = gettext_lazy("A-12, or the seller’s name")
    list_select_related = ("seller", "draw", "officer")
    ordering = ("-id",)
    date_hierarchy = "opened_at"
    inlines = (ItemRows, AuditLimitRows)
    readonly_fields = ("progress", "checklist_link", "late")
    steps = (
        Step(
            "add-case", gettext_lazy("Look at another case"), look_at_case, AUDITORS, "3.2",
            gettext_lazy("What the case shows now is frozen; it stays as it is when the case goes on."),
            CaseForm, lambda audit: _is_open(audit) and audit.notified_at is None,
        ),
        Step(
            "notify", gettext_lazy("Tell the seller of the findings"), notify, AUDITORS, "3.2",
            gettext_lazy("The seller reads the lines that show a breach, with your notes, and is heard as long as the rules give him."),
            NotifyForm, lambda audit: audit.notified_at is None and _is_looked_through(audit) and _has_breaches(audit),
        ),
        Step(
            "close-clean", gettext_lazy("Close without a finding"), close_clean, AUDITORS, "3.2",
            gettext_lazy("Nothing follows from the audit; a hearing that still runs ends."),
            CloseForm, lambda audit: _is_looked_through(audit) and not _has_breaches(audit),
        ),
        Step(
            "close-findings", gettext_lazy("Close with findings"), close_with_findings, AUDITORS, "3.2",
            gettext_lazy("Each finding opens a violation, or stands behind the one of the same breach. You have opened them: another auditor judges."),
            CloseForm, lambda audit: audit.notified_at is not None and _is_looked_through(audit) and _has_breaches(audit),
        ),
        ASSIGN,
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_progress(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By its own number too."""
        term = search_term.strip().upper()
        if term.startswith("A-") and term[2:].isascii() and term[2:].isdigit() and len(term) < 20:
            return queryset.filter(pk=int(term[2:])), False
        return super().get_search_results(request, queryset, search_term)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("seller", "cause")
        return (
            "seller", "part", "draw", "cause", "state", "progress", "checklist_link", "opened_at", "opened_by",
            "officer", "notified_at", "answer", "answered_at", "late", "closed_at", "closed_by", "result",
        )  # fmt: skip

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_inlines(request, obj) if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_auditor(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_thing(self, thing: Audit, by: Actor, at: datetime) -> Audit:
        return open_audit(thing.seller, cause=thing.cause, by=by, at=at)

    def events_about(self, thing: Any) -> QuerySet[Event]:
        return history_with_assignments(thing)

    def headline(self, event: Event) -> str | Promise:
        return headline_of(event)

    @admin.display(description=gettext_lazy("looked at"))
    def progress(self, audit: Any) -> str:
        words = _("%(seen)s of %(lines)s, breaches: %(breaches)s")
        return words % {"seen": audit.seen, "lines": audit.lines, "breaches": audit.breaches}

    @admin.display(description=gettext_lazy("several lines at once"))
    def checklist_link(self, audit: Audit) -> SafeString:
        page = f"{reverse('admin:complaints_audititem_changelist')}?audit__id__exact={audit.pk}"
        return format_html('<a href="{}">{}</a>', page, _("the checklist as a list"))


@admin.register(AuditItem)
class AuditItemAdmin(ReadOnlyStateAdmin):
    list_display = ("line", "audit", "clause", "question", "case", "looked_at", "verdict", "found_by")
    list_display_links = ("line",)
    list_filter = ("verdict", "question", "clause", ("audit", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("audit", "appointment__case", "found_by")
    search_fields = ("audit__seller__name__istartswith", "fact__iexact")
    ordering = ("audit_id", "id")
    fields = (
        "audit", "seller", "clause", "question", "case", "looked_at", "verdict", "note", "found_by", "found_at",
        "occurred_at", "violation", "frozen_at", "evidence_hash", "evidence_check", "frozen",
    )  # fmt: skip
    readonly_fields = ("line", "seller", "case", "looked_at", "evidence_check", "frozen")
    steps = (
        Step(
            "find", gettext_lazy("Say what it shows"), find, AUDITORS, "3.2",
            gettext_lazy("It can be said anew until the audit is closed; a new breach only before the seller was told of the findings."),
            FindForm, lambda item: item.audit.state == AuditState.OPEN,
        ),
    )  # fmt: skip

    def events_about(self, thing: Any) -> QuerySet[Event]:
        return events_of(thing.audit.subject)

    def headline(self, event: Event) -> str | Promise:
        return headline_of(event)

    @admin.display(description=gettext_lazy("line"))
    def line(self, item: AuditItem) -> str:
        return f"A-{item.audit_id}/{item.pk}"

    @admin.display(description=gettext_lazy("seller"))
    def seller(self, item: AuditItem) -> str:
        return str(item.audit.seller)

    @admin.display(description=gettext_lazy("case"))
    def case(self, item: AuditItem) -> SafeString | str:
        return _case_link(item.appointment)

    @admin.display(description=gettext_lazy("fact of the case"), ordering="fact")
    def looked_at(self, item: AuditItem) -> SafeString | str:
        return fact_link(item.fact)

    @admin.display(description=gettext_lazy("checked"))
    def evidence_check(self, item: AuditItem) -> str:
        """The evidence against its own hash, and the hash against the timeline."""
        if not is_intact(item):
            return _("The evidence is NOT as it was frozen: its hash differs.")
        if (str(item.pk), item.evidence_hash) not in hashes_recorded(item.audit):
            return _("The timeline does NOT hold this hash.")
        return _("The evidence is as it was frozen, and the timeline holds its hash.")

    @admin.display(description=gettext_lazy("evidence"))
    def frozen(self, item: AuditItem) -> SafeString:
        text = json.dumps(item.evidence, indent=2, ensure_ascii=False)
        return format_html('<pre class="evidence" tabindex="0">{}</pre>', text)


class AuditRows(ReadOnlyRows):
    model = Audit
    fields = readonly_fields = ("link", "seller", "part", "state")
    verbose_name_plural = gettext_lazy("drawn")

    @admin.display(description=gettext_lazy("audit"))
    def link(self, audit: Audit) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:complaints_audit_change", args=[audit.pk]), audit)


@admin.register(AuditDraw)
class AuditDrawAdmin(ReadOnlyStateAdmin):
    list_display = ("__str__", "random_size", "risk_size", "people", "drawn_at")
    ordering = ("-month",)
    fields = (
        "month", "seed", "random_size", "risk_size", "drawn_at", "people", "population_hash", "again", "heaviest",
    )  # fmt: skip
    readonly_fields = ("people", "again", "heaviest")
    inlines = (AuditRows,)

    def events_about(self, thing: Any) -> QuerySet[Event]:
        return events_of(thing.subject)

    def headline(self, event: Event) -> str | Promise:
        return _("The sample was drawn")

    @admin.display(description=gettext_lazy("drawn from"))
    def people(self, draw: AuditDraw) -> int:
        return len(draw.population)

    @admin.display(description=gettext_lazy("drawn again"))
    def again(self, draw: AuditDraw) -> SafeString | str:
        """The draw done anew from the kept figures and seed."""
        found = differences(draw)
        if not found:
            return _("From the kept figures and seed the same sellers are drawn.")
        return format_html_join("", "<p>{}</p>", ((line,) for line in found))

    @admin.display(description=gettext_lazy("the heaviest of them"))
    def heaviest(self, draw: AuditDraw) -> SafeString:
        rows = sorted(draw.population, key=lambda row: (-row["weight"], row["seller"]))[:SHOWN]
        sellers = Seller.objects.in_bulk([row["seller"] for row in rows])
        names = ("orders", "requests", "answers", "late", "refusals", "gaps", "complaints", "weight")
        heads = (
            _("seller"), _("orders"), _("requests"), _("limits decided"), _("missed"), _("refusals"),
            _("gaps in the service terms"), _("complaints"), _("weight"),
        )  # fmt: skip
        return format_html(
            '<div class="wide" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
            format_html_join("", '<th scope="col">{}</th>', ((head,) for head in heads)),
            format_html_join(
                "",
                '<tr><th scope="row">{}</th>{}</tr>',
                (
                    (
                        sellers.get(row["seller"], row["seller"]),
                        format_html_join("", "<td>{}</td>", ((row[name],) for name in names)),
                    )
                    for row in rows
                ),
            ),
        )


def _is_auditor(request: HttpRequest) -> bool:
    user = cast(PersonRequest, request).user
    return user.is_active and user.platform_role in AUDITORS
