"""The timeline in the admin: to look at, with a second try for what was given up."""

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import AdministratorFactory, AuditorFactory, SupportFactory, UserFactory
from tests.factories.timeline import AT, DeliveryFactory, make_event
from zestech_aftersales.accounts.actors import Actor, Channel, system
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.actions.decisions import put_forward
from zestech_aftersales.timeline.actions.retries import relay_again, send_again
from zestech_aftersales.timeline.models import Decision, Delivery, DeliveryState, Event, Undelivered, Verification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

MODELS = [Event, Undelivered, Delivery, Decision, Verification]


def page(name, model, *args):
    return reverse(f"admin:timeline_{model._meta.model_name}_{name}", args=args)


@pytest.fixture
def rows():
    """One of each."""
    DeliveryFactory(state=DeliveryState.QUARANTINED, attempts=12, last_error="550")
    by = Actor(Channel.ADMIN, user=AuditorFactory())
    put_forward(kind="clearance", subject="seller/5", reason="Third violation", clause="3.2", by=by, at=AT)
    Undelivered.objects.update(quarantined_at=AT, attempts=6, error="LookupError")
    Verification.objects.create(begun_at=AT, done_at=AT, cases=1, orders=1, limits=2, events=3, differences=0)


@pytest.mark.parametrize("model", MODELS)
def test_staff_read_and_nobody_changes_or_deletes(client, rows, model):
    client.force_login(AdministratorFactory())
    row = model.objects.all()[0]
    for address in (page("changelist", model), page("change", model, row.pk), page("history", model, row.pk)):
        assert client.get(address).status_code == 200
    assert client.post(page("change", model, row.pk), {}).status_code == 403
    assert client.get(page("add", model)).status_code == 403
    assert client.post(page("delete", model, row.pk), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(page("changelist", model)).text


@pytest.mark.parametrize("model", MODELS)
def test_the_list_costs_the_same_for_one_and_for_three(client, rows, model):
    client.force_login(AdministratorFactory())
    counts = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(page("changelist", model))
        counts.append(len(asked))
        for _number in range(2):
            DeliveryFactory(event=make_event(by=Actor(Channel.PORTAL, user=UserFactory())))
            by = Actor(Channel.ADMIN, user=AuditorFactory())
            put_forward(kind="x", subject="y", reason="z", clause="", by=by, at=AT)
    assert counts[0] == counts[1]


def test_a_history_is_found_by_its_thing(client):
    make_event("case/17", kind="case.opened")
    make_event("case/171", kind="case.closed")
    client.force_login(AuditorFactory())
    text = client.get(page("changelist", Event), {"q": " Case/17 "}).text
    assert "case.opened" in text
    assert "case.closed" not in text


@pytest.mark.parametrize("by_address", [True, False])
def test_notices_are_found_by_recipient_or_thing(client, by_address):
    found = DeliveryFactory(event=make_event("case/17"), recipient__email="ann@example.com")
    DeliveryFactory(event=make_event("case/18"))
    client.force_login(AuditorFactory())
    answer = client.get(page("changelist", Delivery), {"q": "Ann@example.com" if by_address else "case/17"})
    assert list(answer.context["cl"].result_list) == [found]


def test_support_sends_a_quarantined_notice_again(client, rows):
    client.force_login(SupportFactory())
    delivery = Delivery.objects.get()
    address = page("step", Delivery, "send_again")
    assert address in client.get(page("change", Delivery, delivery.pk)).text
    client.post(f"{address}?thing={delivery.pk}", {"reason": "Mailbox mended"})
    again = Delivery.objects.get()
    assert (again.state, again.attempts, again.uid) == ("pending", 0, delivery.uid)
    event = Event.objects.get(kind="delivery.requeued")
    assert event.detail == {"reason": "Mailbox mended", "error": "550"}
    assert event.stream == delivery.event.stream


def test_support_lets_the_relay_try_again(client, rows):
    client.force_login(SupportFactory())
    marker = Undelivered.objects.all()[0]
    client.post(f"{page('step', Undelivered, 'relay_again')}?thing={marker.pk}", {"reason": "Mended"})
    again = Undelivered.objects.get(pk=marker.pk)
    assert (again.quarantined_at, again.attempts) == (None, 0)
    assert Event.objects.get(kind="event.requeued").subject == f"event/{marker.pk}"


def test_nothing_is_tried_again_that_was_not_given_up():
    by = Actor(Channel.ADMIN, user=SupportFactory())
    owed = DeliveryFactory()
    with pytest.raises(RuleBroken, match="given up"):
        send_again(owed, reason="x", by=by, at=AT)
    with pytest.raises(RuleBroken, match="given up"):
        relay_again(Undelivered.objects.get(), reason="x", by=by, at=AT)


@pytest.mark.parametrize("person", [None, UserFactory, AuditorFactory])
def test_others_try_nothing_again(rows, person):
    by = Actor(Channel.ADMIN, user=person()) if person else system()
    with pytest.raises(PermissionDenied):
        send_again(Delivery.objects.get(), reason="x", by=by, at=AT)
    with pytest.raises(PermissionDenied):
        relay_again(Undelivered.objects.all()[0], reason="x", by=by, at=AT)


def test_seals_are_not_offered_for_editing_at_all():
    shown = {model for model in admin.site._registry if model._meta.app_label == "timeline"}
    assert shown == set(MODELS)
