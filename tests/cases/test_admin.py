"""The staff's view of what happens: found, read, never edited; steps go through the actions."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import ServiceAppointment
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.accounts import AdministratorFactory, AuditorFactory, SupportFactory, UserFactory
from tests.factories.editions import a_draft, a_simulated_change
from tests.factories.rows import a_row
from tests.instants import instant
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
MODELS = [model for model in apps.get_app_config("cases").get_models() if model in admin.site._registry]
LIST = "/admin/cases/serviceappointment/"


@pytest.fixture
def appointment(frozen):
    appointment = make.requested(at=R0)
    claim.claimed(appointment, at=R0, begins_at=R0)
    claim.an_outage(R0 - timedelta(hours=1), R0, at=R0)
    claim.declared(at=R0)
    claim.a_restriction(make.a_cover(), at=R0)
    a_simulated_change(at=R0 + timedelta(days=1), draft=a_draft(at=R0, response_hours=24))
    return appointment


@pytest.fixture
def support(client):
    person = SupportFactory()
    client.force_login(person)
    return person


def page_of(model, thing):
    return f"/admin/cases/{model._meta.model_name}/{thing.pk}/change/"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_page_is_read_only_and_offers_no_delete(client, support, appointment, model):
    make.offered(appointment, at=R0 + timedelta(hours=1))
    thing = model.objects.order_by("pk").last() or a_row(model)
    before = model.objects.filter(pk=thing.pk).values().get()
    answer = client.get(page_of(model, thing))
    assert answer.status_code == 200
    assert "deletelink" not in answer.content.decode()
    assert 'name="_save"' not in answer.content.decode()
    changed = dict.fromkeys(before, "changed")
    assert client.post(page_of(model, thing), changed).status_code == 403
    assert client.post(f"/admin/cases/{model._meta.model_name}/{thing.pk}/delete/", {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=thing.pk).values().get() == before


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_asks_the_same_number_of_questions_for_one_and_three(client, support, appointment, model):
    make.offered(appointment, at=R0 + timedelta(hours=1))
    url = f"/admin/cases/{model._meta.model_name}/"
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        assert client.get(url).status_code == 200
    for _n in range(2):
        make.offered(make.requested(at=R0), at=R0 + timedelta(hours=1))
    with CaptureQueriesContext(connection) as three:
        client.get(url)
    assert len(one) == len(three) <= 10


def test_a_case_is_found_by_its_reference(client, support, appointment):
    make.requested(at=R0)
    page = client.get(LIST, {"q": appointment.case.reference}).context["cl"]
    assert list(page.queryset) == [appointment]


def test_support_cancels_for_the_buyer_and_both_names_are_recorded(client, support, appointment):
    step = f"{LIST}steps/cancel/?thing={appointment.pk}"
    assert "Rule" not in client.get(page_of(ServiceAppointment, appointment)).context["title"]
    assert client.get(step).status_code == 200
    client.post(step, {"reason": ""})
    assert make.fresh(appointment).state == "requested"
    client.post(step, {"reason": "asked for it on the phone"})
    assert make.fresh(appointment).state == "cancelled"
    event = Event.objects.get(kind="appointment.cancelled")
    assert (event.actor, event.acting_for, event.channel) == (support, appointment.buyer, "admin")


@pytest.mark.parametrize("person", [AuditorFactory, AdministratorFactory])
def test_others_of_the_staff_do_not_cancel_for_a_buyer(client, appointment, person):
    client.force_login(person())
    assert client.post(f"{LIST}steps/cancel/?thing={appointment.pk}", {"reason": "no"}).status_code == 403
    assert make.fresh(appointment).state == "requested"


def test_buyers_and_sellers_do_not_get_in(client, appointment):
    for person in (appointment.buyer, make.seller_of(appointment).user, UserFactory()):
        client.force_login(person)
        assert client.get(LIST).status_code == 302


def test_the_timeline_of_an_appointment_names_clause_and_actor(client, support, appointment):
    page = client.get(f"{LIST}{appointment.pk}/history/").content.decode()
    assert "Service requested" in page
    assert "2.3.1" in page
