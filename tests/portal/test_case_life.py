"""The end of a case in the pages: sign-off, objection, closing, reopening, and booking again in it."""

from datetime import timedelta

import pytest

from cases.actions.longer_limits import propose_longer_limit
from cases.models import ServiceAppointment, ServiceCase
from cases.sweep import sweep_batch
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.visits import BEGINS
from tests.instants import instant
from tests.pages import posted
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.1.1")]

DUE = instant("2026-03-12T16:00:00Z")
DOOR = {"method": "door", "address": "5 Palm Street", "city": "Dubai", "country": "ae", "phone": "+971 4 0"}


@pytest.fixture
def done(frozen):
    done = make_visit.done(make_visit.planned())
    frozen.move_to(BEGINS + timedelta(hours=1))
    return done


@pytest.fixture
def buyer(client, done):
    client.force_login(done.buyer)
    return client


def address(done, *more):
    return "/".join(["/portal/cases", done.case.reference, *more, ""])


def names(answer):
    return [choice.name for choice in answer.context["file"].choices]


def test_the_page_counts_down_to_the_sign_off_and_shows_the_services(buyer, done):
    page = buyer.get(address(done))
    assert names(page) == ["sign_off", "object", "acknowledge", "book_again", "close_case", "reopen_case"]
    text = page.content.decode()
    assert "Time left to sign the service off" in text
    assert "Used under this cover" in text
    assert "no limit" in text
    assert posted(buyer, address(done, "sign_off"), {"key": "s"}).headers["Location"] == address(done)
    page = buyer.get(address(done))
    assert names(page) == ["acknowledge", "book_again", "reopen_case"]
    assert "Service signed off" in page.content.decode()


