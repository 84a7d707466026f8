"""Instants as the scenarios write them."""

from datetime import datetime


def instant(text: str) -> datetime:
    """An aware instant from ISO 8601 with an offset or Z."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return moment
