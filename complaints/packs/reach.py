"""What a pack is about and what its reader may see of it: nothing enters that his own pages would not show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models import ServiceAppointment, ServiceCase
from cases.permissions import is_buyer, may_see_contact
from cases.queries import merged_into
from complaints.models import Clearance, Complaint, LossClaim, Violation, Voucher
from complaints.permissions import ANSWERING_SEATS
from complaints.queries.clearances import clearances_for
from complaints.queries.complaints import complaints_for
from complaints.queries.losses import losses_for, vouchers_for
from complaints.queries.violations import violations_for
from zestech_aftersales.accounts.models import PlatformRole

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a pack is for, and when; `is_told`: whether somebody of the staff reads addresses and phones."""

    by: Actor
    at: datetime
    is_told: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether the platform's own people read it."""
        return bool(self.by.platform_role) and self.by.acting_for is None

    @property
    def is_auditor(self) -> bool:
        """Whether the graph of affiliates may be read."""
        return self.is_staff and self.by.platform_role == PlatformRole.AUDITOR

    @property
    def side(self) -> str:
        """For whom it is: staff, seller or buyer."""
        return "staff" if self.is_staff else "seller" if self.by.seller_id is not None else "buyer"

    def shows_contact(self, appointment: ServiceAppointment) -> bool:
        """Whether address and phone of a request are in it (the seller: from the confirmation on)."""
        return self.is_told if self.is_staff else may_see_contact(appointment, self.by)

    @property
    def shows_recipient(self) -> bool:
        """Whether the order's own address is in it: never for the seller."""
        return self.is_told if self.is_staff else self.by.seller_id is None


@dataclass(frozen=True, slots=True)
class Subject:
    """The things of one pack, as its reader may see them."""

    about: str
    reference: str
    case: ServiceCase
    merged: list[ServiceCase]
    complaints: list[Complaint]
    violations: list[Violation]
    clearances: list[Clearance]
    losses: list[LossClaim]
    vouchers: list[Voucher]

    @property
    def cases(self) -> list[ServiceCase]:
        """The case and the duplicates merged into it."""
        return [self.case, *self.merged]


def about_case(case: ServiceCase, reader: Reader) -> Subject:
    """A whole case with all that was judged in it; PermissionDenied for engineers and API clients."""
    return _subject(case.stream, case.reference, case, None, reader)


def about_complaint(complaint: Complaint, reader: Reader) -> Subject:
    """One complaint with its case."""
    return _subject(complaint.subject, complaint.reference, complaint.case, complaint, reader)


def must_take_packs(case: ServiceCase, by: Actor) -> None:
    """PermissionDenied for anybody but the buyer, the seller's owner and staff, and the platform."""
    is_sellers = by.seller_id is not None and by.seller_id == case.seller_id and by.seat in ANSWERING_SEATS
    is_platforms = bool(by.platform_role) and by.acting_for is None
    if by.client_id or not (is_platforms or is_sellers or is_buyer(case, by)):
        raise PermissionDenied(_("Only the people of this case can take its evidence pack."))


def _subject(about: str, reference: str, case: ServiceCase, one: Complaint | None, reader: Reader) -> Subject:
    must_take_packs(case, reader.by)
    merged = list(merged_into(case))
    cases = [case, *merged]
    complaints = complaints_for(reader.by).filter(case__in=cases)
    if one is not None:
        complaints = complaints.filter(pk=one.pk)
    told = list(complaints.order_by("pk"))
    named = [each.violation_id for each in told if each.violation_id is not None]
    found = violations_for(reader.by).filter(Q(appointment__case__in=cases) | Q(pk__in=named))
    violations = list(found.order_by("pk").distinct())
    clearances = clearances_for(reader.by).filter(violations__in=violations).order_by("pk").distinct()
    losses = list(losses_for(reader.by).filter(violation__in=violations).order_by("pk"))
    vouchers = list(vouchers_for(reader.by).filter(claim__in=losses))
    return Subject(about, reference, case, merged, told, violations, list(clearances), losses, vouchers)
