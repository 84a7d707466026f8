"""Planned visits, no-shows and proposed dates for tests, made through the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.actions.answers import accept
from cases.actions.confirm import confirm
from cases.actions.new_dates import accept_new_date, propose_new_date
from cases.actions.no_shows import report_buyer_no_show, report_seller_no_show
from cases.actions.visits import check_in, complete
from cases.models import DateProposal, ServiceAppointment, Visit
from cases.terms import Window
from tests.factories import cases as make
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel

R0 = instant("2026-03-02T01:15:30Z")
# The first offered window: 5 March, 01:00 to 03:00.
BEGINS = instant("2026-03-05T01:00:00Z")
ENDS = instant("2026-03-05T03:00:00Z")
GRACE = timedelta(minutes=30)


def planned(*, at: datetime = R0, **given: Any) -> Visit:
    """A door visit confirmed at `at`, planned for the window from BEGINS to ENDS, with an engineer of its own."""
    appointment = make.requested(at=at, **given)
    agreed = accept(make.offered(appointment, at=at), window=0, by=make.buyer_of(appointment), at=at)
    if not agreed.is_door:
        return agreed.visits.get()
    engineer = make.an_engineer(appointment.seller)
    confirm(agreed, items=make.ALL_ITEMS, engineer=engineer, by=make.seller_of(appointment), at=at)
    return agreed.visits.get()


def engineer_of(visit: Visit) -> Actor:
    """The engineer who is to make the visit."""
    assert visit.engineer is not None
    seller = visit.appointment.seller_id
    return Actor(channel=Channel.DASHBOARD, user=visit.engineer.user, seller_id=seller, seat="engineer")


def nobody_came(visit: Visit, *, at: datetime = ENDS + GRACE, by: Actor | None = None, **given: Any) -> Visit:
    """The buyer's report that nobody came."""
    by = by or make.buyer_of(visit.appointment)
    return report_seller_no_show(visit, given.pop("evidence", "I waited all morning."), by=by, at=at, **given)


def nobody_home(visit: Visit, *, at: datetime = BEGINS + GRACE, by: Actor | None = None, **given: Any) -> Visit:
    """The seller's report that the buyer was not there."""
    by = by or make.seller_of(visit.appointment)
    return report_buyer_no_show(visit, given.pop("evidence", "Rang for half an hour."), by=by, at=at, **given)


def window_after(at: datetime, days: int = 2) -> Window:
    """Two hours some days after an instant."""
    begins = (at + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    return Window(begins, begins + timedelta(hours=2))


def proposed(appointment: ServiceAppointment, *, by: Actor, at: datetime, **given: Any) -> DateProposal:
    """Another date, two and three days after `at`."""
    windows = given.pop("windows", [window_after(at), window_after(at, 3)])
    return propose_new_date(appointment, windows, by=by, at=at, **given)


def taken(proposal: DateProposal, *, by: Actor, at: datetime, window: int = 0) -> Visit:
    """The other side's yes."""
    return accept_new_date(proposal, window=window, by=by, at=at)


def done(visit: Visit, *, at: datetime | None = None, report: str = "Replaced the harness.") -> ServiceAppointment:
    """The visit made and reported on at an instant; at its begin unless told."""
    at = at or visit.starts_at
    by = make.seller_of(visit.appointment)
    return complete(check_in(visit, by=by, at=at), report, by=by, at=at)
