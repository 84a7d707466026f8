"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SellersConfig(AppConfig):
    """Who promises: sellers, products, service points, engineers, commitments."""

    name = "sellers"
    label = "sellers"
    verbose_name = _("Sellers")

    def ready(self) -> None:
        """Tell the timeline who hears of a seller's events."""
        from sellers.notices import SellerAnnouncer
        from zestech_aftersales.timeline.announcers import register

        register("seller", SellerAnnouncer())
