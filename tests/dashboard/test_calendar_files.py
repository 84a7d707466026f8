"""Visits as .ics files: what a calendar reads, who gets which, and what is struck out."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from tests.clock_fixture import R0
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.claims import claimed, granted, revoked
from tests.factories.visits import BEGINS, ENDS

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]


@pytest.fixture
def visit():
    return make_visit.planned(title="Beeps; loud, no CAN", address="5 Palm Street\nBuilding 3")


def events(client, person, path):
    client.force_login(person)
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    return Calendar.from_ical(answer.content).walk("VEVENT")


def test_both_sides_and_the_engineer_take_the_visit_away(client, frozen, visit):
    case = visit.appointment.case.reference
    buyer, seller = visit.appointment.buyer, make.seller_of(visit.appointment).user
    for person, base in ((buyer, "portal"), (seller, "dashboard"), (visit.engineer.user, "dashboard")):
        (event,) = events(client, person, f"/{base}/cases/{case}/visits.ics")
        assert (event.decoded("dtstart"), event.decoded("dtend")) == (BEGINS, ENDS)
        assert str(event["summary"]) == f"Beeps; loud, no CAN ({case})"
        assert "Palm Street\nBuilding 3" in str(event["location"])
        assert f"/{base}/cases/{case}/" in str(event["url"])
        assert "Engineer" in str(event["description"])
        assert str(event["status"]) == "CONFIRMED"


def test_a_stranger_gets_nothing(client, frozen, visit):
    case = visit.appointment.case.reference
    colleague = make.an_engineer(visit.appointment.seller, name="Colleague").user
    other = make.requested(at=R0)
    for person, base in ((other.buyer, "portal"), (make.seller_of(other).user, "dashboard"), (colleague, "dashboard")):
        client.force_login(person)
        assert client.get(f"/{base}/cases/{case}/visits.ics").status_code == 404


def test_a_visit_that_was_moved_is_struck_out_under_its_own_uid(client, frozen, visit):
    appointment = visit.appointment
    path = f"/portal/cases/{appointment.case.reference}/visits.ics"
    (before,) = events(client, appointment.buyer, path)
    proposal = make_visit.proposed(appointment, by=make.seller_of(appointment), at=R0)
    new = make_visit.taken(proposal, by=make.buyer_of(appointment), at=R0)
    told = {str(event["uid"]): event for event in events(client, appointment.buyer, path)}
    struck = told.pop(str(before["uid"]))
    assert (str(struck["status"]), int(struck["sequence"])) == ("CANCELLED", int(before["sequence"]) + 1)
    (planned,) = told.values()
    assert (str(planned["status"]), planned.decoded("dtstart")) == ("CONFIRMED", new.starts_at)


def test_a_planned_visit_falls_with_its_appointment(client, frozen, visit):
    make.cancelled(visit.appointment, at=R0)
    (event,) = events(client, visit.appointment.buyer, f"/portal/cases/{visit.appointment.case.reference}/visits.ics")
    assert str(event["status"]) == "CANCELLED"


def test_a_visit_that_a_correction_restores_is_believed_to_take_place_again(client, frozen, visit):
    buyer, path = visit.appointment.buyer, f"/portal/cases/{visit.appointment.case.reference}/visits.ics"
    filed = claimed(visit.appointment, at=R0, ground="buyer_reason", statement="The buyer is away.")
    granted(filed, at=R0)
    (struck,) = events(client, buyer, path)
    revoked(filed, at=R0)
    frozen.move_to(R0 + timedelta(hours=1))
    (restored,) = events(client, buyer, path)
    assert (str(struck["status"]), str(restored["status"])) == ("CANCELLED", "CONFIRMED")
    assert int(restored["sequence"]) > int(struck["sequence"])


def test_the_week_is_taken_away_as_it_is_shown(client, frozen, visit):
    owner, mine = make.seller_of(visit.appointment).user, visit.engineer.user
    week = BEGINS.isocalendar()
    asked = f"/dashboard/calendar.ics?week={week.year}-W{week.week:02d}"
    other = make_visit.planned()
    assert [str(event["uid"]).startswith(f"visit-{visit.pk}@") for event in events(client, owner, asked)] == [True]
    assert len(events(client, mine, asked)) == 1
    assert len(events(client, make.seller_of(other.appointment).user, asked)) == 1
    later = (BEGINS + timedelta(days=7)).isocalendar()
    assert events(client, owner, f"/dashboard/calendar.ics?week={later.year}-W{later.week:02d}") == []
