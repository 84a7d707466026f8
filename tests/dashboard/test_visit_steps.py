"""No-shows and other dates, as buyer, seller and engineer take these steps in the pages."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from cases.models import Visit
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.accounts import UserFactory
from tests.factories.visits import BEGINS, ENDS, GRACE, R0
from tests.pages import as_shown
from zestech_aftersales.accounts.actors import Seat

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

TIMES = {"starts_at_1": "2026-03-07T10:00", "ends_at_1": "2026-03-07T12:00"}
EVIDENCE = {"evidence": "The bell rang, the phone did not."}


@pytest.fixture
def visit(frozen):
    visit = make_visit.planned()
    frozen.move_to(BEGINS)
    return visit


@pytest.fixture
def people(visit):
    """Everybody around the visit, each with his door to the case."""
    seller = visit.appointment.seller
    return SimpleNamespace(
        buyer=(visit.appointment.buyer, "portal"),
        owner=(make.seller_of(visit.appointment).user, "dashboard"),
        staff=(make.a_member(seller, Seat.STAFF), "dashboard"),
        engineer=(visit.engineer.user, "dashboard"),
        colleague=(make.an_engineer(seller).user, "dashboard"),
        stranger=(UserFactory(), "portal"),
        competitor=(make.a_member(make.a_seller()), "dashboard"),
    )


@pytest.fixture
def case(client, visit):
    """The case in the eyes of a person: its page, or one of its steps."""

    def seen(who, name="", typed=None):
        user, channel = who
        client.force_login(user)
        address = "/".join([f"/{channel}/cases", visit.appointment.case.reference, *filter(None, [name]), ""])
        if typed is None:
            return client.get(address)
        return client.post(address, as_shown(address, {"key": f"{name} of {user.pk}", **typed}))

    return seen


def names(answer):
    return [choice.name for choice in answer.context["file"].choices]


def test_the_buyer_reports_the_seller_proposes_and_the_buyer_chooses(case, people, visit, frozen):
    frozen.move_to(ENDS + GRACE)
    assert "seller_no_show" in names(case(people.buyer))
    assert "multipart/form-data" in case(people.buyer, "seller_no_show").content.decode()
    assert case(people.buyer, "seller_no_show", EVIDENCE).status_code == 302
    page = case(people.owner)
    assert names(page)[:2] == ["propose_date", "dispute_no_show"]
    text = page.content.decode()
    assert "Waiting for a new date" in text
    assert "Time left to offer a new date" in text
    assert EVIDENCE["evidence"] in text
    assert case(people.staff, "propose_date", TIMES).status_code == 302
    page = case(people.buyer)
    assert names(page)[:3] == ["accept_date", "decline_date", "propose_date"]
    assert "The seller proposes" in page.content.decode()
    assert "Waiting for an answer to the proposed date" in page.content.decode()
    assert case(people.buyer, "accept_date", {"window": 0}).status_code == 302
    assert [each.state for each in Visit.objects.order_by("number")] == ["seller_no_show", "planned"]
    assert "Visit planned" in case(people.buyer).content.decode()


def test_a_report_that_is_too_early_says_so_with_its_clause(case, people, visit, frozen):
    assert "seller_no_show" not in names(case(people.buyer))
    answer = case(people.buyer, "seller_no_show", EVIDENCE)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "/rules/#c-2.3.1" in text
    assert EVIDENCE["evidence"] in text


def test_the_engineer_of_the_visit_reports_the_buyer_who_disputes(case, people, visit, frozen):
    frozen.move_to(BEGINS + GRACE)
    assert names(case(people.engineer)) == ["buyer_no_show", "check_in", "list_parts"]
    assert case(people.engineer, "buyer_no_show", EVIDENCE).status_code == 302
    assert "dispute_no_show" in names(case(people.buyer))
    assert case(people.buyer, "dispute_no_show", {"evidence": "I stood at the gate."}).status_code == 302
    text = case(people.owner).content.decode()
    assert "I stood at the gate." in text
    assert "No-show disputed" in text


@pytest.mark.parametrize("name", ["seller_no_show", "buyer_no_show", "propose_date", "accept_date", "dispute_no_show"])
@pytest.mark.parametrize("who", ["colleague", "stranger", "competitor"])
def test_the_case_does_not_exist_for_others(case, people, name, who):
    assert case(getattr(people, who), name, {**EVIDENCE, **TIMES, "window": 0}).status_code == 404
    assert case(getattr(people, who), name).status_code == 404


def test_an_engineer_proposes_no_dates_and_nobody_reports_for_the_other_side(case, people, visit, frozen):
    frozen.move_to(ENDS + GRACE)
    assert case(people.engineer, "propose_date", TIMES).status_code == 403
    assert case(people.owner, "seller_no_show", EVIDENCE).status_code == 403
    assert case(people.buyer, "buyer_no_show", EVIDENCE).status_code == 403
    assert Visit.objects.get().state == "planned"


def test_a_planned_visit_is_moved_by_agreement_only(case, people, visit):
    assert case(people.buyer, "propose_date", {**TIMES, "reason": "I must travel."}).status_code == 302
    assert Visit.objects.get().starts_at == BEGINS
    assert "I must travel." in case(people.owner).content.decode()
    assert case(people.owner, "decline_date", {"wish": "Only mornings."}).status_code == 302
    assert "Only mornings." in case(people.buyer).content.decode()
    assert case(people.owner, "accept_date", {"window": 0}).status_code in (409, 422)
    assert case(people.buyer, "propose_date", {**TIMES, "key": "again"}).status_code == 302
    assert case(people.owner, "accept_date", {"window": 0, "key": "yes"}).status_code == 302
    assert [each.state for each in Visit.objects.order_by("number")] == ["rescheduled", "planned"]


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({}, ["starts_at_1", "ends_at_1"]),
        ({"starts_at_1": "2026-03-07T10:00"}, ["ends_at_1"]),
        ({"starts_at_1": "2026-03-01T10:00", "ends_at_1": "2026-03-01T11:00"}, ["starts_at_1"]),
        ({**TIMES, "starts_at_2": "2026-03-08T10:00"}, ["ends_at_2"]),
    ],
)
def test_a_proposal_needs_a_time_to_come_with_both_ends(case, people, typed, fields):
    answer = case(people.owner, "propose_date", {**typed, "reason": "Kept."})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == fields
    assert "Kept." in answer.content.decode()


def test_a_date_after_the_limit_is_refused_and_shown_as_a_late_offer(case, people, visit, frozen):
    make_visit.nobody_came(visit)
    frozen.move_to(ENDS + GRACE + timedelta(hours=48, microseconds=1))
    answer = case(people.owner, "propose_date", TIMES)
    assert answer.status_code == 409
    assert make.fresh(visit.appointment).state == "deemed_refused"
    assert "came late" in case(people.buyer).content.decode()
    assert names(case(people.buyer))[0] == "accept"


def test_the_queue_shows_a_date_that_is_owed_among_what_waits_for_an_answer(client, people, visit):
    client.force_login(people.owner[0])
    views = {name: client.get("/dashboard/", {"view": name}).context["rows"] for name in ("reply", "visits")}
    assert {name: len(rows) for name, rows in views.items()} == {"reply": 0, "visits": 1}
    make_visit.nobody_came(visit)
    (row,) = client.get("/dashboard/").context["rows"]
    assert (row.clock.clock, row.step, row.button) == ("new_date", "propose_date", "Offer a new date")
    make_visit.proposed(visit.appointment, by=make.seller_of(visit.appointment), at=ENDS + GRACE)
    assert not client.get("/dashboard/").context["rows"]
    (row,) = client.get("/dashboard/", {"view": "visits"}).context["rows"]
    assert row.appointment == visit.appointment


def test_an_ended_appointment_leaves_the_round_and_the_calendar(client, people, visit):
    client.force_login(people.engineer[0])
    assert visit.appointment.case.title in client.get("/dashboard/").content.decode()
    make_visit.nobody_home(visit)
    assert visit.appointment.case.title not in client.get("/dashboard/").content.decode()
    other = make_visit.planned(at=R0)
    client.force_login(other.engineer.user)
    assert other.appointment.case.title in client.get("/dashboard/").content.decode()
    make.cancelled(other.appointment, at=BEGINS)
    for page in ("/dashboard/", "/dashboard/calendar/?week=2026-W10"):
        assert other.appointment.case.title not in client.get(page).content.decode()


@pytest.mark.clause("2.2.1")
def test_another_engineer_is_sent_from_the_page(people, case, visit):
    assert "another_engineer" in names(case(people.owner))
    assert "another_engineer" in names(case(people.staff))
    for who in (people.buyer, people.engineer):
        assert "another_engineer" not in names(case(who))
        assert case(who, "another_engineer").status_code == 302
    off = make.an_engineer(visit.appointment.seller, name="Day Off", days_off=["2026-03-05"])
    well = make.an_engineer(visit.appointment.seller, name="Amira Haddad")
    page = case(people.owner, "another_engineer").content.decode()
    assert "Day Off – has a day off" in page
    empty = case(people.owner, "another_engineer", {"reason": "Ill."})
    assert (empty.status_code, "Choose the engineer who comes instead" in empty.content.decode()) == (422, True)
    assert "Ill." in empty.content.decode()
    wrong = case(people.owner, "another_engineer", {"engineer": off.pk, "reason": "Ill."})
    assert (wrong.status_code, wrong.context["refusal"].code) == (422, "engineer_unfit")
    assert case(people.owner, "another_engineer", {"engineer": well.pk, "reason": "Ill."}).status_code == 302
    assert Visit.objects.get().engineer == well
    assert "Amira Haddad" in case(people.buyer).content.decode()
    assert case(people.engineer).status_code == 404
    assert case(people.competitor, "another_engineer", {"engineer": well.pk}).status_code == 404