def test_an_objection_that_comes_too_late_shows_the_rule_and_what_is_left(buyer, done, frozen):
    frozen.move_to(DUE + timedelta(microseconds=1))
    assert "object" not in names(buyer.get(address(done)))
    answer = posted(buyer, address(done, "object"), {"reason": "Still dead.", "key": "o"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "/rules/#c-2.1.1" in text
    assert "Still dead." in text
    assert make.fresh(done.case).state == "closed"
    assert posted(buyer, address(done, "reopen_case"), {"reason": "Still dead.", "key": "r"}).status_code == 302
    assert make.fresh(done.case).state == "open"


@pytest.mark.parametrize("name", ["sign_off", "object", "close_case", "reopen_case"])
def test_nobody_else_ends_the_case(client, done, name):
    seller = make.seller_of(done)
    client.force_login(seller.user)
    assert client.post(address(done, name), {"reason": "x"}).status_code == 404
    dashboard = address(done, name).replace("portal", "dashboard")
    assert posted(client, dashboard, {"reason": "x"}).status_code == 403
    assert not set(names(client.get(address(done).replace("portal", "dashboard")))) & {name}


@pytest.mark.clause("2.3.4")
def test_booking_again_goes_on_in_the_same_case(buyer, done):
    page = buyer.get(address(done)).content.decode()
    link = f"/portal/book/?cover={done.case.cover_id}&amp;case={done.case.reference}"
    assert link in page
    first = buyer.get(link.replace("&amp;", "&"))
    assert done.case.reference in first.content.decode()
    assert buyer.post("/portal/book/", {"cover": done.case.cover_id, "case": done.case.reference}).status_code == 302
    second = buyer.get("/portal/book/fault/")
    assert second.context["form"]["title"].value() == done.case.title
    typed = {"title": done.case.title, "description": "It is back.", "service_type": "fault_detection"}
    buyer.post("/portal/book/fault/", typed)
    buyer.post("/portal/book/method/", DOOR)
    key = buyer.get("/portal/book/check/").context["form"]["key"].value()
    assert buyer.post("/portal/book/check/", {"key": key}).status_code == 302
    assert ServiceCase.objects.count() == 1
    assert ServiceAppointment.objects.count() == 2
    assert make.fresh(done.case).state == "open"
    assert buyer.get("/portal/book/fault/").headers["Location"] == "/portal/book/"


def test_nobody_books_in_a_stranger_s_case(buyer, done):
    other = make.requested(at=BEGINS)
    for answer in (
        buyer.get("/portal/book/", {"cover": done.case.cover_id, "case": other.case.reference}),
        buyer.post("/portal/book/", {"cover": done.case.cover_id, "case": other.case.reference}),
    ):
        assert answer.status_code == 404


def test_a_case_of_another_line_is_not_gone_on_with(buyer, done):
    other = make.a_cover(buyer_email=done.buyer.email)
    assert buyer.post("/portal/book/", {"cover": other.pk, "case": done.case.reference}).status_code == 302
    assert buyer.session["booking"]["case"] == ""


def test_my_cases_are_filtered_by_how_they_stand(buyer, done):
    cover = make.a_cover(buyer_email=done.buyer.email)
    waiting = make.requested(cover, at=BEGINS, title="Waits for an answer")
    shown = {
        view: [case.pk for case in buyer.get("/portal/cases/", {"view": view}).context["page"].things]
        for view in ("", "open", "answer", "sign_off", "closed")
    }
    assert shown == {
        "": [waiting.case_id, done.case_id],
        "open": [waiting.case_id],
        "answer": [],
        "sign_off": [done.case_id],
        "closed": [],
    }
    make.offered(waiting, at=BEGINS)
    assert [case.pk for case in buyer.get("/portal/cases/?view=answer").context["page"].things] == [waiting.case_id]
    posted(buyer, address(done, "sign_off"), {"key": "s"})
    assert [case.pk for case in buyer.get("/portal/cases/?view=closed").context["page"].things] == [done.case_id]


def _in_view(buyer, view, words=""):
    found = buyer.get("/portal/cases/", {"view": view, "q": words}).context["page"].things
    return [case.pk for case in found]


def test_a_case_that_nobody_serves_is_still_open_and_not_lost_between_the_filters(buyer, done, frozen):
    """Refused by silence, cancelled or reopened: the fault is not settled, so the buyer finds it under open."""
    cover = make.a_cover(buyer_email=done.buyer.email)
    unanswered = make.requested(cover, at=BEGINS, title="Nobody answered")
    frozen.move_to(BEGINS + timedelta(hours=49))
    sweep_batch(at=BEGINS + timedelta(hours=49))
    assert make.fresh(unanswered).state == "deemed_refused"
    assert _in_view(buyer, "open") == [unanswered.case_id]
    posted(buyer, address(done, "sign_off"), {"key": "s"})
    posted(buyer, address(done, "reopen_case"), {"key": "r", "reason": "It is back."})
    assert _in_view(buyer, "open") == [unanswered.case_id, done.case_id]
    assert _in_view(buyer, "open", "nobody") == [unanswered.case_id]
    assert _in_view(buyer, "closed") == []


def test_every_word_that_the_buyer_owes_waits_for_him(buyer, done, frozen):
    """A proposed date, a longer limit, an offer that came late: each is shown under "waiting for me"."""
    cover = make.a_cover(make.a_product(done.seller), buyer_email=done.buyer.email)
    longer = make.requested(cover, at=BEGINS, title="More time")
    row = longer.deadlines.get(clock="response")
    propose_longer_limit(row, 72, "The part comes later.", by=make.seller_of(longer), at=BEGINS)
    late = make.requested(cover, at=BEGINS - timedelta(hours=50), title="Late")
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(late, at=BEGINS)
    moved = make_visit.planned(cover=make.a_cover(make.a_product(done.seller), buyer_email=done.buyer.email))
    make_visit.proposed(moved.appointment, by=make.seller_of(moved.appointment), at=BEGINS - timedelta(hours=60))
    own = make_visit.planned(cover=make.a_cover(make.a_product(done.seller), buyer_email=done.buyer.email))
    make_visit.proposed(own.appointment, by=make.buyer_of(own.appointment), at=BEGINS - timedelta(hours=60))
    waits = {longer.case_id, late.case_id, moved.appointment.case_id}
    assert set(_in_view(buyer, "answer")) == waits
