"""The profile page, and what it changes for its owner."""

from datetime import time

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone, translation

from tests.factories.accounts import UserFactory
from zestech_aftersales.accounts.forms import ProfileForm
from zestech_aftersales.accounts.middleware import ReceivedAtMiddleware, ViewerZoneMiddleware

pytestmark = pytest.mark.django_db

CHANGE = {"name": "Ann", "time_zone": "Asia/Tokyo", "language": "zh-hans"}


def test_somebody_changes_their_own_profile_and_nobody_elses(client):
    ann, bob = UserFactory(), UserFactory(name="Bob")
    client.force_login(ann)
    assert client.post(reverse("profile"), CHANGE).url == reverse("profile")
    ann.refresh_from_db()
    bob.refresh_from_db()
    assert (ann.name, ann.time_zone, ann.language) == ("Ann", "Asia/Tokyo", "zh-hans")
    assert (bob.name, bob.time_zone) == ("Bob", "UTC")


def test_the_page_shows_what_is_set(client):
    client.force_login(UserFactory(time_zone="Europe/Berlin"))
    page = client.get(reverse("profile"))
    assert page.status_code == 200
    assert '<option value="Europe/Berlin" selected>' in page.text


def test_a_wrong_zone_is_answered_at_its_field(client):
    client.force_login(UserFactory())
    page = client.post(reverse("profile"), CHANGE | {"time_zone": "Mars/Olympus"})
    assert page.status_code == 422
    assert "error-summary" in page.text


def test_a_stranger_is_asked_to_log_in(client):
    assert client.get(reverse("profile")).url.startswith(reverse("account_login"))


def test_a_zone_outside_the_list_stays_to_choose():
    form = ProfileForm(instance=UserFactory(time_zone="Etc/GMT+5"))
    assert ("Etc/GMT+5", "Etc/GMT+5") in form.fields["time_zone"].choices


def test_every_request_gets_its_instant_once(rf, frozen):
    request = rf.get("/portal/")
    ReceivedAtMiddleware(lambda _request: HttpResponse())(request)
    assert request.received_at == frozen.instant


@pytest.mark.parametrize("path", ["/static/theme.css", "/healthz", "/readyz"])
def test_what_must_answer_without_a_database_gets_none(rf, path):
    request = rf.get(path)
    ReceivedAtMiddleware(lambda _request: HttpResponse())(request)
    assert not hasattr(request, "received_at")


def test_a_viewer_gets_their_zone_and_language_for_one_request(rf):
    def view(_request):
        seen.append((timezone.get_current_timezone_name(), translation.get_language()))
        return HttpResponse()

    seen: list[tuple[str, str]] = []
    request = rf.get("/")
    request.user = UserFactory(time_zone="Asia/Tokyo", language="zh-hans")
    answer = ViewerZoneMiddleware(view)(request)
    translation.activate("en")
    assert seen == [("Asia/Tokyo", "zh-hans")]
    assert answer.headers["Content-Language"] == "zh-hans"
    assert timezone.get_current_timezone_name() == "UTC"


WISHES = {"quiet_from": "22:00", "quiet_until": "07:00", "digest_at": "08:30"}


def test_somebody_says_when_mail_may_reach_them(client):
    ann = UserFactory()
    client.force_login(ann)
    client.post(reverse("profile"), CHANGE | WISHES)
    ann.refresh_from_db()
    assert (ann.quiet_from, ann.quiet_until, ann.digest_at) == (time(22), time(7), time(8, 30))
    page = client.get(reverse("profile")).text
    assert all(f'value="{wish}"' in page for wish in WISHES.values())
    client.post(reverse("profile"), CHANGE)
    ann.refresh_from_db()
    assert (ann.quiet_from, ann.quiet_until, ann.digest_at) == (None, None, None)


@pytest.mark.parametrize(
    ("wishes", "wrong"),
    [
        ({"quiet_until": ""}, "quiet_until"),
        ({"quiet_from": ""}, "quiet_from"),
        ({"quiet_until": "22:00"}, "quiet_until"),
        ({"digest_at": "23:15"}, "digest_at"),
        ({"digest_at": "25:00"}, "digest_at"),
    ],
)
def test_wishes_that_cannot_be_kept_are_answered_at_their_field(client, wishes, wrong):
    ann = UserFactory()
    client.force_login(ann)
    page = client.post(reverse("profile"), CHANGE | WISHES | wishes)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {wrong}
    ann.refresh_from_db()
    assert ann.quiet_from is None
