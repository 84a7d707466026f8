"""Forms as a browser sends them: with what their page has put into them by itself."""

from __future__ import annotations

import re
from typing import Any


def hidden(page: Any) -> dict[str, str]:
    """What a page's form brings back by itself."""
    return dict(re.findall(r'name="(key|seen)" value="([\w-]+)"', page.content.decode()))


def filled(client: Any, address: str, typed: dict[str, Any], **given: Any) -> Any:
    """The answer to the form at an address, read and then sent with what is typed."""
    return client.post(address, hidden(client.get(address)) | typed, **given)
