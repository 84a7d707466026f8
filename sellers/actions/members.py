"""Giving people and other systems their place at a seller's."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from sellers.actions.locks import lock_seller
from sellers.actions.master import add_thing, change_thing, must_be_valid
from sellers.events import subject_of
from sellers.models import ApiClient, Membership, Seller
from sellers.permissions import administers, must, owns
from zestech_aftersales.accounts.actors import Actor, Seat
from zestech_aftersales.accounts.models import User
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.record import record


@action
def add_member(seller: Seller, user: User, seat: Seat, *, by: Actor, at: datetime) -> Membership:
    """Give a person a seat; the seller's owner and administrators.

    Errors: RuleBroken `works_for_the_platform` (nobody is judge and party), `invalid` (the person
    already has a seat, or the seat is none for people).
    """
    must(administers(by) or owns(seller.pk, by), by)
    lock_seller(seller.pk)
    if user.platform_role:
        raise RuleBroken(
            "",
            "works_for_the_platform",
            status=422,
            detail=_("Somebody who works for the platform cannot work for a seller."),
        )
    membership = Membership(seller=seller, user=user, seat=seat)
    return add_thing(membership, "member.added", seller_id=seller.pk, clause="", by=by, at=at)


@action
def change_seat(membership: Membership, seat: Seat, *, by: Actor, at: datetime) -> Membership:
    """Give a member another seat; the seller's owner and administrators.

    Errors: RuleBroken `last_owner` (a seller keeps one owner at least), `invalid`.
    """
    must(administers(by) or owns(membership.seller_id, by), by)
    lock_seller(membership.seller_id)
    owners = Membership.objects.filter(seller_id=membership.seller_id, seat=Seat.OWNER)
    if seat != Seat.OWNER and not owners.exclude(pk=membership.pk).exists():
        raise RuleBroken("", "last_owner", detail=_("A seller keeps at least one owner."))
    return change_thing(
        membership,
        {"seat": seat.value},
        "member.changed",
        allowed=frozenset({"seat"}),
        seller_id=membership.seller_id,
        clause="",
        by=by,
        at=at,
    )


@action
def bind_client(client: ApiClient, *, by: Actor, at: datetime) -> ApiClient:
    """Say for whom an OAuth2 application speaks; administrators only.

    Errors: RuleBroken `invalid` unless exactly one of seller, buyer and order feed is named.
    """
    must(administers(by), by)
    must_be_valid(client)
    client.save()
    record(
        stream=subject_of(client) if client.seller_id is None else f"seller/{client.seller_id}",
        subject=subject_of(client),
        kind="client.bound",
        by=by,
        effective_at=at,
        recorded_at=at,
        after={"seller": client.seller_id, "buyer": client.buyer_id, "order_feed": client.order_feed},
    )
    return client
