"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    """What is judged: complaints, audits and violations."""

    name = "complaints"
    label = "complaints"
    verbose_name = _("Complaints")

    def ready(self) -> None:
        """Say what reads, falls, is told, is counted again, waits and is charted of the judgement."""
        from cases.reminders import loop
        from cases.reminders.notices import ReminderAnnouncer
        from cases.verification import register
        from complaints import candidates, falling, verification
        from complaints.actions.losses import LOSS
        from complaints.charts import CHARTS
        from complaints.consequences import CONSEQUENCES
        from complaints.losses import withdraw_with
        from complaints.notices.assignments import AssignmentAnnouncer
        from complaints.notices.audits import AuditAnnouncer
        from complaints.notices.clearances import ClearanceAnnouncer
        from complaints.notices.complaints import ComplaintAnnouncer
        from complaints.notices.losses import LossAnnouncer
        from complaints.notices.violations import ViolationAnnouncer
        from complaints.queries.record import on_record
        from complaints.reminders import LIMITS_OF_THE_JUDGEMENT
        from complaints.waiting import LISTS, SIGNERS
        from sellers.screening import RECORDS
        from zestech_aftersales.desk import charts, waiting
        from zestech_aftersales.timeline import announcers, readers
        from zestech_aftersales.timeline.waiting import may_sign

        readers.register(candidates.read)
        register(verification.recount)
        loop.register(LIMITS_OF_THE_JUDGEMENT)
        announcers.register(LIMITS_OF_THE_JUDGEMENT.stream, ReminderAnnouncer(LIMITS_OF_THE_JUDGEMENT))
        waiting.register(*LISTS)
        charts.register(*CHARTS)
        if falling.follow not in CONSEQUENCES:
            CONSEQUENCES.extend((falling.follow, withdraw_with))
        if on_record not in RECORDS:
            RECORDS.append(on_record)
        announcers.register("loss", LossAnnouncer())
        announcers.register("violation", ViolationAnnouncer())
        announcers.register("audit", AuditAnnouncer())
        announcers.register("clearance", ClearanceAnnouncer())
        announcers.register("complaint", ComplaintAnnouncer())
        announcers.register("assignment", AssignmentAnnouncer())
        for kind, roles in SIGNERS.items():
            may_sign(kind, roles, other_role=kind == LOSS)
