"""A page that is older than the case: its form is taken on what it showed - request, offer, date, limit, terms - or not at all."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from cases.actions.bookings import request_service
from cases.actions.cancel import cancel
from cases.actions.disclose import disclose
from cases.actions.longer_limits import propose_longer_limit
from cases.actions.offers import revise
from cases.models import Deadline, Offer, ServiceCase
from cases.sweep import sweep_batch
from tests.factories import cases as make
from tests.factories import visits as visiting
from tests.instants import instant
from tests.pages import hidden
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
TYPED = {
    "method": "door", "service_type": "fault_detection", "starts_at_1": "2026-03-06T10:00",
    "ends_at_1": "2026-03-06T12:00", "contact_name": "Desk", "price_terms": "of the old tab",
}  # fmt: skip


@pytest.fixture
def appointment(frozen):
    frozen.move_to(R0 + 2 * HOUR)
    return make.requested(at=R0)


@pytest.fixture
def offered(appointment):
    return make.offered(appointment, at=R0 + HOUR)


def address(appointment, step, channel="portal"):
    return reverse(f"{channel}:step", args=[appointment.case.reference, step])


def made_dearer(offered, **terms):
    """The seller replaces the offer after the page was opened."""
    at = R0 + 2 * HOUR
    wanted = {"price_amount": Decimal(500), "price_currency": "USD", "price_terms": "500 USD in advance"} | terms
    return revise(offered, make.offer_terms(at, **wanted), by=make.seller_of(offered.appointment), at=at)


@pytest.mark.parametrize(
    ("step", "typed"), [("accept", {"window": "0"}), ("counter", {"wish": "Later."}), ("flag", {"reason": "Abroad."})]
)
def test_the_buyer_answers_the_offer_that_was_shown(client, appointment, offered, step, typed):
    client.force_login(appointment.buyer)
    form = hidden(client.get(address(appointment, step)))
    dearer = made_dearer(offered)
    answer = client.post(address(appointment, step), form | typed)
    assert answer.status_code == 409
    assert "no longer stands" in answer.content.decode()
    assert "500 USD in advance" in answer.content.decode()
    assert all(word in answer.content.decode() for word in typed.values())
    assert (make.fresh(appointment).state, make.fresh(dearer).state) == ("proposed", "standing")
    # The page that came back shows what stands now: its form is about that.
    assert client.post(address(appointment, step), hidden(answer) | typed).status_code == 302
    assert make.fresh(dearer).state != "standing"


def test_an_old_tab_of_the_seller_replaces_no_newer_offer(client, appointment, offered):
    client.force_login(make.seller_of(appointment).user)
    form = hidden(client.get(address(appointment, "revise", "dashboard")))
    newer = made_dearer(offered, price_terms="a colleague's")
    answer = client.post(address(appointment, "revise", "dashboard"), form | TYPED)
    assert answer.status_code == 409
    assert "of the old tab" in answer.content.decode()
    assert make.fresh(newer).state == "standing"


def test_a_form_that_does_not_say_what_it_showed_changes_nothing_and_keeps_what_was_typed(client, appointment, offered):
    client.force_login(appointment.buyer)
    step = address(appointment, "counter")
    answer = client.post(step, {"wish": "In the evening, please.", "key": "k"})
    assert answer.status_code == 409
    assert "Nothing says which request this page was about" in answer.content.decode()
    assert "In the evening, please." in answer.content.decode()
    assert make.fresh(appointment).state == "proposed"
    # The page that came back says it.
    assert client.post(step, hidden(answer) | {"wish": "In the evening, please."}).status_code == 302
    assert make.fresh(appointment).state == "countered"


def test_a_form_sent_twice_is_answered_alike(client, appointment, offered):
    client.force_login(appointment.buyer)
    form = hidden(client.get(address(appointment, "accept"))) | {"window": "0"}
    assert [client.post(address(appointment, "accept"), form).status_code for _time in range(2)] == [302, 302]
    assert make.fresh(appointment).state == "agreed"


def booked_again(appointment):
    cancel(appointment, by=make.buyer_of(appointment), at=R0 + HOUR)
    case = ServiceCase.objects.get(pk=appointment.case_id)
    return request_service(
        case.cover, make.a_service_request(), by=make.buyer_of(appointment), at=R0 + 2 * HOUR, case=case
    )


def test_a_refusal_of_an_earlier_request_refuses_no_new_one(client, appointment):
    client.force_login(make.seller_of(appointment).user)
    form = hidden(client.get(address(appointment, "refuse", "dashboard")))
    again = booked_again(appointment)
    answer = client.post(address(appointment, "refuse", "dashboard"), form | {"reason": "Nobody is free."})
    assert answer.status_code == 409
    assert "Nobody is free." in answer.content.decode()
    assert make.fresh(again).state == "requested"


@pytest.mark.parametrize("form", [{}, {"seen": "1-1"}])
def test_an_answer_to_an_offer_that_is_gone_is_refused_with_words(client, appointment, offered, form):
    again = booked_again(appointment)
    client.force_login(appointment.buyer)
    answer = client.post(address(appointment, "accept"), form | {"key": "k"})
    assert answer.status_code == 409
    assert make.fresh(again).state == "requested"
    assert Offer.objects.get().state == "void"


def test_an_answer_to_a_lapsed_offer_is_kept_as_late_from_an_open_page_too(client, frozen, appointment, offered):
    client.force_login(appointment.buyer)
    form = hidden(client.get(address(appointment, "accept")))
    over = instant("2026-03-09T16:00:00Z")
    sweep_batch(at=over + HOUR)
    frozen.move_to(over + HOUR)
    answer = client.post(address(appointment, "accept"), form | {"window": "0"})
    assert answer.status_code == 409
    assert "has lapsed" in answer.content.decode()
    kept = Event.objects.get(subject=appointment.subject, kind="acceptance.late")
    assert (kept.detail or {})["offer"] == offered.pk


@pytest.fixture
def visit(frozen):
    frozen.move_to(R0 + 2 * HOUR)
    return visiting.planned(at=R0)


@pytest.mark.parametrize(("step", "typed"), [("accept_date", {"window": "0"}), ("decline_date", {"wish": "Mondays."})])
def test_the_date_that_was_shown_is_answered(client, visit, step, typed):
    appointment, by = visit.appointment, make.seller_of(visit.appointment)
    visiting.proposed(appointment, by=by, at=R0 + HOUR)
    client.force_login(appointment.buyer)
    form = hidden(client.get(address(appointment, step)))
    later = visiting.proposed(appointment, by=by, at=R0 + 2 * HOUR, windows=[visiting.window_after(R0, 9)])
    answer = client.post(address(appointment, step), form | typed)
    assert (answer.status_code, make.fresh(later).state) == (409, "standing")
    assert "no longer proposed" in answer.content.decode()
    assert client.post(address(appointment, step), hidden(answer) | typed).status_code == 302
    assert make.fresh(later).state != "standing"


@pytest.mark.clause("2.3.3")
@pytest.mark.parametrize("step", ["accept_longer", "decline_longer"])
def test_the_longer_limit_that_was_shown_is_answered(client, appointment, step):
    row, by = Deadline.objects.get(appointment=appointment, clock="response"), make.seller_of(appointment)
    propose_longer_limit(row, 72, "Customs.", by=by, at=R0 + HOUR)
    client.force_login(appointment.buyer)
    form = hidden(client.get(address(appointment, step)))
    longest = propose_longer_limit(row, 720, "The part is made first.", by=by, at=R0 + 2 * HOUR)
    answer = client.post(address(appointment, step), form)
    assert (answer.status_code, make.fresh(longest).state, make.fresh(row).amount) == (409, "standing", 48)
    assert client.post(address(appointment, step), hidden(answer)).status_code == 302
    assert make.fresh(longest).state != "standing"


@pytest.mark.clause("3.1")
@pytest.mark.parametrize(
    ("step", "typed"), [("acknowledge", {}), ("unclear", {"item": "charging_standard", "question": "Parts too?"})]
)
def test_the_service_terms_that_were_shown_are_noted(client, appointment, step, typed):
    by = make.seller_of(appointment)
    disclose(appointment, make.ALL_ITEMS, by=by, at=R0 + HOUR)
    client.force_login(appointment.buyer)
    form = hidden(client.get(address(appointment, step)))
    dearer = disclose(appointment, replace(make.ALL_ITEMS, charging_standard="200 USD a visit"), by=by, at=R0 + HOUR)
    answer = client.post(address(appointment, step), form | typed)
    assert (answer.status_code, make.fresh(dearer).acknowledged_at, dearer.doubts.count()) == (409, None, 0)
    assert "200 USD a visit" in answer.content.decode()
    assert client.post(address(appointment, step), hidden(answer) | typed).status_code == 302
