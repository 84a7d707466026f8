"""The clauses of the rules: each with its source text and its reading in plain language."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.limits import spoken
from zestech_aftersales.rulebook.source import LEADS, SOURCE

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause, cited as section.item.sub-item.

    `plain` is one number-free sentence that can stand anywhere. `limit` and `means` may hold
    the numbers of an edition as {field_name}; read them through limit_under and means_under.
    """

    id: str
    title: Text
    plain: Text
    who: Text
    limit: Text = ""
    missed: Text = ""
    means: tuple[Text, ...] = ()

    @property
    def text(self) -> str:
        """The source text, quoted word for word and never translated."""
        return SOURCE[self.id]

    @property
    def lead(self) -> str:
        """The source's sentence that introduces the list this clause stands in, if any."""
        return LEADS.get(self.id.rpartition(".")[0], "")

    @property
    def section(self) -> str:
        """The number of its section."""
        return self.id.partition(".")[0]

    @property
    def anchor(self) -> str:
        """The id of its element on the rules page."""
        return f"c-{self.id}"

    def limit_under(self, law: EditionNumbers) -> str:
        """The limit in words, with the numbers of a law; "" where the clause has none."""
        return str(self.limit).format_map(spoken(law))

    def means_under(self, law: EditionNumbers) -> list[str]:
        """What it means in practice, with the numbers of a law."""
        words = spoken(law)
        return [str(text).format_map(words) for text in self.means]


SELLER, BUYER, PLATFORM = _("The seller"), _("The buyer"), _("ZESTECH")
BOTH = _("Buyer, seller and ZESTECH")

SECTIONS: dict[str, Text] = {
    "1": _("What after-sales service is"),
    "2": _("What you get, how and when"),
    "3": _("How it is kept"),
    "4": _("Exceptions, disputes and leaving"),
    "5": _("Days and dates"),
}

