"""The app of the timeline."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class TimelineConfig(AppConfig):
    name = "zestech_aftersales.timeline"
    label = "timeline"
    verbose_name = _("timeline")

    def ready(self) -> None:
        from zestech_aftersales.desk import waiting
        from zestech_aftersales.timeline import checks, insert_only
        from zestech_aftersales.timeline.waiting import LISTS

        # Django's own hook for what must follow a migration, not control flow: SQLite drops the
        # triggers of a table that a migration rebuilds.
        post_migrate.connect(insert_only.remake_after_migration, dispatch_uid="timeline.insert_only")
        checks.register()
        waiting.register(*LISTS)
