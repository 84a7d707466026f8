"""Taking in one product as a shop's file tells it (1.1, 2.3.3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sellers.actions.commitments import end_commitment, promise_to_all
from sellers.actions.locks import lock_seller, locked
from sellers.actions.marks import begin_mark, end_mark
from sellers.actions.master import add_thing, change_thing
from sellers.actions.products import CHANGEABLE
from sellers.actions.verdicts import give_verdicts
from sellers.importing.products import ProductRecord
from sellers.models import CommitmentSource, CommitmentState, MarkPeriod, Product, Seller, SellerCommitment
from sellers.permissions import must
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.refusals import RuleBroken

# What the page last said, if that was not taken back since.
SAID = [CommitmentState.BINDING, CommitmentState.SPLIT, CommitmentState.VOID]


class Outcome(TextChoices):
    """What taking in a record did."""

    CREATED = "created", gettext_lazy("created")
    CHANGED = "changed", gettext_lazy("changed")
    UNCHANGED = "unchanged", gettext_lazy("unchanged")


@action
def import_product(record: ProductRecord, *, by: Actor, at: datetime, rehearse: bool = False) -> Outcome:
    """Take in a product with its mark and its page's promises, all of it or nothing; imports only.

    The same record again changes nothing. A mark's past is never rewritten: an open mark can be
    ended, an empty `marked_until` leaves an end as it is. Promises the page no longer makes end
    now. `rehearse` does everything and takes it back. Errors: RuleBroken `seller_unknown`,
    `sku_of_another`, and those of the mark and of master data.
    """
    # The page itself says so, as the command reads it: nobody ends a mark by a record of his own.
    must(False, by)
    outcome = _take_in(record, by=by, at=at)
    if rehearse:
        transaction.set_rollback(True)
    return outcome


def _take_in(record: ProductRecord, *, by: Actor, at: datetime) -> Outcome:
    known = Seller.objects.filter(slug=record.seller).first()
    if known is None:
        raise RuleBroken(
            "",
            "seller_unknown",
            status=422,
            detail=_("seller: there is no seller “%(slug)s”.") % {"slug": record.seller},
        )
    seller = lock_seller(known.pk)
    found = Product.objects.filter(sku=record.sku).first()
    if found is not None and found.seller_id != seller.pk:
        raise RuleBroken(
            "", "sku_of_another", status=422, detail=_("sku: “%(sku)s” is another seller's.") % {"sku": record.sku}
        )
    fields = {
        "name": record.name,
        "brand": record.brand,
        "description": record.description,
        "service_types": list(record.service_types),
        "methods": list(record.methods),
        "page": record.page,
    }
    if found is None:
        product = Product(seller=seller, sku=record.sku, **fields)
        add_thing(product, "product.added", seller_id=seller.pk, clause="1.1", by=by, at=at)
        is_changed = False
    else:
        product = locked(Product, found.pk)
        is_changed = any(getattr(product, name) != value for name, value in fields.items())
        product = change_thing(
            product,
            fields,
            "product.changed",
            allowed=CHANGEABLE,
            seller_id=seller.pk,
            clause="2.3.3",
            by=by,
            at=at,
        )
    is_changed |= _mark(product, record, by=by, at=at)
    is_changed |= _promise(product, record, is_new=found is None, by=by, at=at)
    if found is None:
        return Outcome.CREATED
    return Outcome.CHANGED if is_changed else Outcome.UNCHANGED


def _mark(product: Product, record: ProductRecord, *, by: Actor, at: datetime) -> bool:
    if record.marked_from is None:
        return False
    period = MarkPeriod.objects.select_related("product").filter(product=product, begins_at=record.marked_from).first()
    if period is None:
        begin_mark(product, record.marked_from, record.marked_until, reason="", by=by, at=at)
        return True
    if record.marked_until is None or record.marked_until == period.ends_at:
        return False
    end_mark(period, record.marked_until, reason="", by=by, at=at)
    return True


def _promise(product: Product, record: ProductRecord, *, is_new: bool, by: Actor, at: datetime) -> bool:
    said = SellerCommitment.objects.filter(product=product, source=CommitmentSource.PAGE, state__in=SAID)
    last = said.order_by("-recorded_at", "-pk").first()
    before = set() if last is None else {term.promise for term in last.terms.all()}
    if before == set(record.terms):
        return False
    stands = last is not None and last.state != CommitmentState.VOID
    if not record.terms:
        if last is None or not stands:
            return False
        end_commitment(locked(SellerCommitment, last.pk), reason=_("The page no longer says so."), by=by, at=at)
        return True
    # A page that is new to us has stood since its product bears the mark; a changed one changes now.
    since = record.page_from or (record.marked_from if is_new else None) or at
    commitment = promise_to_all(
        product.seller,
        product,
        source=CommitmentSource.PAGE,
        statement=record.statement or "; ".join(term.text for term in record.terms),
        terms=record.terms,
        begins_at=since,
        replaces=last if stands else None,
        by=by,
        at=at,
    )
    give_verdicts(commitment, by=by, at=at)
    return True
