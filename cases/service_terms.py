"""What counts of the four items of 3.1 in a dispute: what was told, or what is inferred where it was not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.cover_ends import end_when_received
from cases.covers import offered_services
from cases.disclosures import PROMISED
from cases.models.disclosure import ITEM_WORDS
from zestech_aftersales.rulebook.services import ServiceType
from zestech_aftersales.ui.instants import instant_words

if TYPE_CHECKING:
    from cases.models import Cover, Disclosure, DisclosureDoubt, Offer, ServiceAppointment


@dataclass(frozen=True, slots=True)
class ServiceTerm:
    """One of the four items: what the seller told, what is inferred in its place, and what the buyer finds unclear."""

    item: str
    label: str | Promise
    told: str
    inferred: str
    doubt: DisclosureDoubt | None = None

    @property
    def counts(self) -> str:
        """What counts in a dispute: the text that was told and is not in doubt, else the inference (3.1)."""
        return self.told if self.told and self.doubt is None else self.inferred


def inferred_terms(cover: Cover, appointment: ServiceAppointment) -> dict[str, str]:
    """What each item counts as where it was not told: the rest of the cover, no limit, 2.1.1 and the page, no charges."""
    services = ", ".join(str(ServiceType(value).label) for value in offered_services(cover, appointment.terms))
    ends_at = end_when_received(cover, appointment)
    end = instant_words(ends_at) if ends_at else ""
    return {
        "service_period": _("The rest of the cover, until %(end)s") % {"end": end}
        if end
        else _("The rest of the cover"),
        "number_of_services": _("No limit"),
        "service_scope": _("The services of the rules that the product’s page offers: %(services)s")
        % {"services": services},
        "charging_standard": _("No charges"),
    }


def service_terms(
    appointment: ServiceAppointment, disclosure: Disclosure | None, doubts: Iterable[DisclosureDoubt] = ()
) -> list[ServiceTerm]:
    """The four items in the order of the clause, as they stand by the version that counts.

    What only a later version has made clear is still in doubt.
    """
    inferred = inferred_terms(appointment.case.cover, appointment)
    open_doubts = {doubt.item: doubt for doubt in doubts if not _is_cleared(doubt, disclosure)}
    return [
        ServiceTerm(
            item, label, getattr(disclosure, item, "") if disclosure else "", inferred[item], open_doubts.get(item)
        )
        for item, label in ITEM_WORDS
    ]


def _is_cleared(doubt: DisclosureDoubt, disclosure: Disclosure | None) -> bool:
    by = doubt.cleared_by
    return by is not None and (disclosure is None or by.version <= disclosure.version)


def undisclosed_charge(
    appointment: ServiceAppointment,
    amount: Decimal | None,
    currency: str,
    *,
    disclosure: Disclosure | None,
    agreed: Offer | None = None,
) -> str | Promise:
    """Why a charge lies outside what was told (3.1); "" when it does not, or when words alone must decide.

    Before the appointment is confirmed an offer may still name its price. Without service terms none is owed
    afterwards; with a figure nothing beyond it; with words only, nothing beyond the price of the agreed offer.
    """
    if not amount:
        return ""
    if disclosure is None:
        if appointment.state in PROMISED:
            return gettext_lazy("No charges were told before: none count.")
        return ""
    if disclosure.charges_at_most is not None:
        within = amount <= disclosure.charges_at_most and (
            not currency or currency == disclosure.charges_currency or not disclosure.charges_at_most
        )
        return "" if within else gettext_lazy("This is beyond the charges that were told.")
    if agreed is not None and (amount, currency) != (agreed.price_amount, agreed.price_currency):
        return gettext_lazy("This charge is neither in the service terms nor in the agreed offer.")
    return ""
