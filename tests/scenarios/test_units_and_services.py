"""A replaced unit inherits the remaining cover; the number of services used never narrows the rules."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.units import replace_unit
from cases.actions.visits import check_in, complete
from cases.models import Cover, ServiceAppointment, UnitReplacement
from cases.queries import services_used
from cases.terms import ReportDetails, UnitTerms
from cases.units import services
from cases.verification import Tally, verify
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.sellers import commit
from tests.factories.visits import BEGINS, R0
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.4")]

# Paid 20 November 2025, 17:00 in Shanghai.
ENDS = instant("2026-11-20T16:00:00Z")
MICROSECOND = timedelta(microseconds=1)


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def reported(unit, *, visit=None):
    visit = visit or make_visit.planned()
    by = make.seller_of(visit.appointment)
    visit = check_in(visit, by=by, at=BEGINS)
    return complete(visit, "Replaced the unit.", details=ReportDetails("replaced", unit=unit), by=by, at=BEGINS)


def test_the_new_unit_inherits_the_cover_to_the_same_end():
    done = reported(UnitTerms("SN-2", "SN-1"))
    cover = make.fresh(done.case.cover)
    assert (cover.unit_serial, cover.ends_at, cover.state) == ("SN-2", ENDS, "active")
    assert make.fresh(done).unit_serial == ""
    assert Event.objects.get(kind="appointment.completed").detail["unit"] == {"old": "SN-1", "new": "SN-2"}
    last = make.requested(cover, at=ENDS)
    assert last.unit_serial == "SN-2"
    assert refused(make.requested, make.fresh(cover), at=ENDS + MICROSECOND) == ("cover_expired", 422)


def test_a_unit_replaced_at_the_last_instant_or_after_it_moves_no_end():
    done = make_visit.done(make_visit.planned())
    cover = done.case.cover
    for n, at in enumerate((ENDS, ENDS + MICROSECOND)):
        replace_unit(done.case, UnitTerms(f"SN-{n}"), by=make.seller_of(done), at=at)
        assert make.fresh(cover).ends_at == ENDS
    assert make.requested(make.fresh(cover), at=ENDS).unit_serial == "SN-1"
    assert refused(make.requested, make.fresh(cover), at=ENDS + MICROSECOND) == ("cover_expired", 422)


def test_a_request_before_the_replacement_was_about_the_old_unit():
    appointment = make.requested(at=R0)
    replace_unit(appointment.case, UnitTerms("SN-2", "SN-1"), by=make.seller_of(appointment), at=R0)
    replace_unit(appointment.case, UnitTerms("SN-3"), by=make.seller_of(appointment), at=R0 + MICROSECOND)
    assert make.fresh(appointment).unit_serial == ""
    assert list(UnitReplacement.objects.values_list("old_serial", "new_serial")) == [("SN-1", "SN-2"), ("SN-2", "SN-3")]
    assert [event.detail["unit"]["new"] for event in Event.objects.filter(kind="unit.replaced")] == ["SN-2", "SN-3"]


@pytest.mark.parametrize("unit", [UnitTerms(" "), UnitTerms("SN-1", "SN-1"), UnitTerms("", "SN-1")])
def test_the_new_unit_has_a_number_of_its_own(unit):
    appointment = make.requested(at=R0)
    by = make.seller_of(appointment)
    assert refused(replace_unit, appointment.case, unit, by=by, at=R0) == ("unit_incomplete", 422)
    assert refused(reported, unit) == ("unit_incomplete", 422)
    assert not UnitReplacement.objects.exists()
    assert not ServiceAppointment.objects.filter(state="completed").exists()


def test_only_the_seller_records_it_and_only_once_a_key():
    appointment = make.requested(at=R0)
    for by in (make.buyer_of(appointment), make.seller_of(make.a_product()), make.seller_of(appointment, "engineer")):
        with pytest.raises(PermissionDenied):
            replace_unit(appointment.case, UnitTerms("SN-2"), by=by, at=R0)
    by = make.with_key(make.seller_of(appointment), "unit")
    for _time in range(2):
        assert replace_unit(appointment.case, UnitTerms("SN-2"), by=by, at=R0).unit_serial == "SN-2"
    assert UnitReplacement.objects.count() == 1


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: Cover.objects.update(unit_serial="SN-9"),
        lambda: ServiceAppointment.objects.update(unit_serial="SN-9"),
        lambda: UnitReplacement.objects.update(new_serial="SN-9"),
        lambda: UnitReplacement.objects.update(replaced_at=ENDS),
    ],
)
def test_a_tampered_unit_is_found(tamper):
    done = reported(UnitTerms("SN-2", "SN-1"))
    kept = [
        (model.objects.filter(pk=pk), {name: value for name, value in row.items() if name not in ("id", "state")})
        for model in (Cover, ServiceAppointment, UnitReplacement)
        for pk, row in ((row["id"], row) for row in model.objects.values())
    ]
    tamper()
    assert list(verify(Tally(), at=instant("2020-01-01T00:00:00Z")))
    for rows, values in kept:
        rows.update(**values)
    assert make.fresh(done.case.cover).unit_serial == "SN-2"


@pytest.mark.clause("2.3.3")
@pytest.mark.parametrize(("promised", "shown"), [(1, 1), (3, 3), ("unlimited", None)])
def test_services_are_counted_against_the_promise(promised, shown):
    product = make.a_product()
    commit(product, Promise(Dimension.NUMBER_OF_SERVICES, promised))
    cover = make.a_cover(product)
    visit = make_visit.planned(cover=cover)
    told = services(make.fresh(cover), services_used(cover), visit.appointment.terms)
    assert (told.used, told.promised, told.is_used_up) == (0, shown, False)
    make_visit.done(visit)
    told = services(make.fresh(cover), services_used(cover), visit.appointment.terms)
    assert (told.used, told.promised, told.is_used_up) == (1, shown, promised == 1)


@pytest.mark.clause("2.3.3")
def test_a_used_up_promise_narrows_nothing():
    product = make.a_product()
    commit(product, Promise(Dimension.NUMBER_OF_SERVICES, 1))
    cover = make.a_cover(product)
    make_visit.done(make_visit.planned(cover=cover))
    again = make.requested(make.fresh(cover), at=ENDS)
    assert again.state == "requested"
    assert sorted(again.deadlines.values_list("clock", flat=True)) == ["confirmation", "response"]
