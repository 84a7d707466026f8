"""Clearances at the staff desk: what one would do is shown before, two people sign, nothing is deleted (3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, DateTimeField, QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.actions.clearances import (
    answer_outcome,
    approve_clearance,
    decline_clearance,
    propose_clearance,
    propose_outcome,
)
from complaints.admin.facts import fact_link
from complaints.admin.limits import sum_link
from complaints.models import STANDING_CLEARANCES, Clearance, ClearanceState, ReviewOutcome, Violation
from complaints.notices.clearances import CLEARANCE_WORDS
from complaints.permissions import AUDITORS
from complaints.queries.clearances import (
    citable_violations,
    clearable_enrolments,
    cleared_sellers,
    foreseen,
    may_review,
    run_off,
    who_may_sign,
)
from complaints.words import record_words
from sellers.models import Enrolment
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.accounts.models import PlatformRole, User
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.staff import (
    ReadOnlyStateAdmin,
    ReasonForm,
    Step,
    decision_in,
    fields_told,
    key_of,
    staff_actor,
    told,
)
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of
from zestech_aftersales.timeline.record import earlier
from zestech_aftersales.ui.instants import instant_words

CLAUSE = "3.2"
APPROVING = gettext_lazy(
    "At once: the enrolment is cleared, its marks end, the bar begins and pending applications under it are turned"
    " down. Covers, clocks and open appointments go on unchanged; the seller stays liable for them (4.3)."
)


class ProposalForm(ReasonForm):
    """Which violations it rests on, and why."""

    violations = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Violations it rests on"),
        queryset=Violation.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Cite at least one violation.")},
    )
    field_order = ("violations", "reason")

    def __init__(self, enrolment: Enrolment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = cast("forms.ModelMultipleChoiceField[Violation]", self.fields["violations"])
        chosen.queryset = citable_violations(enrolment)
        # Django takes the words of a choice from this attribute of the field.
        chosen.label_from_instance = _violation_words  # type: ignore[assignment,method-assign]


class OutcomeForm(ReasonForm):
    """How the review is to end."""

    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=ReviewOutcome.choices, widget=forms.RadioSelect)
    field_order = ("outcome", "reason")


def _violation_words(violation: Violation) -> str:
    told = (violation.clause, violation.get_kind_display(), violation.get_state_display(), record_words(violation))
    return f"{violation}: {', '.join(str(part) for part in told if part)}"


def agree(clearance: Clearance, *, reason: str, by: Actor, at: datetime) -> object:
    """The other auditor's yes to the outcome of the review."""
    return answer_outcome(clearance, agreed=True, reason=reason, by=by, at=at)


def disagree(clearance: Clearance, *, reason: str, by: Actor, at: datetime) -> object:
    """The other auditor's no."""
    return answer_outcome(clearance, agreed=False, reason=reason, by=by, at=at)


def _cited(clearance: Clearance) -> Iterator[str]:
    """The violations that it rests on, each with its state now and what was found."""
    for each in clearance.violations.order_by("pk"):
        yield format_html("{} {}", _violation_words(each), each.finding or fact_link(each.breach))


def _clearance_proposed(clearance: Any) -> list[str]:
    does = what_follows(clearance, clearance.seen_at, auditor=clearance.seen_by_auditor)
    return [*fields_told(clearance, "seller"), *_cited(clearance), *does]


def _outcome_proposed(clearance: Clearance) -> list[str]:
    return [*fields_told(clearance, "review_outcome", "seller"), *_cited(clearance)]


def _is_proposed(clearance: Any) -> bool:
    return bool(clearance.state == ClearanceState.PROPOSED)


def _awaits_outcome(clearance: Any) -> bool:
    return clearance.state == ClearanceState.UNDER_REVIEW and not clearance.review_outcome


def _awaits_answer(clearance: Any) -> bool:
    return clearance.state == ClearanceState.UNDER_REVIEW and bool(clearance.review_outcome)


