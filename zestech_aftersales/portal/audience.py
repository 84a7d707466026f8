"""Whom a page is made for, and where such a person's own pages begin."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sellers import queries
from zestech_aftersales.accounts.actors import ActorKind, Channel, Seat
from zestech_aftersales.accounts.models import User


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the main navigation."""

    label: str | Promise
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Audience:
    """A kind of visitor: where home leads them and what their navigation offers."""

    name: str
    home: str
    links: tuple[tuple[str | Promise, str], ...]

    def links_at(self, path: str) -> list[Link]:
        """The navigation as it stands on a page: the entry with the longest matching address is current."""
        fitting = [url for _label, url in self.links if path.startswith(url)]
        current = max(fitting, key=len, default="")
        return [Link(label, url, url == current) for label, url in self.links]


HELP = (_("Help"), "/help/")
VISITOR = Audience("visitor", "", ((_("Rules"), "/rules/"), HELP))
BUYER = Audience(
    "buyer",
    "/portal/",
    (
        (_("My orders"), "/portal/"),
        (_("My cases"), "/portal/cases/"),
        (_("Complaints"), "/portal/complaints/"),
        (_("Book a service"), "/portal/book/"),
        HELP,
    ),
)
SELLER = Audience(
    "seller",
    "/dashboard/",
    (
        (_("Work queue"), "/dashboard/"),
        (_("Calendar"), "/dashboard/calendar/"),
        (_("Products"), "/dashboard/products/"),
        (_("Commitments"), "/dashboard/commitments/"),
        (_("Service points"), "/dashboard/points/"),
        (_("Programme"), "/dashboard/programme/"),
        (_("Judgement"), "/dashboard/judgement/"),
        HELP,
    ),
)
ENGINEER = Audience("engineer", "/dashboard/", ((_("Visits"), "/dashboard/"), HELP))
STAFF = Audience("staff", "/admin/", ((_("Staff desk"), "/admin/"), (_("Rules"), "/rules/"), HELP))


def audience_of(user: User | AnonymousUser) -> Audience:
    """The audience somebody belongs to; a seller's member is a seller even where they also bought something."""
    if not isinstance(user, User):
        return VISITOR
    actor = queries.actor_of(user, Channel.PORTAL)
    match actor.kind:
        case ActorKind.STAFF:
            return STAFF
        case ActorKind.SELLER:
            return ENGINEER if actor.seat == Seat.ENGINEER else SELLER
    return BUYER
