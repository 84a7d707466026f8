"""What anybody may know of a product's mark: whether it is valid now, and since when (1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sellers.models import MarkPeriod, Product
from sellers.queries import with_marks


@dataclass(frozen=True, slots=True)
class PublicMark:
    """A product that bears the mark or once bore it, and the newest period of its mark."""

    product: Product
    period: MarkPeriod
    is_valid: bool

    @property
    def ended_at(self) -> datetime | None:
        """The last instant of a mark that is no longer valid; an end still to come is nobody's business yet."""
        return None if self.is_valid else self.period.ends_at


def public_mark(seller_slug: str, sku: str, at: datetime) -> PublicMark | None:
    """The mark of a product as it stands at an instant.

    None for a product that never bore it as for one that does not exist: who keeps which products
    without the mark is not told.
    """
    found = Product.objects.filter(seller__slug=seller_slug, sku=sku).select_related("seller")
    product = with_marks(found).first()
    begun = [] if product is None else [each for each in product.mark_periods.all() if each.begins_at <= at]
    if product is None or not begun:
        return None
    return PublicMark(product, begun[-1], begun[-1].covers(at))
