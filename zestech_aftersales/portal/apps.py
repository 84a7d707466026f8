"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The buyers' web portal."""

    name = "zestech_aftersales.portal"
    label = "portal"
    verbose_name = _("Buyer portal")
