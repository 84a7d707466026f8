"""The notices page, the same for everybody: one's own notices, newest first."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.timeline import queries

PAGE = 25


@login_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """A page of notices; `?before=ID` goes on behind that one."""
    person = cast(PersonRequest, request).user
    shown = queries.notices_for(person)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        shown = shown.filter(pk__lt=int(before))
    page = list(shown[: PAGE + 1])
    older_url = f"?before={page[PAGE - 1].pk}" if len(page) > PAGE else ""
    return render(request, "timeline/notices.html", {"notices": page[:PAGE], "older_url": older_url})


@login_required
@require_POST
def open_notice(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Mark a notice as read and go to the page it speaks of."""
    timed = cast(PersonRequest, request)
    notice = get_object_or_404(queries.notices_for(timed.user), uid=uid)
    queries.notices_for(timed.user).filter(pk=notice.pk).mark_read(timed.received_at)
    if url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return redirect(notice.url)
    return redirect("notices")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all notices as read."""
    timed = cast(PersonRequest, request)
    queries.notices_for(timed.user).mark_read(timed.received_at)
    return redirect("notices")
