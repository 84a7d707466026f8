"""Actor: who acts, through which channel, for whom; every action takes one as `by`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User


class Channel(models.TextChoices):
    PORTAL = "portal", _("portal")
    DASHBOARD = "dashboard", _("dashboard")
    ADMIN = "admin", _("admin")
    API = "api", _("API")
    MAIL = "mail", _("e-mail")
    TASK = "task", _("task")
    IMPORT = "import", _("import")
    COMMAND = "command", _("command")


class Seat(models.TextChoices):
    """The place somebody has at a seller's; empty for everybody else."""

    OWNER = "owner", _("owner")
    STAFF = "staff", _("staff")
    ENGINEER = "engineer", _("engineer")
    CLIENT = "client", _("API client")


class ActorKind(models.TextChoices):
    """The side somebody stands on, as the timeline shows it."""

    BUYER = "buyer", _("buyer")
    SELLER = "seller", _("seller")
    STAFF = "staff", _("platform staff")
    CLIENT = "client", _("API client")
    SYSTEM = "system", _("system")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts.

    `key` is the idempotency key of the command. A command that writes several events puts the key
    on the one it answers with and writes the others `by.with_key("")`. `reason` is why the command was given, where
    the action itself asks for none; it is kept on the event that bears the key. `proposal` is the one that the page
    showed to who approves or declines it, 0 where it showed none; None where no page came before, as for a program.
    """

    channel: Channel
    user: User | None = None
    client_id: str = ""
    seller_id: int | None = None
    seat: str = ""
    acting_for: User | None = None
    order_feed: bool = False
    key: str = ""
    reason: str = ""
    proposal: int | None = None

    @property
    def user_id(self) -> int | None:
        return None if self.user is None else self.user.pk

    @property
    def platform_role(self) -> str:
        """The role of a person; a client that speaks for somebody has what that buyer has, never the staff's reach."""
        return "" if self.user is None or self.client_id else self.user.platform_role

    @property
    def is_system(self) -> bool:
        return self.user is None and not self.client_id

    @property
    def kind(self) -> ActorKind:
        if self.client_id:
            return ActorKind.CLIENT
        if self.user is None:
            return ActorKind.SYSTEM
        if self.platform_role:
            return ActorKind.STAFF
        return ActorKind.BUYER if self.seller_id is None else ActorKind.SELLER

    def with_key(self, key: str) -> Actor:
        return replace(self, key=key)

    def because(self, reason: str) -> Actor:
        return replace(self, reason=reason)

    def having_seen(self, proposal: int) -> Actor:
        return replace(self, proposal=proposal)


def system(channel: Channel = Channel.TASK) -> Actor:
    """The platform itself: sweeps, imports and commands that nobody signs."""
    return Actor(channel=channel)
