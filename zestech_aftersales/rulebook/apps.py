"""The rulebook as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RulebookConfig(AppConfig):
    name = "zestech_aftersales.rulebook"
    label = "rulebook"
    verbose_name = _("Rulebook")

    def ready(self) -> None:
        from zestech_aftersales.rulebook.first_edition import restore_first_edition

        # A flushed database (tests, the demo) is never without law.
        post_migrate.connect(restore_first_edition, sender=self)
