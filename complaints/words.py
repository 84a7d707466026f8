"""What an event of a violation is called, and what the breach was: for notices, mails and histories alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.words import EVENT_WORDS, Words
from complaints.models import BreachKind, DismissalCode
from zestech_aftersales.rulebook.limits import LIMITS

if TYPE_CHECKING:
    from cases.models import Deadline
    from complaints.models import Violation

VIOLATION_WORDS = {
    "judgement.tolled": EVENT_WORDS["limit.tolled"],
    "violation.opened": Words(gettext_lazy("Candidate opened"), ""),
    "violation.taken_up": Words(gettext_lazy("Taken up by a person"), ""),
    "violation.cured": Words(gettext_lazy("Late, but cured: the service went on"), ""),
    "violation.corrected": Words(gettext_lazy("The facts were counted anew"), ""),
    "violation.notified": Words(
        gettext_lazy("You are heard on a possible violation"),
        gettext_lazy("Nothing is decided yet. Read the finding and answer it: an auditor decides after the hearing, whether or not you have answered."),
    ),
    "violation.answered": Words(
        gettext_lazy("The seller has answered"), gettext_lazy("The hearing is over with that: the violation can be judged."),
    ),
    "violation.hearing_over": Words(
        gettext_lazy("The hearing is over without an answer"),
        gettext_lazy("The time to be heard is over. An auditor decides on what is known."),
    ),
    "violation.hearing_late": Words(gettext_lazy("An answer after the hearing, kept as late"), ""),
    "violation.confirmed": Words(
        gettext_lazy("The violation is confirmed"),
        gettext_lazy("An auditor has confirmed the breach. You can appeal; a third person decides. Your service duties are the same as before."),
    ),
    "violation.dismissed": Words(
        gettext_lazy("The violation is dismissed"), gettext_lazy("It counts no longer, and nothing follows from it."),
    ),
    "violation.opened_again": Words(
        gettext_lazy("Corrected: the violation is judged again"),
        gettext_lazy("What had ended it does not hold. You are heard anew before anything is decided."),
    ),
    "violation.complaint_reviewed": Words(
        gettext_lazy("The complaint behind it was decided for the seller on review"),
        gettext_lazy("Where the violation rested on that decision alone it counts no longer. A missed limit or another fact of the case is still to be judged by itself."),
    ),
    "violation.appealed": Words(
        gettext_lazy("The seller has appealed"), gettext_lazy("A third person decides: neither who opened it nor who judged it."),
    ),
    "violation.appeal_over": Words(
        gettext_lazy("The time to appeal is over"), gettext_lazy("Nobody has appealed: the confirmation stands."),
    ),
    "violation.appeal_late": Words(gettext_lazy("An appeal after its time, kept as late"), ""),
    "violation.upheld": Words(
        gettext_lazy("The violation stands"), gettext_lazy("A third person has decided your appeal: the confirmation stands."),
    ),
    "violation.overturned": Words(
        gettext_lazy("The violation is overturned"),
        gettext_lazy("A third person has decided your appeal for you. What rested on the violation falls with it, as if it had never been."),
    ),
    "violation.fell": Words(
        gettext_lazy("Corrected: the violation counts no longer"),
        gettext_lazy("The fact that it rested on is gone. What was said about it no longer holds, and what rested on it falls with it."),
    ),
}  # fmt: skip


def finding_of(violation: Violation, limit: Deadline | None = None) -> str:
    """What was found, in the reader's language; `limit` is the one that was missed."""
    return finding_words(violation.kind, violation.finding, clock=limit.clock if limit is not None else "")


def finding_words(kind: str, finding: str, *, clock: str) -> str:
    """What was found: in the auditor's own words, or told from the fact, with the clock of a missed limit."""
    if finding:
        return finding
    match kind:
        case BreachKind.MISSED_LIMIT:
            what: str | Promise = LIMITS[clock].label if clock else _("a limit")
            return _("“%(what)s” was not done within its limit; it counted as refused from then on.") % {"what": what}
        case BreachKind.EXPRESS_REFUSAL:
            return _("Service was refused although the request came inside the cover.")
        case BreachKind.NO_SHOW:
            return _("The buyer reports that nobody came to an agreed visit.")
    return str(BreachKind(kind).label)


def ended_because(violation: Violation) -> str:
    """Why it counts no longer, in words; "" while it counts or was overturned by a person."""
    return str(DismissalCode(violation.dismissal).label) if violation.dismissal else ""


def record_words(violation: Violation) -> str:
    """As what it stands on the record: late but cured, excused or dismissed otherwise; "" where nothing is to be added."""
    cured = _("late, cured") if violation.cured_at else ""
    return ", ".join(part for part in (cured, ended_because(violation)) if part)
