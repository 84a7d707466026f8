"""What an event of a case is called: for notices, mails and the history alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.causes import ACKNOWLEDGED, BUYER_IN_TIME, IN_TIME, OUTAGE, PAUSE, PROMISE, PUT_RIGHT
from cases.models import AppointmentState
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.ui.instants import instant_words, offset_words

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event


@dataclass(frozen=True, slots=True)
class Words:
    """A headline for lists and subjects, a sentence that says what it means."""

    headline: str | Promise
    sentence: str | Promise


EVENT_WORDS = {
    "appointment.requested": Words(
        gettext_lazy("Service requested"), gettext_lazy("The buyer has requested service. The limits run from now.")
    ),
    "appointment.proposed": Words(
        gettext_lazy("Offer made"), gettext_lazy("The seller has made an offer. The buyer can accept it or answer with another wish.")
    ),
    "offer.revised": Words(gettext_lazy("Offer revised"), gettext_lazy("The seller has replaced the offer with a new one.")),
    "offer.again": Words(
        gettext_lazy("New offer after a refusal"),
        gettext_lazy("The seller has made an offer after refusing. The refusal stands unless the buyer accepts it."),
    ),
    "offer.in_time": Words(
        gettext_lazy("Offer received in time"),
        gettext_lazy("The seller's offer had been received in time; it was stored only after a later one was accepted. The limit was not missed."),
    ),
    "offer.late": Words(
        gettext_lazy("Late offer"),
        gettext_lazy("The seller's offer came after the limit. It is kept as late; the buyer may still accept it."),
    ),
    "offer.flagged": Words(
        gettext_lazy("Offer flagged"), gettext_lazy("The buyer holds the offer unreasonable. The platform rules on it; the buyer’s time stands still until then.")
    ),
    "offer.held_reasonable": Words(
        gettext_lazy("Offer held reasonable"), gettext_lazy("The platform holds the offer reasonable. The buyer’s time to decide goes on.")
    ),
    "offer.held_unreasonable": Words(
        gettext_lazy("Offer held unreasonable"), gettext_lazy("The platform holds the offer unreasonable. It is void, and the seller’s limit counts as if it had not been made.")
    ),
    "offer.ruling_overtaken": Words(
        gettext_lazy("Corrected: the ruling has no effect"),
        gettext_lazy("Something done before the ruling was committed after it: when the platform ruled, the offer waited for no ruling any more. It counts as if the platform had not ruled."),
    ),
    "offer.revision_overtaken": Words(
        gettext_lazy("Corrected: the revision has no effect"),
        gettext_lazy("The buyer had answered the offer before the seller replaced it; the answer was only committed after that. The offer stands as the buyer answered it."),
    ),
    "acceptance.late": Words(
        gettext_lazy("Late acceptance"),
        gettext_lazy("An offer was accepted after the limit. It is kept as late and changes nothing."),
    ),
    "counter.late": Words(
        gettext_lazy("Late counter-offer"),
        gettext_lazy("The buyer asked for something else after the limit. It is kept as late and changes nothing."),
    ),
    "revision.late": Words(
        gettext_lazy("Late revision"),
        gettext_lazy("The seller revised the offer after it had lapsed. It is kept as late and changes nothing."),
    ),
    "flag.late": Words(
        gettext_lazy("Offer flagged too late"),
        gettext_lazy("The buyer flagged the offer after it had lapsed. It is kept as late and changes nothing."),
    ),
    "confirmation.late": Words(
        gettext_lazy("Late confirmation"), gettext_lazy("The seller’s confirmation came after the limit. It is kept as late and changes nothing.")
    ),
    "cancellation.late": Words(
        gettext_lazy("Late cancellation"), gettext_lazy("The buyer cancelled after the limit had passed. The refusal stays on the record.")
    ),
    "refusal.late": Words(
        gettext_lazy("Late refusal"), gettext_lazy("The seller refused after the limit. The request counted as refused already.")
    ),
    "appointment.countered": Words(
        gettext_lazy("Counter-offer made"), gettext_lazy("The buyer wishes for something else. A fresh limit runs for the seller.")
    ),
    "appointment.agreed": Words(gettext_lazy("Offer accepted"), gettext_lazy("Both sides have agreed.")),
    "appointment.confirmed": Words(gettext_lazy("Appointment confirmed"), gettext_lazy("The appointment is confirmed.")),
    "appointment.checked_in": Words(gettext_lazy("Service begun"), gettext_lazy("The engineer has checked in.")),
    "appointment.visit_added": Words(
        gettext_lazy("Another visit is needed"),
        gettext_lazy("The service goes on with another visit: its date is proposed, and the other side says yes or no."),
    ),
    "appointment.completed": Words(gettext_lazy("Service completed"), gettext_lazy("The seller has reported the service as completed.")),
    "appointment.refused": Words(gettext_lazy("Service refused"), gettext_lazy("The seller has refused the service.")),
    "appointment.deemed_refused": Words(
        gettext_lazy("Deemed refused"),
        gettext_lazy("The limit passed without what the rules ask for. The request counts as refused by the seller from that instant."),
    ),
    "appointment.lapsed": Words(
        gettext_lazy("Offer lapsed"), gettext_lazy("The offer was not answered in time. The cover stays; service can be booked again.")
    ),
    "appointment.cancelled": Words(gettext_lazy("Request cancelled"), gettext_lazy("The request was cancelled.")),
    "appointment.rescinded": Words(
        gettext_lazy("Corrected: the answer was in time"),
        gettext_lazy("An answer that came in time was committed late. What was said about a passed limit no longer holds."),
    ),
    "appointment.excluded": Words(
        gettext_lazy("Request excluded"),
        gettext_lazy("The platform has excluded this request from the service. It ends without a breach; the cover stays, and service can be booked again."),
    ),
    "appointment.readmitted": Words(
        gettext_lazy("Corrected: the request goes on"), gettext_lazy("The decision that excluded this request was revoked.")
    ),
    "limit.longer_proposed": Words(
        gettext_lazy("Longer limit proposed"),
        gettext_lazy("The seller asks for more time for this request. The limit runs on as it is unless the buyer accepts before it is due."),
    ),
    "limit.longer_agreed": Words(
        gettext_lazy("Longer limit agreed"),
        gettext_lazy("The buyer has accepted a longer limit for this request. It holds for this request alone."),
    ),
    "limit.longer_declined": Words(
        gettext_lazy("Longer limit declined"), gettext_lazy("The buyer has declined the longer limit. The limit stays what it is.")
    ),
    "longer_limit.late": Words(
        gettext_lazy("Too late for a longer limit"),
        gettext_lazy("A word about a longer limit came after the limit had passed. It is kept as late and changes nothing."),
    ),
    "limit.corrected": Words(
        gettext_lazy("Limit counted anew"),
        gettext_lazy("A pause was decided on, and a missed limit was counted anew. What the buyer accepted stands."),
    ),
    "promise.reached": Words(
        gettext_lazy("A promise binds this request"),
        gettext_lazy("What the seller had promised before the request was received was judged to bind. Its limits are counted with it from their start."),
    ),
    "promise.put_right": Words(
        gettext_lazy("A promise was judged anew"),
        gettext_lazy("The platform has put right how a promise of the seller was judged. The limits of this request are counted by that from their start."),
    ),
    "limit.missed": Words(
        gettext_lazy("A limit was missed after all"),
        gettext_lazy("By the limit that counts now the answer was late. The appointment goes on."),
    ),
    "visit.seller_no_show": Words(
        gettext_lazy("Nobody came"),
        gettext_lazy("The buyer reports that nobody came to the visit. The appointment stays confirmed; the seller has a limit to offer a new date."),
    ),
    "visit.broken_off": Words(
        gettext_lazy("The work was broken off"),
        gettext_lazy("The buyer reports that the engineer left before the work was done. The appointment stays confirmed; the seller has a limit to offer a new date."),
    ),
    "visit.date_agreed": Words(
        gettext_lazy("Another date agreed on"), gettext_lazy("Both sides have agreed on another date before the seller has confirmed. No limit has moved.")
    ),
    "visit.buyer_no_show": Words(
        gettext_lazy("The buyer was not there"),
        gettext_lazy("The seller reports that the buyer was not there. The appointment stays confirmed; a new date can be agreed on."),
    ),
    "visit.no_show_disputed": Words(
        gettext_lazy("No-show disputed"), gettext_lazy("The other side says that it was there. Both accounts stay on the record.")
    ),
    "visit.date_proposed": Words(
        gettext_lazy("Date proposed"), gettext_lazy("A date for the visit is proposed. Nothing changes before the other side says yes.")
    ),
    "visit.date_declined": Words(
        gettext_lazy("Proposed date declined"), gettext_lazy("The proposed date does not suit the other side, who says what would.")
    ),
    "visit.rescheduled": Words(
        gettext_lazy("Visit rescheduled"), gettext_lazy("Both sides have agreed on another date for the visit. No other limit has moved.")
    ),
    "visit.planned_anew": Words(
        gettext_lazy("New visit planned"), gettext_lazy("Both sides have agreed on the date of the next visit.")
    ),
    "visit.engineer_changed": Words(
        gettext_lazy("Somebody else comes to the visit"), gettext_lazy("The seller sends another engineer. Date and place of the visit stay as they were, and no limit has moved.")
    ),
    "visit.link_given": Words(
        gettext_lazy("Video link given"), gettext_lazy("The link of the video session stands in the case.")
    ),
    "new_date.late": Words(
        gettext_lazy("Answer after the limit"), gettext_lazy("An answer about a new date came after the limit. It is kept as late.")
    ),
    "limit.tolled": Words(
        gettext_lazy("Limits moved: the platform was away"),
        gettext_lazy("An outage of the platform counts against nobody: every limit that it reached is longer by it."),
    ),
    "claim.filed": Words(
        gettext_lazy("Exclusion claimed"),
        gettext_lazy("The seller says that something keeps him from serving. An auditor decides; until then what it stops may stand still."),
    ),
    "claim.proof_added": Words(gettext_lazy("Proof given"), gettext_lazy("The seller has given proof for the claimed exclusion.")),
    "claim.event_ended": Words(gettext_lazy("The event is over"), gettext_lazy("The event that stopped the seller is over. His limits run on.")),
    "claim.granted": Words(
        gettext_lazy("Exclusion granted"), gettext_lazy("An auditor has granted the claimed exclusion. It reaches this request and that time only.")
    ),
    "claim.partly_granted": Words(
        gettext_lazy("Exclusion granted in part"), gettext_lazy("An auditor has granted a part of the claimed exclusion.")
    ),
    "claim.rejected": Words(
        gettext_lazy("Exclusion rejected"), gettext_lazy("The claimed exclusion was rejected. The limits count as if it had not been claimed.")
    ),
    "claim.lapsed": Words(
        gettext_lazy("Exclusion lapsed"), gettext_lazy("No proof came in time. The limits count as if nothing had been claimed.")
    ),
    "claim.withdrawn": Words(
        gettext_lazy("Claim withdrawn"), gettext_lazy("The seller has withdrawn the claimed exclusion. The limits count as if it had not been claimed.")
    ),
    "claim.revoked": Words(
        gettext_lazy("Exclusion revoked"), gettext_lazy("Two auditors have revoked the exclusion. The limits count as if it had not been granted.")
    ),
    "disclosure.given": Words(
        gettext_lazy("Service terms told"), gettext_lazy("The seller has told the period, number, scope and charges of the service.")
    ),
    "disclosure.unclear": Words(
        gettext_lazy("Service terms unclear"),
        gettext_lazy("The buyer finds one of the service terms unclear. A new version with a clearer text answers it; in a dispute an unclear item counts as the rules infer it."),
    ),
    "parts.listed": Words(
        gettext_lazy("Parts for the visit told"),
        gettext_lazy("The seller has told which parts the visit needs, who brings them and who pays for them."),
    ),
    "shipment.announced": Words(
        gettext_lazy("Shipment announced"), gettext_lazy("The seller will send a spare part or an accessory. It stops no limit.")
    ),
    "shipment.shipped": Words(
        gettext_lazy("Shipment on its way"), gettext_lazy("The shipment is on its way. The buyer confirms when it has come.")
    ),
    "shipment.corrected": Words(
        gettext_lazy("Tracking corrected"), gettext_lazy("The seller has told another carrier or tracking number of the shipment.")
    ),
    "shipment.received": Words(gettext_lazy("Shipment received"), gettext_lazy("The buyer has confirmed that the shipment has come.")),
    "shipment.not_received": Words(
        gettext_lazy("Shipment not received"), gettext_lazy("The buyer says that the shipment has not come. The seller looks for it or sends another.")
    ),
    "shipment.lost": Words(gettext_lazy("Shipment lost"), gettext_lazy("The shipment is lost. What was inside is still owed.")),
    "shipment.returned": Words(
        gettext_lazy("Shipment returned"), gettext_lazy("The shipment came back to the seller. What was inside is still owed.")
    ),
    "disclosure.acknowledged": Words(gettext_lazy("Service terms read"), gettext_lazy("The buyer has read the service terms.")),
    "message.written": Words(gettext_lazy("New message"), gettext_lazy("There is a new message in the case. A message alone stops no limit.")),
    "mail.recorded": Words(
        gettext_lazy("Mail kept"), gettext_lazy("A mail was kept in the case as of its receipt. By itself it stops no limit.")
    ),
    "mail.classified": Words(
        gettext_lazy("Mail classified"),
        gettext_lazy("Support has read a mail of the seller as an offer or a confirmation. It counts from its receipt."),
    ),
    "mail.dismissed": Words(
        gettext_lazy("Mail read: no answer"),
        gettext_lazy("Support has read a mail of the seller and holds it to be neither an offer nor a confirmation. It changes nothing."),
    ),
    "answer.acknowledged": Words(
        gettext_lazy("Answer acknowledged by the buyer"),
        gettext_lazy("The buyer says that the seller’s answer reached him in time. Once support has read it as an offer or a confirmation, it counts from that instant and the refusal is taken back."),
    ),
    "promise.recorded": Words(
        gettext_lazy("A promise was recorded"),
        gettext_lazy("A message of the conversation was recorded as a promise of the seller. Judged binding, it counts for requests received after it was made."),
    ),
    "case.resolved": Words(gettext_lazy("Case resolved"), gettext_lazy("The case is resolved.")),
    "case.reopened": Words(gettext_lazy("Case reopened"), gettext_lazy("The fault came back: the case is open again.")),
    "case.closed": Words(gettext_lazy("Case closed"), gettext_lazy("The buyer has closed the case. He can reopen it while the cover runs.")),
    "case.merged": Words(
        gettext_lazy("Case merged"),
        gettext_lazy("The platform has merged this case with another one about the same fault. Everything is kept and shown there; no limit has moved."),
    ),
    "unit.replaced": Words(
        gettext_lazy("Unit replaced"), gettext_lazy("A unit was replaced. The cover goes on for the new one, to the same end.")
    ),
    "case.taken_up_again": Words(
        gettext_lazy("Case taken up again"),
        gettext_lazy("The buyer has reopened the case and says why. Limits begin with the next request in it."),
    ),
    "service.signed": Words(gettext_lazy("Service signed off"), gettext_lazy("The buyer has signed the service off.")),
    "service.objected": Words(
        gettext_lazy("Objection to the service"),
        gettext_lazy("The buyer says that the service is not done. The case is open again; another visit can be booked in it."),
    ),
    "service.signed_by_silence": Words(
        gettext_lazy("Signed off by silence"), gettext_lazy("The buyer has said nothing in time: the service counts as signed off.")
    ),
    "order.placed": Words(gettext_lazy("Order placed"), ""),
    "order.paid": Words(gettext_lazy("Order paid"), ""),
    "order.refunded": Words(gettext_lazy("Order refunded"), ""),
    "order.cancelled": Words(gettext_lazy("Order cancelled"), ""),
}  # fmt: skip

NO_LIMIT_PUT_RIGHT = Words(
    EVENT_WORDS["promise.put_right"].headline,
    gettext_lazy("The platform has put right how a promise of the seller was judged. No limit of this request moves."),
)
# Nobody can take such an offer: a late one of another kind.
OFFER_AFTER_A_LAPSE = Words(
    gettext_lazy("Offer after a lapse"),
    gettext_lazy(
        "The seller made an offer after the one before it had lapsed. It is kept as late and changes nothing."
    ),
)

# What a correction, or the proof that leads to it, is called by what brought it about.
LIMIT_HAS_MOVED = gettext_lazy("Corrected: the limit has moved")
CORRECTION_WORDS = {
    ("appointment.rescinded", ACKNOWLEDGED): Words(
        gettext_lazy("Corrected: the answer was in time"),
        gettext_lazy("The buyer has acknowledged that the seller’s answer reached him in time. What was said about a passed limit no longer holds."),
    ),
    ("mail.classified", ACKNOWLEDGED): Words(
        gettext_lazy("Acknowledged answer classified"),
        gettext_lazy("Support has read the answer that the buyer acknowledged as an offer or a confirmation. It counts from the instant at which it reached him."),
    ),
    ("mail.dismissed", ACKNOWLEDGED): Words(
        gettext_lazy("Acknowledged answer read: no answer"),
        gettext_lazy("Support holds what the buyer has acknowledged to be neither an offer nor a confirmation: nothing is taken back. The buyer can acknowledge another answer."),
    ),
    ("limit.corrected", ACKNOWLEDGED): Words(
        gettext_lazy("Corrected: the answer was in time"),
        gettext_lazy("The buyer has acknowledged that the seller’s answer reached him in time: the limit was not missed. What the buyer accepted stands."),
    ),
    ("appointment.rescinded", BUYER_IN_TIME): Words(
        gettext_lazy("Corrected: the buyer was in time"),
        gettext_lazy("What the buyer did came in time and was committed late. What was said about a passed limit no longer holds."),
    ),
    ("appointment.rescinded", PAUSE): Words(
        LIMIT_HAS_MOVED,
        gettext_lazy("A claimed exclusion was decided on, and the limit was counted anew by it. What was said about a passed limit no longer holds."),
    ),
    ("appointment.rescinded", OUTAGE): Words(
        LIMIT_HAS_MOVED,
        gettext_lazy("An outage of the platform counts against nobody: the limit is longer by it. What was said about a passed limit no longer holds."),
    ),
    ("appointment.rescinded", PROMISE): Words(
        LIMIT_HAS_MOVED,
        gettext_lazy("A promise of the seller binds this request, and the limit was counted anew by it. What was said about a passed limit no longer holds."),
    ),
    ("appointment.rescinded", PUT_RIGHT): Words(
        LIMIT_HAS_MOVED,
        gettext_lazy("A promise of the seller was judged anew, and the limit was counted anew by it. What was said about a passed limit no longer holds."),
    ),
    ("limit.corrected", PUT_RIGHT): Words(
        gettext_lazy("Limit counted anew"),
        gettext_lazy("A promise of the seller was judged anew, and a missed limit was counted anew by it. What the buyer accepted stands."),
    ),
    ("limit.corrected", IN_TIME): Words(
        gettext_lazy("Corrected: the answer was in time"),
        gettext_lazy("An answer that came in time was committed late: the limit was not missed. What the buyer accepted stands."),
    ),
    ("limit.corrected", OUTAGE): Words(
        gettext_lazy("Limit counted anew"),
        gettext_lazy("An outage of the platform counts against nobody, and a missed limit was counted anew. What the buyer accepted stands."),
    ),
    ("limit.corrected", PROMISE): Words(
        gettext_lazy("Limit counted anew"),
        gettext_lazy("A promise of the seller binds this request, and a missed limit was counted anew. What the buyer accepted stands."),
    ),
}  # fmt: skip


def words_of(event: Event) -> Words:
    """What an event of a case is called; a correction by what brought it about."""
    if event.kind == "offer.late" and (event.after or {}).get("state") == AppointmentState.LAPSED:
        return OFFER_AFTER_A_LAPSE
    told = event.detail or {}
    if event.kind == "promise.put_right" and all(each["change"] != "promised" for each in told.get("clocks", ())):
        return NO_LIMIT_PUT_RIGHT
    because = str(told.get("because", ""))
    return CORRECTION_WORDS.get((event.kind, because), EVENT_WORDS[event.kind])


def headline_of(event: Event, others: Mapping[str, str | Promise]) -> str | Promise:
    """What an event is called at the desk: by `others` where it is none of a case, by its kind where it has no words."""
    return words_of(event).headline if event.kind in EVENT_WORDS else others.get(event.kind, event.kind)


def limit_sentence(change: dict[str, Any]) -> str:
    """One limit that an event started, in the reader's zone: what, until when, by which clause."""
    limit = LIMITS[change["clock"]]
    if not change["due_at"]:
        return _("%(what)s: the limit stands still for now, rule %(clause)s") % {
            "what": limit.label,
            "clause": limit.clause,
        }
    due_at = timezone.localtime(datetime.fromisoformat(change["due_at"]))
    return _("%(what)s: by %(due)s (%(zone)s), rule %(clause)s") % {
        "what": limit.label,
        "due": instant_words(due_at, "wall"),
        "zone": offset_words(due_at),
        "clause": limit.clause,
    }
