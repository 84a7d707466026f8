"""The service itself at the staff desk: parts told before a visit and used in it, shipments, replaced units; everything read-only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.admin.search import ByReference
from cases.models import ListedPart, PartsList, Shipment, UnitReplacement, UsedPart
from zestech_aftersales.staff import ReadOnlyRows
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of


class ListedPartRows(ReadOnlyRows):
    model = ListedPart
    fields = readonly_fields = ("position", "name", "number", "quantity", "brought_by", "paid_by", "amount", "currency")


@admin.register(PartsList)
class PartsListAdmin(ByReference):
    list_display = ("appointment", "version", "given_by", "given_at")
    search_fields = ("appointment__case__cover__order__number__iexact",)
    list_select_related = ("appointment", "given_by")
    ordering = ("-id",)
    case_lookup = "appointment__case_id"
    inlines = (ListedPartRows,)

    def events_about(self, thing: PartsList) -> QuerySet[Event]:
        return events_of(f"case/{thing.appointment.case_id}").filter(kind="parts.listed")


@admin.register(UsedPart)
class UsedPartAdmin(ByReference):
    list_display = ("name", "number", "quantity", "visit", "paid_by", "amount", "currency", "is_outside")
    list_filter = ("is_outside", "paid_by")
    search_fields = ("name__istartswith", "visit__appointment__case__cover__order__number__iexact")
    search_help_text = _("Case reference (ZA-…), order number, or the beginning of the part’s name")
    list_select_related = ("visit",)
    ordering = ("-id",)
    case_lookup = "visit__appointment__case_id"

    def events_about(self, thing: UsedPart) -> QuerySet[Event]:
        appointment = thing.visit.appointment
        return events_of(f"case/{appointment.case_id}").filter(
            subject=appointment.subject, detail__visit=thing.visit.number
        )


@admin.register(Shipment)
class ShipmentAdmin(ByReference):
    list_display = ("case", "kind", "state", "carrier", "tracking_number", "announced_at", "shipped_at", "ended_at")
    list_filter = ("state", "kind", ("missed_at", admin.EmptyFieldListFilter))
    search_fields = ("tracking_number__iexact", "case__cover__order__number__iexact")
    search_help_text = _("Case reference (ZA-…), order number, or tracking number")
    list_select_related = ("case",)
    ordering = ("-id",)
    case_lookup = "case_id"

    def events_about(self, thing: Shipment) -> QuerySet[Event]:
        return events_of(thing.case.stream).filter(subject=thing.subject)


@admin.register(UnitReplacement)
class UnitReplacementAdmin(ByReference):
    list_display = ("cover", "old_serial", "new_serial", "replaced_at", "recorded_by")
    search_fields = ("old_serial__iexact", "new_serial__iexact", "cover__order__number__iexact")
    search_help_text = _("Case reference (ZA-…), order number, or a serial number")
    list_select_related = ("cover", "recorded_by")
    ordering = ("-id",)
    case_lookup = "appointment__case_id"

    def events_about(self, thing: UnitReplacement) -> QuerySet[Event]:
        return events_of(f"case/{thing.appointment.case_id}").filter(detail__has_key="unit")
