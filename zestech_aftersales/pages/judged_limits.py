"""The pages that count the limits of the judgement, for who may see what is judged: the buyer, the seller, the staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cases.queries import one
from cases.sums import Explanation
from complaints.models import Complaint
from complaints.queries.clearances import clearances_for
from complaints.queries.complaints import complaint_by_reference
from complaints.sums import limits_for, sum_of_clearance, sum_of_filing, sum_of_negotiation, sums_of
from complaints.tolling import thing_of
from zestech_aftersales.accounts.middleware import PersonRequest

if TYPE_CHECKING:
    from complaints.models import JudgementDeadline
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.pages.complaints import ComplaintPages

# The limits of a complaint that have no row of their own.
OF_COMPLAINT: dict[str, Callable[[Complaint], Explanation | None]] = {
    "filing": sum_of_filing,
    "negotiation": sum_of_negotiation,
}
# Where the seller reads what is judged about him, by the name of the model.
SELLERS_PAGES = {"violation": "dashboard:violation", "audit": "dashboard:audit", "lossclaim": "dashboard:loss"}


def judged_limit(pages: ComplaintPages, request: HttpRequest, pk: int) -> HttpResponse:
    """The sum of one limit of the judgement, for everybody who may see what it belongs to."""
    by = pages.actor(cast(PersonRequest, request), "")
    found = one(limits_for(by), pk, by)
    [sum_] = sums_of([found])
    return _shown(pages, request, thing_of(found), sum_, by, title=found.get_clock_display(), row=found)


def complaint_limit(pages: ComplaintPages, request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """The sum of the time to file a complaint, or of that before it can be escalated."""
    by = pages.actor(cast(PersonRequest, request), "")
    complaint = complaint_by_reference(reference, by)
    if name not in OF_COMPLAINT:
        raise Http404
    sum_ = OF_COMPLAINT[name](complaint)
    if sum_ is None:
        raise Http404
    return _shown(pages, request, complaint, sum_, by, title=sum_.label)


def bar_limit(pages: ComplaintPages, request: HttpRequest, pk: int) -> HttpResponse:
    """The sum of the bar after a clearance."""
    by = pages.actor(cast(PersonRequest, request), "")
    clearance = one(clearances_for(by), pk, by)
    sum_ = sum_of_clearance(clearance)
    if sum_ is None:
        raise Http404
    return _shown(pages, request, clearance, sum_, by, title=sum_.label)


def _shown(
    pages: ComplaintPages, request: HttpRequest, thing: Any, sum_: Explanation, by: Actor, *,
    title: str | Promise, row: JudgementDeadline | None = None,
) -> HttpResponse:  # fmt: skip
    context = {
        "title": capfirst(str(title)),
        "about": str(thing),
        "thing": row,
        "sum": sum_,
        "sums": [sum_],
        "pages": pages,
        "back": _page_of(pages, thing, by),
        "trail": _trail(pages, thing, by),
    }
    return render(request, "complaint/limit.html", context)


def _page_of(pages: ComplaintPages, thing: Any, by: Actor) -> str:
    """Where this person reads what the limit is about."""
    name = thing._meta.model_name
    if by.platform_role:
        return reverse(f"admin:complaints_{name}_change", args=[thing.pk])
    if isinstance(thing, Complaint):
        return reverse(f"{pages.namespace}:complaint", args=[thing.reference])
    return reverse(SELLERS_PAGES[name], args=[thing.pk])


def _trail(pages: ComplaintPages, thing: Any, by: Actor) -> list[tuple[str, str]]:
    """The list that has it, as a link."""
    if by.platform_role:
        return [
            (
                capfirst(thing._meta.verbose_name_plural),
                reverse(f"admin:complaints_{thing._meta.model_name}_changelist"),
            )
        ]
    if isinstance(thing, Complaint):
        return [(_("Complaints"), reverse(f"{pages.namespace}:complaints"))]
    return [(_("Judgement"), reverse("dashboard:judgement"))]
