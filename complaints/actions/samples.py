"""The sample of a month is drawn, and what its audits look at is frozen (3.2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from complaints import checklist
from complaints.candidates import CLAUSE
from complaints.events import drafted_change, record_change
from complaints.locks import locked_audit
from complaints.models import Audit, AuditDraw, AuditItem
from complaints.permissions import AUDITORS, must_be
from complaints.population import month_before, month_span, platform_zone, population, under_way
from complaints.sampling import chosen, drawn, hash_of, rows_of
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import drafted, record_together

if TYPE_CHECKING:
    from cases.models import ServiceAppointment
    from zestech_aftersales.accounts.actors import Actor


@action
def draw_sample(month: date, *, seed: str, by: Actor, at: datetime) -> AuditDraw:
    """Draw the sellers to be audited for a month, which `month` is the first day of; a month is drawn once.

    What was drawn before is returned as it is, whatever the seed now. RuleBroken: month_not_over (409).
    PermissionDenied for anybody but an auditor and the system.
    """
    if not by.is_system:
        must_be(AUDITORS, by)
    known = AuditDraw.objects.filter(month=month).first()
    if known is not None:
        return known
    begins_at, ends_at = month_span(month, platform_zone(at))
    if at < ends_at:
        raise RuleBroken(CLAUSE, "month_not_over", detail=_("A month is looked at once it is over."))
    rows = rows_of(population(begins_at, ends_at))
    draw = AuditDraw(
        month=month,
        seed=seed,
        random_size=settings.AUDITS_BY_CHANCE,
        risk_size=settings.AUDITS_BY_RISK,
        population=rows,
        population_hash=hash_of(rows),
        drawn_at=at,
    )
    try:
        with transaction.atomic():
            draw.save()
    except IntegrityError:
        # Somebody else has drawn it meanwhile.
        return AuditDraw.objects.get(month=month)
    _open(draw, by=by, at=at)
    return draw


@action
def freeze_checklist(audit: Audit, *, by: Actor, at: datetime) -> Audit:
    """Freeze the cases of an audit's span that its seed chooses; one that has its checklist stays as it is.

    PermissionDenied for anybody but an auditor and the system.
    """
    if not by.is_system:
        must_be(AUDITORS, by)
    audit = locked_audit(audit)
    if audit.items.exists():
        return audit
    freeze(audit, by=by, at=at)
    return audit


def freeze(audit: Audit, *, by: Actor, at: datetime) -> None:
    """The lines of an audit's first checklist, under the locks of its seller and itself."""
    lines = []
    if audit.draw is None:
        zone, seed = platform_zone(at), f"audit/{audit.pk}"
        begins_at, ends_at = month_span(month_before(at), zone)[0], at
    else:
        begins_at, ends_at = month_span(audit.draw.month, platform_zone(audit.draw.drawn_at))
        seed = audit.draw.seed
        row = next((row for row in audit.draw.population if row["seller"] == audit.seller_id), None)
        if row is not None:
            lines.append(checklist.figures_line(row, str(audit.draw)))
    theirs = under_way(begins_at, ends_at).filter(seller=audit.seller_id).order_by().values_list("pk", flat=True)
    keys = chosen(theirs, seed, size=settings.AUDIT_CASES)
    lines.extend(checklist.lines_of(checklist.locked(keys)))
    keep(audit, lines, by=by, at=at)


def keep(audit: Audit, lines: list[checklist.Line], *, by: Actor, at: datetime) -> None:
    """Write the lines, and an event with their hashes: the chain of events proves what was frozen."""
    items = AuditItem.objects.bulk_create(line.item(audit, at) for line in lines)
    detail = {"evidence": {str(item.pk): item.evidence_hash for item in items}}
    record_change(audit, "audit.frozen", clause=CLAUSE, by=by, at=at, before=audit.state, detail=detail)


def look_at(audit: Audit, appointment: ServiceAppointment, *, by: Actor, at: datetime) -> None:
    """Freeze one more appointment, under the same locks."""
    keep(audit, list(checklist.lines_of(checklist.locked([appointment.pk]))), by=by, at=at)


def _open(draw: AuditDraw, *, by: Actor, at: datetime) -> None:
    """The audits of a sample, with the events that tell of it; a bounded number of statements."""
    sample = drawn(draw.population, draw.seed, random_size=draw.random_size, risk_size=draw.risk_size)
    audits = Audit.objects.bulk_create(
        Audit(seller_id=seller, draw=draw, part=part, opened_at=at) for seller, part in sample
    )
    told = drafted(
        stream=draw.subject,
        subject=draw.subject,
        kind="sample.drawn",
        clause=CLAUSE,
        by=by,
        effective_at=at,
        recorded_at=at,
        detail={
            "month": str(draw),
            "seed": draw.seed,
            "population_hash": draw.population_hash,
            "drawn": [[seller, str(part)] for seller, part in sample],
        },
    )
    opened = [
        drafted_change(
            audit, "audit.opened", clause=CLAUSE, by=by.with_key(""), at=at, before="",
            detail={"part": str(audit.part), "month": str(draw)},
        )
        for audit in audits
    ]  # fmt: skip
    record_together([told, *opened])
