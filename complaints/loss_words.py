"""What an event of a loss claim is called: for notices, mails and histories alike (3.4)."""

from django.utils.translation import gettext_lazy

from cases.words import EVENT_WORDS, Words

LOSS_WORDS = {
    "judgement.tolled": EVENT_WORDS["limit.tolled"],
    "loss.drafted": Words(gettext_lazy("Loss claim drafted"), ""),
    "loss.redrafted": Words(gettext_lazy("Heads of the loss changed"), ""),
    "loss.put_up": Words(gettext_lazy("Put up for approval"), ""),
    "loss.declined": Words(gettext_lazy("Sent back to the draft"), ""),
    "loss.approved": Words(gettext_lazy("Approved by finance and an auditor"), ""),
    "loss.notified": Words(
        gettext_lazy("The platform claims a loss"),
        gettext_lazy("A confirmed breach has cost the platform money. Accept the claim, or contest it and say why; after the limit it counts as not contested."),
    ),
    "loss.accepted": Words(gettext_lazy("The seller accepts the claim"), gettext_lazy("It can be made final.")),
    "loss.contested": Words(
        gettext_lazy("The seller contests the claim"),
        gettext_lazy("Somebody who took no part in it before looks at it and adjusts it or makes it final."),
    ),
    "loss.uncontested": Words(
        gettext_lazy("The claim is not contested"), gettext_lazy("No answer came within the limit."),
    ),
    "loss.answer_late": Words(gettext_lazy("An answer after the limit, kept as late"), ""),
    "loss.adjusted": Words(gettext_lazy("The claim is lowered"), gettext_lazy("Read which amounts were changed, and why.")),
    "loss.final": Words(gettext_lazy("The claim is final"), gettext_lazy("It is owed as it stands now.")),
    "loss.recovered": Words(gettext_lazy("The loss is paid"), gettext_lazy("The platform has noted your payment.")),
    "loss.written_off": Words(gettext_lazy("The claim is given up"), gettext_lazy("Nothing more is owed of it.")),
    "loss.discarded": Words(gettext_lazy("The draft is given up"), ""),
    "loss.paid_back": Words(
        gettext_lazy("You were paid back"),
        gettext_lazy("What you had paid for a breach that counts no longer was paid back to you."),
    ),
    "loss.withdrawn": Words(
        gettext_lazy("The claim is withdrawn"),
        gettext_lazy("The breach that it rested on counts no longer. Nothing is owed; what was paid is owed back to you."),
    ),
}  # fmt: skip
