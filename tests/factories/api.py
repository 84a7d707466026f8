"""Other systems for tests: a client with its token, calling in process."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.test import Client
from oauth2_provider.models import AccessToken

from sellers.models import ApiClient
from tests.factories.sellers import ApiClientFactory, ApplicationFactory

EVERYTHING = "orders:read orders:write cases:read cases:write judgement:read judgement:write seller:read seller:write"
LATE = datetime(2190, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Caller:
    """A client that carries its token and asks below /api/v1/."""

    bound: ApiClient
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **query: Any) -> Any:
        return Client(raise_request_exception=True).get(address(path), query, headers=self.headers)

    def post(self, path: str, body: object = None, *, key: str = "", **headers: str) -> Any:
        headers |= self.headers | ({"Idempotency-Key": key} if key else {})
        told = body if body is not None else {}
        return Client().post(address(path), told, content_type="application/json", headers=headers)


def address(path: str) -> str:
    return path if "/api/" in path else f"/api/v1/{path}"


def a_token(bound: ApiClient, scope: str = EVERYTHING, expires: datetime = LATE) -> str:
    """A token of a client, as the token endpoint would have kept it."""
    token = secrets.token_urlsafe(20)
    AccessToken.objects.create(application=bound.application, token=token, expires=expires, scope=scope)
    return token


def a_caller(scope: str = EVERYTHING, expires: datetime = LATE, **given: Any) -> Caller:
    """A client of a seller (`seller=`), of a buyer (`buyer=`), or the order feed."""
    application = ApplicationFactory(hash_client_secret=False)
    bound = ApiClientFactory(application=application, **{"order_feed": not given, **given})
    return Caller(bound, a_token(bound, scope, expires))
