"""Is this product's mark valid now: told to anybody, as JSON and as a badge for a shop's page (1.1).

The entity tag is the only validator: a mark can be recorded after the fact, so that a date of last
change would now and then confirm an answer that is no longer true.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sellers.public_marks import PublicMark, public_mark
from zestech_aftersales.accounts.middleware import TimedRequest
from zestech_aftersales.rulebook.queries import edition_in_force

# How long a cache may keep an answer, in seconds; never beyond the end of a mark that is known to end.
KEPT = 60
LANGUAGES = {"zh": "zh-hans", "zh-cn": "zh-hans", "zh-hans": "zh-hans"}


@require_safe
def mark_answer(request: HttpRequest, seller: str, sku: str) -> HttpResponseBase:
    """The answer as JSON."""
    at = cast(TimedRequest, request).received_at
    mark = public_mark(seller, sku, at)
    with translation.override(_language(request)):
        body = json.dumps(_told(mark), ensure_ascii=False, indent=2)
        return _answer(request, mark, body, "application/json", at)


@require_safe
def mark_badge(request: HttpRequest, seller: str, sku: str) -> HttpResponseBase:
    """The answer as an SVG badge; its colours are its own and stand on a light and on a dark page."""
    at = cast(TimedRequest, request).received_at
    mark = public_mark(seller, sku, at)
    with translation.override(_language(request)):
        zone = edition_in_force(at).law.zone_info
        context = {
            "mark": mark,
            "title": _("After-sales service mark"),
            "words": _words(mark),
            "date": _date(mark, zone),
            "about": _about(mark),
            "language": translation.get_language(),
        }
        body = render_to_string("portal/mark.svg", context)
        return _answer(request, mark, body, "image/svg+xml", at)


def _language(request: HttpRequest) -> str:
    """The language asked for in the address; the browser's own plays no part, for caches do not know it."""
    return LANGUAGES.get(request.GET.get("lang", "").lower(), "en")


def _words(mark: PublicMark | None) -> str:
    if mark is None:
        return _("No valid mark")
    return _("Mark valid") if mark.is_valid else _("Mark no longer valid")


def _date(mark: PublicMark | None, zone: ZoneInfo) -> str:
    """The platform's date of the mark's begin or end."""
    if mark is None:
        return ""
    if mark.ended_at is not None:
        return _("ended %(date)s") % {"date": mark.ended_at.astimezone(zone).date().isoformat()}
    return _("since %(date)s") % {"date": mark.period.begins_at.astimezone(zone).date().isoformat()}


def _about(mark: PublicMark | None) -> str:
    """Product and seller in one line; characters that no XML may hold are left out."""
    if mark is None:
        return ""
    line = f"{mark.product.name} ({mark.product.sku}), {mark.product.seller.name}"
    return "".join(letter for letter in line if letter.isprintable())


def _told(mark: PublicMark | None) -> dict[str, object]:
    if mark is None:
        return {
            "valid": False,
            "language": translation.get_language(),
            "message": _("No mark is known under this address."),
        }
    product = mark.product
    return {
        "valid": mark.is_valid,
        "language": translation.get_language(),
        "seller": {"slug": product.seller.slug, "name": product.seller.name},
        "product": {"sku": product.sku, "name": product.name, "brand": product.brand},
        "since": _utc(mark.period.begins_at),
        "ended_at": None if mark.ended_at is None else _utc(mark.ended_at),
        "clauses": ["1.1", "4.3"],
        "message": _(
            "This is about orders placed now. An order placed earlier keeps the service cover it had then, whatever "
            "became of the mark since."
        ),
    }


def _utc(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _answer(request: HttpRequest, mark: PublicMark | None, body: str, kind: str, at: datetime) -> HttpResponseBase:
    """The body with its entity tag and how long it may be kept, or 304 to whoever has it already."""
    content = body.encode()
    response = HttpResponse(content, content_type=f"{kind}; charset=utf-8", status=404 if mark is None else 200)
    response["Content-Language"] = translation.get_language() or "en"
    response["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response["Cache-Control"] = f"public, max-age={_kept(mark, at)}"
    given = get_conditional_response(request, etag=response["ETag"], response=response)
    answer = response if given is None else given
    # Any shop's page may read and embed it.
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _kept(mark: PublicMark | None, at: datetime) -> int:
    if mark is None or not mark.is_valid or mark.period.ends_at is None:
        return KEPT
    return min(KEPT, int((mark.period.ends_at - at).total_seconds()))
