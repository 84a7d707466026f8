"""The page that shows the API to people."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def docs(request: HttpRequest) -> HttpResponse:
    """How to log in, and every operation to try out."""
    return render(request, "api/docs.html", {"base": settings.BASE_URL})
