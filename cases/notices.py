"""Who hears of a case's events, and in what words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.deadlines import settle
from cases.mails import DISMISSED
from cases.models import ServiceCase, Visit
from cases.words import EVENT_WORDS, limit_sentence, words_of
from sellers.models import Engineer, Membership
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
# Told with the reason of whoever decided it.
REASONED = frozenset({DISMISSED, "promise.put_right"})
# What concerns an engineer of the seller's: that he is to come, when, with what, or no longer.
OF_A_VISIT = frozenset({
    "appointment.confirmed", "appointment.visit_added", "appointment.cancelled", "appointment.excluded",
    "appointment.refused", "appointment.deemed_refused", "appointment.rescinded", "appointment.readmitted",
    "visit.rescheduled", "visit.planned_anew", "visit.link_given", "visit.seller_no_show", "visit.buyer_no_show",
    "parts.listed", SENT,
})  # fmt: skip
# What an event says of the limits that it began or made longer or shorter; a correction of those, too, that it moved,
# restored or found missed.
BEGUN = frozenset({"started", "agreed", "promised"})
CORRECTED = BEGUN | {"restored", "reopened", "paused", "resumed", "pause_voided", "met", "missed"}
CORRECTIONS = frozenset({
    *ESTABLISHED_LATER, "appointment.rescinded", "appointment.readmitted", "limit.corrected", "limit.missed",
    "limit.tolled",
})  # fmt: skip
# Limits beside the clocks that an outage moves, by where its event tells them.
BESIDE = {"proof_due_at": "force_majeure_proof", "sign_off_due_at": "sign_off"}
# Steps of one and the same command that another event already tells.
SILENT = ("case.resolved", "case.reopened")


class CaseAnnouncer:
    """Speaks for the streams `case/...`."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """Buyer and seller; a message is told to the other side only. An engineer hears what concerns his visit."""
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
        if event.kind in OF_A_VISIT:
            for engineer in _engineers_told(event):
                yield Recipient(engineer, not_before=not_before, at_once=at_once)

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words for one person; None when a rescission has overtaken the event."""
        if event.kind in ESTABLISHED_LATER and _is_rescinded(event):
            return None
        case = _case_of(event)
        if event.kind == SENT and _was_to_come(event) == recipient.pk:
            return _no_longer_comes(event, case)
        words = words_of(event)
        page = "portal" if recipient.pk == case.buyer_id else "dashboard"
        return Notice(
            subject=f"{case.reference}: {words.headline}",
            text="\n\n".join(
                part
                for part in (
                    str(words.sentence),
                    _reason(event),
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
    """Whether the miss was taken back since; one that is found anew by the moved limit has an event of its own."""
    later = Event.objects.filter(stream=event.stream, subject=event.subject, id__gt=event.pk)
    return later.filter(kind="appointment.rescinded").exists()


def _engineers_told(event: Event) -> list[User]:
    """Who of the seller's engineers hears of it: the one of the last visit, unless he did it himself.

    Where somebody else comes, who was to come hears it too. Owner and staff hear of everything already.
    """
    visit = _visits_of(event).order_by("-number").first()
    comes = visit.engineer.user_id if visit is not None and visit.engineer is not None else None
    concerned = {comes, _was_to_come(event)} - {None, event.actor_id}
    told = Membership.objects.filter(user__in=concerned, user__is_active=True, seat=Seat.ENGINEER)
    return [each.user for each in told.select_related("user").order_by("user_id")]


def _visits_of(event: Event) -> QuerySet[Visit]:
    visits = Visit.objects.select_related("engineer")
    return visits.filter(appointment=int(event.subject.removeprefix("appointment/")))


def _was_to_come(event: Event) -> int | None:
    """The log-in of the engineer who no longer comes, where the event is that somebody else does."""
    before = (event.detail or {}).get("instead_of") if event.kind == SENT else None
    return None if before is None else Engineer.objects.filter(pk=before).values_list("user", flat=True).first()


def _no_longer_comes(event: Event, case: ServiceCase) -> Notice:
    """For the engineer whom another one replaces: he no longer reaches the case, and is told no more than that."""
    visit = _visits_of(event).get(number=(event.detail or {})["visit"])
    return Notice(
        subject=_("%(reference)s: somebody else comes to the visit") % {"reference": case.reference},
        text=_("You no longer come to the visit of %(when)s.") % {"when": instant_words(visit.starts_at)},
        url="/dashboard/calendar/",
    )


def _reason(event: Event) -> str:
    """Why a mail is no answer, or a promise was judged anew, in the words of who decided it."""
    reason = (event.detail or {}).get("reason", "") if event.kind in REASONED else ""
    return _("Reason: %(reason)s") % {"reason": reason} if reason else ""


def _who_comes(event: Event) -> str:
    """Who comes to a visit, where the event is that somebody else does."""
    if event.kind != SENT:
        return ""
    told = event.detail or {}
    visit = _visits_of(event).get(number=told["visit"])
    return _("To the visit of %(when)s comes: %(who)s") % {
        "when": instant_words(visit.starts_at),
        "who": visit.engineer or visit.contact_name,
    }


def _limits_sentence(event: Event) -> str:
    """Every limit that the event started or changed in length, so that the acknowledgement of a request states them all.

    A correction states each limit that it concerns with the due instant that counts now.
    """
    told = event.detail or {}
    is_correction = event.kind in CORRECTIONS or event.kind.startswith("claim.")
    wanted = CORRECTED if is_correction else BEGUN
    changes = told.get("clocks", [])
    named = {_which(change) for change in changes if change["change"] in wanted}
    # As the event left it: an outage or a claim may have moved a limit in the very step that started it.
    last = {_which(change): change for change in changes if _which(change) in named}
    stated = [change for change in last.values() if not is_correction or change["change"] != "voided"]
    stated += [
        {"clock": kind, "due_at": told[key]}
        for key, kind in BESIDE.items()
        if event.kind == "limit.tolled" and key in told
    ]
    return "\n".join(limit_sentence(change) for change in stated)


def _which(change: dict[str, Any]) -> tuple[str, str | None]:
    return change["clock"], change.get("started_at")
