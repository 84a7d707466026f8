"""The simulator: a run over past requests, begun and read at the staff desk; nothing is written but the run."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.cancel import cancel
from cases.actions.editions import change_draft
from cases.actions.simulations import begin_simulation
from cases.models import Deadline, Offer, Pause, ServiceAppointment, ServiceCase, SimulatedChange, Simulation
from cases.simulation import past_requests
from cases.simulations import run_simulations
from cases.sweep import sweep_batch
from cases.tasks import simulate
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.editions import a_draft, a_simulation
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.timeline.models import Event

R0 = instant("2026-03-02T01:15:30Z")
LATER = instant("2026-06-01T00:00:00Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
PAGE = "/admin/cases/simulation/"


# --- A run -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def past():
    """Answered after 20 and 30 hours, after 60, never, and cancelled after 30; all under 48 hours."""
    quick, slow, late, silent, gone = (make.requested(at=R0) for _n in range(5))
    make.offered(quick, at=R0 + 20 * HOUR)
    make.offered(slow, at=R0 + 30 * HOUR)
    cancel(gone, by=make.buyer_of(gone), at=R0 + 30 * HOUR)
    sweep_batch(at=R0 + 49 * HOUR)
    with pytest.raises(RuleBroken):
        make.offered(late, at=R0 + 60 * HOUR)
    return {"quick": quick, "slow": slow, "late": late, "silent": silent, "gone": gone}


def everything():
    """All rows of what happened."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (ServiceCase, ServiceAppointment, Deadline, Pause, Offer)
    ]


@pytest.mark.django_db
@pytest.mark.clause("5.2")
@pytest.mark.parametrize("batch", [1, 2, 5, 100])
def test_24_hours_instead_of_48_and_nothing_is_written_but_the_run(past, batch):
    before = everything()
    run = a_simulation(FIRST, LAST, at=R0 + 72 * HOUR, batch=batch, response_hours=24)
    assert everything() == before
    assert (run.total, run.done, run.differing) == (5, 5, 2)
    assert run.tally["clocks"]["response"] == {"met>missed": 1, "voided>missed": 1}
    told = {(each.appointment_id, each.clock, each.before, each.after) for each in run.changes.all()}
    assert (past["slow"].pk, "response", "met", "missed") in told
    assert (past["slow"].pk, "buyer_silence", "running", "overtaken") in told
    assert (past["gone"].pk, "response", "voided", "missed") in told
    assert not {past["quick"].pk, past["late"].pk, past["silent"].pk} & {pk for pk, *_rest in told}


@pytest.mark.django_db
def test_60_hours_rescue_who_answered_at_the_60th(past):
    run = a_simulation(FIRST, LAST, at=R0 + 72 * HOUR, response_hours=60)
    assert run.tally["clocks"]["response"] == {"missed>met": 1}
    assert {each.appointment_id for each in run.changes.all()} == {past["late"].pk}
    [changed] = run.changes.filter(clock="response")
    assert (changed.due_before, changed.due_after) == (R0 + 48 * HOUR, R0 + 60 * HOUR)
    assert changed.answered_at == R0 + 60 * HOUR
    seller = str(past["late"].seller_id)
    assert run.tally["sellers"][seller]["missed>met"] == run.tally["sellers"][seller]["requests"] == 1


@pytest.mark.django_db
def test_the_numbers_in_force_change_nothing(past):
    # The offers lie with buyers whose silence has ended meanwhile, and no sweep has written that down yet.
    assert a_simulation(FIRST, LAST, at=LATER - HOUR).differing == 0
    sweep_batch(at=LATER - HOUR)
    assert a_simulation(FIRST, LAST, at=LATER - HOUR).differing == 0


@pytest.mark.django_db
def test_a_promise_that_is_better_stays(past):
    product = make.a_product()
    commit(product, Promise(Dimension.RESPONSE_HOURS, 12))
    make.offered(make.requested(make.a_cover(product), at=R0), at=R0 + 10 * HOUR)
    assert a_simulation(FIRST, LAST, at=R0 + 72 * HOUR, response_hours=72).changes.filter(before="met").count() == 0


