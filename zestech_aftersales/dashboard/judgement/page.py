"""The one page of all that is judged about a seller, and the whole list of each kind."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.dashboard.judgement import audits, clearances, complaints, losses, violations
from zestech_aftersales.dashboard.judgement.sections import SHOWN, JudgedRow, Section
from zestech_aftersales.dashboard.people import speakers_only

SECTIONS = (complaints.SECTION, violations.SECTION, audits.SECTION, clearances.SECTION, losses.SECTION)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of one kind of thing; `more_url`: where the rest of it is."""

    section: Section
    rows: list[JudgedRow]
    more_url: str = ""


@require_GET
@speakers_only
def judgement(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """Each kind of thing in its own list, what runs for the seller on top."""
    listed = [_first_of(section, by) for section in SECTIONS]
    context = {"lists": [each for each in listed if each.rows]}
    return render(request, "dashboard/judgement/list.html", context)


@require_GET
@speakers_only
def judged_list(request: HttpRequest, by: Actor, name: str) -> HttpResponseBase:
    """All of one kind, page by page."""
    section = next((each for each in SECTIONS if each.name == name), None)
    if section is None:
        raise Http404
    page = Paginator(section.found(by), SHOWN).get_page(request.GET.get("page"))
    context = {
        "lists": [Listed(section, section.lines(list(page), by))],
        "of_one": section,
        "newer_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "older_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "dashboard/judgement/list.html", context)


def _first_of(section: Section, by: Actor) -> Listed:
    """The first page; one row more is read to know whether there is another one."""
    found = list(section.found(by)[: SHOWN + 1])
    more_url = reverse("dashboard:judged_list", args=[section.name]) if len(found) > SHOWN else ""
    return Listed(section, section.lines(found[:SHOWN], by), more_url)
