"""The rulebook as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.rulebook.first_edition import restore_first_edition


class RulebookConfig(AppConfig):
    """The rulebook, which sees to it that a database is never without law."""

    name = "zestech_aftersales.rulebook"
    label = "rulebook"
    verbose_name = _("Rulebook")

    def ready(self) -> None:
        """Put edition 1 back after every flush of the database (tests, the demo)."""
        post_migrate.connect(restore_first_edition, sender=self)
