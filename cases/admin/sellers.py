"""What the staff read of a seller's cases on the seller's own page."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.completeness import DAYS_BACK, completeness_of
from sellers.models import Seller
from sellers.seller_facts import Fact, register


def service_terms_told(seller: Seller, at: datetime) -> str:
    """How completely the seller tells the four items of 3.1, over his newest confirmed requests."""
    told = completeness_of(seller, at=at)
    if not told.confirmed:
        return _now("Nothing was confirmed in the last %(days)d days.") % {"days": DAYS_BACK}
    return _now(
        "%(told)d of %(confirmed)d confirmed requests of the last %(days)d days told in full (%(share)d %%); "
        "read by the buyer: %(read)d; gaps: %(gaps)d; found unclear: %(unclear)d."
    ) % {
        "told": told.told, "confirmed": told.confirmed, "days": DAYS_BACK, "share": told.share,
        "read": told.read, "gaps": told.gaps, "unclear": told.unclear,
    }  # fmt: skip


register(Fact(_("service terms told"), service_terms_told))
