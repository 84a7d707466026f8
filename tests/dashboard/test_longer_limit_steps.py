"""A longer limit, as seller and buyer ask for and answer it in the pages (2.3.3)."""

from datetime import timedelta

import pytest

from cases.models import Deadline, LongerLimit
from tests.factories import cases as make
from tests.factories.accounts import UserFactory
from tests.instants import instant
from tests.pages import as_shown

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

R0, DUE = instant("2026-03-02T01:15:30Z"), instant("2026-03-04T01:15:30Z")


@pytest.fixture
def appointment(frozen):
    return make.requested(at=R0)


@pytest.fixture
def door(client, appointment):
    """The case as one side sees it: its page, or a step of it."""

    def seen(side, name="", typed=None):
        user = {"buyer": appointment.buyer, "seller": make.seller_of(appointment).user}.get(side) or UserFactory()
        client.force_login(user)
        channel = "dashboard" if side == "seller" else "portal"
        address = "/".join([f"/{channel}/cases", appointment.case.reference, *filter(None, [name]), ""])
        if typed is None:
            return client.get(address)
        return client.post(address, as_shown(address, {"key": name, **typed}))

    return seen


def names(answer):
    return [choice.name for choice in answer.context["file"].choices]


def asked(door, amount=72, clock="response"):
    row = Deadline.objects.get(clock=clock)
    return door("seller", "propose_longer", {"deadline": row.pk, "amount": amount, "reason": "Customs."})


def test_asked_seen_accepted_and_told(door):
    assert "propose_longer" in names(door("seller"))
    assert "Respond to the request: now 48 hours" in door("seller", "propose_longer").content.decode()
    assert asked(door).status_code == 302
    page = door("buyer")
    assert names(page)[0] == "accept_longer"
    assert "72 hours instead of 48 hours" in page.content.decode()
    assert page.context["file"].longer_due_at == DUE + timedelta(hours=24)
    assert "cannot be taken back" in door("buyer", "accept_longer").content.decode()
    assert door("buyer", "accept_longer", {}).status_code == 302
    row = Deadline.objects.get(clock="response")
    assert (row.amount, row.due_at) == (72, DUE + timedelta(hours=24))
    reference = row.appointment.case.reference
    told = door("buyer", f"limits/{row.pk}").content.decode()
    assert "agreed with the buyer for this request alone, instead of 48 hours" in told
    assert "Customs." in told
    assert "longer by agreement with the buyer" in door("seller").content.decode()
    assert reference


def test_declined_with_a_word(door):
    asked(door)
    assert door("buyer", "decline_longer", {"answer": "Sooner, please."}).status_code == 302
    assert "“Sooner, please.”" in door("seller").content.decode()
    assert Deadline.objects.get(clock="response").due_at == DUE


def test_what_is_not_longer_is_told_at_its_field(door):
    answer = asked(door, 48)
    assert answer.status_code == 422
    assert "amount" in answer.context["form"].errors
    assert 'value="48"' in answer.content.decode()


def test_too_late_is_told_and_kept(door, frozen):
    asked(door)
    frozen.move_to(DUE + timedelta(microseconds=1))
    answer = door("buyer", "accept_longer", {})
    assert answer.status_code == 409
    assert answer.context["refusal"].code == "deadline_passed"
    page = door("buyer")
    assert "accept_longer" not in names(page)
    assert "not answered before the limit ended" in page.content.decode()


def test_nobody_else_reaches_it(door):
    asked(door)
    for step in ("propose_longer", "accept_longer", "decline_longer"):
        assert door("stranger", step, {}).status_code == 404
    # The seller has no yes of his own.
    assert door("seller", "accept_longer").status_code == 302
    assert door("seller", "accept_longer", {}).status_code == 403
    assert LongerLimit.objects.get().state == "standing"
