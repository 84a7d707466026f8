"""People in the admin: for administrators, without a delete."""

import pytest
from django.urls import reverse

from tests.factories.accounts import AdministratorFactory, AuditorFactory, UserFactory
from zestech_aftersales.accounts.models import User

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


def page_of(user: User) -> str:
    return f"{LIST}{user.pk}/change/"


FIELDS = {"email": "ann@example.com", "name": "Ann", "time_zone": "UTC", "language": "en"}


def test_an_administrator_gives_somebody_a_role(client):
    client.force_login(AdministratorFactory())
    ann = UserFactory()
    assert client.get(LIST).status_code == 200
    answer = client.post(page_of(ann), FIELDS | {"platform_role": "auditor", "is_active": "on"})
    assert answer.status_code == 302
    assert User.objects.get(pk=ann.pk).is_staff


def test_a_new_person_has_no_password_until_they_choose_one(client):
    client.force_login(AdministratorFactory())
    answer = client.post(f"{LIST}add/", FIELDS | {"platform_role": "", "is_active": "on"})
    assert answer.status_code == 302
    assert not User.objects.get(email="ann@example.com").has_usable_password()


def test_an_administrator_cannot_change_their_own_rights(client):
    me = AdministratorFactory()
    client.force_login(me)
    client.post(page_of(me), FIELDS | {"platform_role": "", "is_active": ""})
    me.refresh_from_db()
    assert (me.platform_role, me.is_active, me.name) == ("administrator", True, "Ann")


@pytest.mark.parametrize("address", [LIST, f"{LIST}add/"])
def test_other_staff_see_no_people(client, address):
    client.force_login(AuditorFactory())
    assert client.get(address).status_code == 403


def test_buyers_do_not_enter(client):
    client.force_login(UserFactory())
    assert client.get(LIST).status_code == 302


def test_nobody_deletes_people(client):
    client.force_login(AdministratorFactory())
    ann = UserFactory()
    assert client.post(f"{LIST}{ann.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(LIST).text
    assert User.objects.filter(pk=ann.pk).exists()
    assert reverse("admin:index") == "/admin/"
