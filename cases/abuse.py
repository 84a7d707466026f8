"""What draws attention to abuse: visits at which a buyer was not there, counted in a window; it only flags (4.1.3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import CharField, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat

from cases.models import Cover, ExclusionClaim, Visit
from cases.models.exclusion import GRANTED_CLAIMS
from zestech_aftersales.rulebook.periods import days_before
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from zestech_aftersales.rulebook.editions import EditionNumbers


def missed_by_buyers(law: EditionNumbers, *, at: datetime) -> QuerySet[Visit]:
    """The visits of the window, natural days as everywhere (5.1), at which the buyer was not there.

    One that he disputes counts only once an auditor has granted a claim for it.
    """
    since = days_before(at, law.abuse_window_days, law.zone_info)
    # The number as a number: databases do not agree on comparing one with a piece of JSON.
    named = Cast(KeyTextTransform("visit", "detail"), IntegerField())
    disputed = Event.objects.annotate(visit_number=named).filter(
        stream=Concat(Value("case/"), Cast(OuterRef("appointment__case_id"), CharField())),
        subject=Concat(Value("appointment/"), Cast(OuterRef("appointment_id"), CharField())),
        kind="visit.no_show_disputed",
        visit_number=OuterRef("number"),
    )
    granted = ExclusionClaim.objects.filter(visit=OuterRef("pk"), state__in=GRANTED_CLAIMS)
    # The state as a literal, should the database know an index of it.
    missed = Visit.objects.filter(state="buyer_no_show", starts_at__gte=since, starts_at__lte=at)
    return missed.filter(~Q(Exists(disputed)) | Q(Exists(granted)))


def no_shows_of(buyer_id: int, law: EditionNumbers, *, at: datetime) -> int:
    """How often a buyer was not there within the window."""
    return missed_by_buyers(law, at=at).filter(appointment__buyer=buyer_id).count()


def flagged_covers(covers: QuerySet[Cover], law: EditionNumbers, *, at: datetime) -> QuerySet[Cover]:
    """Active covers under which a buyer missed a visit, with `missed_at`, the last one; of buyers who did so too often."""
    missed = missed_by_buyers(law, at=at)
    often = missed.order_by().values("appointment__buyer").annotate(times=Count("pk"))
    buyers = often.filter(times__gte=law.abuse_no_shows).values("appointment__buyer")
    under = missed.filter(appointment__case__cover=OuterRef("pk")).order_by("-starts_at").values("starts_at")
    last = covers.filter(state="active", buyer__in=buyers).annotate(missed_at=Subquery(under[:1]))
    return last.filter(missed_at__isnull=False).order_by(F("missed_at").asc(), "id")
