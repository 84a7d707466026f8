"""The buyer says on the page that he has read the service terms; desk and seller count it (3.1)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actions.confirm import confirm
from cases.models import Disclosure
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory
from tests.instants import instant
from tests.pages import hidden

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.1")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)


@pytest.fixture
def confirmed(frozen):
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0 + HOUR), at=R0 + 2 * HOUR)
    confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=R0 + 3 * HOUR)
    frozen.move_to(R0 + 4 * HOUR)
    return appointment


def read_by_the_buyer(client, appointment):
    """What the seller's page of the programme and the seller's page at the desk count."""
    client.force_login(make.seller_of(appointment).user)
    programme = client.get(reverse("dashboard:programme"))
    read = programme.context["told"].read
    assert f"Read by the buyer</dt><dd>{read}</dd>" in programme.content.decode()
    client.force_login(AuditorFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    desk = client.get(reverse("admin:sellers_seller_change", args=[appointment.seller_id])).content.decode()
    assert f"read by the buyer: {read};" in desk
    return read


def test_read_service_terms_are_noted_and_counted(client, confirmed):
    assert read_by_the_buyer(client, confirmed) == 0
    client.force_login(confirmed.buyer)
    case = reverse("portal:case", args=[confirmed.case.reference])
    form = hidden(client.get(f"{case}acknowledge/"))
    answer = client.post(f"{case}acknowledge/", form)
    assert (answer.status_code, answer.headers["Location"]) == (302, case)
    assert Disclosure.objects.get(appointment=confirmed).acknowledged_at == R0 + 4 * HOUR
    assert "Noted: you have read the service terms." in client.get(case).content.decode()
    assert read_by_the_buyer(client, confirmed) == 1
