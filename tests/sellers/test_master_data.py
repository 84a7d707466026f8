"""Sellers, products, points, engineers and members: added and changed by actions only."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from sellers import queries
from sellers.actions import engineers, members, points, products, sellers
from sellers.models import ApiClient, Engineer, Membership, Product, Seller, ServicePoint
from tests.factories.accounts import AdministratorFactory, SupportFactory, UserFactory
from tests.factories.sellers import (
    ApplicationFactory,
    EngineerFactory,
    MembershipFactory,
    ProductFactory,
    SellerFactory,
    ServicePointFactory,
    member_of,
)
from zestech_aftersales.accounts.actors import Actor, Channel, Seat
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)


@pytest.fixture
def administrator():
    return Actor(Channel.ADMIN, AdministratorFactory())


@pytest.fixture
def seller():
    return SellerFactory()


@pytest.fixture
def owner(seller):
    return member_of(seller)


def added(thing, by):
    match thing:
        case Product():
            return products.add_product(thing, by=by, at=AT)
        case ServicePoint():
            return points.add_point(thing, by=by, at=AT)
    return engineers.add_engineer(thing, by=by, at=AT)


def new_things(seller):
    return [
        ProductFactory.build(seller=seller),
        ServicePointFactory.build(seller=seller),
        EngineerFactory.build(seller=seller),
    ]


def test_the_sellers_people_add_their_things(seller, owner):
    for thing in new_things(seller):
        assert added(thing, owner).pk
    kinds = Event.objects.filter(stream=f"seller/{owner.seller_id}").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["product.added", "point.added", "engineer.added"]


def test_nobody_adds_to_another_seller(owner):
    for thing in new_things(SellerFactory()):
        for stranger in (owner, Actor(Channel.PORTAL, UserFactory()), Actor(Channel.ADMIN, SupportFactory())):
            with pytest.raises(PermissionDenied):
                added(thing, stranger)


def test_a_change_keeps_what_was_before(owner):
    point = ServicePointFactory(seller_id=owner.seller_id, capacity=1)
    changed = points.change_point(point, {"capacity": 3, "city": "Dubai"}, by=owner, at=AT)
    assert changed.capacity == 3
    event = Event.objects.get(kind="point.changed")
    assert (event.before, event.after) == ({"capacity": 1}, {"capacity": 3})
    assert list(point.history.order_by("history_id").values_list("capacity", flat=True)) == [1, 3]


def test_nothing_new_writes_nothing(owner):
    product = ProductFactory(seller_id=owner.seller_id)
    products.change_product(product, {"name": product.name}, by=owner, at=AT)
    assert not Event.objects.exists()


@pytest.mark.parametrize("field", ["sku", "seller_id", "id"])
def test_what_a_product_is_known_by_stays(owner, field):
    product = ProductFactory(seller_id=owner.seller_id)
    with pytest.raises(RuleBroken) as refused:
        products.change_product(product, {field: "9"}, by=owner, at=AT)
    assert refused.value.code == "field_fixed"


def test_a_value_that_cannot_stand_is_refused_by_field(owner):
    point = ServicePointFactory(seller_id=owner.seller_id)
    with pytest.raises(RuleBroken) as refused:
        points.change_point(point, {"opening_hours": {"mon": [["17:00", "09:00"]]}, "capacity": 0}, by=owner, at=AT)
    assert (refused.value.code, refused.value.status) == ("invalid", 422)
    assert set(refused.value.context["fields"]) == {"opening_hours", "capacity"}
    assert ServicePoint.objects.get().capacity == 1


def test_an_engineers_log_in_is_a_members(owner):
    engineer = EngineerFactory(seller_id=owner.seller_id)
    with pytest.raises(RuleBroken) as refused:
        engineers.change_engineer(engineer, {"user": UserFactory()}, by=owner, at=AT)
    assert refused.value.code == "not_a_member"
    fitter = MembershipFactory(seller_id=owner.seller_id, seat=Seat.ENGINEER).user
    assert engineers.change_engineer(engineer, {"user": fitter}, by=owner, at=AT).user == fitter


def test_a_seller_is_registered_by_administrators(administrator, owner):
    fresh = SellerFactory.build(slug="fresh")
    with pytest.raises(PermissionDenied):
        sellers.register_seller(fresh, by=owner, at=AT)
    seller = sellers.register_seller(fresh, by=administrator, at=AT)
    event = Event.objects.get(kind="seller.registered")
    assert (event.stream, event.subject) == (f"seller/{seller.pk}", f"seller/{seller.pk}")


def test_nobody_renames_themselves_out_of_a_bar(administrator, seller, owner):
    assert sellers.change_seller(seller, {"phone": "1"}, by=owner, at=AT).phone == "1"
    with pytest.raises(RuleBroken):
        sellers.change_seller(seller, {"legal_name": "Phoenix Limited"}, by=owner, at=AT)
    assert sellers.change_seller(seller, {"legal_name": "New Limited"}, by=administrator, at=AT)
    with pytest.raises(PermissionDenied):
        sellers.change_seller(seller, {"phone": "2"}, by=member_of(seller, Seat.STAFF), at=AT)


def test_the_owner_gives_seats(seller, owner):
    staff = members.add_member(seller, UserFactory(), Seat.STAFF, by=owner, at=AT)
    assert staff in queries.members_of(seller)
    assert members.change_seat(staff, Seat.OWNER, by=owner, at=AT).seat == "owner"
    for other in (member_of(seller, Seat.STAFF), member_of(SellerFactory()), Actor(Channel.PORTAL, UserFactory())):
        with pytest.raises(PermissionDenied):
            members.add_member(seller, UserFactory(), Seat.STAFF, by=other, at=AT)
        with pytest.raises(PermissionDenied):
            members.change_seat(staff, Seat.STAFF, by=other, at=AT)


@pytest.mark.parametrize(
    ("person", "seat", "code"),
    [
        (SupportFactory, Seat.STAFF, "works_for_the_platform"),
        (UserFactory, Seat.CLIENT, "invalid"),
        (lambda: MembershipFactory().user, Seat.STAFF, "invalid"),
    ],
)
def test_a_seat_that_cannot_be_given(seller, owner, person, seat, code):
    with pytest.raises(RuleBroken) as refused:
        members.add_member(seller, person(), seat, by=owner, at=AT)
    assert refused.value.code == code


def test_a_seller_keeps_an_owner(owner):
    own = Membership.objects.get(user=owner.user)
    with pytest.raises(RuleBroken) as refused:
        members.change_seat(own, Seat.STAFF, by=owner, at=AT)
    assert refused.value.code == "last_owner"
    MembershipFactory(seller_id=owner.seller_id)
    assert members.change_seat(own, Seat.STAFF, by=owner, at=AT).seat == "staff"


def test_a_client_speaks_for_exactly_one(administrator, seller, owner):
    buyer = UserFactory()
    application = ApplicationFactory()
    for wrong in ({}, {"seller": seller, "order_feed": True}, {"seller": seller, "buyer": buyer}):
        with pytest.raises(RuleBroken):
            members.bind_client(ApiClient(application=application, **wrong), by=administrator, at=AT)
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiClient.objects.create(application=application, **wrong)
    with pytest.raises(PermissionDenied):
        members.bind_client(ApiClient(application=application, seller=seller), by=owner, at=AT)
    bound = members.bind_client(ApiClient(application=application, seller=seller), by=administrator, at=AT)
    assert Event.objects.get(kind="client.bound").stream == f"seller/{seller.pk}"
    assert str(bound) == str(application)
    feed = members.bind_client(ApiClient(application=ApplicationFactory(), order_feed=True), by=administrator, at=AT)
    assert Event.objects.filter(stream=f"apiclient/{feed.pk}").exists() is False
    assert Event.objects.filter(stream=f"client/{feed.pk}").exists()


def test_things_have_names():
    seller = Seller(name="North")
    assert str(seller) == "North"
    assert str(Product(name="Head unit", sku="ZT-1")) == "Head unit (ZT-1)"
    assert str(ServicePoint(name="Workshop", city="Dubai")) == "Workshop, Dubai"
    assert str(Engineer(name="Eve")) == "Eve"
