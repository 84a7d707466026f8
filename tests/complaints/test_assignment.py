"""Who looks after what: assigned with a reason, handed over as a whole, and no right to judge by it."""

import pytest
from django.core.exceptions import PermissionDenied

from complaints.actions.assignment import assign
from complaints.models import Audit, Complaint, Violation
from complaints.queries import assignments
from tests.factories import cases as make
from tests.factories.accounts import AdministratorFactory, AuditorFactory, SupportFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
PAGE = "/admin/desk/hand-over/"


def a_violation(n=0, officer=None):
    return Violation.objects.create(
        seller=make.a_seller(), kind="audit", clause="2.3.1", breach=f"audit-item/{n}", occurred_at=R0, opened_at=R0,
        officer=officer,
    )  # fmt: skip


def an_audit(officer=None):
    return Audit.objects.create(seller=make.a_seller(), part="cause", cause="Letters.", opened_at=R0, officer=officer)


def desk(person):
    return Actor(channel=Channel.ADMIN, user=person)


@pytest.mark.parametrize("made", [a_violation, an_audit])
def test_an_auditor_gives_a_thing_to_another_one_who_is_told(frozen, made):
    me, other = AuditorFactory(), AuditorFactory()
    thing = assign(made(), other, reason="Speaks Arabic.", by=desk(me), at=R0)
    assert make.fresh(thing).officer == other
    event = Event.objects.get(kind="assignment.changed")
    assert (event.stream, event.subject) == (f"assignment/{thing.subject}", thing.subject)
    assert event.detail == {"reason": "Speaks Arabic."}
    announcer = announcer_of(event.stream)
    assert [each.user for each in announcer.audience(event)] == [other]
    assert "assigned to you" in announcer.notice(event, other).subject


def test_the_same_again_changes_nothing(frozen):
    me, violation = AuditorFactory(), a_violation()
    for _n in range(2):
        assign(violation, me, reason="Mine.", by=desk(me), at=R0)
    assert Event.objects.filter(kind="assignment.changed").count() == 1


@pytest.mark.parametrize("person", [SupportFactory, AdministratorFactory])
def test_others_of_the_staff_neither_give_nor_get_a_violation(person):
    violation = a_violation()
    with pytest.raises(PermissionDenied):
        assign(violation, AuditorFactory(), reason="Please.", by=desk(person()), at=R0)
    with pytest.raises(RuleBroken) as refused:
        assign(violation, person(), reason="Please.", by=desk(AuditorFactory()), at=R0)
    assert refused.value.code == "officer_unknown"
    with pytest.raises(RuleBroken):
        assign(violation, AuditorFactory(), reason=" ", by=desk(AuditorFactory()), at=R0)
    assert make.fresh(violation).officer is None


def test_all_of_a_persons_things_are_shown_and_then_handed_over(client, frozen):
    me, leaving, heir = AuditorFactory(), AuditorFactory(), AuditorFactory()
    things = [a_violation(1, leaving), a_violation(2, leaving), an_audit(leaving)]
    kept = a_violation(3, me)
    client.force_login(me)
    given = {"person": leaving.pk, "officer": heir.pk, "reason": "She leaves us."}
    shown = client.post(PAGE, given)
    assert [str(each) for each in shown.context["things"]] == [str(each) for each in things]
    assert make.fresh(things[0]).officer == leaving
    done = client.post(PAGE, given | {"confirmed": "yes"})
    assert [each.trouble for each in done.context["handed"]] == ["", "", ""]
    assert {make.fresh(each).officer for each in things} == {heir}
    assert make.fresh(kept).officer == me
    assert Event.objects.filter(kind="assignment.changed").count() == 3


def test_what_does_not_go_over_at_once_is_said(client, frozen, monkeypatch):
    me, leaving = AuditorFactory(), AuditorFactory()
    for n in range(2):
        a_violation(n, leaving)
    monkeypatch.setattr(assignments, "AT_ONCE", 1)
    client.force_login(me)
    given = {"person": leaving.pk, "officer": me.pk, "reason": "She leaves us.", "confirmed": "yes"}
    first = client.post(PAGE, given)
    assert (len(first.context["handed"]), "still assigned" in first.content.decode()) == (1, True)
    second = client.post(PAGE, given)
    assert (len(second.context["handed"]), "still assigned" in second.content.decode()) == (1, False)
    assert Violation.objects.filter(officer=leaving).count() == 0


def test_support_hands_over_complaints_and_nothing_else(client, frozen):
    me, leaving = SupportFactory(), SupportFactory()
    case = make.requested(at=R0).case
    complaint = Complaint.objects.create(
        case=case, seller=case.seller, buyer=case.buyer, clause="2.3.1", breach_at=R0, statement="Nobody came.",
        filed_at=R0, filed_by=case.buyer, officer=leaving, state="escalated",
    )  # fmt: skip
    client.force_login(me)
    given = {"person": leaving.pk, "officer": me.pk, "reason": "He is ill.", "confirmed": "yes"}
    assert [each.trouble for each in client.post(PAGE, given).context["handed"]] == [""]
    assert make.fresh(complaint).officer == me
    stranger = client.post(PAGE, given | {"person": AuditorFactory().pk})
    assert stranger.context["form"].errors


def test_to_oneself_is_no_hand_over_and_administrators_have_none(client, frozen):
    me = AuditorFactory()
    client.force_login(me)
    assert client.post(PAGE, {"person": me.pk, "officer": me.pk, "reason": "So."}).context["form"].errors
    client.force_login(AdministratorFactory())
    assert client.get(PAGE).status_code == 403
