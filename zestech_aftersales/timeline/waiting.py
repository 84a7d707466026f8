"""What of the timeline waits for the staff: proposals for a second person, and what could not be delivered."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.desk.reader import Reader
from zestech_aftersales.desk.waiting import WaitingList
from zestech_aftersales.timeline.actions.retries import RETRYING_ROLES
from zestech_aftersales.timeline.models import Decision, Delivery, Undelivered
from zestech_aftersales.timeline.private import readable_by

# By kind of decision: whose role may sign it. The action that decides has the last word.
_signers: dict[str, Collection[str]] = {}
# Kinds that are signed by one of each of two roles.
_by_the_other_role: set[str] = set()


def may_sign(kind: str, roles: Collection[str], *, other_role: bool = False) -> None:
    """Let the index show proposals of this kind to these roles; called in an app's ready().

    `other_role`: to nobody of the role that has proposed it.
    """
    _signers[kind] = roles
    if other_role:
        _by_the_other_role.add(kind)


def to_sign(rows: QuerySet[Any], reader: Reader) -> QuerySet[Any]:
    """What others have proposed and this person's role may decide."""
    role = reader.user.platform_role
    kinds = [kind for kind, roles in _signers.items() if role in roles]
    found = rows.filter(state="proposed", kind__in=kinds).exclude(proposer=reader.user.pk)
    return found.exclude(kind__in=_by_the_other_role, proposer__platform_role=role)


def not_passed_on(rows: QuerySet[Any], reader: Reader) -> QuerySet[Any]:
    """Events that were given up, of the streams that this person may read: the page behind the number shows no others."""
    return rows.filter(readable_by(reader.user.platform_role, "event__stream"), quarantined_at__isnull=False)


def not_sent(rows: QuerySet[Any], reader: Reader) -> QuerySet[Any]:
    """Notices that were given up, about what this person may read."""
    return rows.filter(readable_by(reader.user.platform_role, "event__stream"), state="quarantined")


LISTS = (
    WaitingList(
        "to-sign",
        _("Proposed by others, for me to sign"),
        Decision,
        PlatformRole.values,
        to_sign,
        "proposed_at",
        is_own=True,
    ),
    WaitingList(
        "undelivered",
        _("Events that could not be passed on"),
        Undelivered,
        RETRYING_ROLES,
        not_passed_on,
        "quarantined_at",
    ),
    WaitingList(
        "deliveries",
        _("Notices that could not be sent"),
        Delivery,
        RETRYING_ROLES,
        not_sent,
        "not_before",
    ),
)
