"""The seller promises by himself, replaces what he promised, ends it, and sees why something is void (2.3.3)."""

from datetime import timedelta

import pytest

from cases.models import Deadline
from sellers.models import SellerCommitment
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.sellers import commit
from tests.instants import instant

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

R0 = instant("2026-03-02T01:15:30Z")
SAID = "We reply within 24 hours, in holidays 72."


@pytest.fixture
def product(frozen):
    return make.a_product()


@pytest.fixture
def door(client, product):
    """An address of the dashboard, as one member of the seller (or of another one) sees it."""
    owner = make.a_member(product.seller)
    people = {
        "owner": owner,
        "engineer": make.an_engineer(product.seller).user,
        "competitor": make.a_member(make.a_seller()),
    }

    def seen(address, sent=None, who="owner"):
        client.force_login(people[who])
        return client.get(f"/dashboard/{address}") if sent is None else client.post(f"/dashboard/{address}", sent)

    return seen


def told(about, **more):
    return {
        "statement": SAID,
        "source": "unilateral",
        "product": about.pk,
        "what_1": "response_hours",
        "value_1": "24",
        "what_2": "response_hours",
        "value_2": "72",
        "key": "k",
        **more,
    }


def test_what_the_seller_promises_by_himself_binds_at_once_and_only_what_extends(door, product):
    assert "commitments/add/" in door("commitments/").content.decode()
    answers = [door("commitments/add/", told(product)) for _click in range(2)]
    said = SellerCommitment.objects.get()
    assert [each["Location"] for each in answers] == [f"/dashboard/commitments/{said.pk}/"] * 2
    assert (said.source, said.state, said.product, said.statement) == ("unilateral", "split", product, SAID)
    page = door(f"commitments/{said.pk}/").content.decode()
    assert "narrower than the rules" in page
    assert "The rules give: hours to respond: 48" in page
    asked = make.requested(make.a_cover(product), at=said.begins_at + timedelta(days=1))
    assert Deadline.objects.get(appointment=asked, clock="response").amount == 24


def test_it_can_be_said_of_all_products_and_of_a_page(door, product):
    door("commitments/add/", told(product, product="", what_2=""))
    door("commitments/add/", told(product, source="page", what_2="", key="k2"))
    every, page = SellerCommitment.objects.order_by("id")
    assert (every.product, page.source, page.product) == (None, "page", product)
    answer = door("commitments/add/", told(product, source="page", product="", key="k3"))
    assert answer.status_code == 422
    assert answer.context["refusal"].code == "product_missing"


def test_the_system_reads_the_words_and_records_nothing_then(door, product):
    page = door("commitments/add/", {"statement": "We reply within 24 hours.", "read": "1", "source": "unilateral"})
    assert page.status_code == 200
    form = page.context["form"]
    assert (form["what_1"].value(), form["value_1"].value(), form["statement"].value()) == (
        "response_hours", "24", "We reply within 24 hours.",
    )  # fmt: skip
    assert not SellerCommitment.objects.exists()


def test_terms_are_added_one_by_one_and_nothing_typed_is_lost(door, product):
    page = door("commitments/add/")
    assert len(list(page.context["form"].rows())) == 1
    typed = told(product, value_2="lots", excludes_2="on", key="k")
    page = door("commitments/add/", typed | {"add_term": "1"})
    assert page.status_code == 200
    form = page.context["form"]
    assert len(list(form.rows())) == 3
    shown = {name: form[name].value() for name in typed}
    assert shown == {name: str(value) for name, value in typed.items()}
    assert not form.errors
    assert not SellerCommitment.objects.exists()
    more = typed | {"value_2": "72", "excludes_2": "", "what_3": "cover_months", "value_3": "24"}
    assert door("commitments/add/", more).status_code == 302
    assert SellerCommitment.objects.get().terms.count() == 3
    # There is an end to it.
    many = told(product, what_12="", add_term="1")
    last = door("commitments/add/", many)
    assert len(list(last.context["form"].rows())) == 12
    assert "add_term" not in last.content.decode()


def test_what_is_ended_holds_for_orders_placed_before(door, product):
    said = commit(product, Promise(Dimension.RESPONSE_HOURS, 24))
    cover = make.a_cover(product)
    assert door(f"commitments/{said.pk}/end/", {"reason": "", "key": "e"}).status_code == 422
    answers = [door(f"commitments/{said.pk}/end/", {"reason": "Too costly.", "key": "e"}) for _click in range(2)]
    assert [each.status_code for each in answers] == [302, 302]
    ended = make.fresh(said)
    assert ended.state == "ended"
    text = door(f"commitments/{said.pk}/").content.decode()
    assert "Too costly." in text
    assert "/end/" not in text
    asked = make.requested(cover, at=ended.ended_at + timedelta(days=1))
    assert Deadline.objects.get(appointment=asked, clock="response").amount == 24


def test_a_promise_replaces_another_about_the_same_thing(door, product):
    said = commit(product, Promise(Dimension.RESPONSE_HOURS, 24))
    page = door(f"commitments/add/?replaces={said.pk}")
    assert page.context["form"]["product"].value() == product.pk
    # Less than before, but no less than the rules: it binds for orders placed from now on.
    answer = door(f"commitments/add/?replaces={said.pk}", told(product, value_1="36", what_2=""))
    assert answer.status_code == 302
    anew = SellerCommitment.objects.latest("id")
    assert (anew.replaces, anew.state, make.fresh(said).state) == (said, "binding", "superseded")
    text = door(f"commitments/{said.pk}/").content.decode()
    assert f"/dashboard/commitments/{anew.pk}/" in text
    # What no longer stands is not replaced again.
    assert door(f"commitments/add/?replaces={said.pk}").status_code == 404


def test_nobody_else_promises_for_the_seller(door, product):
    said = commit(product, Promise(Dimension.RESPONSE_HOURS, 24))
    assert door("commitments/add/", told(product), who="engineer").status_code == 403
    assert door(f"commitments/{said.pk}/end/", {"reason": "No."}, who="engineer").status_code == 403
    assert door(f"commitments/{said.pk}/end/", {"reason": "No."}, who="competitor").status_code == 404
    assert door(f"commitments/add/?replaces={said.pk}", who="competitor").status_code == 404
    answer = door("commitments/add/", told(product), who="competitor")
    assert (answer.status_code, "product" in answer.context["form"].errors) == (422, True)
    assert SellerCommitment.objects.count() == 1
