"""Every refusal that an action can answer with: its status, its clause and when it comes, for the documents."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code with its status, the clauses it may cite ("" for good order only), and when it comes."""

    status: int
    clause: str
    when: str | Promise


REFUSALS: dict[str, Refusal] = {
    "after_the_visit": Refusal(409, "3.1", _("The service has begun, or the appointment is over.")),
    "already_merged": Refusal(409, "", _("One of the cases was merged before.")),
    "already_open": Refusal(409, "2.3.4", _("The case already has an open appointment.")),
    "already_recorded": Refusal(409, "2.3.3", _("This side has recorded the message as a promise already.")),
    "already_proposed": Refusal(409, "2.3.1, 2.3.2", _("An offer already stands: revise it.")),
    "case_merged": Refusal(409, "", _("The case was merged; `context` names the surviving one.")),
    "already_answered": Refusal(409, "3.2, 3.3, 3.4", _("It was answered.")),
    "already_escalated": Refusal(409, "3.3", _("The platform has taken the complaint up already.")),
    "already_objected": Refusal(409, "3.3", _("The one objection was made.")),
    "breach_at_invalid": Refusal(422, "3.3", _("The instant of the breach is missing or lies in the future.")),
    "breach_unknown": Refusal(409, "3.3", _("The case shows no such breach, or not yet; see `earliest` in `context`.")),
    "case_of_another_line": Refusal(422, "", _("The case is about another order line.")),
    "clause_unknown": Refusal(422, "3.3", _("The clause is no duty of section 2.")),
    "confirmed_by_acceptance": Refusal(409, "2.3.2", _("Points and videos are confirmed by the buyer's acceptance.")),
    "contents_required": Refusal(422, "2.1.1", _("Say what is inside.")),
    "counter_incomplete": Refusal(422, "2.3.1", _("Neither windows nor a wish were given.")),
    "cover_expired": Refusal(422, "2.3.4", _("The request came after the last instant of the cover.")),
    "date_not_agreed": Refusal(409, "2.3.1", _("No time is agreed for the visit, so nobody can have missed it.")),
    "deadline_passed": Refusal(409, "2.3.1, 2.3.2", _("The limit had passed when this was received.")),
    "disclosure_incomplete": Refusal(422, "3.1", _("One of the four items is not told.")),
    "engineer_booked": Refusal(409, "2.2.1", _("The engineer has another visit at that time.")),
    "engineer_of_another": Refusal(422, "2.3.1", _("The engineer is not one of the seller's.")),
    "engineer_unfit": Refusal(
        422, "2.2.1", _("The engineer cannot make the visit: service, area, day off or hours; see `context`.")
    ),
    "has_merged": Refusal(409, "", _("Other cases were merged into this one: merge the other way round.")),
    "evidence_over": Refusal(
        409, "3.3", _("The time to answer the request for evidence is over; the answer is kept as late.")
    ),
    "evidence_required": Refusal(422, "2.3.1, 3.3", _("What happened has to be shown, in words or photos.")),
    "hold_expired": Refusal(409, "2.2.1", _("The slot was held too long ago, and somebody else has it now.")),
    "already_acknowledged": Refusal(
        409, "2.3.1, 2.3.2", _("An answer was acknowledged already and waits for support.")
    ),
    "answer_outside_limit": Refusal(422, "2.3.1, 2.3.2", _("The answer came before the request or after the limit.")),
    "not_deemed_refused": Refusal(409, "2.3.1, 2.3.2", _("The request does not count as refused for a missed answer.")),
    "already_asked": Refusal(409, "3.1", _("The buyer has asked about this item already.")),
    "item_unknown": Refusal(422, "3.1", _("It is none of the four items.")),
    "question_missing": Refusal(422, "3.1", _("What is unclear was not said.")),
    "too_many_packs": Refusal(409, "", _("Several packs of the same thing were taken within the hour.")),
    "version_replaced": Refusal(409, "3.1", _("The seller has told a newer version.")),
    "proposal_replaced": Refusal(409, "", _("It was declined and proposed anew since the page was shown.")),
    "idempotency_key_reused": Refusal(422, "", _("The key was already spent on another command.")),
    "illegal_transition": Refusal(409, "", _("It cannot be done in the present state.")),
    "instants_out_of_order": Refusal(422, "", _("An instant lies before the order was placed, or in the future.")),
    "lapsed": Refusal(409, "2.3.1", _("The buyer was silent too long; booking again is free.")),
    "limit_not_longer": Refusal(422, "2.3.3", _("What is proposed is not longer than the limit that runs.")),
    "limit_not_running": Refusal(409, "2.3.1, 2.3.2", _("No limit of the seller runs that could be longer.")),
    "lines_missing": Refusal(422, "", _("The order has no lines.")),
    "longer_limit_not_standing": Refusal(409, "2.3.3", _("The longer limit was answered or replaced meanwhile.")),
    "message_empty": Refusal(422, "", _("The message has no words.")),
    "video_needs_no_visit": Refusal(422, "2.2.1", _("Video guidance needs no visit. Book it as remote.")),
    "method_not_offered": Refusal(422, "2.2.1", _("The seller does not offer this method for the product.")),
    "not_covered": Refusal(422, "1.1", _("The order line has no active cover.")),
    "not_on_its_way": Refusal(409, "2.1.1", _("The shipment was not sent yet, or has ended.")),
    "not_the_sellers_word": Refusal(422, "2.3.3", _("The message is not the seller's.")),
    "objection_over": Refusal(409, "3.3", _("The time for an objection is over; it is kept as late.")),
    "objection_required": Refusal(422, "3.3", _("The objection has no words.")),
    "offer_incomplete": Refusal(422, "2.3.1, 2.3.2", _("It lacks what makes a response effective; see `context`.")),
    "offer_not_standing": Refusal(409, "2.3.1, 2.3.2", _("The offer was answered or replaced meanwhile.")),
    "open_in_duplicate": Refusal(409, "2.3.4", _("An appointment is open in the case to be merged.")),
    "order_differs": Refusal(422, "", _("The number belongs to an order with another buyer, date or lines.")),
    "order_feed_only": Refusal(403, "", _("The client is not the platform's order feed.")),
    "pack_too_large": Refusal(409, "", _("The photos are too large for one evidence pack.")),
    "parts_incomplete": Refusal(422, "3.1", _("A part lacks its name, or a charge its amount; see `context`.")),
    "point_unfit": Refusal(422, "2.2.1", _("The service point takes no customers, or is closed then; see `context`.")),
    "point_required": Refusal(422, "2.2.1", _("The method needs one of the seller's service points.")),
    "reason_required": Refusal(422, "2.1.1, 2.3.1, 2.3.4", _("It needs its reason.")),
    "own_proposal": Refusal(422, "3.4", _("One's own proposal waits for the other side.")),
    "proposal_changed": Refusal(
        409, "3.4", _("The proposal was changed or taken away; what stands now is in `context`.")
    ),
    "proposal_required": Refusal(422, "3.4", _("The proposal has no words.")),
    "report_required": Refusal(422, "2.1.1", _("A visit ends with a report.")),
    "same_case": Refusal(422, "", _("A case is not merged into itself.")),
    "service_not_offered": Refusal(422, "2.1.1", _("The product's page does not offer this service.")),
    "shipment_incomplete": Refusal(422, "2.1.1", _("Carrier or tracking number is missing, or the link is not https.")),
    "slot_not_published": Refusal(422, "2.2.1", _("The point publishes no slot at this instant.")),
    "slot_taken": Refusal(409, "2.2.1", _("The last seat of the slot was just taken.")),
    "unit_incomplete": Refusal(422, "2.3.4", _("The new unit's serial number is missing, or is the old one's.")),
    "statement_missing": Refusal(422, "2.3.3", _("The message has no words.")),
    "not_begun": Refusal(409, "2.3.3", _("It was announced for later and cannot be taken back before it holds.")),
    "product_missing": Refusal(422, "2.3.3", _("What stands on a page names its product.")),
    "replaces_another": Refusal(422, "2.3.3", _("A commitment replaces only one about the same thing.")),
    "terms_missing": Refusal(422, "2.3.3", _("The sentence was not split into at least one term.")),
    "terms_twice": Refusal(422, "2.3.3", _("A term stands twice.")),
    "statement_required": Refusal(422, "3.3", _("The complaint does not say what happened.")),
    "too_early": Refusal(409, "2.3.1, 3.4", _("It cannot be done yet; `context` says from when.")),
    "unknown_sku": Refusal(422, "1.1", _("A product is not known.")),
    "video_link_invalid": Refusal(422, "2.2.1", _("The link is not https, or the method is not remote.")),
    "window_past": Refusal(422, "2.3.1", _("The time of a visit must lie in the future.")),
    "window_required": Refusal(422, "2.3.1", _("Several windows were offered: name one.")),
    "already_closed": Refusal(409, "2.3.4", _("The case is closed.")),
    "already_late": Refusal(409, "4.1.2", _("The event began after the limit had passed; kept as a rejected claim.")),
    "already_marked": Refusal(409, "1.1", _("The product bears the mark at that time.")),
    "already_open_case": Refusal(409, "2.3.4", _("The case is open.")),
    "answer_missing": Refusal(422, "3.2, 3.4, 4.1.3", _("The answer has no words.")),
    "answer_over": Refusal(409, "3.4", _("The time to answer is over; what was written is kept as late.")),
    "appeal_missing": Refusal(422, "3.2, 4.1.3", _("The appeal has no words.")),
    "appeal_over": Refusal(409, "3.2, 4.1.3", _("The time for an appeal is over.")),
    "claim_incomplete": Refusal(422, "4.1.1, 4.1.2", _("The claim lacks something; see `context`.")),
    "claim_open": Refusal(409, "", _("Another claim on the request waits for its decision.")),
    "end_invalid": Refusal(422, "4.1.2", _("The event ended after it began, and not in the future.")),
    "end_known": Refusal(409, "4.1.2", _("The end of the event is known already.")),
    "field_fixed": Refusal(422, "", _("This field cannot be changed.")),
    "hearing_over": Refusal(409, "3.2, 4.1.3", _("The hearing is over.")),
    "invalid": Refusal(422, "", _("A value is not allowed; see `fields` in `context`.")),
    "mark_in_future": Refusal(422, "1.1", _("The mark would begin in the future.")),
    "mark_reversed": Refusal(422, "1.1", _("The mark would end before it begins.")),
    "name_under_bar": Refusal(409, "3.2", _("A new legal name would put somebody under a bar, or out of it.")),
    "occurred_at_invalid": Refusal(422, "3.2", _("The breach would have taken effect after its evidence was frozen.")),
    "nothing_put_right": Refusal(409, "2.3.3", _("The judgement would stay as it is.")),
    "not_judged": Refusal(409, "2.3.3", _("The promise waits for its first judgement.")),
    "nothing_owed_back": Refusal(409, "3.4", _("Nothing of the claim is owed back to the seller.")),
    "paid_on_invalid": Refusal(422, "3.4", _("The date of the repayment lies ahead, or before it was owed.")),
    "reference_missing": Refusal(422, "3.4", _("The repayment has no reference.")),
    "nobody_named": Refusal(422, "2.3.1", _("Neither an engineer nor a person was named.")),
    "same_engineer": Refusal(409, "2.3.1", _("This is who comes to the visit already.")),
    "no_such_no_show": Refusal(409, "2.3.1", _("Nobody has reported this visit as missed.")),
    "no_visit_to_move": Refusal(409, "2.3.1", _("There is no visit that another date could be for.")),
    "not_a_member": Refusal(422, "", _("The log-in is not that of a member of the seller.")),
    "not_asked": Refusal(409, "3.2", _("There are no findings to answer yet.")),
    "not_awaited": Refusal(409, "2.1.1", _("Nothing of the service waits to be signed off.")),
    "not_confirmed": Refusal(409, "3.2", _("Only a confirmed violation can be appealed against, once.")),
    "not_enrolled": Refusal(409, "1.1", _("The seller does not take part in the programme.")),
    "not_marked": Refusal(409, "1.1", _("The product does not bear the mark now.")),
    "not_planned": Refusal(409, "2.3.1", _("The visit is no longer planned.")),
    "not_under_way": Refusal(409, "2.3.1", _("The visit was not begun, or was reported on.")),
    "notice_too_late": Refusal(409, "4.1.2", _("Notice of the event came too late; kept as a rejected claim.")),
    "proof_missing": Refusal(422, "4.1.1, 4.1.2, 4.1.3", _("Neither words nor photos were given.")),
    "proposal_not_standing": Refusal(409, "2.3.1", _("The date was answered or replaced meanwhile.")),
    "reason_missing": Refusal(422, "", _("It needs its reason.")),
    "request_ended": Refusal(409, "4.1.1, 4.1.2, 4.1.3", _("The request has ended.")),
    "still_open": Refusal(409, "2.3.4", _("An appointment of the case is open.")),
    "windows_invalid": Refusal(
        422, "2.3.1", _("At least one time is needed, each in the future, its end after its begin.")
    ),
    "wish_required": Refusal(422, "2.3.1", _("It has to be said what would suit.")),
}
