"""Who hears of a seller's events, and in what words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sellers.models import Seller, SellerCommitment
from sellers.queries import people_to_tell
from zestech_aftersales.accounts.actors import Channel
from zestech_aftersales.accounts.models import User
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.timeline.models import Event

PROGRAMME, PRODUCTS, COMMITMENTS = "/dashboard/programme/", "/dashboard/products/", "/dashboard/commitments/"


@dataclass(frozen=True, slots=True)
class Words:
    """A headline, what it means, and the page it belongs to; `url` empty: nobody is told."""

    headline: str | Promise
    sentence: str | Promise = ""
    url: str = ""


EVENT_WORDS = {
    "seller.registered": Words(gettext_lazy("Seller registered")),
    "seller.changed": Words(gettext_lazy("Seller's data changed")),
    "member.added": Words(gettext_lazy("Member added")),
    "member.changed": Words(gettext_lazy("Member's seat changed")),
    "client.bound": Words(gettext_lazy("API client bound")),
    "point.added": Words(gettext_lazy("Service point added")),
    "point.changed": Words(gettext_lazy("Service point changed")),
    "engineer.added": Words(gettext_lazy("Engineer added")),
    "engineer.changed": Words(gettext_lazy("Engineer's data changed")),
    "product.added": Words(gettext_lazy("Product added")),
    "product.changed": Words(gettext_lazy("Product's page changed")),
    "product.marked": Words(
        gettext_lazy("Mark set"), gettext_lazy("A product of yours bears the after-sales service mark."), PRODUCTS
    ),
    "product.unmarked": Words(
        gettext_lazy("Mark ended"),
        gettext_lazy("A product of yours no longer bears the mark. Orders placed before keep their cover."),
        PRODUCTS,
    ),
    "enrolment.applied": Words(
        gettext_lazy("Application received"), gettext_lazy("The platform looks at the application."), PROGRAMME
    ),
    "enrolment.activated": Words(
        gettext_lazy("Enrolment active"),
        gettext_lazy("You take part in the after-sales programme and can display the mark."),
        PROGRAMME,
    ),
    "enrolment.rejected": Words(
        gettext_lazy("Application rejected"),
        gettext_lazy(
            "The platform has turned the application down. As long as no bar covers you, you can apply again."
        ),
        PROGRAMME,
    ),
    "enrolment.withdrawn": Words(
        gettext_lazy("Enrolment withdrawn"),
        gettext_lazy("The marks have ended. Orders placed under them go on under the rules until their covers end."),
        PROGRAMME,
    ),
    # The clearance itself tells the seller, with its reasons.
    "enrolment.cleared": Words(gettext_lazy("Enrolment cleared")),
    "enrolment.cleared_by_other": Words(gettext_lazy("Clearance lifted: the enrolment stays cleared by another one")),
    "enrolment.returned": Words(gettext_lazy("Clearance lifted: the enrolment is as it was")),
    "enrolment.bar_lifted": Words(
        gettext_lazy("The bar is lifted"),
        gettext_lazy("The bar for which your application was turned down is as if it had never been. Apply again."),
        PROGRAMME,
    ),
    # In streams of their own, which the auditors alone read.
    "affiliation.recorded": Words(gettext_lazy("Affiliation recorded")),
    "affiliation.ended": Words(gettext_lazy("Affiliation ended")),
    "commitment.recorded": Words(gettext_lazy("Commitment recorded")),
    "commitment.binding": Words(
        gettext_lazy("Commitment binds"),
        gettext_lazy("All of its terms are part of your duty from now on."),
        COMMITMENTS,
    ),
    "commitment.void": Words(
        gettext_lazy("Commitment void"),
        gettext_lazy("Its terms are narrower than the rules or an earlier promise and have no effect."),
        COMMITMENTS,
    ),
    "commitment.split": Words(
        gettext_lazy("Commitment binds in part"),
        gettext_lazy("What is narrower than the rules or an earlier promise has no effect, the rest binds."),
        COMMITMENTS,
    ),
    "commitment.put_right": Words(
        gettext_lazy("Commitment judged anew"),
        gettext_lazy(
            "The platform has put right how it was judged. What binds now has bound from the start, what is void has "
            "never bound: limits that move by it are told with their requests."
        ),
        COMMITMENTS,
    ),
    "commitment.superseded": Words(gettext_lazy("Commitment superseded")),
    "commitment.ended": Words(
        gettext_lazy("Commitment ended"), gettext_lazy("Orders placed before keep what it promised."), COMMITMENTS
    ),
}


# The same for the buyer whom the promise was made to.
TO_BUYER = {
    "commitment.binding": Words(
        gettext_lazy("What the seller promised you binds"),
        gettext_lazy("It counts for the requests that you make after it was said."),
    ),
    "commitment.void": Words(
        gettext_lazy("What the seller said to you does not bind"),
        gettext_lazy("It gives you no more than the rules or an earlier promise, or it promises nothing."),
    ),
    "commitment.split": Words(
        gettext_lazy("What the seller promised you binds in part"),
        gettext_lazy("What is narrower than the rules or an earlier promise has no effect, the rest binds."),
    ),
    "commitment.put_right": Words(
        gettext_lazy("What the seller said to you was judged anew"),
        gettext_lazy(
            "The platform has put right how it was judged. What binds now has bound from the start, what is void has "
            "never bound."
        ),
    ),
    "commitment.ended": Words(
        gettext_lazy("A promise to you has ended"),
        gettext_lazy("Requests that you made before keep what it promised."),
    ),
}


def promised_to(event: Event) -> User | None:
    """The buyer to whom alone a commitment was made, where the event is about one that he hears of."""
    kind, _slash, pk = event.subject.partition("/")
    if kind != "commitment" or event.kind not in TO_BUYER:
        return None
    said = SellerCommitment.objects.filter(pk=int(pk)).select_related("made_to").first()
    return None if said is None else said.made_to


class SellerAnnouncer:
    """Speaks for the streams `seller/...`."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """The seller's people, except who did it; a file with a thousand products tells nobody a thousand times."""
        words = EVENT_WORDS.get(event.kind)
        if words is None or not words.url or event.channel == Channel.IMPORT:
            return
        seller = Seller.objects.filter(pk=int(event.stream.removeprefix("seller/"))).first()
        if seller is None:
            return
        for person in people_to_tell(seller):
            if person.pk != event.actor_id:
                yield Recipient(person)
        if (buyer := promised_to(event)) is not None and buyer.pk != event.actor_id:
            yield Recipient(buyer)

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words for one of the seller's people, or for the buyer whom a promise was made to."""
        words = EVENT_WORDS[event.kind]
        url = words.url
        if (buyer := promised_to(event)) is not None and buyer.pk == recipient.pk:
            words, url = TO_BUYER[event.kind], "/portal/"
        reason = (event.detail or {}).get("reason", "")
        parts = [
            str(words.sentence),
            _("Reason: %(reason)s") % {"reason": reason} if reason else "",
            _("Rule %(clause)s") % {"clause": event.clause} if event.clause else "",
        ]
        return Notice(subject=str(words.headline), text="\n\n".join(part for part in parts if part), url=url)
