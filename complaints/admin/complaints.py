"""Complaints at the staff desk: support asks for evidence, proposes, determines and reviews; precedents beside it (3.3, 4.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import display_for_value
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import ServiceCase
from complaints.acceptance import Item
from complaints.actions.determinations import Ruling, determine, review
from complaints.actions.evidence import ask_for_evidence
from complaints.actions.negotiation import propose
from complaints.actions.officers import assign_complaint
from complaints.admin.facts import links_to, with_photos
from complaints.admin.filters import OfClauseFilter
from complaints.admin.late import ShowsLate
from complaints.admin.limits import COUNTED, LimitRows, limit_link, sum_link
from complaints.admin.precedents import topics_of
from complaints.complaint_file import filed_with
from complaints.complaint_words import COMPLAINT_WORDS
from complaints.matters import DUTIES, matter_words
from complaints.models import (
    OPEN_COMPLAINTS,
    Complaint,
    ComplaintState,
    Determination,
    EvidenceRequest,
    Liability,
    Proposal,
    Topic,
)
from complaints.permissions import SUPPORT
from complaints.queries.complaints import (
    REFERENCE,
    UNDER_WAY,
    breach_stands,
    may_review,
    objection_of,
    similar_decisions,
    supporters,
)
from sellers.models import Seller
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.accounts.models import User
from zestech_aftersales.rulebook import CLAUSES, clause
from zestech_aftersales.staff import ReadOnlyRows, ReadOnlyStateAdmin, ReasonForm, Step
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of

SIMILAR = 5
# Of how many cases, sellers or buyers a search shows the complaints; one that means more is to be narrowed.
FOUND = 1000
JUDGED = (ComplaintState.ESCALATED, ComplaintState.EVIDENCE)


class HandOverForm(ReasonForm):
    """To whom, and why."""

    officer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(label=gettext_lazy("Officer"), queryset=None)
    field_order = ("officer", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officer"].queryset = supporters()  # type: ignore[attr-defined]


class EvidenceForm(forms.Form):
    """Whom to ask, and for what."""

    side = forms.ChoiceField(
        label=gettext_lazy("Asked of"),
        choices=[("seller", gettext_lazy("the seller")), ("buyer", gettext_lazy("the buyer"))],
    )
    question = forms.CharField(label=gettext_lazy("What is asked for"), widget=forms.Textarea(attrs={"rows": 4}))


class ProposalForm(forms.Form):
    """The platform's proposal."""

    text = forms.CharField(label=gettext_lazy("Proposal"), widget=forms.Textarea(attrs={"rows": 4}))


class RulingForm(ReasonForm):
    """Who is liable, by which clauses, and what it is about."""

    liability = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=Liability.choices, widget=forms.RadioSelect)
    clauses = forms.MultipleChoiceField(label=gettext_lazy("Clauses"), widget=forms.CheckboxSelectMultiple)
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("Topics"), choices=Topic.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("liability", "reason", "clauses", "topics")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clauses"].choices = [(each, f"{each} {clause(each).title}") for each in CLAUSES]  # type: ignore[attr-defined]


def take_on(complaint: Complaint, *, reason: str, by: Actor, at: datetime) -> object:
    """Look after it oneself."""
    return None if by.user is None else assign_complaint(complaint, by.user, reason=reason, by=by, at=at)


def hand_over(complaint: Complaint, *, officer: Any, reason: str, by: Actor, at: datetime) -> object:
    """Let somebody else of support look after it."""
    return assign_complaint(complaint, officer, reason=reason, by=by, at=at)


def put_proposal(complaint: Complaint, *, text: str, by: Actor, at: datetime) -> object:
    """The platform's own way to settle."""
    return propose(complaint, text, by=by, at=at)


def determine_it(complaint: Complaint, *, by: Actor, at: datetime, **ruling: Any) -> object:
    """Decide it."""
    return determine(complaint, Ruling(**ruling), by=by, at=at)


def review_it(complaint: Complaint, *, by: Actor, at: datetime, **ruling: Any) -> object:
    """Decide anew on the objection."""
    return review(complaint, Ruling(**ruling), by=by, at=at)


def _not_to_review(complaint: Complaint, person: User) -> str:
    return "" if may_review(complaint, person) else _("you decided first, so another officer reviews it.")


class ProposalRows(ReadOnlyRows):
    model = Proposal
    fields = readonly_fields = ("side", "text", "put_at", "buyer_accepted_at", "seller_accepted_at", "replaced_at")


