"""Who of the staff is shown a buyer's address and phone, and what an administrator's reading access changes."""

from __future__ import annotations

from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.desk.models import ReadingAccess
from zestech_aftersales.desk.reader import Reader

# They serve a buyer on request, or judge whether a place was possible; nobody else needs to know where he lives.
ROLES_TOLD = (PlatformRole.SUPPORT, PlatformRole.AUDITOR)


def open_access(reader: Reader) -> ReadingAccess | None:
    """The access under which this person may read now."""
    if reader.user.platform_role != PlatformRole.ADMINISTRATOR:
        return None
    found = ReadingAccess.objects.filter(person=reader.user, closed_at=None, ends_at__gte=reader.at)
    return found.order_by("-id").first()


def is_told(reader: Reader) -> bool:
    """Whether somebody's role shows personal details without more ado."""
    return reader.user.platform_role in ROLES_TOLD
