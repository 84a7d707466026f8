"""Who hears of a case's events, and in what words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cases.deadlines import settle
from cases.models import ServiceAppointment, ServiceCase, Visit
from cases.words import EVENT_WORDS, limit_sentence
from sellers.queries import members_of
from zestech_aftersales.accounts.actors import ActorKind, Seat
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.ui.instants import instant_words

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User

# Ends by a limit: not announced before an on-time answer can no longer be on its way (T10).
ESTABLISHED_LATER = ("appointment.deemed_refused", "appointment.lapsed")
# Somebody else comes to a visit: his notice says who.
SENT = "visit.engineer_changed"
# Steps of one and the same command that another event already tells.
SILENT = ("case.resolved", "case.reopened")


class CaseAnnouncer:
    """Speaks for the streams `case/...`."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """Buyer and seller; a message is told to the other side only."""
        if event.kind in SILENT or event.kind not in EVENT_WORDS:
            return
        case = _case_of(event)
        not_before = event.effective_at + settle() if event.kind in ESTABLISHED_LATER else None
        side = event.detail.get("side") if event.detail else None
        # The end of a limit is the last step of its reminders: it waits for nobody's quiet hours.
        at_once = event.kind in ESTABLISHED_LATER
        if side != ActorKind.BUYER:
            yield Recipient(case.buyer, not_before=not_before, at_once=at_once)
        if side != ActorKind.SELLER:
            for member in members_of(case.seller).exclude(seat=Seat.ENGINEER):
                yield Recipient(member.user, not_before=not_before, at_once=at_once)

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words for one person; None when a rescission has overtaken the event."""
        if event.kind in ESTABLISHED_LATER and _is_rescinded(event):
            return None
        case = _case_of(event)
        words = EVENT_WORDS[event.kind]
        page = "portal" if recipient.pk == case.buyer_id else "dashboard"
        return Notice(
            subject=f"{case.reference}: {words.headline}",
            text="\n\n".join(
                part
                for part in (
                    str(words.sentence),
                    _who_comes(event),
                    _limits_sentence(event),
                    _("Rule %(clause)s") % {"clause": event.clause} if event.clause else "",
                )
                if part
            ),
            url=f"/{page}/cases/{case.reference}/",
        )


def _case_of(event: Event) -> ServiceCase:
    return ServiceCase.objects.select_related("buyer", "seller").get(pk=int(event.stream.removeprefix("case/")))


def _is_rescinded(event: Event) -> bool:
    appointment = ServiceAppointment.objects.get(pk=int(event.subject.removeprefix("appointment/")))
    return (
        appointment.state != (event.after or {}).get("state")
        and Event.objects.filter(
            stream=event.stream, subject=event.subject, kind="appointment.rescinded", id__gt=event.pk
        ).exists()
    )


def _who_comes(event: Event) -> str:
    """Who comes to a visit, where the event is that somebody else does."""
    if event.kind != SENT:
        return ""
    told = event.detail or {}
    visits = Visit.objects.select_related("engineer").filter(
        appointment=int(event.subject.removeprefix("appointment/"))
    )
    visit = visits.get(number=told["visit"])
    return _("To the visit of %(when)s comes: %(who)s") % {
        "when": instant_words(visit.starts_at),
        "who": visit.engineer or visit.contact_name,
    }


def _limits_sentence(event: Event) -> str:
    """Every limit that the event started or changed in length, so that the acknowledgement of a request states them all."""
    clocks = (event.detail or {}).get("clocks", [])
    return "\n".join(
        limit_sentence(change) for change in clocks if change["change"] in ("started", "agreed", "promised")
    )
