"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """What happens: orders, covers, service cases, appointments and their deadlines."""

    name = "cases"
    label = "cases"
    verbose_name = _("Service cases")
