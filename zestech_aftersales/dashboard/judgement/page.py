"""The one page of all that is judged about a seller."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.dashboard.judgement import audits, clearances, complaints, losses, violations
from zestech_aftersales.dashboard.judgement.sections import SHOWN
from zestech_aftersales.dashboard.people import speakers_only

SECTIONS = (complaints.SECTION, violations.SECTION, audits.SECTION, clearances.SECTION, losses.SECTION)


@require_GET
@speakers_only
def judgement(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """Each kind of thing in its own list, what runs for the seller on top."""
    listed = [(section, section.rows(by)) for section in SECTIONS]
    context = {"sections": [pair for pair in listed if pair[1]], "shown": SHOWN}
    return render(request, "dashboard/judgement/list.html", context)
