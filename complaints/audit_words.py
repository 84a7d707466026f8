"""What an event of an audit is called: for notices, mails and histories alike."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from cases.words import EVENT_WORDS, Words

AUDIT_WORDS = {
    "judgement.tolled": EVENT_WORDS["limit.tolled"],
    "audit.opened": Words(gettext_lazy("Audit opened"), ""),
    "audit.frozen": Words(gettext_lazy("Evidence frozen for the checklist"), ""),
    "audit.found": Words(gettext_lazy("A line was looked at"), ""),
    "audit.notified": Words(
        gettext_lazy("You are heard on the findings of an audit"),
        gettext_lazy("Nothing is decided yet. Read the provisional findings and answer them: the audit is closed after the hearing, whether or not you have answered."),
    ),
    "audit.answered": Words(
        gettext_lazy("The seller has answered the findings"), gettext_lazy("The hearing is over with that: the audit can be closed."),
    ),
    "audit.hearing_over": Words(
        gettext_lazy("The hearing is over without an answer"),
        gettext_lazy("The time to be heard is over. An auditor decides on what is known."),
    ),
    "audit.hearing_late": Words(gettext_lazy("An answer after the hearing, kept as late"), ""),
    "audit.no_finding": Words(
        gettext_lazy("The audit is closed without a finding"),
        gettext_lazy("What you were told of provisionally is no finding. Nothing follows from the audit."),
    ),
    "audit.findings": Words(
        gettext_lazy("The audit is closed with findings"),
        gettext_lazy("Each finding is now a possible violation. You are heard on each of them again, and another auditor judges it."),
    ),
}  # fmt: skip
# For the desk alone: what was looked at and when is the auditors' own work.
NOT_FOR_SELLERS = ("audit.opened", "audit.frozen", "audit.found")
TONES = {"audit.findings": "bad", "audit.no_finding": "ok"}
