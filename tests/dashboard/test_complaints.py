"""Complaints as the seller sees them: the same page, his side of it, and nobody else's."""

import pytest

from complaints.actions.negotiation import text_hash
from complaints.models import Proposal
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.complaints import FILED, HOUR, NEGOTIATED

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.4")]

LIST = "/dashboard/judgement/complaints/"


@pytest.fixture
def complaint(frozen):
    frozen.move_to(FILED + 2 * HOUR)
    return file.filed()


def page_of(complaint, *more):
    return "/".join([LIST.rstrip("/"), complaint.reference, *more, ""])


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize("seat", ["owner", "staff"])
def test_the_seller_proposes_and_accepts(client, complaint, seat):
    client.force_login(make.seller_of(complaint, seat).user)
    assert complaint.reference in text(client.get(LIST))
    page = text(client.get(page_of(complaint)))
    assert "Nobody ever answered." in page
    assert "Withdraw the complaint" not in page
    client.post(page_of(complaint, "propose"), {"text": "Monday.", "key": "a"})
    assert Proposal.objects.get().side == "seller"
    file.proposed(complaint, "Tuesday.", by=make.buyer_of(complaint))
    accepted = {"of": "buyer", "text_hash": text_hash("Tuesday."), "key": "b"}
    client.post(page_of(complaint, "accept"), accepted)
    assert make.fresh(complaint).state == "settled"


def test_the_sellers_case_page_leads_to_it(client, complaint):
    client.force_login(make.seller_of(complaint).user)
    page = text(client.get(f"/dashboard/cases/{complaint.case.reference}/"))
    assert page_of(complaint) in page
    assert "/complain/" not in page


def test_what_is_the_buyers_to_do_is_refused(client, complaint, frozen):
    client.force_login(make.seller_of(complaint).user)
    frozen.move_to(NEGOTIATED + HOUR)
    for step in ("escalate", "withdraw"):
        assert client.get(page_of(complaint, step)).status_code == 302
        assert client.post(page_of(complaint, step), {"key": step}).status_code == 403
    assert make.fresh(complaint).state == "negotiating"


def test_engineers_and_other_sellers_see_nothing(client, complaint):
    for stranger in (make.seller_of(complaint, "engineer").user, make.seller_of(make.a_cover()).user):
        client.force_login(stranger)
        assert client.get(page_of(complaint)).status_code == 404
        assert complaint.reference not in text(client.get(LIST))


def test_what_was_not_accepted_is_no_business_of_the_sellers(client, frozen):
    frozen.move_to(FILED)
    rejected = file.filed(file.unanswered(protection="card"))
    client.force_login(make.seller_of(rejected).user)
    assert client.get(page_of(rejected)).status_code == 404
    assert rejected.reference not in text(client.get(LIST))
