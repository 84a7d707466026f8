"""The pages of complaints, for whichever channel includes them: list, complaint, its steps, and filing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.models import DeadlineState
from cases.queries import case_by_reference
from complaints.actions.filing import file_complaint
from complaints.breaches import SELLERS_CLOCKS
from complaints.complaint_file import ComplaintFile, complaint_file, side_seen_by
from complaints.models import ComplaintState
from complaints.queries.clocks import clocks_of_buyer, clocks_of_seller
from complaints.queries.complaints import (
    UNDER_WAY,
    complaint_by_reference,
    complaints_for,
    complaints_found,
    complaints_of,
)
from complaints.queries.filing import Trial, matters_of, next_limit, told_matter, trial_of
from complaints.queries.late import late_messages
from complaints.sums import sum_of_trial
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.pages.complaint_forms import ComplainForm, ComplaintForm
from zestech_aftersales.pages.complaint_steps import COMPLAINT_STEPS
from zestech_aftersales.pages.judged_limits import complaint_limit, judged_limit
from zestech_aftersales.pages.kept import is_kept_late
from zestech_aftersales.ui.keyed import KeyedForm, attempt
from zestech_aftersales.ui.keyset import keyset_page

if TYPE_CHECKING:
    from cases.case_file import CaseFile
    from cases.models import ServiceCase
    from cases.threads import Entry
    from complaints.models import Complaint, EvidenceRequest, JudgementDeadline

# What the buyer tells himself, in the address of the form.
TOLD = "told"
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "open": (gettext_lazy("Under way"), Q(state__in=UNDER_WAY)),
    "settled": (gettext_lazy("Settled"), Q(state=ComplaintState.SETTLED)),
    "decided": (gettext_lazy("Decided"), Q(determinations__isnull=False)),
}


def _told(view: Callable[..., HttpResponse], pages: ComplaintPages) -> Callable[..., HttpResponse]:
    """A page of a channel for those who are logged in, only to be read."""
    return login_required(require_safe(partial(view, pages)))


@dataclass(frozen=True, slots=True)
class ComplaintPages:
    """The complaint pages of one channel: its URL namespace, and who acts in it."""

    namespace: str
    actor: Callable[[PersonRequest, str], Actor]

    def urls(self, below: str = "", *, limits: str = "complaints/limits/") -> list[URLPattern]:
        """The addresses of complaints, and below `limits` of the sums of the judgement, for the channel to include."""
        return [
            # Before the steps of a complaint, whose address it would fit as well.
            path(f"{limits}<int:pk>/", _told(judged_limit, self), name="judged_limit"),
            path(
                f"{below}complaints/<str:reference>/limits/<slug:name>/",
                _told(complaint_limit, self),
                name="complaint_limit",
            ),
            path(f"{below}complaints/", login_required(self.index), name="complaints"),
            path(f"{below}complaints/<str:reference>/", login_required(self.page), name="complaint"),
            path(f"{below}complaints/<str:reference>/<slug:name>/", login_required(self.step), name="complaint_step"),
        ]

    def index(self, request: HttpRequest) -> HttpResponse:
        """The complaints, newest first, with where each stands."""
        by = self.actor(cast(PersonRequest, request), "")
        found = complaints_for(by)
        words, view = request.GET.get("q", "").strip(), request.GET.get("view", "")
        if view in VIEWS:
            found = found.filter(VIEWS[view][1]).distinct()
        if words:
            found = complaints_found(found, words)
        page = keyset_page(request, found)
        context = {
            "page": page,
            "rows": _with_limits(page.things, by),
            "pages": self,
            "words": words,
            "view": view,
            "views": [(name, label) for name, (label, _wanted) in VIEWS.items()],
        }
        return render(request, "complaint/list.html", context)

    def page(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The complaint: where it stands, its limits, the proposals side by side, what one can do, the history."""
        file, _by = self._file(request, reference)
        return render(request, "complaint/page.html", {"file": file, "pages": self, "back": self._case(file.complaint)})

    def step(self, request: HttpRequest, reference: str, name: str) -> HttpResponse:
        """One step: shown with what it means first, taken on POST."""
        step = COMPLAINT_STEPS.get(name)
        file, by = self._file(request, reference)
        if step is None:
            raise Http404
        known = self._known(request, file, name)
        if request.method != "POST" and known is None:
            return redirect(self._address(file))
        form = step.form(request.POST or None, request.FILES or None, file=file, initial=known)
        if request.method == "POST" and form.is_valid():
            actor, at = by.with_key(form.cleaned_data["key"]), cast(PersonRequest, request).received_at
            if attempt(form, lambda: step.take(file, form, actor, at)) is not None:
                messages.success(request, str(step.done))
                return redirect(self._address(file))
            if is_kept_late(request, form):
                return redirect(self._address(file))
            # A refusal may have been committed with an expiry: show the complaint as it stands now.
            file, _by = self._file(request, reference)
            form = self._renewed(form, file)
        context = {
            "step": step, "form": form, "file": file, "pages": self, "refusal": form.refusal,
            "read": _read(form, file), "asked": _asked(form, file), "back": self._address(file),
        }  # fmt: skip
        return render(request, "complaint/step.html", context, status=form.status)

    def _file(self, request: HttpRequest, reference: str) -> tuple[ComplaintFile, Actor]:
        timed = cast(PersonRequest, request)
        by = self.actor(timed, "")
        complaint = complaint_by_reference(reference, by)
        return complaint_file(complaint, side_seen_by(complaint, by), at=timed.received_at), by

    def _known(self, request: HttpRequest, file: ComplaintFile, name: str) -> dict[str, Any] | None:
        """What the form knows from the start; None when the step cannot be taken now."""
        if name == "accept":
            shown = {each.side: each for each in file.proposals if each.can_accept}
            chosen = shown.get(request.GET.get("of", ""))
            return {"of": chosen.side, "text_hash": chosen.proposal.text_hash} if chosen and chosen.proposal else None
        asked = request.GET.get("request", "")
        open_now = [each for each in file.doings if each.step == name and each.after is None]
        doing = next((each for each in open_now if str(each.pk) == asked), next(iter(open_now), None))
        return None if doing is None else {"request": doing.pk} if doing.pk else {}

    def _renewed(self, form: ComplaintForm, file: ComplaintFile) -> ComplaintForm:
        """After a changed proposal the form carries the hash of the text that is shown now."""
        if form.refusal is None or form.refusal.code != "proposal_changed":
            return form
        told = {"of": form.cleaned_data["of"], "text_hash": form.refusal.context["text_hash"]}
        fresh = type(form)(None, file=file, initial=told)
        fresh.refusal = form.refusal
        return fresh

    def _address(self, file: ComplaintFile) -> str:
        return reverse(f"{self.namespace}:complaint", args=[file.complaint.reference])

    def _case(self, complaint: Complaint) -> str:
        return reverse(f"{self.namespace}:case", args=[complaint.case.reference])


