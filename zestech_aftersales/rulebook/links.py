"""Addresses of the rules page."""

from django.urls import reverse

from zestech_aftersales.rulebook.clauses import clause


def clause_url(number: str, edition: int | None = None) -> str:
    """The address of a clause ("2.3.1") on the rules page; KeyError when there is none."""
    query = "" if edition is None else f"?edition={edition}"
    return f"{reverse('rulebook:rules')}{query}#{clause(number).anchor}"
