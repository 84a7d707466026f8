"""The file of a loss claim's bill, for finance, auditors and the seller who is heard on it (3.4)."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from complaints.models import Voucher
from complaints.queries.losses import vouchers_for
from complaints.vouchers import PDF
from sellers.queries import actor_of
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.accounts.middleware import PersonRequest


@login_required
@require_GET
def voucher(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file itself; 404 for everybody else, as for a number that there is not."""
    person = cast(PersonRequest, request).user
    reach = [Actor(channel=Channel.PORTAL, user=person), actor_of(person, Channel.DASHBOARD)]
    found = next((each for by in reach for each in vouchers_for(by).filter(pk=pk)), None)
    if found is None:
        raise Http404
    return _file_answer(found)


def _file_answer(found: Voucher) -> FileResponse:
    """A PDF is saved, never opened in our own pages: it may carry scripts of whoever wrote it."""
    answer = FileResponse(
        found.file.open("rb"),
        as_attachment=found.content_type == PDF,
        filename=f"{found.claim}-{found.pk}{found.suffix}",
        content_type=found.content_type,
    )
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer
