"""Who acts for whom, and what each can reach: owner, colleague, stranger."""

import pytest

from sellers import queries
from sellers.terms import Dimension, Promise
from tests.factories.accounts import AuditorFactory, SupportFactory, UserFactory
from tests.factories.sellers import (
    ApiClientFactory,
    ApplicationFactory,
    EngineerFactory,
    EnrolmentFactory,
    MembershipFactory,
    ProductFactory,
    SellerFactory,
    ServicePointFactory,
    commit,
    member_of,
)
from zestech_aftersales.accounts.actors import Actor, ActorKind, Channel, Seat

pytestmark = pytest.mark.django_db


def test_a_member_acts_for_the_seller():
    membership = MembershipFactory(seat=Seat.STAFF)
    actor = queries.actor_of(membership.user, Channel.DASHBOARD, "key-1")
    assert (actor.kind, actor.seller_id, actor.seat) == (ActorKind.SELLER, membership.seller_id, "staff")
    assert (actor.channel, actor.key, actor.user) == (Channel.DASHBOARD, "key-1", membership.user)
    assert queries.seller_of(actor) == membership.seller


def test_everybody_else_acts_for_nobody():
    buyer = queries.actor_of(UserFactory(), Channel.PORTAL)
    assert (buyer.kind, buyer.seller_id, buyer.seat) == (ActorKind.BUYER, None, "")
    assert queries.seller_of(buyer) is None
    staff = SupportFactory()
    MembershipFactory(user=staff)
    assert queries.actor_of(staff, Channel.ADMIN).seller_id is None


def test_an_application_acts_for_whom_it_is_bound_to():
    seller, buyer = SellerFactory(), UserFactory()
    of_seller = ApiClientFactory(seller=seller, order_feed=False)
    of_buyer = ApiClientFactory(buyer=buyer, order_feed=False)
    feed = ApiClientFactory()
    actor = queries.actor_of_client(of_seller.application, "k")
    assert (actor.kind, actor.seller_id, actor.seat, actor.key) == (ActorKind.CLIENT, seller.pk, Seat.CLIENT, "k")
    assert actor.client_id == of_seller.application.client_id
    actor = queries.actor_of_client(of_buyer.application)
    assert (actor.user, actor.seller_id, actor.order_feed) == (buyer, None, False)
    actor = queries.actor_of_client(feed.application)
    assert (actor.order_feed, actor.user, actor.seller_id) == (True, None, None)


def test_an_unbound_application_reaches_nothing():
    ProductFactory()
    actor = queries.actor_of_client(ApplicationFactory())
    assert (actor.seller_id, actor.user, actor.order_feed, actor.is_system) == (None, None, False, False)
    assert not queries.products_for(actor)


READ = {
    "products": queries.products_for,
    "points": queries.points_for,
    "engineers": queries.engineers_for,
    "enrolments": queries.enrolments_for,
    "commitments": queries.commitments_for,
    "sellers": queries.sellers_for,
}


@pytest.mark.parametrize("things", READ)
def test_owner_colleague_and_stranger(things):
    seller = SellerFactory(enrolled=False)
    product = ProductFactory(seller=seller, marked=False)
    own = {
        "products": product,
        "points": ServicePointFactory(seller=seller),
        "engineers": EngineerFactory(seller=seller),
        "enrolments": EnrolmentFactory(seller=seller),
        "commitments": commit(product, Promise(Dimension.RESPONSE_HOURS, 24)),
        "sellers": seller,
    }[things]
    for colleague in (member_of(seller), member_of(seller, Seat.STAFF), Actor(Channel.ADMIN, AuditorFactory())):
        assert own in READ[things](colleague)
    for stranger in (
        member_of(SellerFactory()),
        Actor(Channel.PORTAL, UserFactory()),
        Actor(Channel.API, client_id="feed", order_feed=True),
    ):
        assert own not in READ[things](stranger)


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_same_number_of_queries(rows, django_assert_num_queries):
    owner = member_of(SellerFactory())
    seller = queries.seller_of(owner)
    for _ in range(rows):
        commit(ProductFactory(seller=seller), Promise(Dimension.RESPONSE_HOURS, 24))
        ServicePointFactory(seller=seller)
        EngineerFactory(seller=seller)
    with django_assert_num_queries(6):
        for product in queries.products_for(owner):
            assert product.seller.name
            assert product.has_open_mark
        assert all(point.seller.name for point in queries.points_for(owner))
        assert all(engineer.seller.name for engineer in queries.engineers_for(owner))
        for commitment in queries.commitments_for(owner):
            assert [commitment.seller.name, commitment.product.sku, *commitment.terms.all()]


def test_owners_stand_first():
    seller = SellerFactory()
    actors = [member_of(seller, seat) for seat in (Seat.ENGINEER, Seat.STAFF, Seat.OWNER)]
    assert [each.user for each in queries.members_of(seller)] == [actor.user for actor in reversed(actors)]


def test_who_is_told_of_a_sellers_cases():
    seller = SellerFactory()
    owner, staff = member_of(seller), member_of(seller, Seat.STAFF)
    member_of(seller, Seat.ENGINEER)
    gone = member_of(seller, Seat.STAFF).user
    gone.is_active = False
    gone.save()
    member_of(SellerFactory())
    assert list(queries.people_to_tell(seller)) == [owner.user, staff.user]
