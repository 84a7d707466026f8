"""Row locks of what is judged, always after the seller's: everything about one seller happens one after the other."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from complaints.clearing import all_concerned
from complaints.models import Audit, Clearance, Violation
from sellers.actions.locks import lock_seller, lock_sellers
from zestech_aftersales.rulebook import RuleBroken


def locked_violation(violation: Violation) -> Violation:
    """The violation, fetched anew under the locks of its seller and itself."""
    lock_seller(violation.seller_id)
    rows = Violation.objects.select_related("seller", "appointment__case__cover__edition")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=violation.pk)


def locked_audit(audit: Audit) -> Audit:
    """The audit, fetched anew under the locks of its seller and itself."""
    lock_seller(audit.seller_id)
    rows = Audit.objects.select_related("seller", "draw")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=audit.pk)


def locked_clearance(clearance: Clearance, at: datetime) -> Clearance:
    """A clearance, fetched anew under the locks of every seller it concerns, its violations and itself.

    RuleBroken `affiliates_changed` (409) when the graph grew while it waited for the locks: what was shown before
    the decision is no longer what would happen.
    """
    known = {seller.pk for seller in all_concerned(clearance, at)}
    lock_sellers(known)
    if not {seller.pk for seller in all_concerned(clearance, at)} <= known:
        raise RuleBroken("3.2", "affiliates_changed", detail=_("The affiliations have just changed: look at it again."))
    cited = Violation.objects.select_for_update(of=("self",), no_key=True).filter(clearances=clearance.pk)
    list(cited.order_by("pk"))
    rows = Clearance.objects.select_related("seller", "enrolment__seller", "decision", "review_decision")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=clearance.pk)
