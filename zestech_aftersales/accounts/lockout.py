"""What counts as one account when failed log-ins are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest


def address_tried(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The e-mail address somebody tried to log in with, as addresses are stored: in lower case."""
    given = credentials or {}
    address = given.get("email") or given.get("login") or given.get("username") or request.POST.get("login", "")
    return str(address).strip().lower()
