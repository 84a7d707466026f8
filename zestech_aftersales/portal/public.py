"""The pages everybody may see: home, help, accessibility."""

from __future__ import annotations

from email.utils import parseaddr

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from zestech_aftersales.portal.audience import audience_of
from zestech_aftersales.rulebook.queries import edition_in_force


def home(request: HttpRequest) -> HttpResponse:
    """The landing page; somebody who is logged in goes to their own pages."""
    audience = audience_of(request.user)
    if audience.home:
        return redirect(audience.home)
    return render(request, "home.html", {"law": _law(request)})


def help_page(request: HttpRequest) -> HttpResponse:
    """How things go, in plain words, and how to reach somebody."""
    return render(request, "help.html", {"law": _law(request), "contact": contact_address()})


def accessibility(request: HttpRequest) -> HttpResponse:
    """What we keep to and how to tell us of a barrier."""
    return render(request, "accessibility.html", {"contact": contact_address()})


def contact_address() -> str:
    """The bare address that our mails come from and that people may write to."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _law(request: HttpRequest) -> object:
    """The numbers of the edition in force, for the sentences that name them."""
    return edition_in_force(request.received_at).law  # type: ignore[attr-defined]  # a TimedRequest
