"""The link of a video session: https only, for remote guidance only, told once the appointment is confirmed."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from icalendar import Calendar

from cases.actions.video_sessions import give_video_link
from cases.models import Offer
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.instants import instant
from tests.pages import as_shown
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.2.1")]

R0 = instant("2026-03-02T01:15:30Z")
LINK = "https://meet.example.com/room/1?key=a&b=c"
BAD = [
    "javascript:alert(1)", "http://meet.example.com/", "https://", "data:text/html,x", "//meet.example.com/",
    "https://bank.example@evil.example/", "https://meet.example.com/\nSet-Cookie: a", "HTTPS//x", f"https://a.example/{'x' * 500}",
]  # fmt: skip


def refused(call, *args, **given):
    with pytest.raises(RuleBroken) as told:
        call(*args, **given)
    return told.value.code, told.value.status


@pytest.fixture
def remote():
    return make.requested(at=R0, method="remote")


@pytest.mark.parametrize("url", BAD)
def test_what_people_should_not_follow_is_no_link(remote, url):
    assert refused(make.offered, remote, at=R0, video_url=url) == ("video_link_invalid", 422)
    late = R0 + timedelta(hours=49)
    assert refused(make.offered, remote, at=late, video_url=url) == ("video_link_invalid", 422)
    assert make.fresh(remote).state == "deemed_refused"
    assert not Offer.objects.exists()


def test_only_video_guidance_has_one():
    door = make.requested(at=R0)
    assert refused(make.offered, door, at=R0, video_url=LINK) == ("video_link_invalid", 422)
    visit = make_visit.planned()
    seller = make.seller_of(visit.appointment)
    assert refused(give_video_link, visit, LINK, by=seller, at=R0) == ("video_link_invalid", 422)


def test_both_sides_get_it_once_the_appointment_is_confirmed(client, frozen, remote):
    made = make.offered(remote, at=R0, video_url=f" {LINK} ")
    page = f"/portal/cases/{remote.case.reference}/"
    seller = make.seller_of(remote).user
    client.force_login(remote.buyer)
    assert LINK not in client.get(page).content.decode()
    make.accepted(made, at=R0)
    for person, base in ((remote.buyer, "portal"), (seller, "dashboard")):
        client.force_login(person)
        shown = client.get(f"/{base}/cases/{remote.case.reference}/").content.decode()
        assert f'href="{LINK.replace("&", "&amp;")}"' in shown
        (event,) = Calendar.from_ical(client.get(f"/{base}/cases/{remote.case.reference}/visits.ics").content).walk(
            "VEVENT"
        )
        assert LINK in str(event["description"])


def test_the_link_is_given_or_replaced_later_by_whoever_serves(remote):
    make.accepted(make.offered(remote, at=R0, engineer=make.an_engineer(remote.seller)), at=R0)
    visit = remote.visits.get()
    seller, buyer = make.seller_of(remote), make.buyer_of(remote)
    for nobody in (buyer, make.seller_of(make.a_cover())):
        with pytest.raises(PermissionDenied):
            give_video_link(visit, LINK, by=nobody, at=R0)
    for url in ("", *BAD):
        assert refused(give_video_link, visit, url, by=seller, at=R0) == ("video_link_invalid", 422)
    assert give_video_link(visit, LINK, by=make_visit.engineer_of(visit), at=R0).video_url == LINK
    new = make_visit.taken(make_visit.proposed(remote, by=seller, at=R0), by=buyer, at=R0)
    assert new.video_url == LINK
    assert refused(give_video_link, visit, LINK, by=seller, at=R0) == ("not_planned", 409)


def test_the_step_in_the_dashboard(client, frozen, remote):
    make.accepted(make.offered(remote, at=R0), at=R0)
    client.force_login(make.seller_of(remote).user)
    path = f"/dashboard/cases/{remote.case.reference}/video_link/"
    assert client.get(path).status_code == 200
    answer = client.post(path, as_shown(path, {"video_url": "http://x.example/", "key": "a"}))
    assert answer.status_code == 422
    assert "begins with https://" in answer.content.decode()
    assert client.post(path, as_shown(path, {"video_url": LINK, "key": "b"})).status_code == 302
    assert remote.visits.get().video_url == LINK


def test_how_a_date_came_about_stands_on_the_case_page(client, frozen):
    visit = make_visit.planned()
    appointment = visit.appointment
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    due = list(appointment.deadlines.order_by("pk").values_list("due_at", "state"))
    proposal = make_visit.proposed(appointment, by=seller, at=R0, reason="The engineer is ill.")
    make_visit.taken(proposal, by=buyer, at=R0)
    assert list(appointment.deadlines.order_by("pk").values_list("due_at", "state")) == due
    client.force_login(appointment.buyer)
    shown = client.get(f"/portal/cases/{appointment.case.reference}/").content.decode()
    for words in (
        "The seller proposed another date",
        "The engineer is ill.",
        seller.user.name,
        "the original limits stay",
    ):
        assert words in shown
    again = make_visit.proposed(appointment, by=buyer, at=R0, reason="I am away.")
    make_visit.taken(again, by=seller, at=R0)
    shown = client.get(f"/portal/cases/{appointment.case.reference}/").content.decode()
    assert "No limit of the request moved." in shown
