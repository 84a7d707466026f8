"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SellersConfig(AppConfig):
    """Who promises: sellers, products, service points, engineers, commitments."""

    name = "sellers"
    label = "sellers"
    verbose_name = _("Sellers")

    def ready(self) -> None:
        """Tell who hears of a seller's events, which are for auditors alone, and what waits at the staff desk."""
        from sellers.notices import SellerAnnouncer
        from sellers.permissions import JUDGING_ROLES
        from sellers.waiting import LISTS
        from zestech_aftersales.desk import waiting
        from zestech_aftersales.timeline.announcers import register
        from zestech_aftersales.timeline.private import keep_private

        register("seller", SellerAnnouncer())
        keep_private("affiliation", JUDGING_ROLES)
        waiting.register(*LISTS)
