"""How the history pages of this app's things tell their events: as notices do, and what only staff reads of."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.late_words import ANSWER_LATE, APPEAL_LATE
from cases.restriction_notices import TOLD
from cases.words import EVENT_WORDS, headline_of
from zestech_aftersales.timeline.models import Event

HEADLINES: dict[str, str | Promise] = {
    **{kind: words.headline for kind, words in EVENT_WORDS.items()},
    **{kind: headline for kind, (headline, _sentence) in TOLD.items()},
    "restriction.answered": _("The buyer has answered the finding"),
    "restriction.appealed": _("The buyer has appealed against the restriction"),
    ANSWER_LATE: _("The buyer’s answer came too late and is kept"),
    APPEAL_LATE: _("The buyer’s appeal came too late and is kept"),
    "cover.waiver_stated": _("The buyer has said that he gives the cover up"),
    "cover.waiver_dropped": _("The buyer keeps the cover"),
    "cover.waived": _("The buyer has given the cover up"),
    "cover.reached": _("What the order keeps of a promise was judged"),
    "cover.put_right": _("What the order keeps of a promise was judged anew"),
    "event.declared": _("Event declared"),
    "event.ended": _("The event is over"),
    "outage.proposed": _("Outage proposed to be tolled"),
    "outage.approved": _("Outage approved by a second administrator"),
    "outage.declined": _("Outage declined"),
    "outage.applied": _("Outage tolled on the limits it touched"),
    "outage.followed": _("Outage followed to its end in the judgement too"),
    "edition.drafted": _("Edition drafted"),
    "edition.changed": _("Numbers of the draft changed"),
    "edition.discarded": _("Draft discarded"),
    "edition.proposed": _("Proposed to publish"),
    "edition.declined": _("Proposal declined: a draft again"),
    "edition.published": _("Edition published"),
    "simulation.begun": _("Simulation begun"),
    "simulation.finished": _("Simulation finished"),
    "limit.reminded": _("Reminded of the limit"),
    "visit.reminded": _("Engineer reminded of the visit"),
}


class Told:
    """History pages name events in words."""

    def headline(self, event: Event) -> str | Promise:
        return headline_of(event, HEADLINES)
