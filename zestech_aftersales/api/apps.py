"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """The machine interface, /api/v1/."""

    name = "zestech_aftersales.api"
    label = "api"
    verbose_name = _("API")
