"""Whether a product's mark is valid now, told to anybody: JSON and badge."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from sellers.actions import products
from tests.factories.accounts import UserFactory
from tests.factories.sellers import MarkPeriodFactory, ProductFactory, SellerFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Channel, system

pytestmark = [pytest.mark.django_db, pytest.mark.clause("1.1")]
SINCE = instant("2026-03-01T16:30:00Z")
LAST = instant("2026-06-01T00:00:00Z")
TICK = timedelta(microseconds=1)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def product(frozen):
    frozen.move_to("2026-04-01T00:00:00Z")
    product = ProductFactory(
        sku="ZT-9", name="Head unit", seller__slug="far-east", seller__name="Far East", marked=False
    )
    MarkPeriodFactory(product=product, begins_at=SINCE)
    return product


def ended(product):
    product.mark_periods.update(ends_at=LAST)


def test_a_valid_mark_says_since_when(client, product):
    answer = client.get("/marks/far-east/ZT-9/")
    told = answer.json()
    assert answer.status_code == 200
    assert (told["valid"], told["since"], told["ended_at"]) == (True, "2026-03-01T16:30:00Z", None)
    assert told["product"] == {"sku": "ZT-9", "name": "Head unit", "brand": "ZESTECH"}
    assert told["seller"] == {"slug": "far-east", "name": "Far East"}


@pytest.mark.clause("4.3")
@pytest.mark.parametrize(("at", "is_valid"), [(LAST - TICK, True), (LAST, True), (LAST + TICK, False)])
def test_the_last_instant_of_a_mark_is_inside(client, product, frozen, at, is_valid):
    ended(product)
    frozen.move_to(at)
    told = client.get("/marks/far-east/ZT-9/").json()
    assert told["valid"] is is_valid
    # Of an end that has not come nobody is told.
    assert told["ended_at"] == (None if is_valid else "2026-06-01T00:00:00Z")
    assert "An order placed earlier keeps the service cover it had then" in told["message"]
    badge = client.get("/marks/far-east/ZT-9/badge.svg").content.decode()
    assert ("Mark valid" in badge) is is_valid
    assert ("ended 2026-06-01" in badge) is not is_valid


@pytest.mark.parametrize(("at", "is_known"), [(SINCE - TICK, False), (SINCE, True)])
def test_before_its_first_instant_no_mark_is_known(client, product, frozen, at, is_known):
    frozen.move_to(at)
    assert client.get("/marks/far-east/ZT-9/").json()["valid"] is is_known


def test_a_mark_set_again_is_valid_since_then(client, product, frozen):
    by = system(Channel.IMPORT)
    products.unmark(product, reason="recall", by=by, at=instant("2026-05-01T00:00:00Z"))
    products.mark(product, by=by, at=instant("2026-05-09T00:00:00Z"))
    frozen.move_to("2026-05-05T00:00:00Z")
    assert client.get("/marks/far-east/ZT-9/").json()["ended_at"] == "2026-05-01T00:00:00Z"
    frozen.move_to("2026-05-09T00:00:00Z")
    told = client.get("/marks/far-east/ZT-9/").json()
    assert (told["valid"], told["since"], told["ended_at"]) == (True, "2026-05-09T00:00:00Z", None)


@pytest.mark.parametrize("kind", ["", "badge.svg"])
def test_without_a_mark_nothing_is_told_apart(client, product, kind):
    """A product never marked, one that does not exist and a seller that does not exist answer alike."""
    ProductFactory(sku="BARE", seller=product.seller, marked=False)
    ProductFactory(sku="OTHER", seller=SellerFactory(slug="other"))
    answers = [
        client.get(f"/marks/{address}/{kind}")
        for address in ("far-east/BARE", "far-east/NONE", "nobody/ZT-9", "far-east/OTHER")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer["ETag"] for answer in answers}) == 1
    assert b"BARE" not in answers[0].content
    if not kind:
        assert answers[0].json()["valid"] is False


@pytest.mark.parametrize("kind", ["", "badge.svg"])
def test_who_has_the_answer_already_is_told_so_in_a_word(client, product, frozen, kind):
    address = f"/marks/far-east/ZT-9/{kind}"
    first = client.get(address)
    frozen.move_to("2026-04-02T00:00:00Z")
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == "public, max-age=60"
    assert again["Access-Control-Allow-Origin"] == "*"
    ended(product)
    frozen.move_to(LAST + TICK)
    changed = client.get(address, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert client.get(f"{address}?lang=zh")["ETag"] != client.get(address)["ETag"]


def test_no_cache_keeps_an_answer_beyond_a_known_end(client, product, frozen):
    ended(product)
    kept = []
    for before in (timedelta(hours=1), timedelta(seconds=20, microseconds=9), timedelta(0), -TICK):
        frozen.move_to(LAST - before)
        kept.append(client.get("/marks/far-east/ZT-9/")["Cache-Control"])
    assert kept == [f"public, max-age={seconds}" for seconds in (60, 20, 0, 60)]


@pytest.mark.parametrize("kind", ["", "badge.svg"])
def test_nobody_is_recognised_and_nothing_is_set(client, product, kind, django_assert_num_queries):
    stranger = client.get(f"/marks/far-east/ZT-9/{kind}")
    client.force_login(UserFactory(language="zh-hans", time_zone="Europe/Berlin"))
    known = client.get(f"/marks/far-east/ZT-9/{kind}", headers={"accept-language": "zh-hans"})
    assert known.content == stranger.content
    for answer in (stranger, known):
        assert not answer.cookies
        assert "Vary" not in answer.headers
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    for _more in range(3):
        MarkPeriodFactory(
            product=product, begins_at=SINCE - timedelta(days=9 + _more), ends_at=SINCE - timedelta(days=9 + _more)
        )
    with django_assert_num_queries(3 if kind else 2):
        client.get(f"/marks/far-east/ZT-9/{kind}")


def test_the_badge_has_a_title_and_no_name_breaks_out_of_it(client, product):
    product.name = "<script>alert(1)</script> & \"']]>\x08"
    product.save()
    answer = client.get("/marks/far-east/ZT-9/badge.svg")
    assert answer["Content-Type"].startswith("image/svg+xml")
    drawn = ElementTree.fromstring(answer.content)
    assert drawn.get("role") == "img"
    assert drawn.find(f"{SVG}title").text == "After-sales service mark: Mark valid, since 2026-03-02"
    assert drawn.find(f"{SVG}desc").text == "<script>alert(1)</script> & \"']]> (ZT-9), Far East"
    assert not list(drawn.iter(f"{SVG}script"))
    assert json.loads(client.get("/marks/far-east/ZT-9/").content)["product"]["name"] == product.name
    assert client.get("/marks/far-east/ZT-9/")["X-Content-Type-Options"] == "nosniff"


def test_an_sku_may_hold_anything(client, product):
    for sku in ("A/B 1", "头枕-7", "50%#?"):
        ProductFactory(sku=sku, seller=product.seller)
        for name in ("mark", "mark_badge"):
            assert client.get(reverse(name, args=["far-east", sku])).status_code == 200, sku


@pytest.mark.parametrize(
    ("lang", "language"), [("", "en"), ("en", "en"), ("zh", "zh-hans"), ("ZH-Hans", "zh-hans"), ("xx", "en")]
)
def test_the_language_is_part_of_the_address(client, product, lang, language):
    answer = client.get("/marks/far-east/ZT-9/badge.svg", {"lang": lang}, headers={"accept-language": "zh-hans"})
    assert answer["Content-Language"] == language
    assert f'xml:lang="{language}"' in answer.content.decode()


def test_it_is_read_only(client, product):
    assert client.post("/marks/far-east/ZT-9/").status_code == 405
    assert client.head("/marks/far-east/ZT-9/")["ETag"]
