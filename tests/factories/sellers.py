"""Sellers and their things for tests, written straight to the tables: no events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import factory

from sellers.actions.commitments import record_commitment
from sellers.applications import Application
from sellers.bars import bar_end
from sellers.models import (
    Affiliation,
    AffiliationBasis,
    ApiClient,
    CommitmentSource,
    Engineer,
    Enrolment,
    EnrolmentState,
    MarkPeriod,
    Membership,
    Product,
    Seller,
    SellerCommitment,
    ServicePoint,
)
from sellers.terms import Promise
from tests.factories.accounts import AuditorFactory, UserFactory
from zestech_aftersales.accounts.actors import Actor, Channel, Seat, system
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

# Long before anything a test looks at.
LONG_AGO = datetime(2021, 1, 1, tzinfo=UTC)
WEEKDAYS_NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


class SellerFactory(factory.django.DjangoModelFactory[Seller]):
    """A seller; `enrolled=False` for one outside the programme."""

    class Meta:
        model = Seller
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Seller {n}")
    legal_name = factory.Sequence(lambda n: f"Seller {n} Limited")
    slug = factory.Sequence(lambda n: f"seller-{n}")
    country = "CN"
    city = "Shenzhen"
    email = factory.Sequence(lambda n: f"seller-{n}@example.com")
    time_zone = "Asia/Shanghai"

    @factory.post_generation
    def enrolled(self, create: bool, given: Any, **_kwargs: Any) -> None:
        if create and given is not False:
            EnrolmentFactory(seller=self)


class EnrolmentFactory(factory.django.DjangoModelFactory[Enrolment]):
    """An active enrolment; `state=` for another one."""

    class Meta:
        model = Enrolment

    seller = factory.SubFactory(SellerFactory, enrolled=False)
    state = EnrolmentState.ACTIVE
    applied_at = LONG_AGO
    decided_at = LONG_AGO


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    """The owner of a seller; `seat=` for another one."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    seller = factory.SubFactory(SellerFactory)
    seat = Seat.OWNER


class ProductFactory(factory.django.DjangoModelFactory[Product]):
    """A product that has long borne the mark; `marked=False` for one without."""

    class Meta:
        model = Product
        skip_postgeneration_save = True

    seller = factory.SubFactory(SellerFactory)
    sku = factory.Sequence(lambda n: f"ZT-{n:05}")
    name = factory.Sequence(lambda n: f"Head unit {n}")
    brand = "ZESTECH"
    service_types = factory.LazyFunction(lambda: list(ServiceType.values))
    methods = factory.LazyFunction(lambda: list(ServiceMethod.values))

    @factory.post_generation
    def marked(self, create: bool, given: Any, **_kwargs: Any) -> None:
        if create and given is not False:
            MarkPeriodFactory(product=self)


class MarkPeriodFactory(factory.django.DjangoModelFactory[MarkPeriod]):
    class Meta:
        model = MarkPeriod

    product = factory.SubFactory(ProductFactory, marked=False)
    begins_at = LONG_AGO


class ServicePointFactory(factory.django.DjangoModelFactory[ServicePoint]):
    """A workshop in Dubai, open on weekdays from nine to five, one unit an hour."""

    class Meta:
        model = ServicePoint

    seller = factory.SubFactory(SellerFactory)
    name = factory.Sequence(lambda n: f"Workshop {n}")
    address = "1 Test Street"
    city = "Dubai"
    country = "AE"
    time_zone = "Asia/Dubai"
    opening_hours = factory.LazyFunction(lambda: dict(WEEKDAYS_NINE_TO_FIVE))


class EngineerFactory(factory.django.DjangoModelFactory[Engineer]):
    class Meta:
        model = Engineer

    seller = factory.SubFactory(SellerFactory)
    name = factory.Sequence(lambda n: f"Engineer {n}")
    time_zone = "Asia/Shanghai"


class ApplicationFactory(factory.django.DjangoModelFactory[Any]):
    """An OAuth2 application of the client-credentials kind."""

    class Meta:
        model = "oauth2_provider.Application"

    name = factory.Sequence(lambda n: f"System {n}")
    client_type = "confidential"
    authorization_grant_type = "client-credentials"


class ApiClientFactory(factory.django.DjangoModelFactory[ApiClient]):
    """The order feed; give `seller=` or `buyer=` with `order_feed=False` for another one."""

    class Meta:
        model = ApiClient

    application = factory.SubFactory(ApplicationFactory)
    order_feed = True


class CommitmentFactory(factory.django.DjangoModelFactory[SellerCommitment]):
    """A recorded commitment without terms that holds since long ago."""

    class Meta:
        model = SellerCommitment

    seller = factory.SubFactory(SellerFactory)
    source = CommitmentSource.UNILATERAL
    statement = "We do more than we must."
    begins_at = LONG_AGO
    recorded_at = LONG_AGO


def member_of(seller: Seller, seat: Seat = Seat.OWNER, channel: Channel = Channel.DASHBOARD, key: str = "") -> Actor:
    """A new member of a seller, as an actor."""
    membership = MembershipFactory(seller=seller, seat=seat)
    return Actor(channel, membership.user, seller_id=seller.pk, seat=seat, key=key)


def commit(product: Product, *terms: Promise, begins_at: datetime = LONG_AGO) -> SellerCommitment:
    """A page commitment of a product, judged on the spot, by the action itself."""
    return record_commitment(
        product.seller,
        product,
        source=CommitmentSource.PAGE,
        statement="; ".join(term.text for term in terms),
        terms=terms,
        begins_at=begins_at,
        by=system(Channel.IMPORT),
        at=begins_at,
    )


class AffiliationFactory(factory.django.DjangoModelFactory[Affiliation]):
    """Two sellers tied together since long ago, told in any order."""

    class Meta:
        model = Affiliation

    seller = factory.SubFactory(SellerFactory)
    affiliate = factory.SubFactory(SellerFactory)
    basis = AffiliationBasis.COMMON_OWNER
    evidence = "Register of companies."
    kept_from = LONG_AGO
    recorded_by = factory.SubFactory(AuditorFactory)

    @classmethod
    def _create(cls, model_class: type[Affiliation], *args: Any, **kwargs: Any) -> Affiliation:
        kwargs["seller"], kwargs["affiliate"] = sorted((kwargs["seller"], kwargs["affiliate"]), key=lambda one: one.pk)
        return super()._create(model_class, *args, **kwargs)


def cleared(seller: Seller, at: datetime) -> Enrolment:
    """An enrolment of the seller that was cleared at an instant, written straight to the table."""
    enrolment = EnrolmentFactory(seller=seller)
    enrolment.clear(seller.legal_name, bar_end(at), at)
    enrolment.save()
    return enrolment


def an_application(**others: Any) -> Application:
    """What a seller states that installs at the door in two places."""
    stated: dict[str, Any] = {
        "service_types": ["installation"],
        "methods": ["door"],
        "places": ["AE", "DE Frankfurt"],
        "charging": "Free inside the cover; parts at list price.",
        "contact_name": "Service desk",
        "contact_email": "desk@example.com",
        "contact_phone": "",
        "agreed_edition": 1,
    }
    return Application(**{**stated, **others})
