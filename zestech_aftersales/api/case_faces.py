"""What is answered about cases, appointments and their limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.deadlines import is_provisional
from cases.models import (
    AppointmentState,
    CaseState,
    Clock,
    DeadlineState,
    LongerLimitState,
    OfferState,
    Side,
    VisitResult,
    VisitState,
)
from cases.models.case import case_reference
from cases.offer_rulings import WORDS
from cases.terms import Window
from zestech_aftersales.accounts.actors import ActorKind, Channel
from zestech_aftersales.api.fields import ComputedField, Face, Get, InstantField, ReferenceField, instant_text
from zestech_aftersales.api.service_faces import ListedPartFace, ShipmentFace, UsedPartFace
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

EFFECTIVE = _("The instant at which the end takes effect; of a missed limit that is its due instant.")
PROVISIONAL = _("A limit has passed, but an on-time answer may still be on its way into the database.")


@extend_schema_field(OpenApiTypes.BOOL)
class AppointmentProvisional(ComputedField):
    """Whether its next limit, or the miss that ended it, may still be overtaken by an on-time answer (T10)."""

    paths = ("state", "next_due_at", "ended_at")

    def write(self, get: Get, at: datetime) -> bool:
        is_missed = get("state") in (AppointmentState.DEEMED_REFUSED, AppointmentState.LAPSED)
        return is_provisional(get("ended_at" if is_missed else "next_due_at"), at=at)


@extend_schema_field(OpenApiTypes.BOOL)
class DeadlineProvisional(ComputedField):
    """The same of one clock; a clock that was met or voided is settled."""

    paths = ("state", "due_at")

    def write(self, get: Get, at: datetime) -> bool:
        is_settled = get("state") in (DeadlineState.MET, DeadlineState.VOIDED)
        return not is_settled and is_provisional(get("due_at"), at=at)


@extend_schema_field({"type": "string", "enum": sorted({limit.unit for limit in LIMITS.values()})})
class UnitField(ComputedField):
    """What a clock's amount counts."""

    paths = ("clock",)

    def write(self, get: Get, at: datetime) -> str:
        return LIMITS[get("clock")].unit


class WindowFace(Face):
    """A time in which a visit can begin."""

    starts_at = InstantField()
    ends_at = InstantField()


@extend_schema_field(WindowFace(many=True))
class WindowsField(ComputedField):
    """The windows of an offer, as instants like all the others."""

    paths = ("windows",)

    def write(self, get: Get, at: datetime) -> list[dict[str, str]]:
        windows = [Window.from_json(kept) for kept in get("windows")]
        return [{"starts_at": instant_text(each.starts_at), "ends_at": instant_text(each.ends_at)} for each in windows]


class DeadlineFace(Face):
    """One clock of an appointment."""

    id = serializers.IntegerField()
    appointment = serializers.IntegerField(source="appointment_id")
    case = ReferenceField("appointment__case")
    clock = serializers.ChoiceField(choices=Clock.choices)
    clause = serializers.CharField()
    state = serializers.ChoiceField(choices=DeadlineState.choices)
    started_at = InstantField()
    amount = serializers.IntegerField()
    unit = UnitField()
    promised = serializers.CharField(help_text=_("The seller's promise that set the amount; empty: the rules."))
    due_at = InstantField(allow_null=True, help_text=_("Null while the clock is paused."))
    provisional = DeadlineProvisional(help_text=PROVISIONAL)
    effective_at = InstantField(source="ended_at", allow_null=True, help_text=EFFECTIVE)


class AppointmentFace(Face):
    """A service appointment."""

    id = serializers.IntegerField()
    case = ReferenceField("case")
    cover = serializers.IntegerField(source="case__cover_id")
    method = serializers.ChoiceField(choices=ServiceMethod.choices)
    service_type = serializers.ChoiceField(choices=ServiceType.choices)
    state = serializers.ChoiceField(choices=AppointmentState.choices)
    received_at = InstantField()
    next_due_at = InstantField(allow_null=True, help_text=_("The earliest running limit."))
    provisional = AppointmentProvisional(help_text=PROVISIONAL)
    effective_at = InstantField(source="ended_at", allow_null=True, help_text=EFFECTIVE)
    end_reason = serializers.CharField()
    point = serializers.IntegerField(source="point_id", allow_null=True)
    slot_starts_at = InstantField(allow_null=True)
    unit_serial = serializers.CharField(help_text=_("The unit it is about, once one was replaced."))
    city = serializers.CharField()
    country = serializers.CharField()
    has_disclosure_gap = serializers.BooleanField()


class OfferFace(Face):
    """An offer of the seller, or the buyer's counter-offer."""

    id = serializers.IntegerField()
    side = serializers.ChoiceField(choices=Side.choices)
    state = serializers.ChoiceField(choices=OfferState.choices)
    method = serializers.ChoiceField(choices=ServiceMethod.choices)
    service_type = serializers.ChoiceField(choices=ServiceType.choices)
    windows = WindowsField()
    next_step = serializers.CharField()
    next_step_at = InstantField(allow_null=True)
    contact_name = serializers.CharField()
    engineer = serializers.IntegerField(source="engineer_id", allow_null=True)
    point = serializers.IntegerField(source="point_id", allow_null=True)
    plan = serializers.CharField(help_text=_("Of a counter-offer: the buyer's wish."))
    parts = serializers.CharField()
    price_amount = serializers.DecimalField(max_digits=10, decimal_places=2)
    price_currency = serializers.CharField()
    price_terms = serializers.CharField()
    received_at = InstantField()
    is_late = serializers.BooleanField()
    accepted_window = serializers.IntegerField(allow_null=True)


