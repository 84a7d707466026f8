"""A miss whose request a granted claim excludes counts against nobody, in no figure, cured or not (4.1.1, 4.1.3)."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.charts import answers_by_week, sellers_at_risk
from cases.figures import figures
from cases.models import Deadline, Offer
from cases.sweep import sweep_batch
from complaints.breaches import breaches_of
from complaints.population import population
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from zestech_aftersales.desk.charts import Span
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
ACCEPTED, READ_AT = DUE + 2 * DAY, DUE + 5 * DAY
SPAN = Span.until(date(2026, 3, 9), ZoneInfo("Asia/Shanghai"), weeks=2)


def claimed(appointment, at):
    return claim.claimed(
        make.fresh(appointment),
        at=at,
        ground="buyer_reason",
        kind="",
        place="",
        begins_at=None,
        ends_at=None,
        duties=[],
    )


def cured(appointment):
    sweep_batch(at=DUE + HOUR)
    with pytest.raises(RuleBroken, match="kept as late"):
        make.offered(make.fresh(appointment), at=DUE + DAY)
    make.accepted(Offer.objects.filter(appointment=appointment).latest("id"), at=ACCEPTED)
    return make.fresh(appointment)


def counted(appointment):
    """Answers and late ones: on the dashboard, on the charts, in the weights of a sample."""
    seller = make.seller_of(appointment)
    told = figures(seller, at=READ_AT)
    [row] = [each for each in population(R0 - DAY, READ_AT) if each.seller == appointment.seller_id]
    weeks = [bar.values for bar in answers_by_week(SPAN)]
    risk = [bar.values for bar in sellers_at_risk(SPAN)]
    return (told.owed, told.in_time), (row.answers, row.late), tuple(map(sum, zip(*weeks, strict=True))), risk


@pytest.mark.parametrize(("filed_at", "is_excused"), [(DUE, True), (ACCEPTED + HOUR, False)])
def test_a_cured_miss_counts_no_longer_once_the_claim_of_before_is_granted(filed_at, is_excused):
    make.offered(make.requested(at=R0), at=R0 + HOUR)
    appointment = make.requested(at=R0)
    filed = claimed(appointment, DUE) if filed_at == DUE else None
    cured(appointment)
    filed = filed or claimed(appointment, filed_at)
    assert counted(appointment) == ((1, 0), (1, 1), (1, 1), [(0, 1)])
    claim.granted(filed, at=ACCEPTED + 2 * HOUR)
    assert Deadline.objects.get(appointment=appointment, clock="response").state == "missed"
    [breach] = breaches_of([appointment.pk]).values()
    # What is judged and what is counted say the same.
    assert breach.is_fact is not is_excused
    late = ((0, 0), (0, 0), (1, 0), []) if is_excused else ((1, 0), (1, 1), (1, 1), [(0, 1)])
    assert counted(appointment) == late
    claim.revoked(filed, at=ACCEPTED + 3 * HOUR)
    assert counted(appointment) == ((1, 0), (1, 1), (1, 1), [(0, 1)])


def test_a_claim_filed_a_microsecond_after_the_limit_excuses_no_miss_of_it():
    appointment = cured(make.requested(at=R0))
    filed = claimed(appointment, ACCEPTED + HOUR)
    claim.granted(filed, at=ACCEPTED + 2 * HOUR)
    row = Deadline.objects.get(appointment=appointment, clock="response")
    type(filed).objects.filter(pk=filed.pk).update(filed_at=row.ended_at + MICROSECOND)
    assert figures(make.seller_of(appointment), at=READ_AT).owed == 1
    type(filed).objects.filter(pk=filed.pk).update(filed_at=row.ended_at)
    assert figures(make.seller_of(appointment), at=READ_AT).owed == 0
