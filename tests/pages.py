"""Forms as a browser sends them: with what their page has put into them by itself."""

from __future__ import annotations

import re
from typing import Any

from cases.case_file import case_file
from cases.models import ServiceCase
from tests.factories.cases import buyer_of
from zestech_aftersales import clock


def hidden(page: Any) -> dict[str, str]:
    """What a page's form brings back by itself."""
    return dict(re.findall(r'name="(key|seen)" value="([\w-]+)"', page.content.decode()))


def filled(client: Any, address: str, typed: dict[str, Any], **given: Any) -> Any:
    """The answer to the form at an address, read and then sent with what is typed."""
    return client.post(address, hidden(client.get(address)) | typed, **given)


def as_shown(address: str, typed: dict[str, Any]) -> dict[str, Any]:
    """What is typed at a step of a case, with the mark that its page would bear now."""
    [reference] = re.findall(r"/cases/([^/]+)/", address)
    case = next(each for each in ServiceCase.objects.all() if each.reference == reference)
    return {"seen": case_file(case, buyer_of(case), at=clock.now()).mark, **typed}


def posted(client: Any, address: str, typed: dict[str, Any]) -> Any:
    """The answer to what is typed at a step of a case, as its page would send it now."""
    return client.post(address, as_shown(address, typed))
