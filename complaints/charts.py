"""Charts of the staff desk about the judgement: complaints by stage."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, ComplaintState
from zestech_aftersales.desk.charts import ALL, Bar, Chart, Part, Span

FILED = Part("filed", _("complaints"), "info")


def filed(rows: QuerySet[Any], span: Span) -> QuerySet[Any]:
    """The complaints filed in a span."""
    return rows.filter(filed_at__gte=span.begins_at, filed_at__lt=span.ends_at)


def complaints_by_stage(span: Span) -> list[Bar]:
    """How many of the complaints filed in a span stand where; stages without any are left out."""
    told = filed(Complaint.objects.order_by(), span).values("state").annotate(n=Count("*"))
    counted = {row["state"]: row["n"] for row in told}
    return [Bar(state, str(state.label), (counted[state],)) for state in ComplaintState if state in counted]


def complaints_of_stage(rows: QuerySet[Any], span: Span, bar: str, _part: str) -> QuerySet[Any]:
    """The rows behind one number, or behind their sum."""
    return filed(rows, span) if bar == ALL else filed(rows, span).filter(state=bar)


CHARTS = (
    Chart(
        "complaints",
        _("Complaints by stage"),
        Complaint,
        (FILED,),
        complaints_by_stage,
        complaints_of_stage,
        _("Complaints filed in these weeks, by where they stand now."),
    ),
)
