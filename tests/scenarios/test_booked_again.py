"""A fault that was booked again after a refusal has one open appointment: the older one comes back beside it in no way."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.answers import accept, counter
from cases.actions.bookings import request_service
from cases.actions.offers import refuse
from cases.actions.rulings import flag
from cases.models import Offer
from tests.factories import cases as make
from tests.factories.accounts import SupportFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.4")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR = timedelta(hours=1)


@pytest.fixture(params=["late offer", "offer after a refusal"])
def waiting(request):
    """The seller's offer after the request had ended."""
    appointment = make.requested(at=R0)
    if request.param == "late offer":
        with pytest.raises(RuleBroken, match="passed"):
            make.offered(appointment, at=DUE + HOUR)
        return Offer.objects.select_related("appointment__case__cover").get()
    refuse(appointment, "No engineer.", by=make.seller_of(appointment), at=DUE - HOUR)
    return make.offered(appointment, at=DUE + HOUR)


def test_the_older_offer_cannot_be_accepted_beside_the_new_request(waiting):
    ended = make.fresh(waiting.appointment)
    again = request_service(
        ended.case.cover, make.a_service_request(), by=make.buyer_of(ended), at=DUE + 2 * HOUR, case=ended.case
    )
    with pytest.raises(RuleBroken) as refused:
        make.accepted(waiting, at=DUE + 3 * HOUR)
    assert refused.value.code == "already_open"
    assert (make.fresh(ended).state, make.fresh(again).state) == (ended.state, "requested")


@pytest.mark.clause("2.3.1")
def test_an_offer_after_a_refusal_meets_no_limit_and_is_not_ruled_on(waiting):
    with pytest.raises(RuleBroken) as refused:
        flag(waiting, "Too dear.", by=make.buyer_of(waiting.appointment), at=DUE + 2 * HOUR)
    assert refused.value.code in ("offer_not_standing", "deadline_passed")
    assert make.fresh(waiting).state == "standing"
    make.accepted(waiting, at=DUE + 3 * HOUR)
    assert make.fresh(waiting.appointment).state == "agreed"


def test_support_answers_no_offer_for_a_buyer():
    offered = make.offered(make.requested(at=R0), at=R0 + HOUR)
    for_him = Actor(Channel.ADMIN, SupportFactory(), acting_for=offered.appointment.buyer)
    for answer in (accept, counter):
        with pytest.raises(PermissionDenied):
            answer(offered, by=for_him, at=R0 + 2 * HOUR)
    assert make.fresh(offered).state == "standing"
