"""Streams that not every role of the staff may read: an app names them in its ready()."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

_private: dict[str, frozenset[str]] = {}


def keep_private(stream_kind: str, roles: Iterable[str]) -> None:
    """Let only these platform roles read the streams `stream_kind/...`."""
    _private[stream_kind] = frozenset(roles)


def readable_by(role: str, stream: str = "stream") -> Q:
    """The events whose streams a role of the staff may read; `stream`: the way to the field."""
    found = Q()
    for kind, roles in _private.items():
        if role not in roles:
            found &= ~Q(**{f"{stream}__startswith": f"{kind}/"})
    return found
