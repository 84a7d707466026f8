"""What happens, for the staff: everything read-only, filtered and searched; steps ask for a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cases.abuse import no_shows_of
from cases.actions.cancel import cancel
from cases.actions.messages import write
from cases.actions.rulings import rule_on_offer
from cases.admin.mails import MAIL_STEPS
from cases.admin.merges import MERGE
from cases.admin.offers import offer_indicators, offer_said, offer_times
from cases.admin.restrictions import RESTRICT
from cases.admin.search import ByReference
from cases.admin.told import Told
from cases.admin.watch import ReminderRows, WatchListFilter
from cases.cover_ends import end_for, with_longest_months
from cases.models import (
    Attachment,
    Cover,
    Deadline,
    Disclosure,
    Message,
    Offer,
    OfferState,
    Order,
    OrderLine,
    Pause,
    ServiceAppointment,
    ServiceCase,
    Visit,
)
from cases.models.appointment import BEFORE_SERVICE
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.desk.reader import reader_of
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.staff import ReadOnlyRows, ReadOnlyStateAdmin, Step
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of
from zestech_aftersales.ui.instants import instant_words


def cancel_for_the_buyer(appointment: ServiceAppointment, *, reason: str, by: Actor, at: datetime) -> object:
    """Cancel on the buyer's request; the event carries both names (domain section 6)."""
    return cancel(appointment, reason, by=replace(by, acting_for=appointment.buyer), at=at)


def hold_reasonable(offer: Offer, *, reason: str, by: Actor, at: datetime) -> object:
    """The auditor's ruling for the seller."""
    return rule_on_offer(offer, is_reasonable=True, reason=reason, by=by, at=at)


def hold_unreasonable(offer: Offer, *, reason: str, by: Actor, at: datetime) -> object:
    """The auditor's ruling for the buyer."""
    return rule_on_offer(offer, is_reasonable=False, reason=reason, by=by, at=at)


def write_to_both(case: ServiceCase, *, reason: str, by: Actor, at: datetime) -> object:
    """A word of the platform in the thread."""
    return write(case, reason, by=by, at=at)


class LineRows(ReadOnlyRows):
    model = OrderLine
    fields = readonly_fields = ("position", "product", "title", "quantity", "refunded_quantity", "unit_price")


def _written(instant: datetime | None) -> str:
    return "-" if instant is None else instant_words(instant)


