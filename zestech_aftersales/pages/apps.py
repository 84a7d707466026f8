"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """The pages of a case."""

    name = "zestech_aftersales.pages"
    label = "pages"
    verbose_name = _("Case pages")
