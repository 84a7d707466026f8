"""Who hears of an assignment: the auditor who is to look after the thing, nobody else."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from zestech_aftersales.accounts.models import User
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.timeline.models import Event


class AssignmentAnnouncer:
    """Speaks for the streams assignment/..."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """The new officer, unless he took it himself."""
        officer = (event.after or {}).get("officer")
        found = User.objects.filter(pk__in=[officer], is_active=True).exclude(pk__in=[event.actor_id])
        return [Recipient(user) for user in found]

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """What was assigned, and why."""
        kind, _sign, pk = event.subject.partition("/")
        words = {"violation": _("Violation V-%(pk)s"), "audit": _("Audit A-%(pk)s")}[kind] % {"pk": pk}
        subject = _("%(thing)s is assigned to you") % {"thing": words}
        return Notice(subject, str((event.detail or {}).get("reason", "")), reverse("admin:index"))
