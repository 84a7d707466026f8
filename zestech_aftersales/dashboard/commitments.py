"""What binds the seller beyond the rules: every commitment with its source, its time, and what it reaches."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from cases.cover_ends import with_longest_months
from cases.promises import covers_bound_by, messages_of, requests_bound_by
from sellers import queries
from sellers.actions.commitments import end, record_commitment
from sellers.events import subject_of
from sellers.models import CommitmentSource, CommitmentState, SellerCommitment
from sellers.models.commitment import STANDING
from sellers.notices import EVENT_WORDS
from sellers.term_forms import ADD
from sellers.terms import UNLIMITED
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.commitment_forms import CommitmentForm, EndForm
from zestech_aftersales.dashboard.people import speakers_only
from zestech_aftersales.timeline.queries import events_of
from zestech_aftersales.ui.keyed import attempt
from zestech_aftersales.ui.keyset import keyset_page

# More orders or requests than this no page shows.
SHOWN = 50
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "binding": (_("Binding"), Q(state__in=[CommitmentState.BINDING, CommitmentState.SPLIT])),
    "recorded": (_("Waiting for an auditor"), Q(state=CommitmentState.RECORDED)),
    "ended": (_("Ended or superseded"), Q(state__in=[CommitmentState.ENDED, CommitmentState.SUPERSEDED])),
    "void": (_("Void"), Q(state=CommitmentState.VOID)),
}


@require_GET
@speakers_only
def commitments(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """The commitments, newest first, what binds now before the rest."""
    asked = request.GET.get("view", "")
    view = asked if asked in VIEWS else "binding"
    page = keyset_page(request, queries.commitments_for(by).filter(VIEWS[view][1]))
    said_in = messages_of(each.pk for each in page.things)
    context = {
        "page": page,
        "rows": [(each, said_in.get(each.pk)) for each in page.things],
        "view": view,
        "views": [(name, label) for name, (label, _which) in VIEWS.items()],
    }
    return render(request, "dashboard/commitments.html", context)


@require_GET
@speakers_only
def commitment(request: HttpRequest, by: Actor, pk: int) -> HttpResponseBase:
    """One commitment, with the orders and requests it binds for."""
    found = _commitment(by, pk)
    at = cast(PersonRequest, request).received_at
    covers = list(with_longest_months(covers_bound_by(found, by), at=at)[: SHOWN + 1])
    requests = list(requests_bound_by(found, by)[: SHOWN + 1])
    context = {
        "commitment": found,
        "message": messages_of([found.pk]).get(found.pk),
        "at": at,
        "covers": covers[:SHOWN],
        "requests": requests[:SHOWN],
        "is_cut_off": len(covers) > SHOWN or len(requests) > SHOWN,
        "history": _history(found),
        "replaced_by": queries.commitments_for(by).filter(replaces=found).first(),
        "stands": found.state in STANDING,
        # What was said to one buyer is said again in the conversation with him.
        "is_to_all": found.source != CommitmentSource.COMMUNICATION,
    }
    return render(request, "dashboard/commitment.html", context)


@require_http_methods(["GET", "POST"])
@speakers_only
def add_commitment(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """Promise something to all buyers: in own words, split into terms, each judged at once."""
    seller = queries.seller_of(by)
    if seller is None:
        raise Http404
    replaced = _replaced(request, by)
    typed: dict[str, Any] = {"products": queries.products_for(by), "replaced": replaced}
    if "read" in request.POST:
        form = CommitmentForm.read_from(request.POST, **typed)
    elif ADD in request.POST:
        form = CommitmentForm(grown=request.POST, **typed)
    else:
        form = CommitmentForm(request.POST or None, **typed)
    if form.is_bound and form.is_valid():
        told, at = form.cleaned_data, cast(PersonRequest, request).received_at
        actor = by.with_key(told["key"])
        made = attempt(
            form,
            lambda: record_commitment(
                seller,
                told["product"],
                source=CommitmentSource(told["source"]),
                statement=told["statement"],
                terms=form.terms,
                replaces=replaced,
                by=actor,
                at=at,
            ),
        )
        if made is not None:
            messages.success(request, _now("The promise is recorded and judged."))
            return redirect("dashboard:commitment", made.pk)
    context = {"form": form, "refusal": form.refusal, "replaced": replaced, "unlimited": UNLIMITED}
    return render(request, "dashboard/commitment_add.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@speakers_only
def end_commitment(request: HttpRequest, by: Actor, pk: int) -> HttpResponseBase:
    """Take a promise back for what is still to come; orders placed before keep it."""
    found = _commitment(by, pk)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor, at = by.with_key(form.cleaned_data["key"]), cast(PersonRequest, request).received_at
        if attempt(form, lambda: end(found, reason=form.cleaned_data["reason"], by=actor, at=at)):
            messages.success(request, _now("The promise has ended. Orders placed before keep it."))
            return redirect("dashboard:commitment", found.pk)
    context = {"commitment": found, "form": form, "refusal": form.refusal, "stands": found.state in STANDING}
    return render(request, "dashboard/commitment_end.html", context, status=form.status)


def _commitment(by: Actor, pk: int) -> SellerCommitment:
    found = queries.commitments_for(by).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _replaced(request: HttpRequest, by: Actor) -> SellerCommitment | None:
    """The standing promise to all that the new one is to replace, if its address names one."""
    asked = request.GET.get("replaces", "")
    if not asked:
        return None
    if not asked.isascii() or not asked.isdigit():
        raise BadRequest
    found = _commitment(by, int(asked))
    if request.method == "GET" and (found.state not in STANDING or found.source == CommitmentSource.COMMUNICATION):
        raise Http404
    return found


def _history(commitment: SellerCommitment) -> list[dict[str, object]]:
    """What happened to a commitment, newest first: who recorded, judged and ended it, with the reasons."""
    told = events_of(f"seller/{commitment.seller_id}").filter(subject=subject_of(commitment))
    return [
        {
            "words": EVENT_WORDS[event.kind].headline,
            "at": event.recorded_at,
            "who": event.get_actor_kind_display(),
            "clause": event.clause,
            "reason": (event.detail or {}).get("reason", ""),
            # The comparison that each verdict rests on.
            "compared": [each for each in (event.detail or {}).get("terms", []) if isinstance(each, dict)],
        }
        for event in reversed(told)
        if event.kind in EVENT_WORDS
    ]
