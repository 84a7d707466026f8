"""The sections of a case: who and what, cover, requests, limits with their sums, offers, terms, visits, thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cases.cover_ends import end_when_received
from cases.explanation import explanation, limits_for
from cases.models import (
    Deadline,
    Disclosure,
    ExclusionClaim,
    Offer,
    ServiceAppointment,
    ServiceCase,
    Visit,
)
from cases.models.disclosure import ITEM_WORDS
from cases.queries import thread_of
from cases.sums import Explanation
from cases.threads import SIDES
from complaints.packs import service_sections as served
from complaints.packs.reach import Reader, Subject
from complaints.packs.sections import Entry, Section, Writing, facts


def case_sections(subject: Subject, reader: Reader, writing: Writing) -> list[Section]:
    """What the case itself tells; a constant number of queries for each request."""
    requests = list(
        ServiceAppointment.objects.filter(case__in=subject.cases).select_related("point", "case").order_by("pk")
    )
    return [
        Section("people", _("Who and what"), [_people(each, reader, writing) for each in subject.cases]),
        served.mergers(subject.cases, writing),
        Section("cover", _("Service cover"), [_cover(subject, requests, writing)]),
        Section("requests", _("Requests"), [_request(each, reader, writing) for each in requests]),
        Section("limits", _("Limits and their sums"), _limits(requests, reader, writing)),
        served.longer_limits(requests, writing),
        served.promises(subject.cases, writing),
        Section("disclosures", _("Service terms told (3.1)"), _disclosures(requests, writing)),
        Section("offers", _("Offers"), _offers(requests, writing)),
        Section("visits", _("Visits"), _visits(requests, writing)),
        served.parts(requests, writing),
        served.shipments(subject.cases, writing),
        served.units(requests, writing),
        served.sign_offs(requests, writing),
        Section("claims", _("Exclusion claims and what was decided"), _claims(requests, writing)),
        Section("thread", _("Conversation"), [each for case in subject.cases for each in _thread(case, writing)]),
    ]


def _people(case: ServiceCase, reader: Reader, writing: Writing) -> Entry:
    order, line, buyer = case.cover.order, case.cover.line, case.buyer
    # A seller is told a buyer's name, never his address for mail.
    who = buyer.name or _("the buyer") if reader.side == "seller" else f"{buyer.name} <{buyer.email}>"
    sent_to = ", ".join(
        part for part in (order.ship_name, order.ship_address, order.ship_city, order.ship_country) if part
    )
    contact = ((_("Shipped to"), sent_to), (_("Phone"), order.phone)) if reader.shows_recipient else ()
    return Entry(
        f"{case.reference} {case.title}",
        facts(
            (_("State"), case.get_state_display()),
            (_("Merged into"), case.merged_into or ""),
            (_("Opened"), writing.instant(case.opened_at)),
            (_("Order"), order.number),
            (_("Payment protection"), order.get_protection_display()),
            (_("Order placed"), writing.instant(order.placed_at)),
            (_("Fully paid"), writing.instant(order.paid_at)),
            (_("Product"), f"{line.title} ({line.product.sku})"),
            (_("Buyer"), who),
            *contact,
            (_("Seller"), f"{case.seller.name} ({case.seller.legal_name})"),
        ),
        case.description,
    )


def _cover(subject: Subject, requests: Sequence[ServiceAppointment], writing: Writing) -> Entry:
    cover = subject.case.cover
    # As the last request found it: promises of more months and editions of more years bind what is received after them.
    ends_at = end_when_received(cover, requests[-1]) if requests else cover.ends_at
    return Entry(
        "",
        facts(
            (_("State"), cover.get_state_display()),
            (_("Reason"), cover.get_reason_display()),
            (_("Begins"), writing.instant(cover.starts_at)),
            (_("Ends"), writing.instant(ends_at)),
            (_("Unit"), cover.unit_serial),
            (_("Rule edition"), cover.edition),
        ),
    )


def _request(each: ServiceAppointment, reader: Reader, writing: Writing) -> Entry:
    contact = ((_("Address"), each.address), (_("Phone"), each.phone)) if reader.shows_contact(each) else ()
    return Entry(
        _("Request %(pk)d, %(case)s") % {"pk": each.pk, "case": each.case.reference},
        facts(
            (_("State"), each.get_state_display()),
            (_("Received"), writing.instant(each.received_at)),
            (_("Method"), each.get_method_display()),
            (_("Service"), each.get_service_type_display()),
            (_("Service point"), each.point or ""),
            (_("Slot"), writing.instant(each.slot_starts_at)),
            (_("Place"), f"{each.city} {each.country}".strip()),
            *contact,
            (_("Wish"), each.wish),
            (_("Ended"), writing.instant(each.ended_at)),
            (_("Reason of the end"), each.end_words),
        ),
    )


def _limits(requests: list[ServiceAppointment], reader: Reader, writing: Writing) -> list[Entry]:
    rows = limits_for(reader.by).filter(appointment__in=requests).order_by("pk").prefetch_related("pauses")
    return [_limit(row, explanation(row), writing) for row in rows]


def _limit(row: Deadline, told: Explanation, writing: Writing) -> Entry:
    number = _("%(number)s by edition %(edition)d") % {"number": told.number_words, "edition": told.edition}
    pauses = [
        f"{writing.span(each.begins_at, each.ends_at)}: {each.cause_words}, {each.reading_words}; {each.counted}"
        for each in told.pauses
    ]
    agreed = [f"{each.words} ({writing.instant(each.agreed_at)}): {each.reason}" for each in told.agreements]
    return Entry(
        f"{capfirst(told.label)}, {told.clause} ({_('Request %(pk)d') % {'pk': row.appointment_id}})",
        facts(
            (_("State"), row.get_state_display()),
            (_("Start"), f"{writing.instant(told.started_at)} ({told.start_words})"),
            (_("Number"), number),
            (_("Promised"), "; ".join(f"{each.where}: {each.statement}" for each in told.sources)),
            (_("Agreed for this request"), "; ".join(agreed)),
            (_("Counts"), told.amount_words),
            (_("Due without pauses"), writing.instant(told.unpaused_due_at)),
            (_("Pauses"), "\n".join(pauses)),
            (_("Pauses together"), told.paused if told.pauses else ""),
            (_("Due"), writing.instant(told.due_at) or _("none while a pause is open")),
            (_("Stored"), writing.instant(told.stored_due_at)),
            (_("Sum and stored instant"), _("agree") if told.agrees else _("DISAGREE")),
            (_("Ended"), writing.instant(row.ended_at)),
        ),
    )


def _disclosures(requests: list[ServiceAppointment], writing: Writing) -> list[Entry]:
    found = (
        Disclosure.objects.filter(appointment__in=requests)
        .prefetch_related("doubts")
        .order_by("appointment", "version")
    )
    return [
        Entry(
            _("Version %(version)d, request %(pk)d") % {"version": each.version, "pk": each.appointment_id},
            facts(
                *((label, getattr(each, item)) for item, label in ITEM_WORDS),
                (_("Charges at most"), _money(each.charges_at_most, each.charges_currency)),
                (_("Given"), writing.instant(each.given_at)),
                (_("Acknowledged"), writing.instant(each.acknowledged_at)),
                *(
                    (_("Unclear to the buyer"), f"{doubt.get_item_display()}: {doubt.question}")
                    for doubt in each.doubts.all()
                ),
            ),
        )
        for each in found
    ]


def _offers(requests: list[ServiceAppointment], writing: Writing) -> list[Entry]:
    found = Offer.objects.filter(appointment__in=requests).select_related("engineer", "point").order_by("pk")
    return [_offer(each, writing) for each in found]


def _offer(each: Offer, writing: Writing) -> Entry:
    windows = [writing.span(window["starts_at"], window["ends_at"]) for window in each.shown_windows]
    next_step = f"{each.next_step} {writing.instant(each.next_step_at)}".strip()
    return Entry(
        _("Offer %(pk)d of the %(side)s, request %(request)d")
        % {"pk": each.pk, "side": each.get_side_display(), "request": each.appointment_id},
        facts(
            (_("State"), each.get_state_display()),
            (_("Received"), writing.instant(each.received_at)),
            (_("Late"), _("yes") if each.is_late else ""),
            (_("Method"), each.get_method_display()),
            (_("Service"), each.get_service_type_display()),
            (_("Visit windows"), "\n".join(windows)),
            (_("Accepted window"), "" if each.accepted_window is None else windows[each.accepted_window]),
            (_("Next step"), next_step),
            (_("Named person"), each.engineer or each.contact_name),
            (_("Service point"), each.point or ""),
            (_("Parts"), each.parts),
            (_("Price"), _money(each.price_amount, each.price_currency)),
            (_("Price terms"), each.price_terms),
        ),
        each.plan,
    )


def _visits(requests: list[ServiceAppointment], writing: Writing) -> list[Entry]:
    found = Visit.objects.filter(appointment__in=requests).select_related("engineer", "point").order_by("pk")
    return [
        Entry(
            _("Visit %(number)d, request %(pk)d") % {"number": each.number, "pk": each.appointment_id},
            facts(
                (_("State"), each.get_state_display()),
                (_("Planned"), writing.span(each.starts_at, each.ends_at)),
                (_("Named person"), each.engineer or each.contact_name),
                (_("Service point"), each.point or ""),
                (_("Checked in"), writing.instant(each.checked_in_at)),
                (_("Done"), writing.instant(each.done_at)),
                (_("Result"), each.get_result_display()),
            ),
            each.report,
        )
        for each in found
    ]


def _claims(requests: list[ServiceAppointment], writing: Writing) -> list[Entry]:
    found: QuerySet[ExclusionClaim] = ExclusionClaim.objects.filter(appointment__in=requests).order_by("pk")
    return [
        Entry(
            f"{capfirst(each.get_ground_display())}, {each.clause} ({_('Request %(pk)d') % {'pk': each.appointment_id}})",
            facts(
                (_("State"), each.get_state_display()),
                (_("Event"), each.get_kind_display()),
                (_("Place"), each.place),
                (_("Lasted"), writing.span(each.begins_at, each.ends_at)),
                (_("Stops"), ", ".join(str(words) for words in each.duty_words)),
                (_("Filed"), writing.instant(each.filed_at)),
                (_("Granted"), writing.span(each.granted_begins_at, each.granted_ends_at)),
                (_("Decided"), writing.instant(each.decided_at)),
                (_("Code"), each.code),
            ),
            each.reason,
        )
        for each in found
    ]


def _thread(case: ServiceCase, writing: Writing) -> Iterable[Entry]:
    for message in thread_of(case):
        photos = [f"{photo.name} (SHA-256 {photo.sha256})" for photo in message.attachments.all()]
        yield Entry(
            f"{writing.instant(message.received_at)} {message.author_name} ({SIDES[message.side]})",
            facts((_("Case"), case.reference if case.merged_into_id else ""), (_("Photos"), "\n".join(photos))),
            message.body,
        )


def _money(amount: Decimal | None, currency: str) -> str:
    return f"{amount} {currency}".strip() if amount is not None and (amount or currency) else ""
