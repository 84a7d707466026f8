"""Events that the platform declares, and the bulk decision about the cases they touch; outages at the staff desk."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.confirm import confirm
from cases.actions.declared import end_declared, grant_for_event
from cases.models import Deadline, DeclaredEvent, ExclusionClaim, Outage
from cases.sweep import sweep_batch
from cases.touched import touched_by
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.accounts import AdministratorFactory, AuditorFactory, SupportFactory
from tests.instants import instant
from tests.pages import filled
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.2")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
MOVED = instant("2026-03-06T13:15:30Z")
HOUR = timedelta(hours=1)
AT = DUE + HOUR


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def elsewhere(at):
    seller = make.a_seller(country="DE", city="Hamburg")
    return make.requested(make.a_cover(make.a_product(seller)), at=at)


def due(appointment):
    return Deadline.objects.get(appointment=appointment, clock="response").due_at


def test_an_event_touches_by_place_time_and_duty():
    here, missed, far = make.requested(at=R0), make.requested(at=R0 - HOUR), elsewhere(R0)
    sweep_batch(at=DUE - HOUR + timedelta(minutes=1))
    make.requested(at=claim.TYPHOON[1])
    declared = claim.declared(at=AT)
    assert list(touched_by(declared)) == [here, missed]
    assert far in touched_by(claim.declared(at=AT, country="AE", city="dubai"))
    assert not touched_by(claim.declared(at=AT, duties=["solution"])).exists()
    assert not touched_by(claim.declared(at=AT, begins_at=instant("2026-03-25T00:00:00Z"), ends_at=None)).exists()


def test_an_event_at_the_place_of_the_service_point_touches_what_is_served_there():
    seller = make.a_seller(country="DE", city="Hamburg")
    point = make.a_point(seller, country="AE", city="Sharjah")
    slot = point.slots_between(R0, R0 + 48 * HOUR)[0].starts_at
    elsewhere = {"address": "", "city": "", "country": ""}
    at_point = make.requested(
        make.a_cover(make.a_product(seller)), at=R0, method="point", point=point, slot_starts_at=slot, **elsewhere
    )
    declared = claim.declared(at=AT, country="AE", city="sharjah", duties=["solution"])
    assert list(touched_by(declared)) == [at_point]


@pytest.mark.parametrize(("duties", "touched"), [(["visit"], True), (["confirmation"], False)])
def test_an_event_that_stops_visits_touches_the_visits_of_its_time(duties, touched):
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0 + HOUR), at=R0 + 2 * HOUR)
    confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=R0 + 3 * HOUR)
    visit = appointment.visits.get()
    hit = claim.declared(at=AT, begins_at=visit.ends_at, ends_at=visit.ends_at + HOUR, duties=duties)
    missed = claim.declared(at=AT, begins_at=visit.ends_at + HOUR, ends_at=None, duties=duties)
    assert [list(touched_by(each)) for each in (hit, missed)] == [[appointment] if touched else [], []]
    if touched:
        granted = grant_for_event(hit, appointment, reason="Warning 7.", by=claim.an_auditor(), at=AT)
        assert (granted.state, granted.granted_duties) == ("granted", ["visit"])


def test_an_event_that_still_lasts_is_ended_by_the_staff_and_every_limit_runs_on(client, frozen):
    first, second = make.requested(at=R0), make.requested(at=R0)
    declared = claim.declared(at=AT, ends_at=None)
    for appointment in (first, second):
        grant_for_event(declared, appointment, reason="Warning 7.", by=claim.an_auditor(), at=AT)
    assert (due(first), due(second)) == (None, None)
    over = claim.TYPHOON[1]
    with pytest.raises(PermissionDenied):
        end_declared(declared, over, by=claim.a_supporter(), at=over)
    for wrong in (declared.begins_at, over + HOUR):
        with pytest.raises(RuleBroken, match="end_invalid"):
            end_declared(declared, wrong, by=claim.an_auditor(), at=over)
    frozen.move_to(over + HOUR)
    client.force_login(AuditorFactory())
    end = STEP.format("declaredevent", "end", declared.pk)
    client.post(end, {"ends_at": "2026-03-05T04:00"})
    assert make.fresh(declared).ends_at == over
    assert (due(first), due(second)) == (MOVED, MOVED)
    with pytest.raises(RuleBroken, match="end_known"):
        end_declared(declared, over, by=claim.an_auditor(), at=over)
    assert Event.objects.get(kind="event.ended").effective_at == over


def test_a_list_of_touched_cases_says_how_many_it_does_not_show(client, monkeypatch):
    monkeypatch.setattr("cases.admin.incidents.SHOWN", 1)
    for _n in range(3):
        make.requested(at=R0)
    declared = claim.declared(at=AT)
    client.force_login(AuditorFactory())
    assert "and 2 more" in client.get(f"/admin/cases/declaredevent/{declared.pk}/change/").content.decode()


def test_declaring_excuses_nothing_by_itself():
    appointment = make.requested(at=R0)
    declared = claim.declared(at=AT)
    assert due(appointment) == DUE
    event = Event.objects.get(kind="event.declared")
    assert (event.subject, event.clause, event.actor) == (declared.subject, "4.1.2", declared.declared_by)


@pytest.mark.parametrize("wrong", [{"source": " "}, {"duties": []}, {"country": ""}, {"ends_at": claim.TYPHOON[0]}])
def test_an_event_has_place_time_duties_and_source(wrong):
    with pytest.raises(RuleBroken, match="event_incomplete"):
        claim.declared(at=AT, **wrong)


def test_buyers_and_sellers_declare_nothing():
    appointment = make.requested(at=R0)
    for by in (make.buyer_of(appointment), make.seller_of(appointment)):
        with pytest.raises(PermissionDenied):
            claim.declared(at=AT, by=by)


def test_an_auditor_excuses_a_touched_case_and_the_deemed_refusal_is_taken_back():
    appointment = make.requested(at=R0)
    sweep_batch(at=AT)
    declared = claim.declared(at=AT)
    granted = grant_for_event(declared, appointment, reason="Warning 7.", by=claim.an_auditor(), at=AT + HOUR)
    assert (granted.state, granted.filed_by, granted.declared) == ("granted", None, declared)
    assert (make.fresh(appointment).state, due(appointment)) == ("requested", MOVED)
    assert not touched_by(declared).exists()
    assert grant_for_event(declared, appointment, reason="Again.", by=claim.an_auditor(), at=AT + HOUR) is None
    assert ExclusionClaim.objects.count() == 1


def test_who_declared_it_does_not_decide_and_nobody_but_an_auditor_does():
    appointment = make.requested(at=R0)
    declarer = claim.an_auditor()
    declared = claim.declared(at=AT, by=declarer)
    for by in (declarer, claim.an_administrator(), claim.a_supporter(), make.seller_of(appointment)):
        with pytest.raises(PermissionDenied):
            grant_for_event(declared, appointment, reason="yes", by=by, at=AT)
    with pytest.raises(RuleBroken, match="reason_required"):
        grant_for_event(declared, appointment, reason="", by=claim.an_auditor(), at=AT)


STEP = "/admin/cases/{}/steps/{}/?thing={}"


def test_a_bulk_decision_at_the_staff_desk_with_confirmation_reason_and_exceptions(client, frozen):
    first, second, own, third = (make.requested(at=R0) for _n in range(4))
    claim.claimed(own, at=DUE - HOUR, duties=["visit"])
    frozen.move_to(AT)
    client.force_login(SupportFactory())
    typed = {
        "kind": "typhoon", "country": "CN", "city": "Shenzhen", "begins_at": "2026-03-02T16:00",
        "ends_at": "2026-03-05T04:00", "duties": ["response"], "source": "Weather office",
    }  # fmt: skip
    assert client.get("/admin/cases/declaredevent/add/").status_code == 200
    client.post("/admin/cases/declaredevent/add/", typed)
    declared = DeclaredEvent.objects.get()
    assert (declared.begins_at, declared.ends_at) == claim.TYPHOON
    page = client.get(f"/admin/cases/declaredevent/{declared.pk}/change/").content.decode()
    assert first.case.reference in page
    assert second.case.reference in page
    excuse = STEP.format("declaredevent", "excuse", declared.pk)
    assert client.get(excuse).status_code == 403
    client.force_login(AuditorFactory())
    assert client.get(excuse).status_code == 200
    client.post(excuse, {"reason": "Warning 7.", "leave_out": ""})
    assert due(first) == DUE
    client.post(excuse, {"reason": "Warning 7.", "leave_out": second.case.reference, "confirmed": "on"})
    assert (due(first), due(third), due(second), due(own)) == (MOVED, MOVED, DUE, DUE)


def test_an_outage_is_proposed_and_approved_by_two_administrators_at_the_staff_desk(client, frozen):
    appointment = make.requested(at=R0)
    frozen.move_to(AT)
    add = "/admin/cases/outage/add/"
    typed = {
        "begins_at": "2026-03-03T23:15", "ends_at": "2026-03-04T01:15",
        "reason": "The database was away.",
    }  # fmt: skip
    for person, status in ((SupportFactory(), 403), (AuditorFactory(), 403), (AdministratorFactory(), 200)):
        client.force_login(person)
        assert client.get(add).status_code == status
    client.post(add, typed)
    outage = Outage.objects.get()
    approve = STEP.format("outage", "approve", outage.pk)
    filled(client, approve, {"reason": "I said so."})
    assert make.fresh(outage).state == "proposed"
    client.force_login(AdministratorFactory())
    page = client.get(f"/admin/cases/outage/{outage.pk}/change/").content.decode()
    assert "Approve and toll all clocks" in page
    filled(client, approve, {"reason": "The logs say so."})
    assert make.fresh(outage).state == "applied"
    assert due(appointment) == DUE + 2 * HOUR
    assert Event.objects.get(kind="limit.tolled").channel == Channel.ADMIN


def test_an_outage_that_one_declines_is_over(client, frozen):
    frozen.move_to(AT)
    outage = claim.an_outage(R0, DUE, at=AT)
    client.force_login(AdministratorFactory())
    filled(client, STEP.format("outage", "decline", outage.pk), {"reason": "It was up."})
    assert make.fresh(outage).state == "declined"


def test_the_declarers_actor_is_recorded():
    by = Actor(channel=Channel.ADMIN, user=SupportFactory())
    assert claim.declared(at=AT, by=by).declared_by == by.user
