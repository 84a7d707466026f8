"""The parts of a buyer's cases: what is open, what waits for his word, what is closed."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet

from cases.models import (
    CaseState,
    LongerLimit,
    LongerLimitState,
    Offer,
    OfferState,
    ServiceCase,
    Side,
    SignOff,
)
from cases.visit_choices import dates_to_answer


def _with(things: QuerySet[Any], path: str) -> Q:
    """The cases to which some things belong; what belongs to a merged one waits in the surviving case."""
    theirs = things.values(path)
    merged = ServiceCase.objects.filter(pk__in=theirs, merged_into__isnull=False)
    return Q(pk__in=theirs) | Q(pk__in=merged.values("merged_into"))


# Not settled, whatever became of its requests: one that was refused or cancelled is still a fault.
OPEN = Q(state=CaseState.OPEN)
CLOSED = Q(state=CaseState.CLOSED)
# A completed service waits for its sign-off.
TO_SIGN_OFF = _with(SignOff.objects.filter(state="running"), "appointment__case")
# Something waits for a yes or no: an offer, also one that came after a refusal, another date, a longer limit.
TO_ANSWER = (
    _with(Offer.objects.filter(side=Side.SELLER, state=OfferState.STANDING), "appointment__case")
    | _with(dates_to_answer(Side.SELLER), "appointment__case")
    | _with(
        LongerLimit.objects.filter(
            state=LongerLimitState.STANDING, deadline__state="running", amount__gt=F("deadline__amount")
        ),
        "deadline__appointment__case",
    )
)
