"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectConfig(AppConfig):
    """The project package itself: commands and checks that belong to no single app."""

    name = "zestech_aftersales"
    verbose_name = _("ZESTECH After-sales")