class SaidFace(Face):
    """The buyer's flag on an offer, or the platform's ruling."""

    offer = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=list(WORDS))
    reason = serializers.CharField()
    at = InstantField()
    clause = serializers.CharField()


class DisclosureFace(Face):
    """A version of the four items of 3.1."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    service_period = serializers.CharField()
    number_of_services = serializers.CharField()
    service_scope = serializers.CharField()
    charging_standard = serializers.CharField()
    charges_at_most = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    charges_currency = serializers.CharField()
    given_at = InstantField()
    acknowledged_at = InstantField(allow_null=True)


class VisitFace(Face):
    """A visit."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VisitState.choices)
    starts_at = InstantField()
    ends_at = InstantField(allow_null=True, help_text=_("Null while its time is still to be agreed."))
    engineer = serializers.IntegerField(source="engineer_id", allow_null=True)
    contact_name = serializers.CharField()
    point = serializers.IntegerField(source="point_id", allow_null=True)
    video_url = serializers.CharField(help_text=_("Of remote guidance; empty until the seller gives it."))
    checked_in_at = InstantField(allow_null=True)
    done_at = InstantField(allow_null=True)
    report = serializers.CharField()
    result = serializers.ChoiceField(choices=VisitResult.choices, allow_blank=True)


class LongerLimitFace(Face):
    """A longer limit that the seller asked for in one request."""

    id = serializers.IntegerField()
    deadline = serializers.IntegerField(source="deadline_id")
    state = serializers.ChoiceField(
        choices=LongerLimitState.choices, help_text=_("`standing` counts only while the deadline runs.")
    )
    instead_of = serializers.IntegerField()
    amount = serializers.IntegerField(help_text=_("The whole length, in the deadline's unit."))
    reason = serializers.CharField()
    received_at = InstantField()
    answered_at = InstantField(allow_null=True)
    answer = serializers.CharField()


class AppointmentDetail(AppointmentFace):
    """An appointment with its limits, offers, disclosures, visits, and the longer limits that were asked for.

    A buyer's address and phone are told to the seller once the appointment is confirmed (domain section 6).
    """

    wish = serializers.CharField()
    terms = serializers.DictField(help_text=_("The seller's promises that bind this request (2.3.3)."))
    address = serializers.CharField(help_text=_("Empty for the seller until the appointment is confirmed."))
    phone = serializers.CharField(help_text=_("Empty for the seller until the appointment is confirmed."))
    deadlines = DeadlineFace(many=True)
    offers = OfferFace(many=True)
    rulings = SaidFace(many=True, help_text=_("Flags on its offers and the platform's rulings, in their order."))
    disclosures = DisclosureFace(many=True)
    visits = VisitFace(many=True)
    needed_parts = ListedPartFace(many=True, help_text=_("As last told before the visit."))
    used_parts = UsedPartFace(many=True)
    longer_limits = LongerLimitFace(many=True)


@extend_schema_field({"type": ["string", "null"], "pattern": r"^ZA-\d{4}-\d{6,18}$"})
class MergedField(ComputedField):
    """The reference of the case that a duplicate was merged into."""

    paths = ("merged_into_id", "merged_into__opened_at")

    def write(self, get: Get, at: datetime) -> str | None:
        pk = get("merged_into_id")
        return None if pk is None else case_reference(pk, get("merged_into__opened_at"))


class CaseFace(Face):
    """A service case: one fault of one order line."""

    reference = ReferenceField("")
    state = serializers.ChoiceField(choices=CaseState.choices)
    title = serializers.CharField()
    opened_at = InstantField()
    cover = serializers.IntegerField(source="cover_id")
    order_number = serializers.CharField(source="cover__order__number")
    sku = serializers.CharField(source="cover__line__product__sku")
    merged_into = MergedField(help_text=_("The surviving case, of a duplicate that was merged; it stays readable."))


class AttachmentFace(Face):
    """A photo of the thread."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class MessageFace(Face):
    """A word in the thread."""

    id = serializers.IntegerField()
    side = serializers.CharField()
    author_name = serializers.CharField()
    body = serializers.CharField()
    received_at = InstantField()
    attachments = AttachmentFace(many=True)


class EventFace(Face):
    """One thing that happened: when it counts, when it was written, under which clause."""

    uid = serializers.UUIDField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    clause = serializers.CharField()
    actor_kind = serializers.ChoiceField(choices=ActorKind.choices)
    channel = serializers.ChoiceField(choices=Channel.choices)
    effective_at = InstantField()
    recorded_at = InstantField()
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)


class CaseDetail(CaseFace):
    """A case with its appointments, its thread and its history."""

    description = serializers.CharField()
    appointments = AppointmentFace(many=True)
    messages = MessageFace(many=True)
    shipments = ShipmentFace(many=True)
    history = EventFace(many=True)
    merged = CaseFace(many=True, help_text=_("Duplicates that were merged into this case; each can be read."))


def page_of(face: type[Face]) -> type[serializers.Serializer[Any]]:
    """The page of a list, for the schema."""
    fields: dict[str, Any] = {
        "results": face(many=True),
        "next": serializers.URLField(allow_null=True, help_text=_("The address of the next page; null at the end.")),
        "__doc__": f"A page of: {face.__doc__}",
    }
    return type(f"{face.__name__.removesuffix('Face')}Page", (serializers.Serializer,), fields)
