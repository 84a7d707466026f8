"""No rate limit outlives its test."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_earlier_attempts():
    cache.clear()
