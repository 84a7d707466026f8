"""Actions in transactions of their own, as outside tests: the admin's forms, and two people at once."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.urls import reverse

from sellers.actions import enrolments, products
from sellers.models import Enrolment, MarkPeriod, Seller
from tests.factories.accounts import AdministratorFactory
from tests.factories.sellers import EnrolmentFactory, ProductFactory, SellerFactory, member_of
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)


def test_the_admins_form_and_step_nest_no_transaction(client):
    client.force_login(AdministratorFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    seller = SellerFactory(enrolled=False)
    form = {name: getattr(seller, name) for name in ("name", "legal_name", "country", "city", "email", "time_zone")}
    saved = client.post(reverse("admin:sellers_seller_change", args=[seller.pk]), form | {"city": "Kiel"})
    assert saved.status_code == 302
    assert Seller.objects.get().city == "Kiel"
    enrolment = EnrolmentFactory(seller=seller, state="applied")
    step = reverse("admin:sellers_enrolment_step", args=["activate"])
    assert client.post(f"{step}?thing={enrolment.pk}", {"reason": ""}).status_code == 302
    assert Enrolment.objects.get().state == "active"
    assert Event.objects.count() == 2


def at_once(*calls):
    """Run the calls in threads that start together; what each returned or raised."""
    found: list[object] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(number, call):
        start.wait()
        try:
            found[number] = call()
        except RuleBroken as refused:
            found[number] = refused.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.postgres
def test_two_owners_apply_at_once():
    seller = SellerFactory(enrolled=False)
    owners = [member_of(seller), member_of(seller)]
    found = at_once(*[lambda owner=owner: enrolments.apply(seller, by=owner, at=AT) for owner in owners])
    assert found.count("already_enrolled") == 1
    assert Enrolment.objects.count() == Event.objects.count() == 1


@pytest.mark.postgres
def test_two_people_mark_at_once():
    product = ProductFactory(marked=False)
    found = at_once(*[lambda: products.mark(product, by=system(), at=AT) for _ in range(4)])
    assert found.count("already_marked") == 3
    assert MarkPeriod.objects.count() == 1


@pytest.mark.postgres
def test_a_mark_never_outlives_the_enrolment():
    seller = SellerFactory()
    owner = member_of(seller)
    things = [ProductFactory(seller=seller, marked=False) for _ in range(6)]
    enrolment = Enrolment.objects.get()
    at_once(
        lambda: enrolments.withdraw(enrolment, reason="We close.", by=owner, at=AT),
        *[lambda product=product: products.mark(product, by=owner, at=AT) for product in things],
    )
    assert not MarkPeriod.objects.filter(ends_at__isnull=True).exists()
