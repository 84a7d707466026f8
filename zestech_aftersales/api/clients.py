"""Who calls: a client with a bearer token, what it may do, and for whom it speaks."""

from __future__ import annotations

from http import HTTPMethod
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _
from drf_spectacular.contrib.django_oauth_toolkit import DjangoOAuthToolkitScheme
from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from sellers.queries import actor_of_client

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 255


class BearerToken(OAuth2Authentication):
    """A bearer token of an application; a person's own token opens nothing here."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        # The library looks for a token in the body too; Django's own request keeps it from reading JSON for that.
        below = request._request  # noqa: SLF001
        found: tuple[Any, Any] | None = super().authenticate(below)
        if found is None or found[1].application is None:
            return None
        user, token = found
        return user or AnonymousUser(), token


class BearerTokenScheme(DjangoOAuthToolkitScheme):  # type: ignore[no-untyped-call]
    """How the schema describes the log-in."""

    target_class = "zestech_aftersales.api.clients.BearerToken"
    name = "oauth2"


class InsufficientScope(exceptions.PermissionDenied):
    """The token is good, but not for this."""

    default_code = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(_("This needs a token with the scope %(scope)s.") % {"scope": scope})
        self.auth_header = f'Bearer realm="api",error="insufficient_scope",scope="{scope}"'


class HasScope(TokenHasScope):
    """Lets a token through that carries the view's scope for reading or for writing."""

    def get_scopes(self, request: Request, view: Any) -> list[str]:
        return [view.scope_to_read if request.method in SAFE_METHODS else view.scope_to_write]

    def has_permission(self, request: Request, view: Any) -> bool:
        token: Any = request.auth
        if token is None:
            raise exceptions.NotAuthenticated
        [scope] = self.get_scopes(request, view)
        if not token.allow_scopes([scope]):
            raise InsufficientScope(scope)
        return True


def actor_of(request: Request) -> Actor:
    """Who acts; an idempotency key counts for requests that change something."""
    key = "" if request.method == HTTPMethod.GET else key_of(request)
    token: Any = request.auth
    return actor_of_client(token.application, key)


def key_of(request: Request) -> str:
    """The idempotency key of a request, "" without one; ValidationError when it is not printable ASCII."""
    key = request.headers.get(KEY_HEADER, "").strip()
    if len(key) > LONGEST_KEY or not (key.isascii() and (key.isprintable() or not key)):
        raise exceptions.ValidationError({KEY_HEADER: [_("Use at most 255 printable ASCII characters.")]})
    return key
