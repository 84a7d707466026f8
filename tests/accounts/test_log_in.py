"""Logging in by e-mail, through the real pages."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import PASSWORD, AuditorFactory, UserFactory
from zestech_aftersales.accounts.models import User

pytestmark = pytest.mark.django_db

SIGN_UP = {
    "email": "New.Person@Example.com",
    "name": "New Person",
    "time_zone": "Europe/Berlin",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def log_in(client: Client, email: str, password: str):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_somebody_logs_in_by_address_in_any_case(client):
    user = UserFactory(email="ann@example.com", password=PASSWORD)
    answer = log_in(client, "Ann@Example.com", PASSWORD)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_wrong_password_logs_nobody_in(client):
    UserFactory(email="ann@example.com", password=PASSWORD)
    answer = log_in(client, "ann@example.com", "wrong")
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_new_account_is_usable_only_after_its_address_is_verified(client):
    answer = client.post(reverse("account_signup"), SIGN_UP)
    assert answer.status_code == 302
    user = User.objects.get(email="new.person@example.com")
    assert (user.name, user.time_zone, user.language) == ("New Person", "Europe/Berlin", "en")
    assert "_auth_user_id" not in client.session
    assert log_in(client, user.email, PASSWORD).url == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session

    link = re.search(r"http://[^/]+(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
    assert link is not None
    client.post(link[1])
    assert log_in(client, user.email, PASSWORD).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_signing_up_with_a_known_address_looks_the_same_and_tells_its_owner(client):
    UserFactory(email="new.person@example.com", password=PASSWORD)
    answer = client.post(reverse("account_signup"), SIGN_UP)
    assert answer.url == reverse("account_email_verification_sent")
    assert User.objects.count() == 1
    assert [message.to for message in mail.outbox] == [["new.person@example.com"]]
    assert "confirm-email" not in mail.outbox[0].body


def test_a_mail_server_that_is_away_loses_no_sign_up(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert client.post(reverse("account_signup"), SIGN_UP).status_code == 302
    assert User.objects.filter(email="new.person@example.com").exists()


def test_five_failures_close_the_log_in_even_for_the_right_password(client):
    UserFactory(email="ann@example.com", password=PASSWORD)
    answers = [log_in(client, "ann@example.com", "wrong").status_code for _time in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    closed = log_in(client, "ANN@example.com", PASSWORD)
    assert closed.status_code == 429
    assert "_auth_user_id" not in client.session
    assert "15 min" in closed.text


def test_the_lock_out_is_of_one_account_from_one_place(client):
    UserFactory(email="ann@example.com", password=PASSWORD)
    UserFactory(email="bob@example.com", password=PASSWORD)
    for _time in range(5):
        log_in(client, "ann@example.com", "wrong")
    assert log_in(client, "bob@example.com", PASSWORD).status_code == 302
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert log_in(elsewhere, "ann@example.com", PASSWORD).status_code == 302


def test_the_lock_out_ends(client, frozen):
    UserFactory(email="ann@example.com", password=PASSWORD)
    for _time in range(5):
        log_in(client, "ann@example.com", "wrong")
    frozen.move_to("2026-03-02T01:31:00Z")
    assert log_in(client, "ann@example.com", PASSWORD).status_code == 302


def test_the_admin_is_entered_by_the_same_door(client):
    answer = client.get("/admin/")
    assert answer.status_code == 302
    page = client.get(answer.url)
    assert page.url.startswith(reverse("account_login"))


def test_staff_may_set_up_a_second_factor(client):
    client.force_login(AuditorFactory())
    page = client.get(reverse("mfa_index"))
    assert page.status_code == 200
    for way in ("mfa_activate_totp", "mfa_list_webauthn"):
        assert reverse(way) in page.text
