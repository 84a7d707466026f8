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
    "already_open": Refusal(409, "2.3.4", _("The case already has an open appointment.")),
    "already_proposed": Refusal(409, "2.3.1, 2.3.2", _("An offer already stands: revise it.")),
    "case_of_another_line": Refusal(422, "", _("The case is about another order line.")),
    "confirmed_by_acceptance": Refusal(409, "2.3.2", _("Points and videos are confirmed by the buyer's acceptance.")),
    "counter_incomplete": Refusal(422, "2.3.1", _("Neither windows nor a wish were given.")),
    "cover_expired": Refusal(422, "2.3.4", _("The request came after the last instant of the cover.")),
    "deadline_passed": Refusal(409, "2.3.1, 2.3.2", _("The limit had passed when this was received.")),
    "disclosure_incomplete": Refusal(422, "3.1", _("One of the four items is not told.")),
    "engineer_of_another": Refusal(422, "2.3.1", _("The engineer is not one of the seller's.")),
    "idempotency_key_reused": Refusal(422, "", _("The key was already spent on another command.")),
    "illegal_transition": Refusal(409, "", _("It cannot be done in the present state.")),
    "instants_out_of_order": Refusal(422, "", _("An instant lies before the order was placed, or in the future.")),
    "lapsed": Refusal(409, "2.3.1", _("The buyer was silent too long; booking again is free.")),
    "lines_missing": Refusal(422, "", _("The order has no lines.")),
    "message_empty": Refusal(422, "", _("The message has no words.")),
    "method_not_offered": Refusal(422, "2.2.1", _("The seller does not offer this method for the product.")),
    "not_covered": Refusal(422, "1.1", _("The order line has no active cover.")),
    "offer_incomplete": Refusal(422, "2.3.1, 2.3.2", _("It lacks what makes a response effective; see `context`.")),
    "offer_not_standing": Refusal(409, "2.3.1, 2.3.2", _("The offer was answered or replaced meanwhile.")),
    "order_differs": Refusal(422, "", _("The number belongs to an order with another buyer, date or lines.")),
    "order_feed_only": Refusal(403, "", _("The client is not the platform's order feed.")),
    "point_required": Refusal(422, "2.2.1", _("The method needs one of the seller's service points.")),
    "reason_required": Refusal(422, "2.3.1", _("A refusal needs its reason.")),
    "report_required": Refusal(422, "2.1.1", _("A visit ends with a report.")),
    "service_not_offered": Refusal(422, "2.1.1", _("The product's page does not offer this service.")),
    "slot_not_published": Refusal(422, "2.2.1", _("The point publishes no slot at this instant.")),
    "slot_taken": Refusal(409, "2.2.1", _("The last seat of the slot was just taken.")),
    "unknown_sku": Refusal(422, "1.1", _("A product is not known.")),
    "window_past": Refusal(422, "2.3.1", _("The next visit must lie in the future.")),
    "window_required": Refusal(422, "2.3.1", _("Several windows were offered: name one.")),
}
