"""The words of a reminder, as the limit stands when they are said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.events import instant_text
from cases.models import Clock, Deadline, DeadlineState, ReminderSent
from cases.reminders.schedule import last_step
from cases.words import limit_sentence
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User

REFUSED_THEN = gettext_lazy("If the limit passes, the request counts as refused by the seller from that instant.")
AT_ITS_END = {
    Clock.RESPONSE: REFUSED_THEN,
    Clock.SOLUTION: REFUSED_THEN,
    Clock.CONFIRMATION: REFUSED_THEN,
    Clock.COUNTER: REFUSED_THEN,
    Clock.NEW_DATE: REFUSED_THEN,
    Clock.BUYER_SILENCE: gettext_lazy(
        "Without an answer the offer lapses. The cover stays, and service can be booked again."
    ),
}


class ReminderAnnouncer:
    """Speaks for the streams `limit/...`."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """Whom the loop wrote down; the last reminder waits for nobody's quiet hours."""
        sent = ReminderSent.objects.filter(event=event).select_related("person").order_by("person_id")
        for reminder in sent:
            yield Recipient(reminder.person, at_once=reminder.step >= last_step())

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words for one person; None once the duty is done, the clock stands, or a later reminder was sent."""
        step = int((event.detail or {})["step"])
        row = _running(event)
        if row is None or row.due_at is None:
            return None
        if ReminderSent.objects.filter(deadline=row, person=recipient, step__gt=step).exists():
            return None
        case = row.appointment.case
        limit = LIMITS[row.clock]
        page = "portal" if recipient.pk == case.buyer_id else "dashboard"
        return Notice(
            subject=_("%(reference)s: reminder, %(what)s (%(step)d %% of the time is over)")
            % {"reference": case.reference, "what": limit.label, "step": step},
            text="\n\n".join(
                (
                    limit_sentence({"clock": str(row.clock), "due_at": instant_text(row.due_at)}),
                    str(AT_ITS_END[Clock(row.clock)]),
                )
            ),
            url=f"/{page}/cases/{case.reference}/",
        )


def _running(event: Event) -> Deadline | None:
    key = int(event.subject.removeprefix("deadline/"))
    rows = Deadline.objects.select_related("appointment__case")
    return rows.filter(pk=key, state=DeadlineState.RUNNING).first()
