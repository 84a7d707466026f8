"""Applying with a statement, the mark of a product, leaving with the consequences in sight, what runs off."""

from datetime import timedelta

import pytest

from complaints.models import Audit, AuditPart
from sellers.actions.enrolments import reject, withdraw
from sellers.models import Enrolment, MarkPeriod
from tests.dashboard.conftest import APPLICATION, R0
from tests.factories import cases as make
from tests.factories import sellers as kept
from tests.factories.accounts import SupportFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel, Seat

pytestmark = pytest.mark.django_db
PROGRAMME, APPLY, LEAVE = "/dashboard/programme/", "/dashboard/programme/apply/", "/dashboard/programme/leave/"


def text(answer):
    return answer.content.decode()


@pytest.mark.clause("2.1.1")
def test_the_application_states_what_is_offered_and_is_shown_afterwards(seller, appointment):
    form = text(seller.get(APPLY))
    assert "edition 1, in force since" in form
    assert seller.post(APPLY, {**APPLICATION, "key": "a"}).status_code == 302
    enrolment = Enrolment.objects.get(seller=appointment.seller)
    assert (enrolment.service_types, enrolment.places) == (["installation", "debugging"], ["AE", "DE Frankfurt"])
    page = text(seller.get(PROGRAMME))
    for words in ("Product installation, Program debugging", "AE, DE Frankfurt", "Free inside the cover.", "Edition 1"):
        assert words in page, words


