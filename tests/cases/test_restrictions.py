"""Obvious abuse: counters only flag; a restriction takes a hearing, two auditors, an end, and an appeal (4.1.3)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from cases import abuse
from cases.actions.confirm import confirm
from cases.actions.no_shows import dispute_no_show, report_buyer_no_show
from cases.actions.restrictions import answer_finding, appeal, decide_appeal, decide_restriction, end_restriction
from cases.cover_ends import is_bookable
from cases.lapses import end_restrictions
from cases.models import Cover, ExclusionClaim, Restriction, Visit
from cases.models.restriction import APPEAL_UNDECIDED
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.accounts import AuditorFactory, SupportFactory, UserFactory
from tests.instants import instant
from tests.pages import filled
from zestech_aftersales.accounts.actors import Actor, Channel, system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.periods import days_limit
from zestech_aftersales.timeline.models import Decision, Delivery
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.3")]

R0 = instant("2026-03-02T01:15:30Z")
HEARD = instant("2026-03-07T16:00:00Z")
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def cover():
    return make.a_cover()


def in_force(cover, at=HEARD + HOUR, restriction=None):
    restriction = restriction or claim.a_restriction(cover, at=R0)
    return decide_restriction(restriction, approved=True, reason="So it is.", by=claim.an_auditor(), at=at)


def refusal_of(code):
    return pytest.raises(RuleBroken, match=code)


def test_the_buyer_is_heard_before_anything_is_decided(cover):
    restriction = claim.a_restriction(cover, at=R0)
    assert restriction.hearing_due_at == HEARD
    assert make.fresh(cover).state == "active"
    with refusal_of("hearing_open"):
        in_force(cover, at=HEARD, restriction=restriction)
    answered = answer_finding(restriction, "They were different faults.", by=make.buyer_of(cover), at=HEARD)
    assert answered.answered_at == HEARD
    in_force(cover, at=HEARD, restriction=restriction)
    assert make.fresh(cover).state == "restricted"


def test_the_hearing_ends_with_its_last_instant_inside(cover):
    restriction = claim.a_restriction(cover, at=R0)
    with refusal_of("hearing_over"):
        answer_finding(restriction, "Late", by=make.buyer_of(cover), at=HEARD + MICROSECOND)


def test_restricted_nothing_new_can_be_requested_and_what_is_open_goes_on(cover):
    appointment = make.requested(cover, at=R0)
    in_force(cover)
    with refusal_of("not_covered"):
        make.requested(cover, at=HEARD + 2 * HOUR)
    assert make.fresh(appointment).state in ("requested", "deemed_refused")
    assert [found for found in verify(Tally(), at=R0) if found.what != "seal"] == []


def test_it_takes_two_auditors(cover):
    one = claim.an_auditor()
    restriction = claim.a_restriction(cover, at=R0, by=one)
    for by in (one, claim.an_administrator(), make.seller_of(cover), make.buyer_of(cover)):
        with pytest.raises(PermissionDenied):
            decide_restriction(restriction, approved=True, reason="yes", by=by, at=HEARD + HOUR)
    with pytest.raises(PermissionDenied):
        claim.a_restriction(make.a_cover(), at=R0, by=claim.a_supporter())
    assert make.fresh(cover).state == "active"
    in_force(cover, restriction=restriction)
    decision = Decision.objects.get()
    assert (decision.proposer, decision.state) == (one.user, "approved")
    assert decision.approver != one.user


def test_declined_the_cover_stays(cover):
    restriction = claim.a_restriction(cover, at=R0)
    decide_restriction(restriction, approved=False, reason="No.", by=claim.an_auditor(), at=HEARD + HOUR)
    assert (make.fresh(restriction).state, make.fresh(cover).state) == ("declined", "active")
    assert claim.a_restriction(cover, at=HEARD + HOUR).state == "proposed"


def test_it_ends_by_itself_with_its_last_instant_inside(cover):
    restriction = in_force(cover)
    assert end_restrictions(at=restriction.ends_at) == 0
    end_restriction(restriction, by=system(), at=restriction.ends_at)
    assert make.fresh(cover).state == "restricted"
    assert end_restrictions(at=restriction.ends_at + MICROSECOND) == 1
    assert (make.fresh(restriction).state, make.fresh(cover).state) == ("ended", "active")
    assert end_restrictions(at=restriction.ends_at + HOUR) == 0


@pytest.mark.parametrize(("upheld", "state", "covered"), [(True, "upheld", "restricted"), (False, "lifted", "active")])
def test_a_third_auditor_decides_the_appeal(cover, upheld, state, covered):
    restriction = in_force(cover)
    due_at = restriction.appeal_due_at
    with refusal_of("appeal_over"):
        appeal(restriction, "Unfair", by=make.buyer_of(cover), at=due_at + MICROSECOND)
    appeal(restriction, "Unfair", by=make.buyer_of(cover), at=due_at)
    assert make.fresh(cover).state == "restricted"
    decision = Decision.objects.get()
    for person in (decision.proposer, decision.approver):
        with pytest.raises(PermissionDenied):
            decide_appeal(
                restriction, upheld=upheld, reason="x", by=Actor(channel=Channel.ADMIN, user=person), at=due_at + HOUR
            )
    decide_appeal(restriction, upheld=upheld, reason="Seen anew.", by=claim.an_auditor(), at=due_at + HOUR)
    assert (make.fresh(restriction).state, make.fresh(cover).state) == (state, covered)


def test_there_is_none_without_an_end_and_one_at_a_time(cover):
    with refusal_of("end_invalid"):
        claim.propose_restriction(cover, reason="x", ends_at=HEARD, by=claim.an_auditor(), at=R0)
    claim.a_restriction(cover, at=R0)
    with refusal_of("already_proposed"):
        claim.a_restriction(cover, at=R0)


def a_short_one(cover):
    """In force for two days: over long before the fifteen of an appeal are."""
    ends_at = HEARD + 48 * HOUR
    proposed = claim.propose_restriction(cover, reason="Twelve.", ends_at=ends_at, by=claim.an_auditor(), at=R0)
    return in_force(cover, restriction=proposed)


@pytest.mark.parametrize("is_swept", [False, True])
def test_its_edges_are_judged_by_instants_and_not_by_when_its_end_was_written_down(cover, is_swept):
    restriction = a_short_one(cover)
    if is_swept:
        assert end_restrictions(at=restriction.ends_at + HOUR) == 1
    assert not is_bookable(make.fresh(cover), restriction.ends_at) or is_swept
    with refusal_of("not_covered") as refused:
        make.requested(cover, at=restriction.ends_at)
    assert refused.value.context["state"] == "restricted"
    assert is_bookable(make.fresh(cover), restriction.ends_at + MICROSECOND)
    assert make.requested(cover, at=restriction.ends_at + MICROSECOND).state == "requested"


def test_a_request_that_came_before_the_decision_and_was_stored_after_it_is_owed(cover):
    restriction = in_force(cover)
    assert make.requested(cover, at=restriction.begins_at - MICROSECOND).state == "requested"
    with refusal_of("not_covered"):
        make.requested(cover, at=restriction.begins_at, title="Another fault")


@pytest.mark.parametrize("upheld", [True, False])
@pytest.mark.parametrize("appealed_first", [True, False])
def test_one_that_has_ended_can_be_appealed_against_and_its_appeal_is_decided(cover, upheld, appealed_first, client):
    restriction = a_short_one(cover)
    buyer = make.buyer_of(cover)
    if appealed_first:
        appeal(restriction, "Unfair", by=buyer, at=restriction.ends_at)
    end_restrictions(at=restriction.ends_at + HOUR)
    ended = make.fresh(restriction)
    assert (ended.state, make.fresh(cover).state) == ("ended", "active")
    if not appealed_first:
        assert ended.is_appealable_at(ended.appeal_due_at)
        with refusal_of("appeal_over"):
            appeal(restriction, "Unfair", by=buyer, at=restriction.appeal_due_at + MICROSECOND)
        appeal(restriction, "Unfair", by=buyer, at=restriction.appeal_due_at)
    with pytest.raises(TransitionNotAllowed):
        appeal(restriction, "Once more", by=buyer, at=restriction.appeal_due_at)
    # Another one in force meanwhile is not touched by what becomes of the first.
    at = restriction.appeal_due_at + HOUR
    another = claim.a_restriction(cover, at=at)
    answer_finding(another, "No.", by=buyer, at=at)
    in_force(cover, at=at + HOUR, restriction=another)
    assert Restriction.objects.filter(APPEAL_UNDECIDED).get() == restriction
    decide_appeal(restriction, upheld=upheld, reason="Seen anew.", by=claim.an_auditor(), at=at + 2 * HOUR)
    decided = make.fresh(restriction)
    assert (decided.state, decided.is_appeal_undecided) == ("ended" if upheld else "lifted", False)
    assert (make.fresh(another).state, make.fresh(cover).state) == ("in_force", "restricted")
    with pytest.raises(TransitionNotAllowed):
        decide_appeal(restriction, upheld=upheld, reason="Again.", by=claim.an_auditor(), at=at + 3 * HOUR)


def test_the_portal_takes_an_appeal_against_one_that_has_ended(client, cover, frozen):
    restriction = a_short_one(cover)
    end_restrictions(at=restriction.ends_at + HOUR)
    frozen.move_to(restriction.appeal_due_at)
    client.force_login(cover.buyer)
    url = f"/portal/restrictions/{restriction.pk}/"
    assert "You can appeal until" in client.get(url).content.decode()
    client.post(url, {"words": "Unfair.", "key": "c", "step": "appeal"})
    assert make.fresh(restriction).appeal == "Unfair."
    assert "You can appeal until" not in client.get(url).content.decode()


def test_nobody_speaks_for_the_buyer(cover):
    restriction = claim.a_restriction(cover, at=R0)
    support = Actor(channel=Channel.ADMIN, user=SupportFactory(), acting_for=cover.buyer)
    for by in (support, make.seller_of(cover), replace(make.buyer_of(make.a_cover()))):
        with pytest.raises(PermissionDenied):
            answer_finding(restriction, "Words", by=by, at=R0 + HOUR)


def test_missed_visits_are_counted_in_their_window_and_only_flag(cover):
    law = cover.edition.law
    at = R0
    for _n in range(law.abuse_no_shows):
        appointment = make.requested(cover, at=at)
        make.accepted(make.offered(appointment, at=at + HOUR), at=at + 2 * HOUR)
        confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=at + 3 * HOUR)
        visit = Visit.objects.latest("id")
        claim.granted(
            claim.claimed(
                appointment, at=visit.starts_at + 3 * HOUR, ground="buyer_reason", statement="Nobody was there."
            ),
            at=visit.starts_at + 4 * HOUR,
        )
        at = visit.starts_at + 5 * HOUR
    assert abuse.no_shows_of(cover.buyer_id, law, at=at) == law.abuse_no_shows
    # Natural days: 24:00 of the 90th day after the visit's is still in the window.
    until = days_limit(visit.starts_at, law.abuse_window_days, law.zone_info)
    assert abuse.no_shows_of(cover.buyer_id, law, at=until) == 1
    assert abuse.no_shows_of(cover.buyer_id, law, at=until + MICROSECOND) == 0
    assert abuse.flagged_covers(Cover.objects.all(), law, at=at).get() == cover
    assert not abuse.flagged_covers(Cover.objects.all(), law, at=until + MICROSECOND).exists()
    assert make.fresh(cover).state == "active"


def reported(cover, *, at, disputed):
    """A visit that the seller reports the buyer to have missed; the buyer may say that he was there."""
    appointment = make.requested(cover, at=at)
    make.accepted(make.offered(appointment, at=at + HOUR), at=at + 2 * HOUR)
    confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=at + 3 * HOUR)
    visit = appointment.visits.latest("id")
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    visit = report_buyer_no_show(visit, "Rang twice.", by=seller, at=visit.starts_at + 3 * HOUR)
    if disputed:
        dispute_no_show(visit, "I was at home.", by=buyer, at=visit.starts_at + 4 * HOUR)
    make.cancelled(appointment, at=visit.starts_at + 5 * HOUR)
    return visit


def test_a_disputed_visit_counts_only_once_an_auditor_has_granted_a_claim_for_it(cover):
    law, at, visits = cover.edition.law, R0, []
    for _n in range(law.abuse_no_shows):
        visits.append(reported(cover, at=at, disputed=_n == 0))
        at = visits[-1].starts_at + 6 * HOUR
    assert abuse.no_shows_of(cover.buyer_id, law, at=at) == law.abuse_no_shows - 1
    assert not abuse.flagged_covers(Cover.objects.all(), law, at=at).exists()
    appointment = visits[0].appointment
    granted = ExclusionClaim.objects.create(
        appointment=appointment, ground="buyer_reason", visit=visits[0], filed_at=at, state="granted"
    )
    assert granted.is_granted
    assert abuse.no_shows_of(cover.buyer_id, law, at=at) == law.abuse_no_shows
    assert abuse.flagged_covers(Cover.objects.all(), law, at=at).get() == cover


def test_the_desk_lists_covers_whose_buyer_was_not_there_too_often(client, cover, frozen):
    law, at = cover.edition.law, R0
    for _n in range(law.abuse_no_shows):
        visit = reported(cover, at=at, disputed=False)
        at = visit.starts_at + 6 * HOUR
    other = make.a_cover()
    frozen.move_to(at)
    client.force_login(AuditorFactory())
    assert "Buyers who were often not there" in client.get("/admin/").content.decode()
    page = client.get("/admin/cases/cover/?waiting=often-absent").content.decode()
    assert f"/admin/cases/cover/{cover.pk}/change/" in page
    assert f"/admin/cases/cover/{other.pk}/change/" not in page


def test_the_buyer_is_told_and_answers_and_appeals_in_the_portal(client, cover, frozen):
    restriction = claim.a_restriction(cover, at=R0)
    while relay_batch(at=R0):
        pass
    told = Delivery.objects.filter(event__kind="restriction.proposed")
    assert {row.recipient for row in told} == {cover.buyer}
    url = f"/portal/restrictions/{restriction.pk}/"
    for stranger in (UserFactory(), make.seller_of(cover).user):
        client.force_login(stranger)
        assert client.get(url).status_code == 404
    client.force_login(cover.buyer)
    assert "Answer the finding" in client.get(url).content.decode()
    assert client.post(url, {"words": "", "key": "a"}).status_code == 422
    client.post(url, {"words": "Different faults.", "key": "b", "step": "answer"})
    assert make.fresh(restriction).answer == "Different faults."
    in_force(cover, at=R0 + HOUR, restriction=restriction)
    frozen.move_to(R0 + 2 * HOUR)
    assert "Appeal" in client.get(url).content.decode()
    client.post(url, {"words": "Unfair.", "key": "c", "step": "appeal"})
    assert make.fresh(restriction).state == "appealed"


def test_at_the_staff_desk(client, cover, frozen):
    desk = "/admin/cases/{}/steps/{}/?thing={}"
    client.force_login(AuditorFactory())
    page = client.get(f"/admin/cases/cover/{cover.pk}/change/").content.decode()
    assert "0 in 90 days" in page
    client.post(
        desk.format("cover", "restrict", cover.pk), {"reason": "Twelve requests.", "ends_at": "2026-09-01T00:00"}
    )
    restriction = Restriction.objects.get()
    frozen.move_to(HEARD + HOUR)
    approve = desk.format("restriction", "approve", restriction.pk)
    filled(client, approve, {"reason": "I said so."})
    assert make.fresh(restriction).state == "proposed"
    client.force_login(AuditorFactory())
    filled(client, approve, {"reason": "So it is."})
    assert Cover.objects.get(pk=cover.pk).state == "restricted"
    appeal(restriction, "Unfair", by=make.buyer_of(cover), at=HEARD + 2 * HOUR)
    client.force_login(AuditorFactory())
    client.post(desk.format("restriction", "lift", restriction.pk), {"reason": "Seen anew."})
    assert Cover.objects.get(pk=cover.pk).state == "active"
