"""What support looks at before it decides an application: what was stated beside what there is (1.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sellers.bars import Bar, affiliates, bars_on, sellers_of_entity
from sellers.models import Engineer, Enrolment, EnrolmentState, Seller, ServicePoint
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

# More of a kind no screening reads through; the lists of the desk have them all.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Screening:
    """The seller as it is kept here, and where its statement goes beyond that."""

    points: list[ServicePoint]
    engineers: list[Engineer]
    earlier: list[Enrolment]
    barred_until: datetime | None
    # Begin and kind of what bars it, for auditors: they tell of a tie.
    bars: list[Bar]
    doubts: list[str]
    # What runs or stands against the legal entity, and for auditors against its affiliates.
    record: list[OnRecord]


@dataclass(frozen=True, slots=True)
class OnRecord:
    """One thing of the judgement that speaks to an application: in words, with its page at the staff desk."""

    seller: Seller
    words: str
    page: str


# What is judged lies above this app and says here what it has about some sellers.
Record = Callable[[Sequence[Seller]], list[OnRecord]]
RECORDS: list[Record] = []


def screening(enrolment: Enrolment, at: datetime, *, with_affiliates: bool = False) -> Screening:
    """Everything about an application at an instant; a bar is looked for until the application is decided.

    `with_affiliates`: for auditors, who alone know the graph.
    """
    seller = enrolment.seller
    points = list(ServicePoint.objects.filter(seller=seller, is_active=True)[:SHOWN])
    engineers = list(Engineer.objects.filter(seller=seller, is_active=True)[:SHOWN])
    earlier = Enrolment.objects.filter(seller=seller, pk__lt=enrolment.pk)
    is_pending = enrolment.state == EnrolmentState.APPLIED
    bars = (bars_on(seller, enrolment.applied_at) or bars_on(seller, at)) if is_pending else []
    until = max((bar.ends_at for bar in bars), default=None)
    doubts = _doubts(enrolment, points, engineers)
    looked_at = [*sellers_of_entity(seller), *(affiliates(seller, at) if with_affiliates else ())]
    record = [line for read in RECORDS for line in read(looked_at)]
    known = bars if with_affiliates else []
    return Screening(points, engineers, list(earlier[:SHOWN]), until, known, doubts, record)


def _doubts(enrolment: Enrolment, points: list[ServicePoint], engineers: list[Engineer]) -> list[str]:
    """Where the statement goes beyond what the seller keeps here."""
    if not enrolment.service_types:
        return [_("Services, methods and charges were not stated.")]
    found = []
    methods = enrolment.methods
    if ServiceMethod.POINT in methods and not points:
        found.append(_("Service at a local point is stated, but no point is open for bookings."))
    if ServiceMethod.DOOR in methods and not engineers:
        found.append(_("Door visits are stated, but no engineer takes visits."))
    # An engineer without a list can do everything.
    if engineers and all(engineer.skills for engineer in engineers):
        able = {skill for engineer in engineers for skill in engineer.skills}
        beyond = [label for value, label in ServiceType.choices if value in set(enrolment.service_types) - able]
        if beyond:
            found.append(_("No engineer is said to do this: %(names)s.") % {"names": ", ".join(map(str, beyond))})
    return found
