"""The gate of 3.1: four items told to the buyer before confirming and before serving."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.models import AppointmentState, Disclosure, DisclosureDoubt, ServiceAppointment
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from cases.terms import DisclosureItems
    from zestech_aftersales.accounts.actors import Actor

# From here on nothing may be charged that the service terms did not tell.
PROMISED = (AppointmentState.CONFIRMED, AppointmentState.IN_SERVICE, AppointmentState.COMPLETED)
CONFIRMED = "appointment.confirmed"


def must_be_complete(items: DisclosureItems) -> None:
    """Raises RuleBroken disclosure_incomplete (422) naming the empty items."""
    if missing := items.missing():
        raise incomplete(missing)


def incomplete(missing: list[str]) -> RuleBroken:
    """The refusal of 3.1, with the items that are not told yet."""
    return RuleBroken(
        "3.1",
        "disclosure_incomplete",
        status=422,
        detail=_(
            "Tell the buyer the service period, the number of services, the scope and the charging standard first."
        ),
        context={"missing": missing},
    )


def give_disclosure(appointment: ServiceAppointment, items: DisclosureItems, *, by: Actor, at: datetime) -> Disclosure:
    """Give the buyer a new version, unless the last one says the very same."""
    must_be_complete(items)
    told = {
        "service_period": items.service_period.strip(),
        "number_of_services": items.number_of_services.strip(),
        "service_scope": items.service_scope.strip(),
        "charging_standard": items.charging_standard.strip(),
        "charges_at_most": items.charges_at_most,
        "charges_currency": items.charges_currency if items.charges_at_most is not None else "",
    }
    last = appointment.disclosures.order_by("-version").first()
    # What was received later but committed first had not been told by then.
    if last is not None and last.given_at <= at and all(getattr(last, item) == text for item, text in told.items()):
        return last
    given = Disclosure.objects.create(
        appointment=appointment,
        version=1 if last is None else last.version + 1,
        given_by=by.user,
        given_at=at,
        **told,
    )
    _clear_doubts(appointment, given)
    return given


def _clear_doubts(appointment: ServiceAppointment, given: Disclosure) -> None:
    """An item that is worded anew is no longer in doubt; whether it is clear now, the buyer says."""
    doubts = DisclosureDoubt.objects.filter(disclosure__appointment=appointment, cleared_by=None)
    for doubt in doubts.select_related("disclosure"):
        if any(getattr(given, name) != getattr(doubt.disclosure, name) for name in _worded_by(doubt.item)):
            doubt.cleared_by = given
            doubt.save(update_fields=["cleared_by"])


def _worded_by(item: str) -> tuple[str, ...]:
    return (item, "charges_at_most", "charges_currency") if item == "charging_standard" else (item,)


def has_disclosure(appointment: ServiceAppointment, *, at: datetime) -> bool:
    """Whether all four items had been given by an instant; an incomplete version cannot be stored."""
    return appointment.disclosures.filter(given_at__lte=at).exists()


def told_version(appointment: ServiceAppointment, *, at: datetime) -> dict[str, object]:
    """What the event of a confirmation says of the service terms: the version it rests on, where one was told by then."""
    last = appointment.disclosures.filter(given_at__lte=at).order_by("-version").first()
    return {} if last is None else {"disclosure": last.version}


def counting(appointment: ServiceAppointment) -> Disclosure | None:
    """The version of the service terms that counts for an appointment now (3.1); see `counting_of`."""
    if appointment.state not in PROMISED:
        return appointment.disclosures.order_by("-version").first()
    told = Event.objects.filter(
        stream=f"case/{appointment.case_id}", subject=appointment.subject, kind=CONFIRMED
    ).order_by("-id")
    return counting_of(appointment, appointment.disclosures.order_by("version"), told.first())


def counting_of(
    appointment: ServiceAppointment, versions: Iterable[Disclosure], confirmation: Event | None
) -> Disclosure | None:
    """Of some versions, oldest first, the one that counts: the last, until the appointment is confirmed.

    From then on it is the last one told by the confirmation: what is raised afterwards was not told before (3.1), and
    what was not told at all by then counts as inferred.
    """
    if appointment.state in PROMISED and confirmation is not None:
        versions = [each for each in versions if each.given_at <= confirmation.effective_at]
    return max(versions, key=lambda each: each.version, default=None)
