"""What an auditor is shown of a flagged offer: nine indicators, none of which decides (2.3.1, 2.3.2)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from cases.actions.disclose import disclose
from cases.actions.offers import revise
from cases.actions.rulings import flag, rule_on_offer
from cases.case_file import case_file
from cases.explanation import would_be
from cases.offer_rulings import indicators_of
from cases.terms import Window
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
# The last instant of the 14 natural days from the request.
LAST = instant("2026-03-16T16:00:00Z")
NAMES = ("abroad", "late", "narrower", "charge", "unrelated", "conditions", "impossible", "failed", "nobody")


@pytest.fixture
def appointment(frozen):
    return make.requested(at=R0)


def read(offer):
    return dict(zip(NAMES, indicators_of(offer), strict=True))


def readings(offer, **looked):
    found = read(offer)
    assert {name: str(found[name].reading) for name in looked} == looked


def test_a_plain_offer_has_only_what_a_person_must_read(appointment):
    readings(
        make.offered(appointment, at=R0 + HOUR, contact_name="Li Wei"),
        abroad="not_found", late="not_found", narrower="not_found", charge="not_found", unrelated="to_read",
        conditions="not_found", impossible="to_read", failed="not_found", nobody="not_found",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "reading"),
    [
        ({"plan": "Please send the unit to our factory."}, "abroad", "found"),
        ({"plan": "请将主机寄回深圳。"}, "abroad", "found"),
        ({"plan": "We replace the harness."}, "abroad", "to_read"),
        ({"windows": [Window(LAST, LAST + HOUR)]}, "late", "not_found"),
        ({"windows": [Window(LAST + timedelta(microseconds=1), LAST + HOUR)]}, "late", "found"),
        ({"windows": (), "next_step": "We call.", "next_step_at": LAST + HOUR}, "late", "found"),
        ({"method": "remote"}, "narrower", "found"),
        ({"price_amount": Decimal("20.00"), "price_currency": "USD"}, "charge", "to_read"),
        ({"price_terms": "20 USD for the journey"}, "charge", "to_read"),
        ({"service_type": "installation"}, "unrelated", "found"),
        ({"plan": "Withdraw your complaint first."}, "conditions", "found"),
        ({"plan": "We come on Monday."}, "conditions", "to_read"),
        ({"contact_name": "Service desk"}, "nobody", "to_read"),
    ],
)
def test_each_indicator(appointment, given, name, reading):
    readings(make.offered(appointment, at=R0 + HOUR, **given), **{name: reading})


@pytest.mark.clause("2.2.1")
def test_video_guidance_by_remote_is_not_narrower_than_a_page_that_names_visits_only():
    cover = make.a_cover(make.a_product(methods=["door", "point"]))
    remote = make.requested(cover, at=R0, method="remote", service_type="video_guidance")
    assert [row.clock for row in would_be(cover, "remote", at=R0)] == ["solution"]
    readings(make.offered(remote, at=R0 + HOUR, service_type="video_guidance"), narrower="to_read")


def test_a_point_abroad_and_no_person(appointment):
    point = make.a_point(appointment.seller, country="CN", city="Shenzhen")
    offer = make.offered(appointment, at=R0 + HOUR, method="point", point=point, contact_name="")
    readings(offer, impossible="found", nobody="found")
    assert "CN" in read(offer)["impossible"].why


@pytest.mark.clause("2.3.3")
def test_promised_free_and_a_promised_area_are_held_against_it():
    product = make.a_product()
    commit(product, Promise(Dimension.CHARGE, "free"), Promise(Dimension.AREAS, "AE Dubai"))
    appointment = make.requested(make.a_cover(product), at=R0)
    offer = make.offered(appointment, at=R0 + HOUR, method="remote", price_amount=Decimal("5.00"), price_currency="USD")
    assert read(offer)["charge"].why == "The seller has promised that the service is free."
    assert "Service in AE Dubai was promised." in read(offer)["narrower"].why
    file = case_file(appointment.case, make.buyer_of(appointment), at=R0 + 2 * HOUR)
    assert file.outside_promise[offer.pk] == [
        "The seller has promised that the service is free.", "Service in AE Dubai was promised.",
    ]  # fmt: skip


@pytest.mark.clause("3.1")
def test_a_charge_beyond_the_told_terms_or_the_offer_before_is_new(appointment):
    seller = make.seller_of(appointment)
    disclose(appointment, make.ALL_ITEMS, by=seller, at=R0 + HOUR / 2)
    first = make.offered(appointment, at=R0 + HOUR, price_amount=Decimal("5.00"), price_currency="USD")
    dearer = make.offer_terms(R0 + 2 * HOUR, price_amount=Decimal("9.00"), price_currency="USD")
    second = revise(first, dearer, by=seller, at=R0 + 2 * HOUR)
    assert read(second)["charge"].why == "The offer before asked for 5.00."
    readings(second, narrower="to_read")


def flagged_and_ruled(appointment):
    first = make.offered(appointment, at=R0 + HOUR, plan="Replace the fuse.")
    flag(first, "It was not the fuse.", by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    auditor = Actor(channel=Channel.ADMIN, user=AuditorFactory())
    rule_on_offer(make.fresh(first), is_reasonable=False, reason="The fuse is whole.", by=auditor, at=R0 + 3 * HOUR)
    return make.fresh(first), auditor.user


def test_the_same_again_after_it_was_held_unreasonable_has_failed_before(appointment):
    flagged_and_ruled(appointment)
    readings(make.offered(make.fresh(appointment), at=R0 + 4 * HOUR, plan="Replace the fuse."), failed="found")


def test_the_auditor_sees_reason_indicators_and_times_in_words(client, appointment):
    first, auditor = flagged_and_ruled(appointment)
    client.force_login(auditor, backend="allauth.account.auth_backends.AuthenticationBackend")
    text = client.get(reverse("admin:cases_offer_change", args=[first.pk])).content.decode()
    for words in ("It was not the fuse.", "The fuse is whole.", "to be read by a person", "Thu 5 Mar 2026"):
        assert words in text
    assert "starts_at" not in text


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_both_sides_read_the_reasons_in_the_case(client, appointment, side):
    flagged_and_ruled(appointment)
    client.force_login(appointment.buyer if side == "buyer" else make.seller_of(appointment).user)
    door = "portal" if side == "buyer" else "dashboard"
    text = client.get(f"/{door}/cases/{appointment.case.reference}/").content.decode()
    assert "It was not the fuse." in text
    assert "The fuse is whole." in text