_CLAUSES = (
    Clause(
        "1.1",
        _("The after-sales service mark"),
        _("A product sold with the after-sales service mark comes with the seller's service."),
        SELLER,
        means=(
            _(
                "What counts is the mark as it stood when you placed the order. A mark added or "
                "removed later changes nothing for that order."
            ),
            _("There is one mark. A brand's logo alone gives no duty."),
        ),
    ),
    Clause(
        "2.1.1",
        _("The services"),
        _(
            "The seller helps you by video, installs and debugs, finds faults, sends and replaces "
            "parts, and arranges service where you are."
        ),
        SELLER,
        limit=_("As long as the cover lasts"),
        missed=_("Counts as a refusal of service"),
        means=(
            _(
                "The product page or the seller's instructions say which services a product "
                "offers. They may add services, but not take away what was promised."
            ),
            _("The list is open: other help that solves the problem counts as well."),
        ),
    ),
    Clause(
        "2.2.1",
        _("To your door, or at a service point"),
        _("An engineer comes to you, or you go to a local service point, whichever fits your need and your situation."),
        SELLER,
        means=(
            _("You say what you need when you book."),
            _(
                "Video guidance needs no visit. Booked alone it runs the limit of clause 2.3.2: "
                "{solution_hours} for a solution."
            ),
        ),
    ),
    Clause(
        "2.3.1",
        _("Door visits: answer and confirm in time"),
        _(
            "When you ask for an engineer, the seller must answer with a real offer and confirm "
            "your appointment in time; silence counts as a refusal."
        ),
        SELLER,
        limit=_("{response_hours} to respond and {confirmation_days} to confirm, both from the receipt of the request"),
        missed=_("Deemed refusal, effective at the instant the limit ended"),
        means=(
            _(
                "Hours are counted exactly, from the instant your request was received. The very "
                "last instant is still in time."
            ),
            _(
                "A real answer names the method, the service, a visit window or a dated next "
                "step, a person or a service point, and the price terms. “We got it” or an "
                "out-of-office note does not stop the clock."
            ),
            _("The two limits run side by side. Missing one is enough, and the earliest missed one counts."),
            _(
                "You may make a counter-offer: the seller then has {counter_hours} to answer. "
                "While you decide on an offer, the limit to confirm stands still."
            ),
            _(
                "If you leave an offer without an answer for {buyer_silence_days}, the "
                "appointment lapses. Nobody is at fault, and you can book again for free."
            ),
            _("An offer that does not help can be flagged with a reason. An auditor of ZESTECH rules on it."),
            _(
                "A seller who answers late can still put it right: you may accept the late offer. "
                "The missed limit stays on record."
            ),
            _("A seller who misses an agreed visit has {new_date_hours} to offer a new date."),
        ),
    ),
    Clause(
        "2.3.2",
        _("Service points: a solution in time"),
        _(
            "Once your appointment at a service point or by video is confirmed, the seller must "
            "give you a solution in time."
        ),
        SELLER,
        limit=_("{solution_hours} from the confirmation of the appointment"),
        missed=_("Deemed refusal of local service, effective at the instant the limit ended"),
        means=(
            _(
                "A solution is a concrete plan: what, who, when, where, which parts, at what "
                "price. It need not be finished work."
            ),
            _("Booking a published place and time is your confirmation, and starts the limit."),
            _("The source says “the buyer will provide solutions”; the seller is meant."),
        ),
    ),
    Clause(
        "2.3.3",
        _("Promises bind"),
        _("What the seller promised beyond these rules binds; what takes away from them does not."),
        SELLER,
        limit=_("As promised"),
        missed=_("As promised; a term that narrows the service is void"),
        means=(
            _("A promise counts wherever it was made: on the product page, in a declaration, in a conversation."),
            _(
                "A shorter time to respond or a longer cover binds. A longer time to respond or a "
                "shorter cover does not. Of several valid promises, the best one for you counts."
            ),
            _(
                "Promises on the page count as they stood when you ordered; later ones count for "
                "requests received after them. Removing one changes nothing for orders placed."
            ),
            _("You may accept a longer limit for one request yourself, before it ends. Then it binds."),
        ),
    ),
    Clause(
        "2.3.4",
        _("How long the cover lasts"),
        _("Your cover starts when the order is fully paid and lasts at least as long as here."),
        SELLER,
        limit=_("{cover_years} from successful payment"),
        missed=_("An express refusal inside the cover is a breach"),
        means=(
            _(
                "The cover ends at 24:00 of the corresponding date ({zone}); from 29 February, on "
                "28 February of a common year."
            ),
            _("A request received inside the cover is owed, even if it is served later."),
            _("A replaced unit inherits the rest of the cover."),
            _("A refund of the whole line ends its cover. A partial refund changes nothing."),
        ),
    ),
    Clause(
        "3.1",
        _("Four things the seller tells you first"),
        _(
            "Before confirming or serving, the seller tells you the service period, the number of "
            "services, the scope and the charges."
        ),
        SELLER,
        limit=_("Before confirming and before serving"),
        missed=_("In a dispute ZESTECH decides by the actual situation or by trade practice"),
        means=(
            _(
                "In the portal and the API an appointment cannot be confirmed, and an engineer "
                "cannot check in, before you have all four."
            ),
            _(
                "What was never told is read in your favour: the rest of the cover, no limit on "
                "the number, the services of clause 2.1.1 and the page, no charge."
            ),
        ),
    ),
    Clause(
        "3.2",
        _("Checks and clearance"),
        _(
            "ZESTECH checks sellers from time to time; a seller who violates the rules can be "
            "cleared from the programme and cannot come back for a while."
        ),
        BOTH,
        limit=_("{bar_years} without a new application after a clearance"),
        missed=_("The application is refused"),
        means=(
            _(
                "People judge, never a program alone: the seller is heard within {hearing_days}, "
                "and a clearance needs two different auditors."
            ),
            _("The seller may appeal within {appeal_days}; a third person decides."),
            _(
                "The bar reaches the legal entity and its affiliates, and ends at 24:00 of the "
                "corresponding date. Leaving of one's own accord carries no bar."
            ),
        ),
    ),
    Clause(
        "3.3",
        _("Complaints"),
        _(
            "Your complaint about after-sales service is taken up when the order was paid through "
            "the platform's trade assurance and the matter belongs here."
        ),
        PLATFORM,
        limit=_("File within {complaint_days} of the breach"),
        missed=_("Refused, with the reason and where to go instead"),
        means=(
            _(
                "It is accepted when all of this holds: you bought online with trade assurance; "
                "the product bore the mark; it is about a duty of section 2; your request was "
                "received inside the cover; it is in time; it was not filed or settled before."
            ),
            _(
                "First you and the seller talk. You may escalate after {negotiation_days}; after "
                "{auto_escalation_days} it escalates by itself."
            ),
            _(
                "ZESTECH may ask for evidence, to be given within {evidence_days}, and then "
                "determines who is liable, with reasons. One objection with new evidence is heard "
                "within {objection_days}, by another officer."
            ),
        ),
    ),
    Clause(
        "3.4",
        _("Settling first, and losses"),
        _(
            "You and the seller try to settle a dispute first; what the seller's breach costs the "
            "platform, the seller pays."
        ),
        SELLER,
        limit=_("{loss_answer_days} to answer a loss claim"),
        missed=_("The claim counts as not contested"),
        means=(
            _(
                "Only a confirmed breach counts: attorney, transport, notary and other costs, "
                "each with a voucher and a note why it arose."
            ),
            _("A breach that is overturned takes its loss claim with it."),
        ),
    ),
    Clause(
        "4.1.1",
        _("The buyer's reasons"),
        _("No service is owed where the seller cannot serve for the buyer's own reasons, or the buyer gives it up."),
        BUYER,
        missed=_("The request is excluded"),
        means=(
            _(
                "The seller must prove it, and an auditor decides; the seller never decides it "
                "alone. It reaches one request only: your cover stays, and you may book again."
            ),
            _("Only you can give up a whole cover, in so many words, confirmed twice."),
        ),
    ),
    Clause(
        "4.1.2",
        _("Force majeure"),
        _(
            "Where nobody could have foreseen, avoided or overcome what happened, the duties it "
            "stops stand still, or fall away if the service can no longer be given."
        ),
        SELLER,
        limit=_(
            "Notice within {force_majeure_notice_hours} of the event's start, proof within "
            "{force_majeure_proof_days} of the claim"
        ),
        missed=_("The claim fails, and the limits run as if it had not been made"),
        means=(
            _(
                "The source says “or”; here the event must be all three: unforeseeable, "
                "unavoidable and insurmountable, judged as of the day you ordered."
            ),
            _("Only what the event really stops stands still: an embargo stops a visit, not a reply."),
            _("An event that began after a limit had ended excuses nothing."),
        ),
    ),
    Clause(
        "4.1.3",
        _("Obvious abuse"),
        _("No service is owed to a buyer who obviously abuses the right to it."),
        BUYER,
        missed=_("The request is excluded"),
        means=(
            _("It takes a finding with evidence, after hearing you, with an end date and an appeal."),
            _("Missed visits ({abuse_no_shows} in {abuse_window_days}) only draw attention; they decide nothing."),
        ),
    ),
    Clause(
        "4.2",
        _("Disputes"),
        _("Disputes about after-sales service follow ZESTECH's mediation rules."),
        BOTH,
    ),
    Clause(
        "4.3",
        _("When a seller leaves"),
        _("A seller who leaves the programme still owes you everything until your cover ends."),
        SELLER,
        limit=_("To the end of each cover"),
        missed=_("The same as for an active seller"),
        means=(
            _(
                "Leaving or being cleared changes no limit, no cover and no open appointment of "
                "an order placed under the mark."
            ),
        ),
    ),
    Clause(
        "5.1",
        _("Days are natural days"),
        _("Days are natural days: weekends and holidays count like any other."),
        BOTH,
        means=(
            _(
                "The day a limit starts is not counted; the limit ends at 24:00 of its last day "
                "in the platform's zone ({zone})."
            ),
        ),
    ),
    Clause(
        "5.2",
        _("Since when"),
        _("The rules are in force from 27 December 2021, 00:00 in the platform's zone."),
        BOTH,
        means=(
            _(
                "What was fully paid before is not covered. An order placed before and paid after "
                "is covered under edition 1."
            ),
            _("Your order keeps the edition of its day, except where a later one is better for you."),
        ),
    ),
)

CLAUSES: dict[str, Clause] = {each.id: each for each in _CLAUSES}


def clause(number: str) -> Clause:
    """The clause of a number such as "2.3.1"; KeyError when there is none."""
    return CLAUSES[number]
