"""A step on several things: shown before, each by itself, and what became of each said plainly."""

from datetime import timedelta

import pytest

from cases.actions.rulings import flag, rule_on_offer
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from zestech_aftersales import staff
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
LIST = "/admin/cases/offer/"


def a_flagged_offer():
    offer = make.offered(make.requested(at=R0), at=R0 + HOUR)
    flag(offer, "It would have to be sent abroad.", by=make.buyer_of(offer.appointment), at=R0 + 2 * HOUR)
    return make.fresh(offer)


def chosen(*offers):
    return {"action": "reasonable", "_selected_action": [offer.pk for offer in offers]}


def test_one_that_is_refused_holds_no_other_up_and_each_outcome_is_told(client, at_desk, frozen):
    at_desk("auditor")
    frozen.move_to(R0 + 3 * HOUR)
    first, ruled, last = a_flagged_offer(), a_flagged_offer(), a_flagged_offer()
    asked = client.post(LIST, chosen(first, ruled, last))
    rule_on_offer(ruled, is_reasonable=True, reason="It is.", by=claim.an_auditor(), at=R0 + 3 * HOUR)
    page = client.get(asked.url)
    assert [each.is_offered for each in page.context["things"]].count(False) == 1
    assert make.fresh(first).state == "flagged"
    done = client.post(asked.url, {"reason": "The unit goes to a point nearby."})
    told = {outcome.thing.pk: outcome.trouble for outcome in done.context["outcomes"]}
    assert (told[first.pk], told[last.pk], bool(told[ruled.pk])) == ("", "", True)
    assert (done.context["done"], done.context["failed"]) == (2, 1)
    assert {make.fresh(each).state for each in (first, last)} == {"held_reasonable"}
    assert [each.thing.pk for each in client.get(done.context["again"]).context["things"]] == [ruled.pk]


def test_without_a_reason_nothing_is_done_to_any(client, at_desk, frozen):
    at_desk("auditor")
    offers = [a_flagged_offer(), a_flagged_offer()]
    asked = client.post(LIST, chosen(*offers))
    answer = client.post(asked.url, {"reason": " "})
    assert answer.context["form"].errors
    assert {make.fresh(each).state for each in offers} == {"flagged"}


def test_too_many_at_once_are_none(client, at_desk, frozen, monkeypatch):
    at_desk("auditor")
    monkeypatch.setattr(staff, "AT_ONCE", 1)
    answer = client.post(LIST, chosen(a_flagged_offer(), a_flagged_offer()), follow=True)
    assert "nothing was done" in answer.content.decode()


def test_other_roles_are_not_offered_the_step(client, at_desk, frozen):
    at_desk("support")
    offer = a_flagged_offer()
    assert client.post(f"{LIST}steps/reasonable/?thing={offer.pk}", {"reason": "So."}).status_code == 403
    assert make.fresh(offer).state == "flagged"


def test_a_form_sent_twice_is_done_once_to_each(client, at_desk, frozen):
    at_desk("auditor")
    offers = [a_flagged_offer(), a_flagged_offer()]
    asked = client.post(LIST, chosen(*offers))
    given = {"reason": "The unit goes to a point nearby.", "key": client.get(asked.url).context["key"]}
    for _n in range(2):
        done = client.post(asked.url, given)
        assert (done.context["done"], done.context["failed"]) == (2, 0)
    assert Event.objects.filter(kind="offer.held_reasonable").count() == 2
    assert Event.objects.exclude(key="").filter(kind="offer.held_reasonable").values("key").distinct().count() == 2


def test_a_list_of_somebody_elses_making_is_looked_at_by_right(client, at_desk, frozen):
    """Numbers of things that are none, or beyond measure, are left out; nothing is done to them."""
    at_desk("auditor")
    offer = a_flagged_offer()
    page = f"{LIST}steps/reasonable/?thing={offer.pk}&thing=0&thing=-1&thing=x&thing=99999999999999999999"
    assert [each.thing.pk for each in client.get(page).context["things"]] == [offer.pk]
    assert client.get(f"{LIST}steps/reasonable/?thing=999999").status_code == 404
    assert client.get(f"{LIST}steps/no-such-step/?thing={offer.pk}").status_code == 404
