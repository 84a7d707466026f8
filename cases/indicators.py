"""What an auditor looks at when a buyer holds an offer unreasonable (2.3.1, 2.3.2): nine indicators, a pure function.

None of them decides: a reasonable solution cannot be computed. What can be read off the offer is found or not found;
where words have to be weighed, that is said and a person reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.covers import methods_for
from cases.models import OfferState
from cases.parts import NUMBER
from cases.service_terms import undisclosed_charge
from sellers.terms import Charge
from zestech_aftersales.rulebook import periods
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.ui.instants import instant_words

if TYPE_CHECKING:
    from cases.models import Disclosure, Offer, ServiceAppointment
    from zestech_aftersales.rulebook.editions import EditionNumbers

SENDING = re.compile(
    r"\b(?:send|ship|mail|post|return)(?:ing)?\b[^.]{0,60}\b(?:us|unit|device|factory|china|abroad|warehouse|shenzhen)\b"
    r"|寄回|寄到|寄给|返厂|发回",
    re.IGNORECASE,
)
CONDITION = re.compile(
    r"\b(?:withdraw|revoke|close|delete|drop)\b[^.]{0,40}\b(?:complaint|dispute|case|review|claim)\b"
    r"|\b(?:only if|on condition|provided that|as long as you|in exchange|five[- ]star|5[- ]star)\b"
    r"|撤诉|撤销|撤回|好评|前提|条件是",
    re.IGNORECASE,
)
LOCAL_METHODS = {ServiceMethod.DOOR.value, ServiceMethod.POINT.value}
# Names of nobody: a desk answers, no person.
DESK = re.compile(
    r"\b(?:desk|team|support|service|staff|customer|hotline|department)\b|客服|团队|部门|售后", re.IGNORECASE
)


class Reading(TextChoices):
    """What became of looking for an indicator."""

    FOUND = "found", gettext_lazy("found")
    NOT_FOUND = "not_found", gettext_lazy("not found")
    TO_READ = "to_read", gettext_lazy("to be read by a person")


@dataclass(frozen=True, slots=True)
class Setting:
    """What an offer is held against: the request with its promises, the page, the told terms, what was tried before."""

    request: ServiceAppointment
    law: EditionNumbers
    methods: Sequence[str]
    services: Sequence[str]
    told: Disclosure | None
    # The seller's other offers of the request, oldest first, and the services completed in the case before.
    earlier: Sequence[Offer]
    served: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """One of the nine, with what was found and why that is said."""

    label: str | Words
    reading: Reading
    why: str = ""


Found = tuple[Reading, str]
NOT_FOUND: Found = (Reading.NOT_FOUND, "")


def indicators(offer: Offer, setting: Setting) -> list[Indicator]:
    """The nine indicators of an offer, in the order of the rules' reading; writes and reads nothing."""
    return [Indicator(label, *look(offer, setting)) for label, look in LOOKS]


def words_of(offer: Offer) -> str:
    """Everything that the seller wrote in the offer."""
    return "\n".join(text for text in (offer.plan, offer.next_step, offer.parts, offer.price_terms) if text)


def _in_words(offer: Offer, pattern: re.Pattern[str]) -> Found:
    words = words_of(offer)
    if match := pattern.search(words):
        return Reading.FOUND, f"“{match[0]}”"
    return (Reading.TO_READ, "") if offer.plan or offer.next_step else NOT_FOUND


def _sent_abroad(offer: Offer, setting: Setting) -> Found:
    is_local = LOCAL_METHODS & {*setting.methods} or ServiceType.LOCAL in setting.services
    return _in_words(offer, SENDING) if is_local else NOT_FOUND


def _late_window(offer: Offer, setting: Setting) -> Found:
    first = min((window["starts_at"] for window in offer.shown_windows), default=offer.next_step_at)
    days = setting.law.confirmation_days
    last = periods.days_limit(setting.request.received_at, days, setting.law.zone_info)
    if first is None or first <= last:
        return NOT_FOUND
    return Reading.FOUND, _("%(first)s; %(days)d natural days from the request end %(last)s.") % {
        "first": instant_words(first), "days": days, "last": instant_words(last),
    }  # fmt: skip


def _narrower(offer: Offer, setting: Setting) -> Found:
    gaps = []
    if offer.method not in methods_for(offer.service_type, [*setting.methods]):
        gaps.append(_("The page and the promises do not name the method."))
    if offer.service_type not in setting.services:
        gaps.append(_("The page and the promises do not name the service."))
    if offer.method != setting.request.method:
        gaps.append(
            _("Asked for: %(asked)s, offered: %(offered)s.")
            % {"asked": setting.request.get_method_display(), "offered": offer.get_method_display()}
        )
    if not_there := outside_promised_area(offer, setting.request):
        gaps.append(not_there)
    if gaps:
        return Reading.FOUND, " ".join(gaps)
    return (Reading.TO_READ, _("Hold the words against the service terms.")) if setting.told else NOT_FOUND


