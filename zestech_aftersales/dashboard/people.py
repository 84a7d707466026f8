"""Who may open the dashboard: members of a seller, and for some pages only those who speak for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from sellers.queries import actor_of
from zestech_aftersales.accounts.actors import Actor, ActorKind, Channel, Seat
from zestech_aftersales.accounts.middleware import PersonRequest

MemberView = Callable[..., HttpResponseBase]


def member(request: HttpRequest, key: str = "") -> Actor:
    """The member of a seller who is logged in; PermissionDenied, with what to do, for anybody else."""
    by = actor_of(cast(PersonRequest, request).user, Channel.DASHBOARD, key)
    match by.kind:
        case ActorKind.SELLER:
            return by
        case ActorKind.STAFF:
            raise PermissionDenied(_("The dashboard belongs to sellers. Platform staff work at the staff desk."))
    raise PermissionDenied(
        _("The dashboard is for a seller’s own people. Your orders and cases are under “My orders”.")
    )


def is_engineer(by: Actor) -> bool:
    """Whether the member only serves visits."""
    return by.seat == Seat.ENGINEER


def members_only(view: MemberView) -> MemberView:
    """A page for every seat of a seller; the view is called with the member as `by`."""

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return view(request, member(request), *args, **kwargs)

    return login_required(page)


def speakers_only(view: MemberView) -> MemberView:
    """A page for those who speak for the seller: owner and staff."""

    @wraps(view)
    def page(request: HttpRequest, by: Actor, *args: object, **kwargs: object) -> HttpResponseBase:
        if is_engineer(by):
            raise PermissionDenied(_("This page is for the seller’s owner and staff. Your visits are under “Visits”."))
        return view(request, by, *args, **kwargs)

    return members_only(page)