@dataclass(frozen=True, slots=True)
class FilingPage:
    """Where a buyer complains of something in a case."""

    actor: Callable[[PersonRequest, str], Actor]

    def __call__(self, request: HttpRequest, reference: str) -> HttpResponse:
        """First what can be complained of and from when on, then the form with what the test would say."""
        timed = cast(PersonRequest, request)
        by, at = self.actor(timed, ""), timed.received_at
        case = case_by_reference(reference, by)
        if case.merged_into is not None and request.method != "POST":
            return redirect("portal:complain", case.merged_into.reference)
        trials = [trial_of(case, matter, at=at) for matter in matters_of(case, at=at)]
        chosen = request.GET.get("breach", "")
        trial = next((each for each in trials if each.matter.key == chosen), None)
        # A fact that is gone since keeps its form: the action says so, and nothing typed is lost.
        if trial is None and chosen != TOLD and request.method != "POST":
            context = {
                "case": case,
                "trials": trials,
                "next_limit": next_limit(case),
                "complaints": complaints_of(case, by),
            }
            return render(request, "complaint/choose.html", context)
        form = ComplainForm(request.POST or None, request.FILES or None, key="" if chosen == TOLD else chosen)
        if request.method == "POST" and form.is_valid():
            if "check" in request.POST:
                trial = _checked(case, form, at) or trial
            else:
                sender = by.with_key(form.cleaned_data["key"])
                filed = attempt(form, lambda: file_complaint(case, form.terms, by=sender, at=at))
                if filed is not None:
                    self._tell(request, filed)
                    return redirect("portal:complaint", filed.reference)
        sum_ = sum_of_trial(case, trial, at=at) if trial is not None else None
        context = {
            "case": case, "form": form, "trial": trial, "sum": sum_, "refusal": form.refusal, "is_told": chosen == TOLD,
        }  # fmt: skip
        return render(request, "complaint/file.html", context, status=form.status)

    def _tell(self, request: HttpRequest, filed: Complaint) -> None:
        if filed.state == ComplaintState.REJECTED:
            messages.warning(request, _("The complaint was not accepted. Below is why, and where you can go."))
        else:
            messages.success(request, _("Your complaint is taken up. You and the seller now try to settle it."))


