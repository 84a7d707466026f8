"""Editions of the rules: drafted, discarded, proposed, and published by two administrators."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from cases.actions.editions import change_draft, decide_draft, discard_draft, draft_edition, propose_draft
from cases.models import Cover, Deadline, EditionDraft
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.editions import a_draft, a_proposal
from tests.instants import instant
from tests.pages import filled, hidden
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.timeline.models import Decision, Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("5.2")]

NOON = instant("2026-03-02T04:00:00Z")  # 12:00 in Shanghai
NINTH = date(2026, 3, 9)  # seven dates later
BEGIN = instant("2026-03-08T16:00:00Z")  # when it begins there
MICROSECOND = timedelta(microseconds=1)
PAGE = "/admin/cases/editiondraft/"


def published(draft, *, at=NOON, by=None):
    return decide_draft(draft, approved=True, reason="Agreed.", by=by or claim.an_administrator(), at=at)


def test_a_draft_is_changed_and_every_change_is_told():
    draft = change_draft(
        a_draft(at=NOON), {"response_hours": 24, "cover_years": 2}, by=claim.an_administrator(), at=NOON
    )
    assert (draft.law.response_hours, draft.law.cover_years, draft.law.solution_hours) == (24, 2, 48)
    told = Event.objects.get(kind="edition.changed")
    assert told.detail["numbers"] == {"response_hours": [48, 24], "cover_years": [1, 2]}
    assert RuleEdition.objects.count() == 1, "a draft is no law"


@pytest.mark.parametrize("person", [claim.an_auditor, claim.a_supporter, system])
def test_nobody_but_administrators_makes_editions(person):
    draft, proposed = a_draft(at=NOON), a_proposal(NINTH, at=NOON)
    for step in (
        lambda by: draft_edition("Mine", NUMBERS, by=by, at=NOON),
        lambda by: change_draft(draft, {"response_hours": 1}, by=by, at=NOON),
        lambda by: discard_draft(draft, reason="No", by=by, at=NOON),
        lambda by: propose_draft(draft, effective_on=NINTH, reason="Yes", by=by, at=NOON),
        lambda by: published(proposed, by=by),
    ):
        with pytest.raises(PermissionDenied):
            step(person())
    assert RuleEdition.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"response_hours": 0}, "response_hours"), ({"auto_escalation_days": 3}, "auto_escalation_days"), ({"x": 1}, "x")],
)
def test_numbers_that_cannot_stand_are_no_draft(changes, field):
    with pytest.raises(RuleBroken) as refused:
        a_draft(at=NOON, **changes)
    assert (refused.value.code, set(refused.value.context["errors"])) == ("edition_invalid", {field})
    with pytest.raises(RuleBroken):
        change_draft(a_draft(at=NOON), changes, by=claim.an_administrator(), at=NOON)
    with pytest.raises(RuleBroken, match="title_required"):
        a_draft(at=NOON, title=" ")


def test_a_discarded_draft_is_kept_and_does_nothing_more():
    draft = discard_draft(a_draft(at=NOON), reason="Nobody wants it.", by=claim.an_administrator(), at=NOON)
    assert make.fresh(draft).state == "discarded"
    with pytest.raises(TransitionNotAllowed):
        propose_draft(draft, effective_on=NINTH, reason="After all", by=claim.an_administrator(), at=NOON)
    with pytest.raises(RuleBroken, match="not_a_draft"):
        change_draft(draft, {"response_hours": 24}, by=claim.an_administrator(), at=NOON)
    with pytest.raises(RuleBroken, match="not_proposed"):
        published(draft)


def test_two_administrators_publish_an_edition_that_begins_with_its_date():
    first, second = claim.an_administrator(), claim.an_administrator()
    draft = published(a_proposal(NINTH, at=NOON, by=first, response_hours=24), by=second)
    edition = RuleEdition.objects.get(number=2)
    assert (draft.state, draft.edition) == ("published", edition)
    assert (edition.published_at, edition.effective_at, edition.law.response_hours) == (NOON, BEGIN, 24)
    assert (edition_in_force(BEGIN), edition_in_force(BEGIN - MICROSECOND).number) == (edition, 1)
    decision = Decision.objects.get()
    assert (decision.kind, decision.state, decision.clause) == ("edition", "approved", "5.2")
    assert (decision.proposer, decision.approver) == (first.user, second.user)
    kinds = Event.objects.filter(subject=draft.subject).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["edition.drafted", "edition.proposed", "edition.published"]


def test_it_binds_orders_placed_from_its_first_instant_on():
    published(a_proposal(NINTH, at=NOON, response_hours=24, solution_hours=72))
    before = make.a_cover(placed_at=BEGIN - MICROSECOND, paid_at=BEGIN)
    after = make.a_cover(placed_at=BEGIN, paid_at=BEGIN)
    assert [each.edition.number for each in Cover.objects.order_by("id")] == [1, 2]
    at = BEGIN + timedelta(days=1)
    for cover, solution in ((before, 48), (after, 72)):
        make.requested(cover, at=at)
        assert Deadline.objects.get(appointment__case__cover=cover, clock="response").amount == 24, "better: for both"
        make.requested(cover, at=at, method="remote")
        assert Deadline.objects.get(appointment__case__cover=cover, clock="solution").amount == solution, "worse"


def test_one_administrator_alone_publishes_nothing():
    one = claim.an_administrator()
    draft = a_proposal(NINTH, at=NOON, by=one)
    for approved in (True, False):
        with pytest.raises(PermissionDenied, match="another person"):
            decide_draft(draft, approved=approved, reason="Mine", by=one, at=NOON)
    assert (make.fresh(draft).state, RuleEdition.objects.count()) == ("proposed", 1)


def test_a_proposal_cannot_be_changed_but_declined_it_can():
    draft = a_proposal(NINTH, at=NOON)
    with pytest.raises(RuleBroken, match="not_a_draft"):
        change_draft(draft, {"response_hours": 12}, by=claim.an_administrator(), at=NOON)
    with pytest.raises(TransitionNotAllowed):
        discard_draft(draft, reason="No", by=claim.an_administrator(), at=NOON)
    second = claim.an_administrator()
    with pytest.raises(RuleBroken) as refused:
        decide_draft(draft, approved=False, reason=" ", by=second, at=NOON)
    assert (refused.value.clause, refused.value.code) == ("5.2", "reason_required")
    back = decide_draft(draft, approved=False, reason="12 would do.", by=second, at=NOON)
    assert (back.state, back.effective_at) == ("drafted", None)
    changed = change_draft(back, {"response_hours": 12}, by=second, at=NOON)
    again = propose_draft(changed, effective_on=NINTH, reason="As you said", by=second, at=NOON)
    published(again)
    assert Decision.objects.filter(subject=draft.subject).count() == 2
    assert RuleEdition.objects.get(number=2).law.response_hours == 12


def test_the_lead_counts_from_the_publication_not_from_the_proposal():
    with pytest.raises(RuleBroken, match="edition_invalid"):
        a_proposal(NINTH - timedelta(days=1), at=NOON)
    draft = a_proposal(NINTH, at=NOON)
    last = instant("2026-03-02T16:00:00Z") - MICROSECOND  # the last instant of 2 March in Shanghai
    with pytest.raises(RuleBroken, match="7 dates"):
        published(draft, at=last + MICROSECOND)
    assert (make.fresh(draft).state, Decision.objects.get().state) == ("proposed", "proposed"), "nothing happened"
    assert published(draft, at=last).state == "published"


def test_an_edition_follows_the_newest_one():
    published(a_proposal(NINTH, at=NOON))
    with pytest.raises(RuleBroken, match="after the one before"):
        a_proposal(NINTH, at=NOON)


@pytest.mark.parametrize(
    ("effective_on", "code"),
    [(date.min, "period_invalid"), (date.max, "period_invalid"), (date(2926, 3, 9), "edition_invalid")],
)
def test_a_date_that_somebody_mistyped_is_no_begin(effective_on, code):
    """Nothing takes effect before the edition before it: one that begins in 900 years would be the last one."""
    with pytest.raises(RuleBroken) as refused:
        a_proposal(effective_on, at=NOON)
    assert (refused.value.code, refused.value.status) == (code, 422)
    assert EditionDraft.objects.get().state == "drafted"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_does():
    draft = a_proposal(NINTH, at=NOON)
    people = [claim.an_administrator(), claim.an_administrator()]
    outcomes = side_by_side(*[partial(published, draft, by=person) for person in people])
    assert sorted(type(each).__name__ for each in outcomes) == ["EditionDraft", "TransitionNotAllowed"]
    assert RuleEdition.objects.count() == 2
    assert Event.objects.filter(kind="edition.published").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_drafts_published_at_once_one_is_the_next_edition():
    drafts = [a_proposal(NINTH, at=NOON, response_hours=hours) for hours in (24, 36)]
    outcomes = side_by_side(*[partial(published, draft) for draft in drafts])
    [refused] = [each for each in outcomes if isinstance(each, RuleBroken)]
    assert refused.code in {"edition_taken", "edition_invalid"}
    assert RuleEdition.objects.count() == 2
    assert EditionDraft.objects.filter(state="published").count() == 1
    assert Decision.objects.filter(state="approved").count() == 1


# --- The staff desk --------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client, frozen):
    """Log somebody in at the staff desk, at noon of 2 March."""
    frozen.move_to(NOON)

    def log_in(person):
        client.force_login(person.user)
        return client

    return log_in


def test_an_administrator_writes_a_draft_and_sees_what_has_changed(desk):
    client = desk(claim.an_administrator())
    form = client.get(f"{PAGE}add/").content.decode()
    assert "in force: 48 hours" in form
    answers = {**NUMBERS, "title": "A day", "response_hours": "24", "solution_hours": "72", "holiday_roll": ""}
    client.post(f"{PAGE}add/", answers)
    draft = EditionDraft.objects.get()
    assert (draft.law.response_hours, draft.law.solution_hours) == (24, 72)
    page = client.get(f"{PAGE}{draft.pk}/change/").content.decode()
    assert 'class="changed changed-better ' in page
    assert 'class="changed changed-worse ' in page
    client.post(f"{PAGE}{draft.pk}/change/", {**answers, "solution_hours": "36"})
    assert make.fresh(draft).law.solution_hours == 36


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_kept(desk):
    client = desk(claim.an_administrator())
    answers = {**NUMBERS, "title": "Wrong", "auto_escalation_days": "2", "holiday_roll": ""}
    page = client.post(f"{PAGE}add/", answers)
    assert "auto_escalation_days" in page.context["adminform"].form.errors
    assert not EditionDraft.objects.exists()


def test_two_administrators_publish_at_the_desk(desk):
    first, second = claim.an_administrator(), claim.an_administrator()
    draft = a_draft(at=NOON, by=first, response_hours=24)
    steps = f"{PAGE}steps/"
    client = desk(first)
    client.post(f"{steps}propose/?thing={draft.pk}", {"effective_on": "2026-03-09", "reason": "Most answer in a day."})
    told = filled(client, f"{steps}publish/?thing={draft.pk}", {"reason": "Me again"}, follow=True).content.decode()
    assert "another person has to decide" in told
    assert RuleEdition.objects.count() == 1
    client = desk(second)
    assert "24 hours" in client.get(f"{PAGE}{draft.pk}/change/").content.decode()
    filled(client, f"{steps}publish/?thing={draft.pk}", {"reason": "Agreed."})
    assert RuleEdition.objects.get(number=2).effective_at == BEGIN
    shown = client.get(f"{PAGE}{draft.pk}/change/").content.decode()
    assert "better for the buyer" in shown
    assert 'name="_save"' not in shown


def proposed_anew(draft, first, **changes):
    """The proposal declined by somebody, the draft changed, and proposed once more."""
    decide_draft(draft, approved=False, reason="Not yet.", by=claim.an_administrator(), at=NOON)
    change_draft(make.fresh(draft), changes, by=first, at=NOON)
    propose_draft(make.fresh(draft), effective_on=NINTH, reason="Less, then.", by=first, at=NOON)


def test_what_was_proposed_anew_is_not_published_by_an_old_page(desk):
    first, second = claim.an_administrator(), claim.an_administrator()
    draft = a_proposal(NINTH, at=NOON, by=first, response_hours=24)
    client, step = desk(second), f"{PAGE}steps/publish/?thing={draft.pk}"
    page = client.get(step)
    assert "Most answer in a day." in page.content.decode(), "what is decided is read beside the button"
    form = hidden(page) | {"reason": "I have read it."}
    proposed_anew(draft, first, response_hours=12)
    for sent in (form, {"reason": "I have read it."}):
        answer = client.post(step, sent)
        assert answer.status_code == 409
        told = answer.content.decode()
        assert "is not what is proposed now" in told
        assert "Less, then." in told
        assert "I have read it." in told
    assert RuleEdition.objects.count() == 1
    assert Decision.objects.filter(state="proposed").count() == 1
    # The page that came back shows what is proposed now.
    assert client.post(step, hidden(answer) | {"reason": "I have read that."}).status_code == 302
    assert RuleEdition.objects.get(number=2).law.response_hours == 12


def test_the_step_says_what_has_changed_since_the_page_of_the_draft(desk):
    first = claim.an_administrator()
    draft = a_proposal(NINTH, at=NOON, by=first, response_hours=24)
    client = desk(claim.an_administrator())
    links = re.findall(r'href="([^"]*steps/publish/[^"]*)"', client.get(f"{PAGE}{draft.pk}/change/").content.decode())
    [step] = [html.unescape(link) for link in links]
    assert "has changed since" not in client.get(step).content.decode()
    proposed_anew(draft, first, response_hours=12)
    assert "has changed since" in client.get(step).content.decode()


def test_an_auditor_reads_drafts_and_changes_none(desk):
    draft = a_draft(at=NOON, response_hours=24)
    client = desk(claim.an_auditor())
    assert "24 hours" in client.get(f"{PAGE}{draft.pk}/change/").content.decode()
    assert client.get(f"{PAGE}add/").status_code == 403
    assert client.post(f"{PAGE}{draft.pk}/change/", {"title": "Mine"}).status_code == 403
    assert client.post(f"{PAGE}steps/discard/?thing={draft.pk}", {"reason": "x"}).status_code == 403


def test_the_rules_page_tells_of_coming_and_past_editions(client, frozen):
    frozen.move_to(NOON)
    published(a_proposal(NINTH, at=NOON, response_hours=24, solution_hours=72))
    page = client.get("/rules/").content.decode()
    assert "Coming:" in page
    assert "2026-03-08T16:00:00" in page
    assert "better for the buyer" in page
    assert "worse for the buyer" in page
    frozen.move_to(BEGIN)
    page = client.get("/rules/").content.decode()
    assert "Coming" not in page
    assert "Past" in page


def test_a_form_without_its_reason_does_not_swap_the_proposal_in_silence(desk):
    first = claim.an_administrator()
    draft = a_proposal(NINTH, at=NOON, by=first, response_hours=24)
    client, step = desk(claim.an_administrator()), f"{PAGE}steps/publish/?thing={draft.pk}"
    shown = hidden(client.get(step))
    assert "has changed since" not in client.post(step, shown | {"reason": ""}).content.decode()
    proposed_anew(draft, first, response_hours=12)
    answer = client.post(step, shown | {"reason": ""})
    assert "has changed since" in answer.content.decode()
    assert hidden(answer)["seen"] != shown["seen"]
    # A page that showed no proposal at all is told of one too.
    assert "has changed since" in client.post(step, {"reason": ""}).content.decode()
    assert RuleEdition.objects.count() == 1
    assert make.fresh(draft).state == "proposed"
