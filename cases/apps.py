"""The app of what happens."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """Orders, covers, cases and their clocks."""

    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        """Tell the timeline who hears of a case's events and what is read here, the staff desk what waits and is charted."""
        from cases import put_right_promises, reached_requests
        from cases.charts import CHARTS
        from cases.cover_notices import CoverAnnouncer
        from cases.notices import CaseAnnouncer
        from cases.reminders.kinds import CLOCKS, PROOFS, RESTRICTIONS, SIGN_OFFS
        from cases.reminders.notices import ReminderAnnouncer
        from cases.reminders.visits import STREAM, VisitReminderAnnouncer
        from cases.restriction_notices import RestrictionAnnouncer
        from cases.waiting import LISTS, SIGNERS
        from zestech_aftersales.desk import charts, waiting
        from zestech_aftersales.timeline import readers
        from zestech_aftersales.timeline.announcers import register
        from zestech_aftersales.timeline.waiting import may_sign

        # Covers are locked before requests.
        readers.register(put_right_promises.read)
        readers.register(reached_requests.read)
        register("case", CaseAnnouncer())
        register("order", CoverAnnouncer())
        for reminded in (CLOCKS, SIGN_OFFS, PROOFS, RESTRICTIONS):
            register(reminded.stream, ReminderAnnouncer(reminded))
        register(STREAM, VisitReminderAnnouncer())
        register("restriction", RestrictionAnnouncer())
        waiting.register(*LISTS)
        charts.register(*CHARTS)
        for kind, roles in SIGNERS.items():
            may_sign(kind, roles)