@admin.register(Clearance)
class ClearanceAdmin(ReadOnlyStateAdmin):
    change_list_template = "admin/clearances.html"
    list_display = ("__str__", "seller", "state", "proposed_at", "proposed_by", "cleared_at", "decided_by")
    list_filter = ("state",)
    search_fields = ("seller__name", "seller__legal_name")
    list_select_related = ("seller", "decision__proposer", "decision__approver", "review_decision__proposer")
    ordering = ("-id",)
    fields = (
        "seller", "enrolment", "state", "cited", "reason", "proposed_at", "proposed_by", "decided_by", "answer",
        "waits_for", "what_it_does", "cleared_at", "bar_limit", "review_since", "in_review", "lifted_at", "lifted_because",
    )  # fmt: skip
    readonly_fields = (
        "cited",
        "proposed_by",
        "decided_by",
        "answer",
        "waits_for",
        "what_it_does",
        "bar_limit",
        "in_review",
    )
    steps = (
        Step(
            "approve", gettext_lazy("Approve and clear"), approve_clearance, AUDITORS, CLAUSE, APPROVING,
            offered=_is_proposed, decides=decision_in("decision"), shows=_clearance_proposed,
        ),
        Step(
            "decline", gettext_lazy("Decline"), decline_clearance, AUDITORS, CLAUSE,
            gettext_lazy("The seller stays as it is. It can be proposed again."), offered=_is_proposed,
            decides=decision_in("decision"), shows=_clearance_proposed,
        ),
        Step(
            "outcome", gettext_lazy("Propose the outcome of the review"), propose_outcome, AUDITORS, CLAUSE,
            gettext_lazy("Nothing changes before the other auditor agrees."), OutcomeForm, _awaits_outcome,
        ),
        Step(
            "agree", gettext_lazy("Agree to the outcome"), agree, AUDITORS, CLAUSE,
            gettext_lazy("Lifted: clearance and bar are as if they had never been. It stands: nothing changes."),
            offered=_awaits_answer, decides=decision_in("review_decision"), shows=_outcome_proposed,
        ),
        Step(
            "disagree", gettext_lazy("Disagree"), disagree, AUDITORS, CLAUSE,
            gettext_lazy("The review goes on; another outcome can be proposed."), offered=_awaits_answer,
            decides=decision_in("review_decision"), shows=_outcome_proposed,
        ),
    )  # fmt: skip

    def events_about(self, thing: Clearance) -> QuerySet[Event]:
        return events_of(thing.subject)

    def headline(self, event: Event) -> Any:
        words = CLEARANCE_WORDS.get(event.kind)
        return event.kind if words is None else words.headline

    def get_urls(self) -> list[URLPattern]:
        pages = self.admin_site.admin_view
        return [
            path("propose/", pages(self.choose_view), name="complaints_clearance_choose"),
            path("propose/<int:enrolment_id>/", pages(self.propose_view), name="complaints_clearance_propose"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the instant and the eyes that look: only auditors are told what affiliates lose."""
        asked = cast(PersonRequest, request)
        found: QuerySet[Any] = super().get_queryset(request)
        looked_at: QuerySet[Any] = found.annotate(
            seen_at=Value(asked.received_at, DateTimeField()),
            seen_by_auditor=Value(asked.user.platform_role in AUDITORS, BooleanField()),
        )
        return looked_at

    def choose_view(self, request: HttpRequest) -> HttpResponse:
        """The sellers that could be cleared: each with its standing violations."""
        self._auditors_only(request)
        rows = [
            {"enrolment": each, "violations": citable_violations(each).count(),
             "url": reverse("admin:complaints_clearance_propose", args=[each.pk])}
            for each in clearable_enrolments()
        ]  # fmt: skip
        context = {**self.admin_site.each_context(request), "title": _("Propose a clearance"), "opts": self.opts}
        return TemplateResponse(request, "admin/clearance_choose.html", {**context, "rows": rows})

    def propose_view(self, request: HttpRequest, enrolment_id: int) -> HttpResponse:
        """Which violations, why, and what would follow; nothing changes before a second auditor approves."""
        self._auditors_only(request)
        by = staff_actor(request).with_key(key_of(request))
        if request.method == "POST" and (sent := earlier(by)) and sent.kind == "clearance.proposed":
            # The same form, sent twice: it is done.
            return HttpResponseRedirect(_page_of(int(sent.subject.partition("/")[2])))
        enrolment = next((each for each in clearable_enrolments() if each.pk == enrolment_id), None)
        if enrolment is None:
            messages.error(request, _("This seller cannot be cleared now."))
            return HttpResponseRedirect(reverse("admin:complaints_clearance_choose"))
        at = cast(PersonRequest, request).received_at
        form = ProposalForm(enrolment, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                clearance = propose_clearance(enrolment, by=by, at=at, **form.cleaned_data)
            except RuleBroken as broken:
                messages.error(request, told(broken))
            else:
                messages.success(request, _("Proposed. Another auditor has to approve it."))
                return HttpResponseRedirect(_page_of(clearance.pk))
        sketch = Clearance(seller=enrolment.seller, enrolment=enrolment)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Propose to clear %(seller)s") % {"seller": enrolment.seller},
            "opts": self.opts,
            "form": form,
            "key": by.key,
            "does": what_follows(sketch, at, auditor=True),
            "back": reverse("admin:complaints_clearance_choose"),
        }
        return TemplateResponse(request, "admin/clearance_propose.html", context)

    def _auditors_only(self, request: HttpRequest) -> None:
        if cast(PersonRequest, request).user.platform_role not in AUDITORS:
            raise PermissionDenied

    def steps_for(self, request: HttpRequest, thing: Any) -> list[Step]:
        """Only what this very person may take: nobody is led to a refusal."""
        person = cast(PersonRequest, request).user
        return super().steps_for(request, thing) if person in who_may_sign(thing) else []

    def step_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """The same person twice is refused before anything is asked."""
        chosen = self.get_queryset(request).filter(
            pk__in=[key for key in request.GET.getlist("thing") if key.isdigit()]
        )
        person = cast(PersonRequest, request).user
        if name in {step.name for step in self.steps} and any(not _may_take(person, each) for each in chosen):
            raise PermissionDenied(
                _("Another auditor has to decide: you took the step before, or are none of the two.")
            )
        return super().step_view(request, name)

    @admin.display(description=gettext_lazy("violations"))
    def cited(self, clearance: Clearance) -> str:
        return format_html_join("", "<div>{}</div>", ((line,) for line in _cited(clearance)))

    @admin.display(description=gettext_lazy("proposed by"), ordering="decision__proposer__email")
    def proposed_by(self, clearance: Clearance) -> Any:
        return clearance.decision.proposer

    @admin.display(description=gettext_lazy("decided by"))
    def decided_by(self, clearance: Clearance) -> Any:
        return clearance.decision.approver or "-"

    @admin.display(description=gettext_lazy("reasons of the second auditor"))
    def answer(self, clearance: Clearance) -> str:
        return clearance.decision.answer or "-"

    @admin.display(description=gettext_lazy("who may sign"))
    def waits_for(self, clearance: Clearance) -> str:
        if clearance.state not in (ClearanceState.PROPOSED, ClearanceState.UNDER_REVIEW):
            return "-"
        return ", ".join(str(person) for person in who_may_sign(clearance)) or _("nobody: another auditor is needed")

    @admin.display(description=gettext_lazy("review"))
    def in_review(self, clearance: Clearance) -> str:
        decision = clearance.review_decision
        if decision is None:
            return "-"
        outcome = clearance.get_review_outcome_display() or decision.get_state_display()
        return f"{outcome}: {decision.proposer}, {decision.reason}"

    @admin.display(description=gettext_lazy("what it does"))
    def what_it_does(self, clearance: Any) -> str:
        lines = what_follows(clearance, clearance.seen_at, auditor=clearance.seen_by_auditor)
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines))

    @admin.display(description=gettext_lazy("bar"))
    def bar_limit(self, clearance: Clearance) -> SafeString | str:
        """The way to the sum of its end; none where the clearance does not stand."""
        if clearance.pk is None or clearance.state not in STANDING_CLEARANCES:
            return "–"
        return sum_link(reverse("portal:bar_limit", args=[clearance.pk]))


def _page_of(pk: int) -> str:
    return reverse("admin:complaints_clearance_change", args=[pk])


def _may_take(person: User, clearance: Clearance) -> bool:
    if clearance.state == ClearanceState.UNDER_REVIEW:
        return may_review(clearance, person)
    return person.platform_role != PlatformRole.AUDITOR or person.pk != clearance.decision.proposer_id


def what_follows(clearance: Clearance, at: datetime, *, auditor: bool) -> list[str]:
    """What a clearance would do, or has done, in sentences."""
    if clearance.pk is None or clearance.state == ClearanceState.PROPOSED:
        would = foreseen(clearance, at)
        owed, lines = would.run_off, [
            _("Cleared at once: %(names)s.") % {"names": ", ".join(str(each.seller) for each in would.enrolments)},
            _("Marks that end at once: %(count)d.") % {"count": would.marks},
            _("Bar, if approved today: up to and including %(end)s.") % {"end": instant_words(would.bar_ends_at)},
        ]  # fmt: skip
        if auditor:
            names = ", ".join(str(each.seller) for each in would.applications) or "-"
            lines.append(_("Pending applications turned down, of affiliates too: %(names)s.") % {"names": names})
    elif clearance.state == ClearanceState.DECLINED:
        return [_("Nothing: it was declined.")]
    else:
        sellers = cleared_sellers(clearance)
        owed, lines = run_off({each.pk for each in sellers}, at), [
            _("Cleared: %(names)s.") % {"names": ", ".join(str(each) for each in sellers)}
        ]  # fmt: skip
        if clearance.enrolment.bar_ends_at is not None:
            end = instant_words(clearance.enrolment.bar_ends_at)
            lines.append(_("Bar: up to and including %(end)s.") % {"end": end})
    until = instant_words(owed.last_until) if owed.last_until else "-"
    return [
        *lines,
        _("Covers that run off unchanged: %(covers)d, the last one until %(until)s. Open appointments: %(open)d.")
        % {"covers": owed.covers, "until": until, "open": owed.open_appointments},
    ]
