"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    """The sellers' dashboard."""

    name = "zestech_aftersales.dashboard"
    label = "dashboard"
    verbose_name = _("Seller dashboard")
