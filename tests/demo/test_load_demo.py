"""The demo: loaded through the imports and actions, once and only once, and whenever it is loaded."""

from __future__ import annotations

import io

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.urls import reverse

from cases.cover_ends import includes
from cases.models import AppointmentState, Cover, CoverState, Order, Protection, ServiceAppointment, SlotSeat
from cases.queries import appointments_for, visits_for
from complaints.models import Complaint, Violation
from sellers.models import ApiClient, Membership, SellerCommitment
from sellers.queries import actor_of
from zestech_aftersales.accounts.actors import Channel
from zestech_aftersales.accounts.models import PlatformRole, User
from zestech_aftersales.demo.files import moved
from zestech_aftersales.demo.people import PASSWORD, demo_clients, demo_logins
from zestech_aftersales.demo.stories import STORIES
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db
State = AppointmentState

STATES = {
    "Radio drops out": State.COMPLETED,
    "Left channel too quiet": State.LAPSED,
    "Fit the third head unit": State.CONFIRMED,
    "Fit three cameras": State.AGREED,
    "Hum in the loudspeakers": State.REFUSED,
    "Move the charger": State.CANCELLED,
    "Adapter without power": State.IN_SERVICE,
    "Camera picture upside down": State.DEEMED_REFUSED,
    "Screen stays black": State.DEEMED_REFUSED,
    "Firmware update fails at 80 %": State.COUNTERED,
    "Dash camera stops recording": State.PROPOSED,
    "Camera guide lines missing": State.PROPOSED,
    "Vehicle data not shown": State.CONFIRMED,
    "No CAN-bus signal after installation": State.REQUESTED,
    "Head-up picture is mirrored": State.REQUESTED,
}


@pytest.fixture(autouse=True)
def _on_a_developers_machine(settings, tmp_path):
    settings.DEBUG = True
    settings.MEDIA_ROOT = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def load(**options) -> str:
    out = io.StringIO()
    call_command("load_demo", stdout=out, **options)
    return out.getvalue()


def row_counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize("day", ["2026-11-23T04:00:00Z", "2026-06-01T21:30:00Z", "2029-02-28T16:00:00Z"])
def test_loaded_on_any_day_it_shows_the_same(frozen, day):
    frozen.move_to(day)
    said = load()
    assert said.count(" 0 rejected") == 4
    shown = {row.case.title: row.state for row in ServiceAppointment.objects.select_related("case")}
    assert shown == STATES
    # As many covers are active on any day; those of the years before the demo's have ended.
    active = Cover.objects.filter(state=CoverState.ACTIVE)
    assert {cover.order.number for cover in active if not includes(cover, frozen.instant)} == {"ZS-100008", "ZS-102290"}


def test_once_more_changes_nothing_even_later(frozen):
    frozen.move_to("2026-11-23T04:00:00Z")
    load()
    before = row_counts()
    frozen.move_to("2027-01-20T04:00:00Z")
    said = load()
    assert "Cases: 0 played" in said
    assert " 0 created, 0 changed, 16 unchanged, 0 rejected" in said
    assert row_counts() == before


def test_what_the_files_show(frozen):
    frozen.move_to("2026-11-23T04:00:00Z")
    load()
    covers = {(cover.order.number, cover.line.product.sku): cover for cover in Cover.objects.all()}
    assert covers["ZS-100007", "ZT-9000"].reason == "before_rules"
    assert covers["ZS-100008", "ZT-9000"].ends_at.isoformat() == "2022-12-27T16:00:00+00:00"
    # Paid on 29 February: to the end of 28 February.
    assert covers["ZS-102290", "ZT-CAM2"].ends_at.isoformat() == "2025-02-28T16:00:00+00:00"
    assert covers["ZS-104118", "NC-FRAME"].reason == "unmarked"
    # Marked only the day after the order (S60).
    assert covers["ZS-104215", "PR-OBD"].reason == "unmarked"
    assert covers["ZS-104222", "ZT-CAN1"].state == CoverState.VOID
    assert covers["#1044", "LA-EVC1"].state == CoverState.VOID
    assert covers["ZS-104230", "PR-DASH4K"].state == CoverState.ACTIVE
    assert covers["#1048", "ZT-9000"].state == CoverState.PENDING
    # Two years by the page's word.
    assert covers["ZS-104150", "PR-HUD"].ends_at.year == 2028
    assert set(Order.objects.values_list("protection", flat=True)) == set(Protection.values)
    promises = {each.product.sku: each.state for each in SellerCommitment.objects.all()}
    assert (promises["ZT-9000"], promises["GD-700"]) == ("binding", "void")


