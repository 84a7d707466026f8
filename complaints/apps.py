"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    """What is judged: complaints, audits and violations."""

    name = "complaints"
    label = "complaints"
    verbose_name = _("Complaints")
