"""The link of a video session: https and nothing else, for remote guidance only (2.2.1)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod

LONGEST = 500
_valid = URLValidator(schemes=["https"])


def video_link(url: str, method: str) -> str:
    """The link, trimmed, or nothing; RuleBroken video_link_invalid (422) for any that people should not follow."""
    return required_video_link(url, method) if url.strip() else ""


def required_video_link(url: str, method: str) -> str:
    """The same, where there must be one."""
    url = url.strip()
    if method != ServiceMethod.REMOTE:
        raise _invalid(_("Only video guidance has a link. Leave it empty."))
    try:
        _valid(url)
    except ValidationError as wrong:
        raise _invalid(_("Give a link that begins with https://.")) from wrong
    # What stands before an @ is read as the host by people, not by browsers.
    if len(url) > LONGEST or "@" in url.partition("//")[2].partition("/")[0]:
        raise _invalid(_("Give a link that begins with https://."))
    return url


def usable_link(url: str, method: str) -> str:
    """The link if it can be followed, nothing otherwise: what came late is kept without refusing it."""
    try:
        return video_link(url, method)
    except RuleBroken:
        return ""


def _invalid(detail: object) -> RuleBroken:
    return RuleBroken(
        "2.2.1",
        "video_link_invalid",
        status=422,
        detail=str(detail),
        context={"fields": {"video_url": [str(detail)]}},
    )
