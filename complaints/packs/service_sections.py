"""The sections of a case about how it was served: mergers, promises, longer limits, parts, parcels, units, sign-offs."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cases.models import (
    ChatPromise,
    LongerLimit,
    PartsList,
    ServiceAppointment,
    ServiceCase,
    Shipment,
    SignOff,
    UnitReplacement,
    UsedPart,
)
from cases.models.part import Part
from complaints.packs.sections import Entry, Section, Writing, facts
from zestech_aftersales.timeline.models import Event

Requests = list[ServiceAppointment]


def mergers(cases: Iterable[ServiceCase], writing: Writing) -> Section:
    """Which duplicates were merged into which case, and why."""
    merged = [case for case in cases if case.merged_into is not None]
    told = Event.objects.filter(kind="case.merged", stream__in=[case.stream for case in merged]).order_by("pk")
    reasons = {event.stream: (event.detail or {}).get("reason", "") for event in told}
    entries = [
        Entry(
            _("%(case)s was merged into %(other)s") % {"case": case.reference, "other": case.merged_into},
            facts((_("Merged"), writing.instant(case.merged_at))),
            str(reasons.get(case.stream, "")),
        )
        for case in merged
    ]
    return Section("mergers", _("Merged cases"), entries)


def promises(cases: Iterable[ServiceCase], writing: Writing) -> Section:
    """What a word in the conversation was recorded as, and what became of it."""
    found = ChatPromise.objects.filter(message__case__in=list(cases)).select_related("message", "commitment")
    entries = [
        Entry(
            _("Promise in the message of %(instant)s") % {"instant": writing.instant(each.message.received_at)},
            facts(
                (_("Recorded by"), each.get_side_display()),
                (_("Recorded"), writing.instant(each.recorded_at)),
                (_("State"), each.commitment.get_state_display()),
                (_("Holds from"), writing.instant(each.commitment.begins_at)),
                (_("Held until"), writing.instant(each.commitment.ended_at)),
                (_("Judged"), writing.instant(each.commitment.judged_at)),
                (_("Judgement put right"), writing.instant(each.commitment.put_right_at)),
                (_("Why it was put right"), each.commitment.put_right_reason),
            ),
            each.commitment.statement,
        )
        for each in found.order_by("pk")
    ]
    return Section("promises", _("Promises in the conversation (2.3.3)"), entries)


def longer_limits(requests: Requests, writing: Writing) -> Section:
    """The longer limits that were proposed for single requests, with the buyer's answers."""
    found = LongerLimit.objects.filter(deadline__appointment__in=requests).select_related("deadline")
    entries = [
        Entry(
            f"{capfirst(each.deadline.get_clock_display())} ({_request(each.deadline.appointment_id)})",
            facts(
                (_("State"), each.get_state_display()),
                (_("Proposed"), f"{each.words} ({writing.instant(each.received_at)})"),
                (_("Instead of"), each.instead_words),
                (_("Answered"), writing.instant(each.answered_at)),
                (_("Answer"), each.answer),
            ),
            each.reason,
        )
        for each in found.order_by("pk")
    ]
    return Section("longer_limits", _("Longer limits proposed for one request"), entries)


def parts(requests: Requests, writing: Writing) -> Section:
    """The parts a visit was said to need, each version, and those that it used."""
    listed = PartsList.objects.filter(appointment__in=requests).prefetch_related("parts")
    used = UsedPart.objects.filter(visit__appointment__in=requests).select_related("visit")
    entries = [
        Entry(
            _("Told, version %(version)d (%(request)s)")
            % {"version": each.version, "request": _request(each.appointment_id)},
            facts(
                (_("Told to the buyer"), writing.instant(each.given_at)),
                *((str(part), f"{_part(part)}; {_('brought by')} {part.get_brought_by_display()}") for part in each.parts.all()),
                (_("Parts"), "" if each.parts.all() else _("none")),
            ),
        )
        for each in listed.order_by("appointment", "version")
    ]  # fmt: skip
    entries += [
        Entry(
            _("Used in visit %(number)d (%(request)s)")
            % {"number": each.visit.number, "request": _request(each.visit.appointment_id)},
            facts(
                (str(each), _part(each)),
                (_("Charge not told before"), _("yes") if each.is_outside else ""),
            ),
        )
        for each in used.order_by("visit", "position")
    ]
    return Section("parts", _("Parts (2.1.1)"), entries)


def shipments(cases: Iterable[ServiceCase], writing: Writing) -> Section:
    """The parcels of spare parts and accessories."""
    entries = [
        Entry(
            f"{capfirst(each.get_kind_display())} {each.pk} ({each.get_state_display()})",
            facts(
                (_("Announced"), writing.instant(each.announced_at)),
                (_("Sent"), writing.instant(each.shipped_at)),
                (_("Carrier"), each.carrier),
                (_("Tracking number"), each.tracking_number),
                (_("Tracking link"), each.tracking_url),
                (_("Said not to have come"), writing.instant(each.missed_at)),
                (_("Ended"), writing.instant(each.ended_at)),
            ),
            each.contents,
        )
        for each in Shipment.objects.filter(case__in=list(cases)).order_by("pk")
    ]
    return Section("shipments", _("Shipments"), entries)


def units(requests: Requests, writing: Writing) -> Section:
    """The units that were replaced in these requests."""
    found = UnitReplacement.objects.filter(appointment__in=requests).select_related("visit")
    entries = [
        Entry(
            str(each),
            facts(
                (_("Replaced"), writing.instant(each.replaced_at)),
                (_("Request"), each.appointment_id),
                (_("Visit"), each.visit.number if each.visit else ""),
            ),
        )
        for each in found.order_by("replaced_at", "pk")
    ]
    return Section("units", _("Replaced units"), entries)


def sign_offs(requests: Requests, writing: Writing) -> Section:
    """What the buyer said of a completed service, or that he said nothing in time."""
    entries = [
        Entry(
            f"{capfirst(each.get_outcome_display())} ({_request(each.appointment_id)})",
            facts(
                (_("Start"), writing.instant(each.started_at)),
                (_("Due"), writing.instant(each.due_at)),
                (_("Ended"), writing.instant(each.ended_at)),
            ),
            each.reason,
        )
        for each in SignOff.objects.filter(appointment__in=requests).order_by("pk")
    ]
    return Section("sign_offs", _("Sign-off of the service"), entries)


def _part(part: Part) -> str:
    charge = f"{part.amount} {part.currency}" if part.is_charged else _("no charge")
    number = f"{part.number}; " if part.number else ""
    return f"{number}{_('paid by')} {part.get_paid_by_display()}; {charge}"


def _request(pk: int) -> str:
    return _("Request %(pk)d") % {"pk": pk}
