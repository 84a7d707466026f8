"""Who approves or declines reads on the very page what is proposed, not only why (invariant 9)."""

import html
import re
from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.actions import losses
from complaints.actions.clearances import answer_outcome, propose_outcome
from complaints.losses import Head
from complaints.models import LossClaim
from tests.factories import losses as lost
from tests.factories import proposals
from tests.factories.cases import fresh
from tests.factories.claims import an_auditor

pytestmark = pytest.mark.django_db


def page_of(client, put, step, *, person=None):
    """The lines that the page of a step shows under the proposal."""
    client.force_login((person or put.others[0]).user)
    options = put.thing._meta
    address = f"/admin/{options.app_label}/{options.model_name}/steps/{step}/?thing={put.thing.pk}"
    page = client.get(address).content.decode()
    told = re.search(r'<ul class="proposed">(.*?)</ul>', page, re.DOTALL)
    assert told, page
    return html.unescape(re.sub(r"<[^>]+>", "", told[1]))


def deciding_steps(put):
    """The steps that would decide what was put forward."""
    steps = admin.site._registry[type(put.thing)].steps
    return [step.name for step in steps if put.thing.pk in step.proposals_of([fresh(put.thing)])]


def of_clearance(thing):
    return [str(thing.seller), *(f"{each}: " for each in thing.violations.all()), "Cleared at once", "Bar, if approved"]


def of_review(thing):
    return [
        "it stands",
        str(thing.seller),
        *(f"{each}: " for each in thing.violations.all()),
        "overturned",
        "confirmed",
    ]


def of_loss(thing):
    return [str(thing.seller), str(thing.violation), "attorney fees: 1200.50 CNY", "Bill 17", "notary fees: 80.00 EUR",
            "1200.50 CNY + 80.00 EUR", "bill 17.pdf"]  # fmt: skip


def of_outage(_thing):
    return ["2 Mar 2026, 00:15:30 +0000", "2 Mar 2026, 01:15:30 +0000"]


def of_edition(_thing):
    return [
        "31 Aug 2026, 16:00:00 +0000",
        "Tue 1 Sep 2026, 00:00 (UTC+8)",
        "1 number differs",
        "48 hours → 24 hours",
        "better for the buyer",
    ]


def of_restriction(thing):
    cover = thing.cover
    return [str(cover.order), str(cover.line), str(cover.buyer), str(cover.seller), "29 Aug 2026, 01:15:30 +0000"]


def of_revocation(thing):
    case = thing.appointment.case
    return [case.reference, str(case.seller), "force majeure", "2 Mar 2026, 16:00:00 +0000",
            "5 Mar 2026, 04:00:00 +0000", "effective response, confirmation of the visit"]  # fmt: skip


EXPECTED = {each: globals()[f"of_{each.__name__.partition('_')[2]}"] for each in proposals.KINDS}


@pytest.mark.parametrize("kind", proposals.KINDS, ids=[each.__name__ for each in proposals.KINDS])
def test_the_page_of_each_deciding_step_shows_what_is_proposed(client, frozen, kind):
    frozen.move_to(proposals.LATER)
    put = kind()
    steps = deciding_steps(put)
    assert len(steps) == 2, "one says yes and one says no"
    for step in steps:
        told = page_of(client, put, step)
        assert [words for words in EXPECTED[kind](put.thing) if words not in told] == [], told


def test_every_step_that_decides_shows_what_is_proposed():
    steps = [step for shown in admin.site._registry.values() for step in getattr(shown, "steps", ())]
    assert [step.name for step in steps if step.decides is not None and step.shows is None] == []
    assert [step.name for step in steps if step.decides is None and step.shows is not None] == []


def test_a_loss_put_up_anew_shows_its_new_amounts(client):
    put = proposals.a_loss()
    losses.decline(put.thing, reason="Too much.", by=put.others[0], at=lost.DRAFTED)
    less = Head("attorney", Decimal("900.00"), "CNY", "Bill 17", "Advice on the complaint", lost.BILL)
    losses.redraft(fresh(put.thing), [less], by=put.first, at=lost.DRAFTED)
    losses.put_up(LossClaim.objects.get(), reason="Less.", by=put.first, at=lost.DRAFTED)
    told = page_of(client, put, "approve")
    assert "900.00 CNY" in told
    assert "1200.50" not in told


@pytest.mark.clause("3.2")
def test_the_other_outcome_of_a_review_is_told_as_the_other_one(client, frozen):
    frozen.move_to(proposals.LATER)
    put = proposals.a_review()
    answer_outcome(put.thing, agreed=False, reason="No.", by=put.others[0], at=proposals.LATER)
    propose_outcome(fresh(put.thing), outcome="lifted", reason="Then not.", by=put.others[0], at=proposals.LATER)
    told = page_of(client, put, "agree", person=put.first)
    assert "it is lifted" in told
    assert "it stands" not in told


@pytest.mark.parametrize(
    "kind", [proposals.a_loss, proposals.an_outage, proposals.a_restriction, proposals.a_revocation]
)
def test_of_several_the_proposals_are_read_at_once(client, frozen, kind):
    frozen.move_to(proposals.LATER)
    puts = [kind() for _number in range(3)]
    client.force_login(puts[0].others[0].user)
    options, step = puts[0].thing._meta, deciding_steps(puts[0])[-1]
    page = f"/admin/{options.app_label}/{options.model_name}/"

    def cost(*chosen):
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(page, {"action": step, "_selected_action": [put.thing.pk for put in chosen]})
        with CaptureQueriesContext(connection) as shown:
            told = client.get(answer.url).content.decode()
        assert told.count('class="proposed"') == told.count('name="seen"') == len(chosen)
        return len(asked), len(shown)

    cost(*puts)
    assert cost(*puts) == cost(puts[0])


def test_where_nothing_is_proposed_nothing_is_shown(client, frozen):
    put = proposals.a_restriction()
    frozen.move_to(proposals.LATER)
    put.decide(put.others[0])
    client.force_login(an_auditor().user)
    page = client.get(f"/admin/cases/restriction/steps/approve/?thing={put.thing.pk}").content.decode()
    assert 'class="proposed"' not in page
