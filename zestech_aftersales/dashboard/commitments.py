"""What binds the seller beyond the rules: every commitment with its source, its time, and what it reaches."""

from __future__ import annotations

from typing import cast

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from cases.cover_ends import with_promised_months
from cases.promises import covers_bound_by, messages_of, requests_bound_by
from sellers import queries
from sellers.models import CommitmentState
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.people import speakers_only
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
    found = queries.commitments_for(by).filter(pk=pk).first()
    if found is None:
        raise Http404
    at = cast(PersonRequest, request).received_at
    covers = list(with_promised_months(covers_bound_by(found, by), at=at)[: SHOWN + 1])
    requests = list(requests_bound_by(found, by)[: SHOWN + 1])
    context = {
        "commitment": found,
        "message": messages_of([found.pk]).get(found.pk),
        "at": at,
        "covers": covers[:SHOWN],
        "requests": requests[:SHOWN],
        "is_cut_off": len(covers) > SHOWN or len(requests) > SHOWN,
    }
    return render(request, "dashboard/commitment.html", context)