def test_the_limits_of_the_two_pages(frozen):
    """24 hours on a page bind; 72 hours do not (2.3.3)."""
    frozen.move_to("2026-11-23T04:00:00Z")
    load()
    clocks = {
        row.case.title: row.deadlines.get(clock="response").amount
        for row in ServiceAppointment.objects.filter(
            case__title__in=["No CAN-bus signal after installation", "Screen stays black"]
        )
    }
    assert clocks == {"No CAN-bus signal after installation": 24, "Screen stays black": 48}
    late = ServiceAppointment.objects.get(case__title="Screen stays black")
    assert late.ended_at.isoformat() == "2026-11-22T21:00:00+00:00"
    assert late.offers.get().is_late


def test_something_is_judged(frozen):
    frozen.move_to("2026-11-23T04:00:00Z")
    load()
    [complaint] = Complaint.objects.all()
    assert complaint.state == "negotiating"
    assert complaint.proposals.get().side == "seller"
    heard = Violation.objects.get(state="notified")
    assert heard.appointment.case.title == "Camera picture upside down"
    assert {each.state for each in Violation.objects.exclude(pk=heard.pk)} == {"candidate"}


def test_everybody_can_log_in_and_sees_something(frozen):
    frozen.move_to("2026-11-23T04:00:00Z")
    load()
    for login in demo_logins():
        user = User.objects.get(email=login.email)
        assert check_password(PASSWORD, user.password)
        assert EmailAddress.objects.get(user=user).verified
        actor = actor_of(user, Channel.DASHBOARD)
        assert actor.seat == login.seat
        assert user.platform_role == login.platform_role
        assert appointments_for(actor).exists(), login
    roles = [login.platform_role for login in demo_logins()]
    assert (roles.count(PlatformRole.AUDITOR), roles.count(PlatformRole.ADMINISTRATOR)) == (3, 2)
    engineer = actor_of(User.objects.get(email="engineer@example.com"), Channel.DASHBOARD)
    assert visits_for(engineer).filter(state="planned").exists()
    assert SlotSeat.objects.filter(released_at=None).count() == 1
    request = RequestFactory().get("/")
    assert authenticate(request, username="buyer@example.com", password=PASSWORD) is not None


def test_the_systems_are_bound(frozen):
    frozen.move_to("2026-11-23T04:00:00Z")
    load()
    for client in demo_clients():
        bound = ApiClient.objects.select_related("application", "seller").get(application__client_id=client.client_id)
        assert check_password(client.client_secret, bound.application.client_secret)
        assert (bound.seller.slug if bound.seller else "") == client.seller
        assert bound.order_feed == (not client.seller)


@pytest.mark.parametrize(
    ("client_id", "address"), [("demo-seller", "/api/v1/cases/"), ("demo-order-feed", "/api/v1/orders/")]
)
def test_a_system_asks_for_a_token_and_reads(frozen, client, client_id, address):
    frozen.move_to("2026-11-23T04:00:00Z")
    load()
    system = next(each for each in demo_clients() if each.client_id == client_id)
    asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": system.client_secret}
    token = client.post(reverse("api:token"), asked | {"scope": system.scope})
    assert token.status_code == 200, token.content
    answer = client.get(address, headers={"Authorization": f"Bearer {token.json()['access_token']}"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["results"]


def test_only_where_debug_is_on(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG"):
        load()
    assert not User.objects.exists()


def test_an_empty_database_only(frozen):
    User.objects.create_user("somebody@example.com", None)
    load(if_empty=True)
    assert not Membership.objects.exists()
    assert load(log_ins=True) == ""


def test_the_log_ins_are_told(frozen):
    frozen.move_to("2026-11-23T04:00:00Z")
    load(if_empty=True)
    events = Event.objects.count()
    told = load(log_ins=True)
    assert all(login.email in told for login in demo_logins())
    assert all(client.client_secret in told for client in demo_clients())
    assert PASSWORD in told
    assert Event.objects.count() == events


def test_days_of_2026_are_moved_and_nothing_else():
    text = "ZS-2026,2026-02-28T10:00:00+08:00,2026-12-31,2024-02-29,12026-01-01"
    assert moved(text, 1) == "ZS-2026,2026-03-07T10:00:00+08:00,2027-01-07,2024-02-29,12026-01-01"
    assert moved(text, 0) == text


def test_every_story_is_told_once():
    assert {story.title for story in STORIES} == STATES.keys()
    assert len(STORIES) == len(STATES)