class EndsNow(admin.options.BaseModelAdmin[Cover]):
    """Covers with the end that counts for a request of now, where they are listed and on their own page."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cover]:
        return with_longest_months(super().get_queryset(request), at=reader_of(request).at)

    @admin.display(description=_("ends, for a request of now"))
    def ends_now(self, cover: Cover) -> str:
        return _written(end_for(cover, clock.now()))


class CoverRows(EndsNow, ReadOnlyRows):
    model = Cover
    fields = readonly_fields = ("line", "seller", "state", "reason", "starts_at", "ends_now", "edition")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cover]:
        return super().get_queryset(request).select_related("line", "seller", "edition")


class AppointmentRows(ReadOnlyRows):
    model = ServiceAppointment
    fields = readonly_fields = (
        "method",
        "service_type",
        "state",
        "received_at",
        "next_due_at",
        "ended_at",
        "why_it_ended",
    )
    show_change_link = True

    @admin.display(description=_("reason of the end"))
    def why_it_ended(self, appointment: ServiceAppointment) -> str:
        return str(appointment.end_words) or "-"


class MessageRows(ReadOnlyRows):
    model = Message
    fields = readonly_fields = ("received_at", "side", "author_name", "body")


class AttachmentRows(ReadOnlyRows):
    model = Attachment
    fields = readonly_fields = ("name", "content_type", "size", "sha256", "received_at")


class DeadlineRows(ReadOnlyRows):
    model = Deadline
    fk_name = "appointment"
    fields = readonly_fields = ("clock", "state", "clause", "started_at", "amount", "due_at", "ended_at", "promised")
    show_change_link = True


class OfferRows(ReadOnlyRows):
    model = Offer
    fields = readonly_fields = ("side", "state", "method", "received_at", "is_late", "contact_name", "price_terms")
    show_change_link = True


class DisclosureRows(ReadOnlyRows):
    model = Disclosure
    fields = readonly_fields = (
        "version", "service_period", "number_of_services", "service_scope", "charging_standard", "charges_at_most",
        "charges_currency", "given_at", "acknowledged_at",
    )  # fmt: skip


class VisitRows(ReadOnlyRows):
    model = Visit
    fields = readonly_fields = (
        "number",
        "state",
        "starts_at",
        "ends_at",
        "engineer",
        "checked_in_at",
        "done_at",
        "result",
        "report",
    )


class PauseRows(ReadOnlyRows):
    model = Pause
    fields = readonly_fields = ("begins_at", "ends_at", "cause", "evidence", "voided_at")


@admin.register(Order)
class OrderAdmin(Told, ReadOnlyStateAdmin):
    list_display = ("number", "buyer", "state", "protection", "placed_at", "paid_at", "total", "currency")
    list_filter = ("state", "protection", "ship_country")
    search_fields = ("number__iexact", "buyer__email__istartswith")
    search_help_text = _("Order number or the beginning of the buyer’s e-mail")
    list_select_related = ("buyer",)
    ordering = ("-id",)
    inlines = (LineRows, CoverRows)
    personal = ("ship_name", "ship_address", "phone")

    def events_about(self, thing: Order) -> QuerySet[Event]:
        return events_of(thing.stream)


@admin.register(Cover)
class CoverAdmin(EndsNow, Told, ReadOnlyStateAdmin):
    list_display = ("line", "order", "seller", "buyer", "state", "reason", "starts_at", "ends_now")
    list_filter = ("state", "reason")
    search_fields = ("order__number__iexact", "buyer__email__istartswith")
    search_help_text = _("Order number or the beginning of the buyer’s e-mail")
    list_select_related = ("line", "order", "seller", "buyer", "edition")
    ordering = ("-id",)
    fields = (
        "line", "order", "seller", "buyer", "state", "reason", "starts_at", "ends_now", "ended_as_paid", "unit_serial",
        "edition", "as_placed", "buyers_no_shows",
    )  # fmt: skip
    readonly_fields = ("ends_now", "ended_as_paid", "as_placed", "buyers_no_shows")
    steps = (RESTRICT,)

    @admin.display(description=_("end as it stood with the payment"))
    def ended_as_paid(self, cover: Cover) -> str:
        return _written(cover.ends_at)

    @admin.display(description=_("as it stood at placement"))
    def as_placed(self, cover: Cover) -> str:
        """The mark, what the page offered, and what it promised, in words where there are words."""
        placed = cover.snapshot
        named = [ServiceMethod(each).label for each in placed.get("methods", [])]
        named += [ServiceType(each).label for each in placed.get("service_types", [])]
        mark = _("bears the mark") if placed.get("marked") else _("without the mark")
        rest = [f"{name}: {value}" for name, value in {**placed.get("page", {}), **placed.get("terms", {})}.items()]
        return "; ".join([str(mark), ", ".join(str(each) for each in named), *rest])

    @admin.display(description=_("the buyer’s missed visits"))
    def buyers_no_shows(self, cover: Cover) -> str:
        law = cover.edition.law
        missed = no_shows_of(cover.buyer_id, law, at=clock.now())
        told = _("%(missed)d in %(days)d days") % {"missed": missed, "days": law.abuse_window_days}
        return f"⚑ {told}" if missed >= law.abuse_no_shows else told

    def events_about(self, thing: Cover) -> QuerySet[Event]:
        return events_of(thing.order.stream)


@admin.register(ServiceCase)
class ServiceCaseAdmin(ByReference):
    list_display = ("reference", "title", "seller", "buyer", "state", "opened_at", "merged_into")
    list_filter = ("state", ("merged_into", admin.EmptyFieldListFilter))
    search_fields = ("title", "cover__order__number__iexact", "buyer__email__istartswith")
    list_select_related = ("seller", "buyer", "merged_into")
    ordering = ("-id",)
    inlines = (AppointmentRows, MessageRows, AttachmentRows)
    steps = (
        Step(
            name="write",
            label=_("Write in the conversation"),
            perform=write_to_both,
            roles=(PlatformRole.SUPPORT, PlatformRole.AUDITOR),
            consequence=_("Buyer and seller both read it. It stops no limit."),
        ),
        MERGE,
    )

    readonly_fields = ("whole_file",)

    @admin.display(description=_("case file"))
    def whole_file(self, case: ServiceCase) -> str:
        """The way to everything about the case on one page."""
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:case_file", args=[case.pk]),
            _("Everything on one page, with internal notes"),
        )

    def events_about(self, thing: ServiceCase) -> QuerySet[Event]:
        return events_of(thing.stream)


@admin.register(ServiceAppointment)
class ServiceAppointmentAdmin(ByReference):
    list_display = ("case", "method", "state", "seller", "buyer", "next_due_at")
    list_filter = ("state", "method", "service_type", "has_disclosure_gap")
    search_fields = ("case__title", "case__cover__order__number__iexact", "buyer__email__istartswith")
    list_select_related = ("case", "seller", "buyer")
    ordering = ("-id",)
    case_lookup = "case_id"
    inlines = (DeadlineRows, OfferRows, DisclosureRows, VisitRows)
    personal = ("address", "phone")
    exclude = ("end_reason",)
    readonly_fields = ("why_it_ended",)
    steps = (
        Step(
            name="cancel",
            label=_("Cancel on the buyer’s request"),
            perform=cancel_for_the_buyer,
            roles=(PlatformRole.SUPPORT,),
            clause="4.1.1",
            consequence=_(
                "The request ends without a violation, if its limit has not passed. Both names are recorded."
            ),
            offered=lambda appointment: appointment.state in BEFORE_SERVICE,
        ),
        *MAIL_STEPS,
    )

    @admin.display(description=_("reason of the end"))
    def why_it_ended(self, appointment: ServiceAppointment) -> str:
        return str(appointment.end_words) or "-"

    def events_about(self, thing: ServiceAppointment) -> QuerySet[Event]:
        return events_of(f"case/{thing.case_id}").filter(subject=thing.subject)


@admin.register(Deadline)
class DeadlineAdmin(ByReference):
    list_display = ("clock", "state", "appointment", "clause", "started_at", "due_at", "ended_at", "promised")
    list_filter = (WatchListFilter, "state", "clock")
    search_fields = ("appointment__case__cover__order__number__iexact",)
    list_select_related = ("appointment",)
    ordering = ("-id",)
    case_lookup = "appointment__case_id"
    inlines = (PauseRows, ReminderRows)
    readonly_fields = ("counted",)

    @admin.display(description=_("How it is counted"))
    def counted(self, deadline: Deadline) -> str:
        """The way to its sum."""
        address = reverse("portal:limit", args=[deadline.appointment.case.reference, deadline.pk])
        return format_html('<a href="{}">{}</a>', address, _("The limit as a sum"))

    def events_about(self, thing: Deadline) -> QuerySet[Event]:
        return events_of(f"case/{thing.appointment.case_id}").filter(subject=thing.appointment.subject)


@admin.register(Offer)
class OfferAdmin(ByReference):
    list_display = ("appointment", "side", "state", "method", "received_at", "is_late", "made_by")
    list_filter = ("state", "side", "is_late", "method")
    search_fields = ("appointment__case__cover__order__number__iexact",)
    list_select_related = ("appointment", "made_by")
    ordering = ("-id",)
    case_lookup = "appointment__case_id"
    exclude = ("windows", "accepted_window")
    readonly_fields = ("times", "said", "indicators")
    steps = (
        Step(
            name="reasonable",
            label=_("Hold it reasonable"),
            perform=hold_reasonable,
            roles=(PlatformRole.AUDITOR,),
            clause="2.3.1",
            consequence=_("The offer stands, and the buyer’s time to decide goes on."),
            offered=lambda offer: offer.state == OfferState.FLAGGED,
        ),
        Step(
            name="unreasonable",
            label=_("Hold it unreasonable"),
            perform=hold_unreasonable,
            roles=(PlatformRole.AUDITOR,),
            clause="2.3.1",
            consequence=_(
                "The offer is void. The limit it had met counts as if it had not been made: "
                "if it has passed, the request is deemed refused at its due instant."
            ),
            offered=lambda offer: offer.state == OfferState.FLAGGED,
        ),
    )

    @admin.display(description=_("visit windows"))
    def times(self, offer: Offer) -> str:
        """The windows as instants in the reader's zone; the accepted one is marked."""
        return offer_times(offer)

    @admin.display(description=_("flag and ruling"))
    def said(self, offer: Offer) -> str:
        """Why the buyer holds it unreasonable, and what the platform ruled."""
        return offer_said(offer)

    @admin.display(description=_("indicators"))
    def indicators(self, offer: Offer) -> str:
        """The nine things that an auditor looks at; none of them decides."""
        return offer_indicators(offer)

    def events_about(self, thing: Offer) -> QuerySet[Event]:
        return events_of(f"case/{thing.appointment.case_id}").filter(detail__offer=thing.pk)