class EvidenceRows(ReadOnlyRows):
    model = EvidenceRequest
    fields = readonly_fields = ("side", "question", "asked_at", "until", "counted", "answered_at", "words")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super().get_queryset(request).select_related("answer", "deadline").prefetch_related("answer__attachments")
        )

    @admin.display(description=gettext_lazy("until"))
    def until(self, asked: EvidenceRequest) -> str:
        return display_for_value(asked.deadline.due_at, "–")

    @admin.display(description=COUNTED)
    def counted(self, asked: EvidenceRequest) -> SafeString:
        return limit_link(asked.deadline)

    @admin.display(description=gettext_lazy("answer"))
    def words(self, asked: EvidenceRequest) -> SafeString | str:
        if asked.answer is None:
            return "–"
        return with_photos(asked.answer)


class DeterminationRows(ReadOnlyRows):
    model = Determination
    fields = readonly_fields = ("liability", "reason", "cited", "about", "decided_by", "decided_at", "reviews")

    @admin.display(description=gettext_lazy("clauses"))
    def cited(self, decision: Determination) -> str:
        return ", ".join(decision.clauses)

    @admin.display(description=gettext_lazy("topics"))
    def about(self, decision: Determination) -> str:
        return topics_of(decision)


class ComplaintLimitRows(LimitRows):
    fk_name = "complaint"


