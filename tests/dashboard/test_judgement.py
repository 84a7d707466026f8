"""What is judged, as its seller sees it: the list, one violation, the answer, the appeal, the clocks in the queue."""

from datetime import timedelta

import pytest

from cases.sweep import sweep_batch
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import violations as judged
from tests.factories.accounts import UserFactory
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

HOUR = timedelta(hours=1)


@pytest.fixture
def violation(frozen):
    found = judged.a_notified()
    frozen.move_to(judged.NOTIFIED + HOUR)
    return found


def address(violation):
    return f"/dashboard/judgement/violations/{violation.pk}/"


def logged_in(client, violation, seat="owner"):
    client.force_login(make.seller_of(violation, seat).user)
    return client


def page(client, path):
    return client.get(path).content.decode()


def sent(client, violation, words, step="answer", key="k1"):
    return client.post(address(violation), {"words": words, "step": step, "key": key})


@pytest.mark.parametrize("seat", ["owner", "staff"])
def test_owner_and_staff_are_heard(client, violation, seat):
    logged_in(client, violation, seat)
    told = page(client, address(violation))
    assert "“Respond to the request” was not done within its limit" in told
    assert "Time left to be heard" in told
    assert f"/limits/{violation.breach.partition('/')[2]}/" in told
    assert client.get(f"/dashboard/cases/{violation.appointment.case.reference}/").status_code == 200
    assert sent(client, violation, "Our desk was closed.").status_code == 302
    violation = make.fresh(violation)
    assert (violation.answer, violation.answered_at) == ("Our desk was closed.", judged.NOTIFIED + HOUR)
    assert 'name="step"' not in page(client, address(violation))


def test_a_double_click_is_one_answer_and_an_empty_one_is_asked_for_again(client, violation):
    logged_in(client, violation)
    assert sent(client, violation, "   ").status_code == 422
    for _n in range(2):
        assert sent(client, violation, "Once.").status_code == 302
    answer = sent(client, violation, "Twice.", key="k2")
    assert answer.status_code == 409
    assert "You have answered this already" in answer.content.decode()


def test_too_late_the_page_says_so_and_what_was_sent_is_kept_once(client, violation, frozen):
    logged_in(client, violation)
    frozen.move_to(judged.HEARD + timedelta(microseconds=1))
    for _click in range(2):
        assert sent(client, violation, "Our desk was closed.").headers["Location"] == address(violation)
        assert "what you wrote is kept as late" in page(client, address(violation))
    assert sent(client, violation, "Something else.").status_code == 422
    assert make.fresh(violation).answer == ""
    assert [event.detail["words"] for event in Event.objects.filter(kind="violation.hearing_late")] == [
        "Our desk was closed."
    ]


def test_a_confirmed_one_is_appealed_against_from_the_page(client, violation, frozen):
    judged.a_confirmed(violation)
    frozen.move_to(judged.CONFIRMED + HOUR)
    logged_in(client, violation)
    told = page(client, address(violation))
    assert "Nobody answered." in told
    assert "Time left to appeal" in told
    assert sent(client, violation, "The mail server was away.", step="appeal").status_code == 302
    assert make.fresh(violation).state == "appealed"


def test_somebody_elses_is_a_404_and_engineers_buyers_and_staff_are_turned_away(client, violation):
    stranger = make.a_member(make.a_seller())
    for person, status in (
        (stranger, 404),
        (make.seller_of(violation, "engineer").user, 403),
        (violation.appointment.buyer, 403),
        (UserFactory(platform_role="auditor"), 403),
    ):
        client.force_login(person)
        assert client.get(address(violation)).status_code == status
        assert sent(client, violation, "Mine.").status_code == status
    client.force_login(stranger)
    assert str(violation) not in page(client, "/dashboard/judgement/") + page(client, "/dashboard/")
    client.logout()
    assert client.get(address(violation)).headers["Location"].startswith("/accounts/login/")
    assert make.fresh(violation).answer == ""


def test_a_candidate_is_the_platforms_own_until_the_seller_is_told(client, frozen):
    violation = judged.a_candidate()
    logged_in(client, violation)
    assert client.get(address(violation)).status_code == 404
    assert "Nothing is judged about you" in page(client, "/dashboard/judgement/")


def test_the_list_shows_state_clause_and_limit_and_takes_the_same_queries_for_more(
    client, violation, django_assert_num_queries
):
    logged_in(client, violation)
    page(client, "/dashboard/judgement/")
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        told = page(client, "/dashboard/judgement/")
    assert f"V-{violation.pk}" in told
    assert "Notified, the seller is heard" in told
    assert 'data-due="2026-03-10T16:00:00+00:00"' in told
    for _n in range(2):
        cover = make.a_cover(make.a_product(violation.seller))
        appointment = make.requested(cover, at=judged.R0)
        sweep_batch(at=judged.SWEPT)
        judged.a_notified(judged.a_candidate(appointment))
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        assert page(client, "/dashboard/judgement/").count("countdown-small") == 3


QUERIES_OF_THE_LIST = 11


def test_the_queue_shows_what_runs_as_clocks_among_the_cases(client, violation):
    logged_in(client, violation)
    told = page(client, "/dashboard/")
    assert "to be heard on" in told
    assert address(violation) in told
    judged.an_answered(violation)
    assert "to be heard on" not in page(client, "/dashboard/")


def test_cured_and_excused_are_said_so(client, frozen):
    appointment = judged.unanswered()
    filed = claim.claimed(appointment, at=judged.SWEPT + HOUR, proven=True)
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=judged.SWEPT + HOUR)
    violation = judged.a_notified(judged.a_candidate(appointment))
    make.accepted(appointment.offers.get(), at=judged.NOTIFIED + HOUR)
    judged.read(at=judged.NOTIFIED + HOUR)
    frozen.move_to(judged.NOTIFIED + 2 * HOUR)
    logged_in(client, violation)
    assert "late, cured" in page(client, address(violation))
    claim.granted(filed, at=judged.NOTIFIED + 3 * HOUR)
    judged.read(at=judged.NOTIFIED + 3 * HOUR)
    assert make.fresh(violation).state == "dismissed"
    told = page(client, address(violation))
    assert "Counts no longer" in told
    assert "Excused" in told


def test_an_appeal_is_offered_up_to_its_last_instant(client, frozen):
    violation = judged.a_confirmed()
    page = f"/dashboard/judgement/violations/{violation.pk}/"
    due_at = violation.deadlines.get(clock="appeal").due_at
    frozen.move_to(due_at)
    client.force_login(make.seller_of(violation).user)
    assert 'name="words"' in client.get(page).content.decode()
    frozen.move_to(due_at + timedelta(microseconds=1))
    assert 'name="words"' not in client.get(page).content.decode()
