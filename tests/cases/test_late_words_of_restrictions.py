"""What a buyer says of a restriction after his time is kept, and an old form's answer is no appeal (4.1.3)."""

from datetime import timedelta

import pytest
from django_fsm import TransitionNotAllowed

from cases.actions.restrictions import answer_finding, appeal, decide_restriction
from cases.late_words import late_words
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.api import a_caller
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.3")]

R0 = instant("2026-03-02T01:15:30Z")
HEARD = instant("2026-03-07T16:00:00Z")
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
WORDS = "They were different faults."


@pytest.fixture
def proposed(frozen):
    frozen.move_to(R0)
    return claim.a_restriction(make.a_cover(), at=R0)


def in_force(restriction, at=HEARD + HOUR):
    return decide_restriction(restriction, approved=True, reason="So it is.", by=claim.an_auditor(), at=at)


def too_late(say, restriction, code, *, at, key=""):
    buyer = make.with_key(make.buyer_of(restriction.cover), key)
    with pytest.raises(RuleBroken, match=code) as refused:
        say(restriction, WORDS, by=buyer, at=at)
    assert "kept as late" in str(refused.value.detail)


def kept(restriction):
    return [(str(each.title), each.at, each.text) for each in late_words(restriction)]


def consistent():
    return [found for found in verify(Tally(), at=R0) if found.what != "seal"] == []


def test_a_late_answer_and_a_late_appeal_are_kept_and_read_by_the_buyer_and_the_auditors(client, frozen, proposed):
    too_late(answer_finding, proposed, "hearing_over", at=HEARD + TICK)
    restriction = in_force(proposed)
    due_at = restriction.appeal_due_at
    too_late(appeal, restriction, "appeal_over", at=due_at + TICK)
    said = [("Answer", HEARD + TICK, WORDS), ("Appeal", due_at + TICK, WORDS)]
    assert kept(restriction) == said
    held = make.fresh(restriction)
    assert (held.state, held.answer, held.appeal) == ("in_force", "", "")
    assert consistent()
    frozen.move_to(due_at + HOUR)
    client.force_login(restriction.cover.buyer)
    page = client.get(f"/portal/restrictions/{restriction.pk}/").text
    assert (page.count(WORDS), page.count("came late"), page.count("by you ·")) == (2, 2, 2)
    told = a_caller(buyer=restriction.cover.buyer).get(f"restrictions/{restriction.pk}/").json()["late"]
    assert [(each["kind"], each["text"]) for each in told] == [
        ("restriction.answer_late", WORDS),
        ("restriction.appeal_late", WORDS),
    ]
    client.force_login(claim.an_auditor().user)
    assert client.get(f"/admin/cases/restriction/{restriction.pk}/change/").text.count(WORDS) == 2


def test_the_same_late_command_twice_is_kept_once(proposed):
    for _time in range(2):
        too_late(answer_finding, proposed, "hearing_over", at=HEARD + TICK, key="k")
    assert len(kept(proposed)) == 1
    buyer = make.with_key(make.buyer_of(proposed.cover), "k")
    with pytest.raises(RuleBroken, match="idempotency_key_reused"):
        answer_finding(proposed, "Other words.", by=buyer, at=HEARD + HOUR)


def test_an_outage_tolled_afterwards_makes_the_late_answer_count(proposed):
    too_late(answer_finding, proposed, "hearing_over", at=HEARD + TICK)
    claim.away(HEARD - HOUR, HEARD + HOUR, at=HEARD + 2 * HOUR)
    held = make.fresh(proposed)
    assert (held.answer, held.answered_at, held.next_reminder_at) == (WORDS, HEARD + TICK, None)
    assert kept(proposed) == []
    told = Event.objects.get(kind="restriction.answered")
    assert (told.effective_at, told.recorded_at) == (HEARD + TICK, HEARD + 2 * HOUR)
    assert consistent()
    assert in_force(held, at=HEARD + 3 * HOUR).state == "in_force"


def test_and_the_late_appeal_but_not_one_that_is_late_by_the_longer_limit_too(proposed):
    restriction = in_force(proposed)
    due_at = restriction.appeal_due_at
    too_late(appeal, restriction, "appeal_over", at=due_at + TICK)
    claim.away(due_at - HOUR, due_at + HOUR, at=due_at + 2 * HOUR)
    held = make.fresh(restriction)
    assert (held.state, held.appeal, held.appealed_at) == ("appealed", WORDS, due_at + TICK)
    assert kept(restriction) == []
    assert consistent()
    with pytest.raises(TransitionNotAllowed):
        appeal(held, "Again.", by=make.buyer_of(held.cover), at=held.appeal_due_at + TICK)


def test_what_is_late_by_the_longer_limit_too_stays_late(proposed):
    longer = HEARD + timedelta(days=1)
    too_late(answer_finding, proposed, "hearing_over", at=longer + TICK)
    claim.away(HEARD - HOUR, HEARD + HOUR, at=longer + HOUR)
    held = make.fresh(proposed)
    assert (held.hearing_due_at, held.answer) == (longer, "")
    assert len(kept(proposed)) == 1
    assert consistent()


def test_an_old_forms_answer_does_not_become_the_one_appeal(client, frozen, proposed):
    """The page said "answer"; it was answered from elsewhere and decided before this one was sent."""
    url = f"/portal/restrictions/{proposed.pk}/"
    client.force_login(proposed.cover.buyer)
    assert 'name="step" value="answer"' in client.get(url).text
    answer_finding(proposed, "No.", by=make.buyer_of(proposed.cover), at=R0 + HOUR)
    restriction = in_force(proposed, at=R0 + 2 * HOUR)
    frozen.move_to(R0 + 3 * HOUR)
    sent = client.post(url, {"words": WORDS, "key": "old", "step": "answer"})
    assert (sent.status_code, "You have answered this already" in sent.text, WORDS in sent.text) == (409, True, True)
    assert 'name="step" value="appeal"' in sent.text
    held = make.fresh(restriction)
    assert (held.state, held.answer, held.appeal) == ("in_force", "No.", "")
    # What is typed is an appeal once the form that says so is sent.
    client.post(url, {"words": WORDS, "key": "old", "step": "appeal"})
    assert make.fresh(restriction).appeal == WORDS


def test_an_old_forms_answer_after_the_hearing_is_kept_as_late(client, frozen, proposed):
    url = f"/portal/restrictions/{proposed.pk}/"
    restriction = in_force(proposed)
    frozen.move_to(HEARD + 2 * HOUR)
    client.force_login(restriction.cover.buyer)
    # A form that does not say what it is for is no appeal either.
    page = client.post(url, {"words": WORDS, "key": "old"}, follow=True).text
    assert ("kept as late" in page, page.count(WORDS)) == (True, 1)
    assert (make.fresh(restriction).state, kept(restriction)) == ("in_force", [("Answer", HEARD + 2 * HOUR, WORDS)])


def test_words_for_which_there_is_no_form_any_more_are_shown_again(client, frozen, proposed):
    answer_finding(proposed, "No.", by=make.buyer_of(proposed.cover), at=R0 + HOUR)
    decide_restriction(proposed, approved=False, reason="No.", by=claim.an_auditor(), at=R0 + 2 * HOUR)
    frozen.move_to(R0 + 3 * HOUR)
    client.force_login(proposed.cover.buyer)
    sent = client.post(f"/portal/restrictions/{proposed.pk}/", {"words": WORDS, "key": "old", "step": "answer"})
    assert (sent.status_code, "What you wrote" in sent.text, WORDS in sent.text) == (409, True, True)
