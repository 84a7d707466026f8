"""What is read of the staff desk's own things, always through the person who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from zestech_aftersales.desk.models import SavedFilter

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


def filters_for(by: Actor) -> QuerySet[SavedFilter]:
    """Somebody's own saved filters."""
    return SavedFilter.objects.filter(owner=by.user_id)