def _checked(case: ServiceCase, form: ComplainForm, at: datetime) -> Trial | None:
    """What the test would say of what the buyer tells; None, with a word at the field, for an instant to come."""
    typed = form.cleaned_data
    if form.breach:
        return None
    if typed["breach_at"] > at:
        form.add_error("breach_at", _("Choose an instant that has passed."))
        return None
    return trial_of(case, told_matter(case, typed["clause"], typed["breach_at"]), at=at)


def _with_limits(complaints: list[Complaint], by: Actor) -> list[tuple[Complaint, JudgementDeadline | None]]:
    """Each complaint with the next limit under which this side can do something: one query more."""
    mine = clocks_of_buyer(by) if by.seller_id is None else clocks_of_seller(by)
    running: dict[int, JudgementDeadline] = {}
    for limit in mine.filter(Q(complaint__in=complaints) | Q(evidence_request__complaint__in=complaints)):
        about = limit.complaint or (limit.evidence_request and limit.evidence_request.complaint)
        if about is not None:
            running.setdefault(about.pk, limit)
    return [(complaint, running.get(complaint.pk)) for complaint in complaints]


def _asked(form: KeyedForm, file: ComplaintFile) -> EvidenceRequest | None:
    """The request for evidence that the form answers; None for every other step."""
    key = form["request"].value() if "request" in form.fields else None
    return next((each for each in file.requests if str(each.pk) == str(key) and each.side == file.side), None)


def _read(form: KeyedForm, file: ComplaintFile) -> str:
    """The text that is accepted by the form; empty for every other step."""
    text_hash = form["text_hash"].value() if "text_hash" in form.fields else ""
    return next(
        (each.proposal.text for each in file.proposals if each.proposal and each.proposal.text_hash == text_hash), ""
    )


@dataclass(frozen=True, slots=True)
class OfCase:
    """What the case page says of complaints: those that there are, and when one can be expected to be possible."""

    complaints: list[Complaint]
    # The conversation of the case, with what came late for a complaint marked.
    thread: list[Entry]
    waits_until: datetime | None
    can_file: bool


def of_case(file: CaseFile, by: Actor, *, can_file: bool) -> OfCase:
    """Read for the case page: one query more, and one where there are complaints; the limits are the page's own."""
    own = [row for row in file.clocks if row.clock in SELLERS_CLOCKS]
    running = [
        row.due_at for row in own if row.state == DeadlineState.RUNNING and row.due_at and not row.is_passed(file.at)
    ]
    has_missed = any(row.state == DeadlineState.MISSED or row.is_passed(file.at) for row in own)
    complaints = complaints_of(file.case, by)
    late = late_messages(complaints)
    return OfCase(
        complaints=complaints,
        thread=[_marked_late(entry) if entry.key in late else entry for entry in file.thread],
        waits_until=None if has_missed else min(running, default=None),
        can_file=can_file,
    )


def _marked_late(entry: Entry) -> Entry:
    return replace(entry, badges=(*entry.badges, _("came late")))
