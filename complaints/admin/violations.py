"""Violations at the staff desk: auditors hear the seller, judge what they did not open, decide appeals as a third (3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.queries import REFERENCE
from complaints.actions.hearings import notify
from complaints.actions.judging import confirm, dismiss, overturn, uphold
from complaints.admin.assignment import ASSIGN
from complaints.admin.facts import fact_link, links_to
from complaints.admin.filters import AuditorFilter, OfClauseFilter
from complaints.admin.late import ShowsLate
from complaints.admin.limits import LimitRows
from complaints.admin.losses import CLAIM_A_LOSS
from complaints.headlines import headline_of
from complaints.models import (
    BY_FACT,
    OPEN_VIOLATIONS,
    DismissalCode,
    JudgementDeadline,
    Violation,
    ViolationState,
)
from complaints.permissions import AUDITORS
from complaints.queries.assignments import history_with_assignments
from complaints.queries.violations import limit_of, may_decide_appeal, may_judge
from complaints.words import finding_of, record_words
from zestech_aftersales.accounts.models import User
from zestech_aftersales.staff import ReadOnlyStateAdmin, ReasonForm, Step
from zestech_aftersales.timeline.models import Event

State = ViolationState


class NotifyForm(forms.Form):
    """What the seller reads as the finding; for several at once usually empty."""

    finding = forms.CharField(
        label=gettext_lazy("Finding"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The seller reads it. Empty: as it was found."),
    )  # fmt: skip


class DismissForm(ReasonForm):
    """On what it failed, and the reasons."""

    code = forms.ChoiceField(
        label=gettext_lazy("It counts no longer because"),
        choices=[(code.value, code.label) for code in DismissalCode if code not in BY_FACT],
    )


def _not_to_judge(violation: Violation, person: User) -> str:
    return "" if may_judge(violation, person) else _("you opened or found it, so another auditor judges.")


def _not_to_decide(violation: Violation, person: User) -> str:
    return (
        "" if may_decide_appeal(violation, person) else _("you opened, found or judged it, so a third person decides.")
    )


class ViolationLimitRows(LimitRows):
    fk_name = "violation"


class CuredFilter(admin.SimpleListFilter):
    """Whether the service went on after all."""

    title = gettext_lazy("late, cured")
    parameter_name = "cured"

    def lookups(self, _request: HttpRequest, _shown: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("cured")), ("no", gettext_lazy("not cured"))]

    def queryset(self, _request: HttpRequest, found: QuerySet[Any]) -> QuerySet[Any]:
        return found if self.value() is None else found.filter(cured_at__isnull=self.value() == "no")


@admin.register(Violation)
class ViolationAdmin(ShowsLate, ReadOnlyStateAdmin):
    list_display = (
        "__str__", "seller", "kind", "clause", "state", "on_record", "occurred_at", "runs_until", "answered_at", "who_may_decide",
        "officer",
    )  # fmt: skip
    list_filter = ("state", "kind", OfClauseFilter, CuredFilter, "occurred_at", AuditorFilter)
    search_fields = ("seller__name__istartswith", "seller__slug__iexact", "breach__iexact")
    search_help_text = gettext_lazy("V-12, the seller’s name, or the reference of a case")
    list_select_related = ("seller", "opened_by", "judged_by", "officer", "appointment__case")
    ordering = ("-id",)
    inlines = (ViolationLimitRows,)
    fields = (
        "seller", "case", "kind", "clause", "fact", "found", "founded_by", "carries", "state", "who_may_decide", "occurred_at", "cured_at",
        "opened_at", "opened_by", "officer", "notified_at", "answer", "answered_at", "judged_by", "judged_at", "reason",
        "dismissal", "appeal", "appealed_at", "appeal_decided_by", "appeal_decided_at", "appeal_reason", "late",
    )  # fmt: skip
    readonly_fields = ("case", "fact", "found", "founded_by", "carries", "who_may_decide", "runs_until", "late")
    steps = (
        Step(
            "notify", gettext_lazy("Notify the seller"), notify, AUDITORS, "3.2",
            gettext_lazy("The seller is heard as long as the rules give him. Nothing is decided before he has answered or the time is over."),
            NotifyForm, lambda violation: violation.state == State.CANDIDATE,
        ),
        Step(
            "confirm", gettext_lazy("Confirm"), confirm, AUDITORS, "3.2",
            gettext_lazy("The breach is on the record; clearance and losses may rest on it. The seller can appeal as long as the rules give him. Whoever opened it cannot confirm it."),
            offered=lambda violation: violation.state == State.NOTIFIED, withheld=_not_to_judge,
        ),
        Step(
            "dismiss", gettext_lazy("Dismiss"), dismiss, AUDITORS, "3.2",
            gettext_lazy("It counts no longer, and nothing follows from it. Whoever opened it cannot dismiss it."),
            DismissForm, lambda violation: violation.state in OPEN_VIOLATIONS, _not_to_judge,
        ),
        Step(
            "uphold", gettext_lazy("Uphold on appeal"), uphold, AUDITORS, "3.2",
            gettext_lazy("The confirmation stands for good. Only a third person decides an appeal."),
            offered=lambda violation: violation.state == State.APPEALED, withheld=_not_to_decide,
        ),
        Step(
            "overturn", gettext_lazy("Overturn on appeal"), overturn, AUDITORS, "3.2",
            gettext_lazy("The violation counts as if it had never been: a clearance without another ground is lifted, and loss claims are withdrawn. Only a third person decides an appeal."),
            offered=lambda violation: violation.state == State.APPEALED, withheld=_not_to_decide,
        ),
        CLAIM_A_LOSS,
        ASSIGN,
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        running = JudgementDeadline.objects.filter(state="running")
        return super().get_queryset(request).prefetch_related(Prefetch("deadlines", running, to_attr="running"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By its own number or its case's reference too."""
        term = search_term.strip().upper()
        if term.startswith("V-") and term[2:].isascii() and term[2:].isdigit() and len(term) < 20:
            return queryset.filter(pk=int(term[2:])), False
        if match := REFERENCE.match(term):
            return queryset.filter(Q(appointment__case=int(match["pk"]))), False
        return super().get_search_results(request, queryset, search_term)

    def events_about(self, thing: Any) -> QuerySet[Event]:
        return history_with_assignments(thing)

    def headline(self, event: Event) -> str | Promise:
        return headline_of(event)

    @admin.display(description=gettext_lazy("breach"), ordering="breach")
    def fact(self, violation: Violation) -> SafeString | str:
        return fact_link(violation.breach)

    @admin.display(description=gettext_lazy("case"))
    def case(self, violation: Violation) -> SafeString | str:
        if violation.appointment is None:
            return "–"
        case = violation.appointment.case
        return format_html('<a href="{}">{}</a>', reverse("admin:cases_servicecase_change", args=[case.pk]), case)

    @admin.display(description=gettext_lazy("finding"))
    def found(self, violation: Violation) -> str:
        return finding_of(violation, limit_of(violation))

    @admin.display(description=gettext_lazy("complaints and audits behind it"))
    def founded_by(self, violation: Violation) -> SafeString | str:
        """The complaints whose decision rests on it, and the lines of audits that found it."""
        return links_to([*violation.complaints.order_by("pk"), *violation.audit_items.order_by("pk")])

    @admin.display(description=gettext_lazy("what rests on it"))
    def carries(self, violation: Violation) -> SafeString | str:
        """The losses claimed on it, and the clearances that cite it."""
        return links_to([*violation.loss_claims.order_by("pk"), *violation.clearances.order_by("pk")])

    @admin.display(description=gettext_lazy("on the record as"))
    def on_record(self, violation: Violation) -> str:
        return record_words(violation) or "–"

    @admin.display(description=gettext_lazy("runs until"))
    def runs_until(self, violation: Violation) -> datetime | None:
        return min((limit.due_at for limit in violation.running if limit.due_at), default=None)  # type: ignore[attr-defined]  # prefetched

    @admin.display(description=gettext_lazy("who may decide"))
    def who_may_decide(self, violation: Violation) -> str:
        """Four eyes, said before anybody tries."""
        if violation.state in OPEN_VIOLATIONS:
            if violation.opened_by is None:
                return _("found by the system: any auditor decides")
            return _("opened by %(person)s: another auditor decides") % {"person": violation.opened_by}
        if violation.state in (State.CONFIRMED, State.APPEALED):
            people = [person for person in (violation.opened_by, violation.judged_by) if person is not None]
            told = ", ".join(str(person) for person in dict.fromkeys(people))
            return _("opened or judged by %(people)s: a third auditor decides an appeal") % {"people": told}
        return "–"