def outside_promise(offer: Offer, request: ServiceAppointment) -> list[str]:
    """What in an offer of the seller lies outside what he has promised, in words: a charge, a place (2.3.3)."""
    return [why for why in (outside_promised_charge(offer, request), outside_promised_area(offer, request)) if why]


def outside_promised_charge(offer: Offer, request: ServiceAppointment) -> str:
    """Why a price lies outside the promise; "" where it does not."""
    is_outside = offer.price_amount and request.terms.get("charge") == Charge.FREE
    return _("The seller has promised that the service is free.") if is_outside else ""


def outside_promised_area(offer: Offer, request: ServiceAppointment) -> str:
    """Why the place lies outside the promise: a door visit was asked for where one is promised; "" where it does not."""
    if not request.is_door or offer.method == ServiceMethod.DOOR:
        return ""
    place = {part.casefold() for part in (request.city, request.country, f"{request.country} {request.city}") if part}
    area = next((area for area in request.terms.get("areas", []) if area.casefold().strip() in place), "")
    return _("Service in %(area)s was promised.") % {"area": area} if area else ""


def _new_charge(offer: Offer, setting: Setting) -> Found:
    if outside := outside_promised_charge(offer, setting.request):
        return Reading.FOUND, outside
    before = [each.price_amount for each in setting.earlier if each.pk != offer.pk]
    if before and offer.price_amount > before[-1]:
        return Reading.FOUND, _("The offer before asked for %(amount)s.") % {"amount": before[-1]}
    untold = undisclosed_charge(setting.request, offer.price_amount, offer.price_currency, disclosure=setting.told)
    if untold:
        return Reading.FOUND, str(untold)
    if offer.price_amount:
        return Reading.TO_READ, _("%(amount)s %(currency)s are asked for.") % {
            "amount": offer.price_amount, "currency": offer.price_currency,
        }  # fmt: skip
    return (Reading.TO_READ, f"“{offer.price_terms}”") if NUMBER.search(offer.price_terms) else NOT_FOUND


def _unrelated(offer: Offer, setting: Setting) -> Found:
    asked = setting.request
    if offer.service_type != asked.service_type:
        return Reading.FOUND, _("Asked for: %(asked)s, offered: %(offered)s.") % {
            "asked": asked.get_service_type_display(), "offered": offer.get_service_type_display(),
        }  # fmt: skip
    return Reading.TO_READ, ""


def _conditions(offer: Offer, _setting: Setting) -> Found:
    return _in_words(offer, CONDITION)


def _impossible(offer: Offer, setting: Setting) -> Found:
    point, place = offer.point, setting.request
    if point is not None and not point.is_active:
        return Reading.FOUND, _("The service point takes no bookings.")
    if point is not None and place.country and point.country.casefold() != place.country.casefold():
        return Reading.FOUND, _("The service point lies in %(there)s, the buyer in %(here)s.") % {
            "there": point.country, "here": place.country,
        }  # fmt: skip
    if any(window["starts_at"] <= offer.received_at for window in offer.shown_windows):
        return Reading.FOUND, _("A time had passed when it was offered.")
    return Reading.TO_READ, ""


def _failed_before(offer: Offer, setting: Setting) -> Found:
    held = [each for each in setting.earlier if each.state == OfferState.HELD_UNREASONABLE and each.pk != offer.pk]
    same = [each for each in held if (each.method, each.service_type) == (offer.method, offer.service_type)]
    if any(each.plan.strip() == offer.plan.strip() for each in same):
        return Reading.FOUND, _("The same was held unreasonable before.")
    if offer.service_type in setting.served:
        return Reading.FOUND, _("The same service was completed in this case before, and the fault came back.")
    return (Reading.TO_READ, _("Another offer was held unreasonable before.")) if held else NOT_FOUND


def _nobody_named(offer: Offer, _setting: Setting) -> Found:
    if offer.engineer_id is not None:
        return NOT_FOUND
    if not offer.contact_name.strip():
        return Reading.FOUND, _("Only the service point is named.") if offer.point_id else ""
    return (Reading.TO_READ, f"“{offer.contact_name}”") if DESK.search(offer.contact_name) else NOT_FOUND


LOOKS: list[tuple[str | Words, Callable[[Offer, Setting], Found]]] = [
    (gettext_lazy("The unit must be sent abroad though local service was promised"), _sent_abroad),
    (gettext_lazy("The first time lies later than the natural days of the confirmation"), _late_window),
    (gettext_lazy("Narrower than page, promise or service terms"), _narrower),
    (gettext_lazy("A new charge"), _new_charge),
    (gettext_lazy("Unrelated to the fault"), _unrelated),
    (gettext_lazy("Conditions"), _conditions),
    (gettext_lazy("An impossible place or time"), _impossible),
    (gettext_lazy("Failed before"), _failed_before),
    (gettext_lazy("Nobody is named"), _nobody_named),
]
