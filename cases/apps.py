"""The app of what happens."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """Orders, covers, cases and their clocks."""

    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        """Tell the timeline who hears of a case's events."""
        from cases.notices import CaseAnnouncer
        from cases.reminders.notices import ReminderAnnouncer
        from cases.restriction_notices import RestrictionAnnouncer
        from zestech_aftersales.timeline.announcers import register

        register("case", CaseAnnouncer())
        register("limit", ReminderAnnouncer())
        register("restriction", RestrictionAnnouncer())
