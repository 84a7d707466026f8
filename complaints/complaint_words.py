"""What an event of a complaint is called, for notices, mails, the history and the admin alike."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases.words import EVENT_WORDS, Words

# What came after its time: kept, and shown to the officer.
EVIDENCE_LATE, OBJECTION_LATE = "complaint.evidence_late", "complaint.objection_late"

COMPLAINT_WORDS: dict[str, Words] = {
    "judgement.tolled": EVENT_WORDS["limit.tolled"],
    "complaint.accepted": Words(
        _("Complaint taken up"),
        _("The complaint is accepted. Both sides try to settle it first; each can make a proposal."),
    ),
    "complaint.rejected": Words(
        _("Complaint not accepted"), _("The complaint does not pass the acceptance test. Its page says why and where to go.")
    ),
    "complaint.proposed": Words(
        _("Proposal made"), _("A proposal to settle the complaint is there to read. Accepting it settles the complaint.")
    ),
    "complaint.proposal_accepted": Words(
        _("Proposal accepted by one side"), _("One side accepts the proposal. If the other does too, the complaint is settled.")
    ),
    "complaint.settled": Words(_("Complaint settled"), _("Both sides have accepted the same text. The complaint is settled.")),
    "complaint.escalated": Words(
        _("Complaint with the platform"), _("The sides have not settled. The platform now looks at the complaint and decides.")
    ),
    "complaint.escalation_rescinded": Words(
        _("Corrected: not escalated by time"),
        _("What came in time was committed late. The complaint had not escalated by itself."),
    ),
    "complaint.withdrawn": Words(_("Complaint withdrawn"), _("The buyer has taken the complaint back.")),
    "complaint.evidence_asked": Words(
        _("Evidence asked for"), _("The platform asks a side for evidence. Without an answer in time it decides on file.")
    ),
    "complaint.evidence_given": Words(_("Evidence given"), _("A side has answered what the platform asked for.")),
    "complaint.evidence_silent": Words(
        _("No answer to the request for evidence"), _("The time to answer is over. The platform decides on file.")
    ),
    EVIDENCE_LATE: Words(
        _("An answer after its time, kept as late"),
        _("A side has answered what it was asked for after its time. The answer stands in the conversation."),
    ),
    "complaint.determined": Words(
        _("Complaint decided"),
        _("The platform has decided, with reasons and clauses. Either side can object once, with new evidence."),
    ),
    "complaint.objected": Words(_("Objection made"), _("A side has objected. Another officer looks at it and decides anew.")),
    OBJECTION_LATE: Words(
        _("An objection after its time, kept as late"),
        _("A side has objected after its time. The decision stands; its evidence stands in the conversation."),
    ),
    "complaint.reviewed": Words(
        _("Objection decided"), _("Another officer has decided on the objection. The complaint ends with that.")
    ),
    "complaint.closed": Words(_("Complaint closed"), _("Nobody objected in time: the decision stands.")),
    "complaint.assigned": Words(_("Handed to an officer"), _("Somebody of the support looks after the complaint.")),
}  # fmt: skip
# What is the staff's own business.
OF_THE_STAFF = ("complaint.assigned",)
# What the officer hears of and nobody else: it changes nothing for the sides, who read it on the page.
FOR_THE_OFFICER = (*OF_THE_STAFF, EVIDENCE_LATE, OBJECTION_LATE)