class MineFilter(admin.SimpleListFilter):
    """Whose complaints are shown."""

    title = gettext_lazy("officer")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("me", gettext_lazy("assigned to me")), ("nobody", gettext_lazy("assigned to nobody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "me":
                return queryset.filter(officer=cast(PersonRequest, request).user)
            case "nobody":
                return queryset.filter(officer=None, state__in=UNDER_WAY)
        return queryset


def _meant(words: str) -> Q:
    """The complaints about an order's number, of a seller, or of a buyer by the beginning of the e-mail."""
    cases = ServiceCase.objects.filter(cover__order__number__in={words, words.upper()})
    sellers = Seller.objects.filter(name__icontains=words).order_by("pk")
    buyers = User.objects.filter(email__istartswith=words).order_by("pk")
    found = [list(each.values_list("pk", flat=True)[:FOUND]) for each in (cases, sellers, buyers)]
    return Q(case__in=found[0]) | Q(seller__in=found[1]) | Q(buyer__in=found[2])


@admin.register(Complaint)
class ComplaintAdmin(ShowsLate, ReadOnlyStateAdmin):
    list_display = (
        "reference",
        "state",
        "seller",
        "clause",
        "filed_at",
        "negotiation_ends_at",
        "escalated_at",
        "officer",
    )
    list_filter = ("state", MineFilter, OfClauseFilter, "filed_at")
    # What a search looks at; `_meant` asks each by itself, because one question over four tables reads them whole.
    search_fields = ("case__cover__order__number__iexact", "buyer__email__istartswith", "seller__name")
    search_help_text = gettext_lazy("Reference (ZC-…), order number, seller, or the beginning of the buyer’s e-mail")
    ordering = ("-id",)
    inlines = (ProposalRows, EvidenceRows, DeterminationRows, ComplaintLimitRows)
    readonly_fields = (
        "about",
        "photos",
        "case_link",
        "pack_link",
        "test",
        "objection",
        "late",
        "violation_link",
        "similar",
        "filing_limit",
        "negotiation_limit",
    )
    fieldsets = (
        (None, {"fields": ("state", "about", "clause", "breach_at", "statement", "remedy", "photos", "case_link", "pack_link", "seller", "buyer")}),
        (gettext_lazy("Course"), {"fields": ("filed_at", "filed_by", "filing_limit", "negotiation_ends_at", "negotiation_limit", "escalated_at", "ended_at", "reason", "objection", "late", "officer", "violation_link")}),
        (gettext_lazy("Acceptance test"), {"fields": ("test",)}),
        (gettext_lazy("Similar decisions"), {"fields": ("similar",)}),
    )  # fmt: skip
    steps = (
        Step(
            "take", gettext_lazy("Take on"), take_on, SUPPORT, "3.3", offered=lambda complaint: complaint.state in UNDER_WAY,
        ),
        Step(
            "hand-over", gettext_lazy("Hand over"), hand_over, SUPPORT, "3.3", form=HandOverForm,
            offered=lambda complaint: complaint.state in UNDER_WAY,
        ),
        Step(
            "propose", gettext_lazy("Propose a settlement"), put_proposal, SUPPORT, "3.4",
            gettext_lazy("It stands beside the proposals of the two sides. If both accept it, the complaint is settled."),
            ProposalForm, lambda complaint: complaint.state in OPEN_COMPLAINTS,
        ),
        Step(
            "ask", gettext_lazy("Ask for evidence"), ask_for_evidence, SUPPORT, "3.3",
            gettext_lazy("The side has its limit to answer; nothing can be decided before. Silence is decided on file."),
            EvidenceForm, lambda complaint: complaint.state in JUDGED,
        ),
        Step(
            "determine", gettext_lazy("Determine"), determine_it, SUPPORT, "4.2",
            gettext_lazy("Both sides read the outcome, the reasons and the clauses. Where the seller is liable, auditors judge the violation. One objection can be made, by either side."),
            RulingForm, lambda complaint: complaint.state in JUDGED,
        ),
        Step(
            "review", gettext_lazy("Decide on the objection"), review_it, SUPPORT, "4.2",
            gettext_lazy("Only an officer who did not decide first. The complaint ends with this decision."),
            RulingForm, lambda complaint: complaint.state == ComplaintState.OBJECTED, _not_to_review,
        ),
    )  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        match = REFERENCE.match(search_term.strip().upper())
        if match:
            return queryset.filter(pk=int(match["pk"])), False
        return (queryset.filter(_meant(search_term.strip())) if search_term.strip() else queryset), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("case", "violation", "appointment", "seller", "officer")

    def events_about(self, thing: Complaint) -> QuerySet[Event]:
        return events_of(thing.subject)

    def headline(self, event: Event) -> Any:
        words = COMPLAINT_WORDS.get(event.kind)
        return event.kind if words is None else words.headline

    @admin.display(description=gettext_lazy("complained of"))
    def about(self, complaint: Complaint) -> str:
        """What it is, and whether the case shows it still: an answer proven in time takes a missed limit back."""
        words = matter_words(complaint.breach)
        if not complaint.breach or complaint.state not in OPEN_COMPLAINTS or breach_stands(complaint):
            return words
        return _("%(breach)s – the case shows this breach no longer.") % {"breach": words}

    @admin.display(description=gettext_lazy("case"))
    def case_link(self, complaint: Complaint) -> SafeString:
        url = reverse("admin:cases_servicecase_change", args=[complaint.case_id])
        return format_html('<a href="{}">{}</a>', url, complaint.case)

    @admin.display(description=gettext_lazy("evidence"))
    def pack_link(self, complaint: Complaint) -> SafeString:
        url = reverse("admin:complaint_pack", args=[complaint.pk])
        return format_html('<a href="{}">{}</a>', url, _("PDF and evidence"))

    @admin.display(description=gettext_lazy("time to complain"))
    def filing_limit(self, complaint: Complaint) -> SafeString | str:
        """Until when it could be filed; none where the test has not kept that."""
        if complaint.file_until is None:
            return "–"
        return sum_link(reverse("portal:complaint_limit", args=[complaint.reference, "filing"]))

    @admin.display(description=gettext_lazy("time to negotiate"))
    def negotiation_limit(self, complaint: Complaint) -> SafeString | str:
        """From when on it could be escalated; none where it was not taken up."""
        if complaint.negotiation_ends_at is None:
            return "–"
        return sum_link(reverse("portal:complaint_limit", args=[complaint.reference, "negotiation"]))

    @admin.display(description=gettext_lazy("violation and losses"))
    def violation_link(self, complaint: Complaint) -> SafeString | str:
        """The violation that it founds, and the losses claimed on that."""
        violation = complaint.violation
        return "–" if violation is None else links_to([violation, *violation.loss_claims.order_by("pk")])

    @admin.display(description=gettext_lazy("items"))
    def test(self, complaint: Complaint) -> SafeString:
        items = [Item.from_json(kept) for kept in complaint.acceptance]
        told = [(_("holds") if item.passed else _("fails"), item.title, item.reason, item.pointer) for item in items]
        return format_html_join("", "<div><b>{}</b> {}: {} {}</div>", told)

    @admin.display(description=gettext_lazy("objection"))
    def objection(self, complaint: Complaint) -> SafeString | str:
        told = objection_of(complaint)
        if told is None:
            return "–"
        return format_html("{} — {} ({})", told.text, with_photos(told.evidence), told.side)

    @admin.display(description=gettext_lazy("filed with"))
    def photos(self, complaint: Complaint) -> SafeString | str:
        message = filed_with(events_of(complaint.subject))
        return "–" if message is None else with_photos(message)

    @admin.display(description=gettext_lazy("the latest on the same clause"))
    def similar(self, complaint: Complaint) -> SafeString | str:
        found = similar_decisions(complaint, most=SIMILAR)
        if not found or complaint.clause not in DUTIES:
            return "–"
        rows = [
            (reverse("admin:complaints_determination_change", args=[each.pk]), each, each.reason[:200])
            for each in found
        ]
        return format_html_join("", '<div><a href="{}">{}</a>: {}</div>', rows)