@pytest.mark.parametrize(
    ("field", "wrong", "at"),
    [
        ("service_types", [], "id_service_types_0"),
        ("methods", [], "id_methods_0"),
        ("places", "", "id_places"),
        ("charging", "", "id_charging"),
        ("contact_name", "", "id_contact_name"),
        ("contact_email", "", "id_contact_email"),
        ("contact_email", "nobody", "id_contact_email"),
        ("is_agreed", "", "id_is_agreed"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(seller, field, wrong, at):
    answer = seller.post(APPLY, {**APPLICATION, field: wrong, "key": "a"})
    assert answer.status_code == 422
    assert f'href="#{at}"' in text(answer)
    assert "We have served since 2019." in text(answer)
    assert not Enrolment.objects.exists()


def test_another_edition_meanwhile_is_shown_and_asked_for_again(seller):
    answer = seller.post(APPLY, {**APPLICATION, "edition": "7", "key": "a"})
    assert answer.status_code == 409
    form = answer.context["form"]
    assert (form["edition"].value(), form["is_agreed"].value()) == ("1", False)
    assert "Free inside the cover." in text(answer)
    assert not Enrolment.objects.exists()


def test_a_second_application_begins_with_what_was_stated_before(seller, appointment):
    seller.post(APPLY, {**APPLICATION, "key": "a"})
    support = Actor(Channel.ADMIN, SupportFactory())
    reject(Enrolment.objects.get(), reason="No papers.", by=support, at=R0)
    form = seller.get(APPLY).context["form"]
    assert form["places"].value() == "AE, DE Frankfurt"
    assert form["service_types"].value() == ["installation", "debugging"]
    assert not form["is_agreed"].value()
    assert "No papers." in text(seller.get(PROGRAMME))


@pytest.mark.clause("3.2")
@pytest.mark.scenario("S64")
def test_inside_the_bar_the_first_day_to_apply_is_told(seller, appointment, people, frozen):
    people.owner.time_zone = "Asia/Shanghai"
    people.owner.save()
    kept.cleared(appointment.seller, instant("2024-02-29T15:00:00+08:00"))
    frozen.move_to("2025-02-28T16:00:00Z")
    assert seller.get(APPLY).headers["Location"] == PROGRAMME
    page = text(seller.get(PROGRAMME))
    assert "You can apply again from" in page
    assert "Sat 1 Mar 2025, 00:00" in page
    assert seller.post(APPLY, {**APPLICATION, "key": "a"}).status_code == 409
    frozen.move_to("2025-02-28T16:00:00.000001Z")
    assert seller.get(APPLY).status_code == 200
    assert seller.post(APPLY, {**APPLICATION, "key": "b"}).status_code == 302
    assert "You can apply again from" not in text(seller.get(PROGRAMME))


@pytest.mark.clause("4.3")
def test_leaving_shows_what_stays_bound_and_the_audit_that_runs(seller, appointment, frozen):
    kept.EnrolmentFactory(seller=appointment.seller)
    told = Audit.objects.create(
        seller=appointment.seller, part=AuditPart.CAUSE, cause="x", opened_at=R0, notified_at=R0
    )
    secret = Audit.objects.create(seller=appointment.seller, part=AuditPart.CAUSE, cause="x", opened_at=R0)
    theirs = Audit.objects.create(seller=make.a_seller(), part=AuditPart.CAUSE, cause="x", opened_at=R0, notified_at=R0)
    page = text(seller.get(LEAVE))
    assert appointment.case.cover.order.number in page
    assert f"Audit {told} is under way" in page
    assert f"{secret} is" not in page
    assert f"{theirs} is" not in page
    assert "Leaving bars nobody" in page


@pytest.mark.clause("4.3")
def test_afterwards_the_dashboard_is_led_by_what_runs_off(seller, appointment, people, frozen):
    enrolment = kept.EnrolmentFactory(seller=appointment.seller)
    number = appointment.case.cover.order.number
    assert "what stays bound" not in text(seller.get("/dashboard/"))
    owner = Actor(Channel.DASHBOARD, people.owner, seller_id=appointment.seller.pk, seat=Seat.OWNER)
    withdraw(enrolment, reason="We close.", by=owner, at=R0)
    page = text(seller.get("/dashboard/"))
    assert "what stays bound" in page
    assert number in page
    seller.force_login(people.stranger)
    assert number not in text(seller.get("/dashboard/"))
    seller.force_login(people.owner)
    # Applying again asks for a part in the programme; the list stays a page of its own.
    assert seller.get(APPLY).status_code == 200
    frozen.move_to(appointment.case.cover.ends_at + timedelta(microseconds=1))
    seller.force_login(people.owner)
    assert "No order is owed service any more." in text(seller.get("/dashboard/"))


@pytest.mark.clause("1.1")
def test_a_mark_is_set_and_ended_from_the_products_page(seller, appointment, people):
    kept.EnrolmentFactory(seller=appointment.seller)
    people.owner.time_zone = "Asia/Shanghai"
    people.owner.save()
    product = make.a_product(appointment.seller, name="Bare unit", marked=False)
    address = f"/dashboard/products/{product.pk}/mark/"
    assert address in text(seller.get("/dashboard/products/"))
    late = seller.post(address, {"begins_at": "2026-03-03T00:00", "key": "z"})
    assert late.status_code == 422
    assert "2026-03-03T00:00" in text(late)
    for _click in range(2):
        assert seller.post(address, {"begins_at": "2026-03-01T08:00", "key": "a"}).status_code == 302
    period = MarkPeriod.objects.get(product=product)
    assert (period.begins_at, period.ends_at) == (instant("2026-03-01T00:00:00Z"), None)
    page = text(seller.get("/dashboard/products/"))
    assert f"/marks/{product.seller.slug}/{product.sku}/badge.svg" in page
    address = f"/dashboard/products/{product.pk}/unmark/"
    assert address in page
    assert seller.post(address, {"reason": "", "key": "b"}).status_code == 422
    for _click in range(2):
        assert seller.post(address, {"reason": "Sold out.", "key": "c"}).status_code == 302
    period = MarkPeriod.objects.get(product=product)
    assert period.ends_at == R0
    assert seller.post(address, {"reason": "Again.", "key": "d"}).status_code == 409


@pytest.mark.clause("1.1")
def test_a_mark_ends_when_the_page_was_told_and_that_instant_is_its_last(seller, appointment, people, frozen):
    kept.EnrolmentFactory(seller=appointment.seller)
    people.owner.time_zone = "Asia/Shanghai"
    people.owner.save()
    product = make.a_product(appointment.seller, name="Bare unit", marked=False)
    address = f"/dashboard/products/{product.pk}/mark/"
    assert 'name="ends_at"' in text(seller.get(address))
    until = {"begins_at": "2026-03-01T08:00", "ends_at": "2026-03-05T08:00", "key": "a"}
    assert seller.post(address, until).status_code == 302
    last = instant("2026-03-05T00:00:00Z")
    assert MarkPeriod.objects.get(product=product).ends_at == last
    for at, is_valid in ((last, True), (last + timedelta(microseconds=1), False)):
        frozen.move_to(at)
        assert seller.get(f"/marks/{product.seller.slug}/{product.sku}/").json()["valid"] is is_valid


@pytest.mark.clause("1.1")
def test_without_a_part_in_the_programme_no_mark_is_set(seller, appointment):
    product = make.a_product(appointment.seller, name="Bare unit", marked=False)
    address = f"/dashboard/products/{product.pk}/mark/"
    assert address not in text(seller.get("/dashboard/products/"))
    assert "Only products of a seller who takes part" in text(seller.get(address))
    assert seller.post(address, {"key": "a"}).status_code == 409


def test_who_sets_the_mark(client, people, appointment):
    kept.EnrolmentFactory(seller=appointment.seller)
    product = make.a_product(appointment.seller, name="Bare unit", marked=False)
    for step in ("mark", "unmark"):
        address = f"/dashboard/products/{product.pk}/{step}/"
        for person, expected in (
            (people.stranger, 404), (people.engineer, 403), (people.buyer, 403), (people.support, 403),
            (people.staff, 200), (people.owner, 200),
        ):  # fmt: skip
            client.force_login(person)
            assert client.get(address).status_code == expected
            if expected != 200:
                assert client.post(address, {"reason": "x"}).status_code == expected
    assert not MarkPeriod.objects.filter(product=product).exists()