@pytest.mark.django_db
def test_the_days_of_a_period_are_those_of_the_numbers_zone():
    first = instant("2026-03-09T16:00:00Z")  # 10 March begins in Shanghai
    for at in (first - MICROSECOND, first, first + 24 * HOUR - MICROSECOND, first + 24 * HOUR):
        make.requested(at=at)
    day = date(2026, 3, 10)
    assert a_simulation(day, day, at=LATER).total == 2
    assert a_simulation(day, day, at=LATER, zone="UTC").total == 2
    assert a_simulation(day, date(2026, 3, 11), at=LATER).total == 3
    seller = ServiceAppointment.objects.earliest("id").seller
    assert a_simulation(FIRST, LAST, at=LATER, seller=seller).total == 1


@pytest.mark.django_db
def test_what_cannot_be_run_is_refused():
    wanted = {"first_day": FIRST, "last_day": LAST, "at": LATER}
    with pytest.raises(PermissionDenied):
        begin_simulation(NUMBERS, by=system(), **wanted)
    with pytest.raises(PermissionDenied):
        begin_simulation(NUMBERS, by=make.seller_of(make.requested(at=R0)), **wanted)
    with pytest.raises(RuleBroken, match="edition_invalid"):
        begin_simulation({**NUMBERS, "cover_years": 0}, by=claim.an_auditor(), **wanted)
    with pytest.raises(RuleBroken, match="period_invalid"):
        begin_simulation(NUMBERS, by=claim.an_auditor(), **wanted | {"last_day": date(2026, 2, 28)})
    assert not Simulation.objects.exists()


@pytest.mark.django_db
def test_a_run_goes_on_where_it_stopped_and_is_told_twice_on_the_timeline(past, frozen):
    frozen.move_to(R0 + 72 * HOUR)
    run = begin_simulation(
        {**NUMBERS, "response_hours": 24}, first_day=FIRST, last_day=LAST, by=claim.an_auditor(), at=R0 + 72 * HOUR
    )
    assert run_simulations(now=lambda: R0 + 73 * HOUR, batch=1, rounds=2) == 2
    half = make.fresh(run)
    assert (half.done, half.finished_at) == (2, None)
    frozen.move_to(LATER)
    simulate()
    whole = make.fresh(run)
    assert (whole.done, whole.differing, whole.finished_at) == (5, 2, LATER)
    assert not whole.changes.filter(before="running", after="missed").exists(), "judged as of its own instant"
    assert run_simulations(now=lambda: LATER) == 0
    kinds = Event.objects.filter(subject=run.subject).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["simulation.begun", "simulation.finished"]


@pytest.mark.django_db
def test_a_run_that_cannot_be_counted_does_not_stop_the_others(past):
    runs = [
        begin_simulation(NUMBERS, first_day=FIRST, last_day=LAST, by=claim.an_auditor(), at=R0 + 72 * HOUR)
        for _run in range(2)
    ]
    Simulation.objects.filter(pk=runs[0].pk).update(numbers={})
    assert run_simulations(now=lambda: LATER) == 5
    assert list(Simulation.objects.order_by("pk").values_list("done", flat=True)) == [0, 5]


@pytest.mark.django_db
def test_only_so_many_changes_are_kept_but_all_are_counted(past, monkeypatch):
    monkeypatch.setattr("cases.actions.simulations.KEPT", 2)
    run = a_simulation(FIRST, LAST, at=R0 + 72 * HOUR, batch=1, response_hours=12)
    assert run.changes.count() == 2
    assert run.differing == 3
    assert sum(sum(kinds.values()) for kinds in run.tally["clocks"].values()) > 2


@pytest.mark.django_db
def test_a_batch_asks_the_same_number_of_questions_whatever_its_size(past):
    keys = [each.pk for each in past.values()]
    with CaptureQueriesContext(connection) as one:
        past_requests(keys[:1])
    with CaptureQueriesContext(connection) as five:
        past_requests(keys)
    assert len(one) == len(five) == 5


# --- The staff desk --------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client, frozen):
    """The staff desk on 5 March, with somebody logged in."""
    frozen.move_to(R0 + 72 * HOUR)

    def log_in(person):
        client.force_login(person.user)
        return client

    return log_in


ASKED = {**NUMBERS, "first_day": "2026-03-01", "last_day": "2026-03-05", "holiday_roll": "", "seller": "", "draft": ""}


