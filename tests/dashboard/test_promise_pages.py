"""Promises in the pages: a message recorded as one, what binds the seller, what was promised to the buyer (2.3.3)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.messages import write
from cases.models import ChatPromise
from sellers.actions import commitments
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.accounts import UserFactory
from tests.factories.sellers import commit
from tests.instants import instant

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

R0, HOUR = instant("2026-03-02T01:15:30Z"), timedelta(hours=1)
WORDS = "For you we reply within 24 hours, and the warranty is two years."


@pytest.fixture
def appointment(frozen):
    return make.requested(at=R0)


@pytest.fixture
def message(appointment):
    return write(appointment.case, WORDS, by=make.seller_of(appointment), at=R0)


@pytest.fixture
def door(client, appointment):
    """An address below one side's door, as that side sees it."""

    def seen(side, address, typed=None):
        people = {
            "buyer": lambda: appointment.buyer,
            "seller": lambda: make.seller_of(appointment).user,
            "engineer": lambda: make.an_engineer(appointment.seller).user,
            "competitor": lambda: make.seller_of(make.a_cover()).user,
        }
        client.force_login(people.get(side, UserFactory)())
        channel = "dashboard" if side in ("seller", "engineer", "competitor") else "portal"
        return client.get(f"/{channel}/{address}") if typed is None else client.post(f"/{channel}/{address}", typed)

    return seen


def address(message):
    return f"cases/{message.case.reference}/messages/{message.pk}/promise/"


def typed(form):
    return {field.html_name: field.value() for field in form if field.value()}


@pytest.mark.parametrize(("side", "state"), [("buyer", "recorded"), ("seller", "binding")])
def test_a_message_is_recorded_from_the_systems_reading(door, message, side, state):
    case = f"cases/{message.case.reference}/"
    assert "This is a promise" in door(side, case).content.decode()
    page = door(side, address(message))
    told = typed(page.context["form"])
    assert (told["what_1"], told["value_1"], told["what_2"], told["value_2"]) == (
        "response_hours", "24", "cover_months", "24",
    )  # fmt: skip
    answer = door(side, address(message), told)
    assert (answer.status_code, answer["Location"].rpartition("#")[2]) == (302, f"message-{message.pk}")
    made = ChatPromise.objects.select_related("commitment").get()
    assert (made.side, made.commitment.state, made.commitment.terms.count()) == (side, state, 2)
    text = door(side, case).content.decode()
    assert f'id="message-{message.pk}"' in text
    assert "This is a promise" not in text


def test_what_cannot_be_read_is_told_at_its_field_and_kept(door, message):
    page = door("buyer", address(message), {"what_1": "response_hours", "value_1": "soon"})
    assert page.status_code == 422
    assert "value_1" in page.context["form"].errors
    assert 'value="soon"' in page.content.decode()
    assert door("buyer", address(message), {"what_1": ""}).status_code == 422
    assert not ChatPromise.objects.exists()


def test_a_term_is_added_to_what_the_system_has_read(door, message):
    page = door("buyer", address(message))
    assert len(list(page.context["form"].rows())) == 2
    told = typed(page.context["form"]) | {"value_2": "30", "add_term": "1"}
    page = door("buyer", address(message), told)
    form = page.context["form"]
    assert (len(list(form.rows())), form["value_1"].value(), form["value_2"].value()) == (3, "24", "30")
    assert not ChatPromise.objects.exists()


def test_nobody_else_gets_there(door, message):
    mine = write(message.case, "Please hurry.", by=make.buyer_of(message.case), at=R0)
    for side, words in (("stranger", message), ("competitor", message), ("engineer", message), ("buyer", mine)):
        assert door(side, address(words)).status_code == 404
        assert door(side, address(words), {"what_1": "charge:free"}).status_code == 404
    other = make.requested(at=R0)
    wrong = f"cases/{other.case.reference}/messages/{message.pk}/promise/"
    assert door("buyer", wrong).status_code == 404


def test_the_seller_sees_what_binds_him_with_its_source_and_reach(door, message, appointment):
    product = appointment.case.cover.line.product
    said = commit(product, Promise(Dimension.RESPONSE_HOURS, 36))
    door("seller", address(message), typed(door("seller", address(message)).context["form"]))
    page = door("seller", "commitments/").content.decode()
    assert "Product page" in page
    assert f"{message.case.reference}</a>" in page
    reach = door("seller", f"commitments/{said.pk}/").content.decode()
    assert appointment.case.cover.order.number in reach
    assert appointment.case.reference in reach
    commitments.end(said, reason="Too costly.", by=make.seller_of(appointment), at=R0 + HOUR)
    assert "hours to respond: 36" not in door("seller", "commitments/").content.decode()
    ended = door("seller", "commitments/?view=ended").content.decode()
    assert "hours to respond: 36" in ended
    assert "until" in ended
    assert door("engineer", "commitments/").status_code == 403
    assert door("competitor", f"commitments/{said.pk}/").status_code == 404


def test_the_buyer_sees_what_was_promised_with_its_source(door, message, appointment):
    product = appointment.case.cover.line.product
    commit(product, Promise(Dimension.RESPONSE_HOURS, 36))
    page = f"covers/{appointment.case.cover_id}/promises/"
    assert "Product page" in door("buyer", page).content.decode()
    door("seller", address(message), typed(door("seller", address(message)).context["form"]))
    told = door("buyer", page)
    best = {str(term): is_best for each in told.context["promised"] for term, is_best in each.marked}
    assert best == {"hours to respond: 36": False, "hours to respond: 24": True, "months of cover: 24": True}
    assert f"/portal/cases/{message.case.reference}/#message-{message.pk}" in told.content.decode()
    assert page in door("buyer", "").content.decode()
    assert door("stranger", page).status_code == 404
    assert door("competitor", page).status_code == 404
    assert door("seller", page).status_code == 200


def test_one_or_three_commitments_take_as_many_questions(client, appointment):
    product = appointment.case.cover.line.product
    client.force_login(make.seller_of(appointment).user)
    commit(product, Promise(Dimension.RESPONSE_HOURS, 36))
    client.get("/dashboard/commitments/")
    with CaptureQueriesContext(connection) as one:
        client.get("/dashboard/commitments/")
    for months in (13, 14):
        commit(product, Promise(Dimension.COVER_MONTHS, months))
    with CaptureQueriesContext(connection) as three:
        client.get("/dashboard/commitments/")
    assert len(three) == len(one)
