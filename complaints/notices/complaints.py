"""What the two sides and the officer hear of a complaint."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cases.deadlines import settle
from complaints.complaint_words import COMPLAINT_WORDS, FOR_THE_OFFICER
from complaints.models import Complaint, ComplaintState
from complaints.notices.limits import ToldLimit
from complaints.tolling import TOLLED
from sellers.queries import members_of
from zestech_aftersales.accounts.actors import ActorKind, Seat
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.ui.instants import instant_words

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User
    from zestech_aftersales.timeline.models import Event

# By time: what came at the last instant may still be on its way (T10).
BY_TIME = ("complaint.escalated", "complaint.evidence_silent", "complaint.closed")


class ComplaintAnnouncer:
    """Speaks for the streams `complaint/...`."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """Both sides but the one that acted; a complaint that is not taken up is told to its buyer only.

        That the time to give evidence is longer is the business of the side that was asked.
        """
        if event.kind not in COMPLAINT_WORDS:
            return
        complaint = _complaint_of(event)
        not_before = event.effective_at + settle() if event.kind in BY_TIME else None
        if event.kind in (*FOR_THE_OFFICER, "complaint.objected") or _taken_back(event):
            if complaint.officer is not None and complaint.officer_id != event.actor_id:
                yield Recipient(complaint.officer)
            if event.kind in FOR_THE_OFFICER:
                return
        if event.kind == TOLLED and "request" in (event.detail or {}):
            yield from _asked_side(event, complaint)
            return
        # Filed by support in the buyer's name, or by himself: the acknowledgement is for him in either case.
        if event.actor_kind != ActorKind.BUYER or event.kind in ("complaint.accepted", "complaint.rejected"):
            yield Recipient(complaint.buyer, not_before=not_before)
        if event.actor_kind != ActorKind.SELLER and event.kind != "complaint.rejected":
            yield from _desk_of(complaint, not_before)

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words for one person; None once what had come by time was taken back."""
        complaint = _complaint_of(event)
        if event.kind in BY_TIME and not _still_holds(event, complaint):
            return None
        words, limit = COMPLAINT_WORDS[event.kind], ToldLimit.of(event)
        parts = [
            str(words.sentence),
            _corrected(event, limit),
            _until(event, complaint, limit),
            *_asked(event, complaint, recipient, limit),
        ]
        if event.clause:
            parts.append(_("Rule %(clause)s") % {"clause": event.clause})
        return Notice(
            subject=f"{complaint.reference}: {words.headline}",
            text="\n\n".join(part for part in parts if part),
            url=_page_of(complaint, recipient),
        )


def _desk_of(complaint: Complaint, not_before: datetime | None = None) -> Iterable[Recipient]:
    for member in members_of(complaint.seller).exclude(seat=Seat.ENGINEER):
        yield Recipient(member.user, not_before=not_before)


def _asked_side(event: Event, complaint: Complaint) -> Iterable[Recipient]:
    request = complaint.evidence_requests.get(pk=(event.detail or {})["request"])
    return [Recipient(complaint.buyer)] if request.side == "buyer" else _desk_of(complaint)


def _still_holds(event: Event, complaint: Complaint) -> bool:
    """Whether nothing that was received in time has come after the escalation, silence or end by time (T10)."""
    if event.kind == "complaint.escalated":
        return complaint.escalated_at == event.effective_at
    if event.kind == "complaint.closed":
        return str(complaint.state) == ComplaintState.CLOSED
    asked = (event.detail or {})["request"]
    return not complaint.evidence_requests.filter(pk=asked, answered_at__isnull=False).exists()


def _page_of(complaint: Complaint, recipient: User) -> str:
    if recipient.pk == complaint.buyer_id:
        return f"/portal/complaints/{complaint.reference}/"
    if recipient.platform_role:
        return f"/admin/complaints/complaint/{complaint.pk}/change/"
    return f"/dashboard/judgement/complaints/{complaint.reference}/"


def _taken_back(event: Event) -> str:
    """The state that the end of a time had brought about, and that an outage of the platform took back; "" otherwise."""
    before, after = (event.before or {}).get("state", ""), (event.after or {}).get("state", "")
    return str(before) if event.kind == TOLLED and before != after else ""


def _corrected(event: Event, limit: ToldLimit) -> str:
    """What no longer holds of what was said before, as far as it does not hold again."""
    match _taken_back(event):
        case ComplaintState.ESCALATED:
            if limit.is_open:
                return _("Corrected: the complaint has not escalated by itself. The two sides negotiate on.")
            if limit.is_missed:
                return _("The complaint stays with the platform: counted anew, the time is over as well.")
            return _("Corrected: the complaint had not escalated by itself.")
        case ComplaintState.CLOSED:
            if limit.is_open:
                return _("Corrected: the decision is not final yet. Either side can still object.")
            if limit.is_missed:
                return _("The decision stays final: counted anew, the time is over as well.")
            return _("Corrected: the decision was not final yet.")
    return ""


def _until(event: Event, complaint: Complaint, limit: ToldLimit) -> str:
    """Until when the sides negotiate, in the reader's zone."""
    if event.kind not in ("complaint.accepted", TOLLED) or complaint.state != ComplaintState.NEGOTIATING:
        return ""
    ends_at = complaint.negotiation_ends_at
    if ends_at is None or not limit.is_open:
        return ""
    if not on_time(event.recorded_at, ends_at):
        return _("The buyer can hand it to the platform already.")
    told = {"until": instant_words(ends_at)}
    return _("The two sides negotiate until %(until)s; after that the buyer can hand it to the platform.") % told


def _asked(event: Event, complaint: Complaint, recipient: User, limit: ToldLimit) -> list[str]:
    """What somebody is asked for or can still do, and until when; of evidence only the side that has to give it."""
    detail = event.detail or {}
    if limit.told is None or "request" not in detail:
        return [limit.words]
    request = complaint.evidence_requests.get(pk=detail["request"])
    is_asked = (request.side == "buyer") == (recipient.pk == complaint.buyer_id)
    if not is_asked:
        return []
    # The question has been told before: new is only until when.
    return [*([] if event.kind == TOLLED else [request.question]), limit.words]


def _complaint_of(event: Event) -> Complaint:
    found = Complaint.objects.select_related("buyer", "seller", "officer", "case")
    return found.get(pk=int(event.stream.removeprefix("complaint/")))
