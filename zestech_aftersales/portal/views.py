"""A buyer's orders with their covers, and cases."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from cases import buyer_views, queries
from cases.cover_ends import keep_longest_months
from complaints.models import JudgementDeadline
from complaints.queries.clocks import clocks_of_buyer
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.pages.views import CasePages
from zestech_aftersales.ui.keyset import keyset_page


def buyer(request: HttpRequest, key: str = "") -> Actor:
    """Whoever is logged in, as a buyer: also a seller's member or staff buy for themselves."""
    return Actor(channel=Channel.PORTAL, user=cast(PersonRequest, request).user, key=key)


case_pages = CasePages("portal", buyer)

# More limits of complaints the first page does not show; the list of complaints has them all.
ASKED = 5

# A part of my cases: its name and which they are; each is found by its one open or last appointment.
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "open": (pgettext_lazy("cases", "Open"), buyer_views.OPEN),
    "answer": (_("Waiting for me"), buyer_views.TO_ANSWER),
    "sign_off": (_("To sign off"), buyer_views.TO_SIGN_OFF),
    "closed": (_("Closed"), buyer_views.CLOSED),
}


def _asked_of(request: HttpRequest) -> list[JudgementDeadline]:
    """What a complaint asks of the buyer, on the first page of what is his: it must not be missed (3.3)."""
    return [] if request.GET else list(clocks_of_buyer(buyer(request))[:ASKED])


@login_required
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """My orders, newest first, each line with what is left of its cover or the reason why it has none."""
    found = queries.orders_for(buyer(request)).order_by("-id")
    words = request.GET.get("q", "").strip()
    if words:
        found = queries.orders_found(found, words)
    page = keyset_page(
        request, found.prefetch_related("lines__cover__seller", "lines__cover__edition", "lines__product")
    )
    at = cast(PersonRequest, request).received_at
    covers = [line.cover for order in page.things for line in order.lines.all()]
    keep_longest_months(covers, at=at)
    used = queries.services_used_under(covers)
    context = {"page": page, "words": words, "at": at, "used": used, "asked": _asked_of(request)}
    return render(request, "portal/orders.html", context)


@login_required
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """My cases, newest first, with whose turn it is and how much time is left."""
    found = queries.listed_cases(buyer(request)).order_by("-id")
    words, view = request.GET.get("q", "").strip(), request.GET.get("view", "")
    if view in VIEWS:
        found = found.filter(VIEWS[view][1])
    if words:
        found = queries.found(found, words)
    page = keyset_page(request, queries.with_latest_appointment(found))
    views = [(name, label) for name, (label, _wanted) in VIEWS.items()]
    context = {
        "page": page,
        "words": words,
        "view": view,
        "views": views,
        "asked": _asked_of(request),
        "at": cast(PersonRequest, request).received_at,
    }
    return render(request, "portal/cases.html", context)