@pytest.mark.django_db
def test_an_auditor_runs_free_numbers_and_reads_which_cases_differ(desk, past):
    client = desk(claim.an_auditor())
    page = client.post(f"{PAGE}add/", {**ASKED, "response_hours": "24"}, follow=True)
    run = Simulation.objects.get()
    assert page.redirect_chain == [(f"{PAGE}{run.pk}/change/", 302)]
    text = page.content.decode()
    assert "5 of 5 (100 %)" in text
    assert "met → missed" in text
    assert past["slow"].seller.name in text
    listed = client.get(f"/admin/cases/simulatedchange/?simulation__id__exact={run.pk}&clock__exact=response")
    assert past["slow"].case.reference in listed.content.decode()
    assert past["quick"].case.reference not in listed.content.decode()
    of_seller = client.get(
        f"/admin/cases/simulatedchange/?simulation__id__exact={run.pk}"
        f"&appointment__seller__id__exact={past['slow'].seller_id}"
    )
    assert {each.appointment_id for each in of_seller.context["cl"].queryset} == {past["slow"].pk}


@pytest.mark.django_db
def test_a_draft_brings_its_numbers_along_and_names_its_runs(desk, past):
    draft = a_draft(at=R0, response_hours=24)
    client = desk(claim.an_administrator())
    form = client.get(f"{PAGE}add/?draft={draft.pk}").context["adminform"].form
    assert (form.initial["response_hours"], form.initial["draft"]) == (24, draft.pk)
    client.post(f"{PAGE}add/", {**ASKED, "response_hours": "24", "draft": str(draft.pk)})
    assert Simulation.objects.get().draft == draft
    assert "2 / 5" in client.get(f"/admin/cases/editiondraft/{draft.pk}/change/").content.decode()
    client.post(f"{PAGE}add/", {**ASKED, "response_hours": "12", "draft": str(draft.pk)})
    assert Simulation.objects.latest("id").draft is None, "other numbers are not the draft's"


@pytest.mark.django_db
def test_a_run_says_of_which_numbers_it_counts_nothing_and_of_which_draft_it_was(desk, past):
    administrator = claim.an_administrator()
    draft = a_draft(at=R0, complaint_days=30)
    client = desk(administrator)
    text = client.post(f"{PAGE}add/", {**ASKED, "complaint_days": "30", "draft": str(draft.pk)}, follow=True)
    told = text.content.decode()
    assert "a run counts the limits of requests only" in told
    assert "File a complaint" in told.partition("a run counts the limits of requests only")[2][:200]
    page = f"/admin/cases/editiondraft/{draft.pk}/change/"
    assert "with other numbers than the draft has now" not in client.get(page).content.decode()
    change_draft(draft, {"complaint_days": 60}, by=administrator, at=R0)
    assert "with other numbers than the draft has now" in client.get(page).content.decode()
    text = client.post(f"{PAGE}add/", {**ASKED, "response_hours": "24"}, follow=True).content.decode()
    assert "a run counts the limits of requests only" not in text


@pytest.mark.django_db
def test_a_long_run_says_how_far_it_is_and_is_counted_on(desk, past, monkeypatch):
    monkeypatch.setattr("cases.admin.simulations.ROUNDS_AT_ONCE", 1)
    monkeypatch.setattr("cases.simulations.BATCH", 2)
    monkeypatch.setattr("cases.simulations.run_on.__kwdefaults__", {"batch": 2})
    client = desk(claim.an_auditor())
    text = client.post(f"{PAGE}add/", {**ASKED, "response_hours": "24"}, follow=True).content.decode()
    assert "2 of 5 (40 %)" in text
    assert "Still counting" in text
    run = Simulation.objects.get()
    for _press in range(2):
        client.post(f"{PAGE}steps/count_on/?thing={run.pk}", {"reason": ""})
    text = client.get(f"{PAGE}{run.pk}/change/").content.decode()
    assert "5 of 5" in text
    assert "Still counting" not in text


@pytest.mark.django_db
def test_what_is_wrong_with_a_run_is_told_at_its_field(desk):
    client = desk(claim.an_auditor())
    page = client.post(f"{PAGE}add/", {**ASKED, "last_day": "2026-02-01"})
    assert set(page.context["adminform"].form.errors) == {"last_day"}
    for edge in ({"first_day": "0001-01-01"}, {"last_day": "9999-12-31"}):
        page = client.post(f"{PAGE}add/", {**ASKED, **edge})
        assert set(page.context["adminform"].form.errors) == {"first_day"}
    assert not SimulatedChange.objects.exists()


@pytest.mark.django_db
def test_the_timeline_is_read_by_the_streams_of_the_cases(past):
    keys = list(ServiceAppointment.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as asked:
        assert past_requests(keys)
    [events] = [query["sql"] for query in asked if "timeline_event" in query["sql"]]
    assert '"timeline_event"."stream" IN' in events
