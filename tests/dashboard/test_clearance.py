"""What a cleared seller sees: why, until when, what can be done, and what stays owed (3.2, 4.3)."""

from datetime import timedelta

import pytest

from complaints.actions.clearances import approve_clearance
from sellers.actions.enrolments import apply
from sellers.models import Enrolment
from sellers.terms import Dimension, Promise
from tests.complaints.test_clearances_overturned import overturned
from tests.dashboard.conftest import R0
from tests.factories import cases as make
from tests.factories.claims import an_auditor
from tests.factories.clearances import a_proposal
from tests.factories.sellers import EnrolmentFactory, commit
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel, Seat

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]
PROGRAMME, RUN_OFF = "/dashboard/programme/", "/dashboard/programme/run-off/"


@pytest.fixture
def proposed(appointment):
    EnrolmentFactory(seller=appointment.seller)
    return a_proposal(appointment.seller, at=R0 - timedelta(days=1))


def test_a_proposal_is_not_shown_but_the_clearance_is(seller, people, proposed, frozen):
    assert "Your clearance" not in seller.get(PROGRAMME).content.decode()
    approve_clearance(proposed, reason="So it is.", by=an_auditor(), at=R0)
    text = seller.get(PROGRAMME).content.decode()
    for words in ("Your clearance", "Late again.", str(proposed.violations.get()), "appeal", "2 Mar 2027", RUN_OFF):
        assert words in text, words
    assert 'href="/dashboard/programme/apply/"' not in text
    frozen.move_to(instant("2027-03-02T16:00:00.000001Z"))
    seller.force_login(people.owner)
    text = seller.get(PROGRAMME).content.decode()
    assert "you can apply again" in text
    assert 'href="/dashboard/programme/apply/"' in text


@pytest.mark.clause("4.3")
def test_the_run_off_list_names_what_stays_owed(seller, people, appointment, proposed, frozen):
    approve_clearance(proposed, reason="So it is.", by=an_auditor(), at=R0)
    cover = appointment.case.cover
    text = seller.get(RUN_OFF).content.decode()
    assert cover.order.number in text
    assert cover.line.title in text
    frozen.move_to(cover.ends_at + timedelta(microseconds=1))
    seller.force_login(people.owner)
    assert cover.order.number not in seller.get(RUN_OFF).content.decode()
    assert "No order is owed service any more" in seller.get(RUN_OFF).content.decode()


def test_what_a_lifted_clearance_gave_back_stands_before_the_needless_application(
    seller, people, appointment, proposed, frozen
):
    """Applied for anew after the bar, then overturned: the owner sees the old enrolment and can leave it."""
    approve_clearance(proposed, reason="So it is.", by=an_auditor(), at=R0)
    owner = Actor(Channel.DASHBOARD, people.owner, seller_id=appointment.seller_id, seat=Seat.OWNER)
    frozen.move_to(instant("2027-03-05T00:00:00Z"))
    apply(appointment.seller, by=owner, at=frozen.instant)
    overturned(proposed.violations.get(), at=frozen.instant + timedelta(days=2))
    seller.force_login(people.owner)
    text = seller.get(PROGRAMME).content.decode()
    assert 'href="/dashboard/programme/leave/"' in text
    assert 'href="/dashboard/programme/apply/"' not in text
    left = seller.post("/dashboard/programme/leave/", {"key": "a", "reason": "We close.", "is_understood": "on"})
    assert left.status_code == 302
    proposed.enrolment = type(proposed.enrolment).objects.get(pk=proposed.enrolment_id)
    assert proposed.enrolment.state == "withdrawn"


@pytest.mark.clause("4.3")
@pytest.mark.parametrize("again", ["applied", "rejected"])
def test_the_queue_stays_a_run_off_list_whatever_becomes_of_a_new_application(seller, appointment, again):
    EnrolmentFactory(seller=appointment.seller, state="withdrawn", left_at=R0)
    assert RUN_OFF in seller.get("/dashboard/").content.decode()
    EnrolmentFactory(seller=appointment.seller, state=again, applied_at=R0)
    assert RUN_OFF in seller.get("/dashboard/").content.decode()


@pytest.mark.clause("4.3")
def test_who_takes_part_again_has_no_run_off_list(seller, appointment):
    EnrolmentFactory(seller=appointment.seller, state="withdrawn", left_at=R0)
    EnrolmentFactory(seller=appointment.seller, applied_at=R0)
    assert RUN_OFF not in seller.get("/dashboard/").content.decode()


def test_nobody_else_sees_either(client, people, appointment, proposed):
    approve_clearance(proposed, reason="So it is.", by=an_auditor(), at=R0)
    client.force_login(people.stranger)
    assert "Your clearance" not in client.get(PROGRAMME).content.decode()
    assert appointment.case.cover.order.number not in client.get(RUN_OFF).content.decode()
    for outsider in (people.engineer, people.buyer, people.support):
        client.force_login(outsider)
        assert client.get(RUN_OFF).status_code == 403


@pytest.mark.clause("4.3")
def test_run_off_lists_are_in_the_order_of_the_ends_that_count(seller, appointment):
    """A promise of two years moves the older order behind the newer one."""
    cover = appointment.case.cover
    enrolment = EnrolmentFactory(seller=cover.seller)
    commit(cover.line.product, Promise(Dimension.COVER_MONTHS, 24), begins_at=R0 - timedelta(days=2))
    bought = R0 - timedelta(days=1)
    newer = make.a_cover(make.a_product(cover.seller), placed_at=bought, paid_at=bought)
    assert cover.ends_at < newer.ends_at
    assert list(seller.get("/dashboard/programme/leave/").context["run_off"]) == [cover, newer]
    Enrolment.objects.filter(pk=enrolment.pk).update(state="withdrawn")
    assert list(seller.get("/dashboard/").context["run_off"]) == [newer, cover]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_run_off_list_asks_the_same_number_of_queries(seller, appointment, rows, django_assert_num_queries):
    product = appointment.case.cover.line.product
    for _ in range(rows):
        make.requested(make.a_cover(product), at=R0)
    seller.get(RUN_OFF)
    with django_assert_num_queries(8):
        assert seller.get(RUN_OFF).status_code == 200
