"""The parts of a buyer's cases: what is open, what waits for his word, what is closed."""

from __future__ import annotations

from django.db.models import Q

from cases.models import (
    AppointmentState,
    CaseState,
    DateProposal,
    LongerLimit,
    LongerLimitState,
    Offer,
    OfferState,
    ProposalState,
    Side,
    SignOff,
)

# Not settled, whatever became of its requests: one that was refused or cancelled is still a fault.
OPEN = Q(state=CaseState.OPEN)
CLOSED = Q(state=CaseState.CLOSED)
# A completed service waits for its sign-off.
TO_SIGN_OFF = Q(pk__in=SignOff.objects.filter(state="running").values("appointment__case"))
# Something waits for a yes or no: an offer, also one that came after a refusal, another date, a longer limit.
TO_ANSWER = (
    Q(pk__in=Offer.objects.filter(side=Side.SELLER, state=OfferState.STANDING).values("appointment__case"))
    | Q(
        pk__in=DateProposal.objects.filter(
            side=Side.SELLER,
            state=ProposalState.STANDING,
            appointment__state__in=[AppointmentState.AGREED, AppointmentState.CONFIRMED],
        ).values("appointment__case")
    )
    | Q(
        pk__in=LongerLimit.objects.filter(state=LongerLimitState.STANDING, deadline__state="running").values(
            "deadline__appointment__case"
        )
    )
)
