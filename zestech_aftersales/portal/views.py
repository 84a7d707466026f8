"""A buyer's orders with their covers, and cases."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cases import queries
from cases.models.appointment import OPEN_STATES
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.pages.views import CasePages
from zestech_aftersales.ui.keyset import keyset_page


def buyer(request: HttpRequest, key: str = "") -> Actor:
    """Whoever is logged in, as a buyer: also a seller's member or staff buy for themselves."""
    return Actor(channel=Channel.PORTAL, user=cast(PersonRequest, request).user, key=key)


case_pages = CasePages("portal", buyer)


@login_required
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """My orders, newest first, each line with what is left of its cover or the reason why it has none."""
    found = queries.orders_for(buyer(request)).order_by("-id")
    words = request.GET.get("q", "").strip()
    if words:
        found = queries.orders_found(found, words)
    page = keyset_page(request, found.prefetch_related("lines__cover__seller", "lines__product"))
    at = cast(PersonRequest, request).received_at
    return render(request, "portal/orders.html", {"page": page, "words": words, "at": at})


@login_required
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """My cases, newest first, with whose turn it is and how much time is left."""
    found = queries.cases_for(buyer(request)).order_by("-id")
    words, is_open = request.GET.get("q", "").strip(), request.GET.get("view") == "open"
    if is_open:
        found = found.filter(appointments__state__in=OPEN_STATES)
    if words:
        found = queries.found(found, words)
    page = keyset_page(request, queries.with_latest_appointment(found))
    return render(request, "portal/cases.html", {"page": page, "words": words, "is_open": is_open})
