"""The engineer is reminded of his visit: to check in when it begins, to report when its time is over.

No limit runs here and nothing follows from it: the record only keeps anybody from being told twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from cases.models import AppointmentState, Visit, VisitReminder, VisitState, VisitStep
from cases.permissions import CONTACT_STATES
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.record import drafted, record_together
from zestech_aftersales.ui.instants import instant_words

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User

BATCH = 200
STREAM = "visit-reminder"


def remind_of_visits(*, at: datetime, batch: int = BATCH) -> int:
    """Remind the engineers of the visits that have begun or should be over; returns how many were told."""
    return _remind(VisitStep.CHECK_IN, _to_check_in(at), at=at, batch=batch) + _remind(
        VisitStep.REPORT, _to_report(at), at=at, batch=batch
    )


def _to_check_in(at: datetime) -> QuerySet[Visit]:
    """Those that have begun by an instant, not too long ago, without a check-in."""
    since = at - timedelta(hours=settings.REMINDER_VISIT_HOURS)
    return _of_engineers(VisitStep.CHECK_IN).filter(
        state="planned", starts_at__lte=at, starts_at__gt=since, appointment__state=AppointmentState.CONFIRMED
    )


def _to_report(at: datetime) -> QuerySet[Visit]:
    """Those under way whose time was over by an instant."""
    return _of_engineers(VisitStep.REPORT).filter(state="checked_in", ends_at__lte=at)


def _of_engineers(step: VisitStep) -> QuerySet[Visit]:
    told = VisitReminder.objects.filter(visit=OuterRef("pk"), step=step, person=OuterRef("engineer__user"))
    return Visit.objects.filter(~Exists(told), engineer__user__is_active=True)


def _remind(step: VisitStep, waiting: QuerySet[Visit], *, at: datetime, batch: int) -> int:
    # Looks before it opens a transaction: most wake-ups find nothing.
    if not waiting.exists():
        return 0
    with transaction.atomic(durable=True):
        # Claims the appointment, as every action does; what somebody works on waits a wake-up.
        rows = waiting.select_related("appointment", "engineer__user")
        held = rows.select_for_update(of=("appointment",), no_key=True, skip_locked=True).order_by("id")[:batch]
        visits = [visit for visit in held if visit.engineer is not None and visit.engineer.user is not None]
        events = [_event(visit, step, at=at) for visit in visits]
        record_together(events)
        VisitReminder.objects.bulk_create(
            VisitReminder(visit=visit, step=step, person_id=visit.engineer.user_id, event=event, sent_at=at)  # type: ignore[union-attr,misc]  # looked above
            for visit, event in zip(visits, events, strict=True)
        )
        return len(visits)


def _event(visit: Visit, step: VisitStep, *, at: datetime) -> Event:
    reached = visit.starts_at if step == VisitStep.CHECK_IN else visit.ends_at or at
    return drafted(
        stream=f"{STREAM}/{visit.pk}",
        subject=f"visit/{visit.pk}",
        kind="visit.reminded",
        clause="",
        by=system(),
        effective_at=reached,
        recorded_at=at,
        detail={"appointment": visit.appointment_id, "visit": visit.number, "step": str(step)},
    )


class VisitReminderAnnouncer:
    """Speaks for the streams of reminded visits: to the engineer alone."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """Whom the loop wrote down; a visit waits for nobody's quiet hours."""
        for reminder in VisitReminder.objects.filter(event=event).select_related("person"):
            yield Recipient(reminder.person, at_once=True)

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words; None once it is done, put off, or somebody else's."""
        reminder = VisitReminder.objects.filter(event=event, person=recipient).first()
        pk = int(event.subject.partition("/")[2])
        visits = Visit.objects.select_related("appointment__case", "engineer")
        visit = visits.filter(pk=pk, engineer__user=recipient, appointment__state__in=CONTACT_STATES).first()
        if reminder is None or visit is None:
            return None
        is_check_in = reminder.step == VisitStep.CHECK_IN
        if visit.state != (VisitState.PLANNED if is_check_in else VisitState.CHECKED_IN):
            return None
        case = visit.appointment.case
        when = {"when": instant_words(visit.starts_at)}
        return Notice(
            subject=_("%(reference)s: %(what)s of your visit")
            % {"reference": case.reference, "what": reminder.get_step_display()},
            text=_("Your visit of %(when)s has begun: check in when you are there.") % when
            if is_check_in
            else _("The time of your visit of %(when)s is over: write the report.") % when,
            url=f"/dashboard/cases/{case.reference}/",
        )
