"""A clearance takes two auditors; it ends enrolment and marks at once, and touches no order (3.2, 4.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from cases.models import Cover, Deadline, ServiceAppointment
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from complaints.actions.clearances import approve_clearance, decline_clearance, propose_clearance
from complaints.models import Audit, Clearance, ClearanceState
from complaints.queries.clearances import clearances_for, foreseen, who_may_sign
from sellers.actions import enrolments, products
from sellers.bars import bar_until
from sellers.models import Enrolment
from tests.factories import cases as make
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.claims import an_auditor
from tests.factories.clearances import a_proposal, a_violation, in_force
from tests.factories.sellers import AffiliationFactory, EnrolmentFactory, ProductFactory, SellerFactory, member_of
from tests.instants import instant
from tests.pages import filled
from zestech_aftersales.accounts.actors import Actor, Channel, Seat, system
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)
# The relay has not run: no event is late for its seal yet.
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
# 2 March 2026 in Shanghai: the bar ends at 24:00 of 2 March 2027.
BAR_END = instant("2027-03-02T16:00:00Z")


@pytest.fixture
def seller():
    return SellerFactory()


def told_on(page, field):
    """What a page of the desk tells in one of its fields."""
    return page.partition(f"field-{field}")[2].partition("form-row")[0]


def state_of(seller):
    return Enrolment.objects.filter(seller=seller).latest("pk").state


def test_two_auditors_clear_a_seller_at_once(seller):
    product = ProductFactory(seller=seller)
    clearance = in_force(seller, at=AT)
    assert clearance.state == ClearanceState.IN_FORCE
    assert clearance.decision.proposer_id != Clearance.objects.get().decision.approver_id
    enrolment = Enrolment.objects.get(seller=seller)
    assert (enrolment.state, enrolment.cleared_at, enrolment.bar_ends_at) == ("cleared", AT, BAR_END)
    assert (enrolment.cleared_entity, enrolment.reason) == (seller.legal_name, "Late again.")
    assert product.is_marked_at(AT)
    assert not product.is_marked_at(AT + TICK)
    assert bar_until(seller, BAR_END) == BAR_END
    assert bar_until(seller, BAR_END + TICK) is None
    kinds = Event.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [
        "decision.proposed", "clearance.proposed", "decision.approved", "enrolment.cleared", "product.unmarked",
        "clearance.in_force",
    ]  # fmt: skip


@pytest.mark.scenario("S72")
def test_s72_one_auditor_alone_is_refused(seller):
    alone = an_auditor()
    clearance = a_proposal(seller, at=AT, by=alone)
    for step in (approve_clearance, decline_clearance):
        with pytest.raises(PermissionDenied):
            step(clearance, reason="I agree with myself.", by=alone, at=AT + DAY)
    assert state_of(seller) == "active"
    assert make.fresh(clearance).state == ClearanceState.PROPOSED


@pytest.mark.scenario("S72")
@pytest.mark.usefixtures("frozen")
def test_s72_at_the_desk_a_second_person_is_required(client, seller):
    alone, second = AuditorFactory(name="Ada First"), AuditorFactory(name="Bo Second")
    clearance = a_proposal(seller, at=AT, by=Actor(Channel.ADMIN, alone))
    client.force_login(alone)
    page = client.get(f"/admin/complaints/clearance/{clearance.pk}/change/").content.decode()
    assert "steps/approve/" not in page
    assert str(second) in told_on(page, "waits_for"), "who may still sign"
    assert str(alone) not in told_on(page, "waits_for")
    assert str(alone) in told_on(page, "proposed_by")
    step = f"/admin/complaints/clearance/steps/approve/?thing={clearance.pk}"
    assert filled(client, step, {"reason": "Me again."}).status_code == 403
    assert state_of(seller) == "active"


@pytest.mark.usefixtures("frozen")
def test_at_the_desk_a_proposal_sent_twice_is_one_and_leads_to_it(client, seller):
    violation, enrolment = a_violation(seller, at=AT), Enrolment.objects.get(seller=seller)
    client.force_login(AuditorFactory())
    page = f"/admin/complaints/clearance/propose/{enrolment.pk}/"
    sent = {"key": client.get(page).context["key"], "violations": violation.pk, "reason": "Late again."}
    answers = [client.post(page, sent) for _click in range(2)]
    made = Clearance.objects.get()
    assert {answer.headers["Location"] for answer in answers} == {f"/admin/complaints/clearance/{made.pk}/change/"}


def test_nobody_else_proposes_or_decides(seller):
    clearance = a_proposal(seller, at=AT)
    violation, enrolment = a_violation(seller, at=AT), Enrolment.objects.get(seller=seller)
    others = [
        Actor(Channel.ADMIN, SupportFactory()),
        Actor(Channel.ADMIN, FinanceFactory()),
        Actor(Channel.ADMIN, AdministratorFactory()),
        Actor(Channel.ADMIN, AuditorFactory(), acting_for=UserFactory()),
        Actor(Channel.API, AuditorFactory(), client_id="client"),
        member_of(seller),
        member_of(seller, Seat.STAFF),
        Actor(Channel.PORTAL, UserFactory()),
        system(),
    ]
    for other in others:
        with pytest.raises(PermissionDenied):
            propose_clearance(enrolment, violations=[violation], reason="So.", by=other, at=AT)
        for step in (approve_clearance, decline_clearance):
            with pytest.raises(PermissionDenied):
                step(clearance, reason="So.", by=other, at=AT)
    assert state_of(seller) == "active"
    assert Clearance.objects.count() == 1


def test_declined_it_changes_nothing_and_may_be_proposed_again(seller):
    clearance = a_proposal(seller, at=AT)
    declined = decline_clearance(clearance, reason="Too little.", by=an_auditor(), at=AT + DAY)
    assert declined.state == ClearanceState.DECLINED
    assert state_of(seller) == "active"
    with pytest.raises(TransitionNotAllowed):
        approve_clearance(clearance, reason="After all.", by=an_auditor(), at=AT + DAY)
    assert a_proposal(seller, at=AT + DAY).pk != clearance.pk


def refusal(call):
    with pytest.raises(RuleBroken) as refused:
        call()
    return refused.value.code


def test_what_a_proposal_needs(seller):
    enrolment = Enrolment.objects.get(seller=seller)
    standing, by = a_violation(seller, at=AT), an_auditor()

    def propose(*violations, reason="So."):
        return lambda: propose_clearance(enrolment, violations=violations, reason=reason, by=by, at=AT)

    assert refusal(propose(standing, reason=" ")) == "reason_required"
    assert refusal(propose()) == "violations_missing"
    assert refusal(propose(standing, a_violation(SellerFactory(), at=AT))) == "violation_of_another"
    for state in ("candidate", "notified", "dismissed", "overturned"):
        assert refusal(propose(standing, a_violation(seller, at=AT, state=state))) == "violation_not_standing"
    groundless = a_violation(seller, at=AT)
    groundless.groundless_since = AT
    groundless.save()
    assert refusal(propose(groundless)) == "violation_not_standing"
    propose(standing, a_violation(seller, at=AT, state="appealed"), a_violation(seller, at=AT, state="upheld"))()
    assert refusal(propose(standing)) == "already_proposed"


@pytest.mark.parametrize("state", ["applied", "rejected", "cleared"])
def test_only_who_takes_part_is_cleared(state):
    seller = SellerFactory(enrolled=False)
    EnrolmentFactory(seller=seller, state=state)
    assert refusal(lambda: a_proposal(seller, at=AT)) == "not_clearable"


@pytest.mark.parametrize(
    ("opened", "closed", "state", "cleared"),
    [
        (-DAY, None, "open", True),
        (-DAY, DAY, "findings", True),
        (-DAY, DAY, "no_finding", False),
        (-DAY, -TICK, "findings", False),
        (TICK, None, "open", False),
    ],
)
def test_a_withdrawn_seller_only_for_an_audit_that_was_running(seller, opened, closed, state, cleared):
    enrolments.withdraw(Enrolment.objects.get(seller=seller), reason="We close.", by=member_of(seller), at=AT)
    Audit.objects.create(
        seller=seller, part="cause", state=state, opened_at=AT + opened, closed_at=closed and AT + closed
    )
    later = AT + timedelta(days=3)
    if cleared:
        in_force(seller, at=later)
        assert state_of(seller) == "cleared"
        assert bar_until(seller, later) is not None
    else:
        assert refusal(lambda: a_proposal(seller, at=later)) == "not_clearable"


def test_leaving_after_the_proposal_does_not_escape_it(seller):
    clearance = a_proposal(seller, at=AT)
    enrolments.withdraw(Enrolment.objects.get(seller=seller), reason="We close.", by=member_of(seller), at=AT + TICK)
    approve_clearance(clearance, reason="So.", by=an_auditor(), at=AT + DAY)
    assert state_of(seller) == "cleared"


def test_what_was_cited_must_still_stand_at_the_second_signature(seller):
    cited = [a_violation(seller, at=AT), a_violation(seller, at=AT)]
    clearance = a_proposal(seller, at=AT, cited=cited)
    cited[0].fall("rescinded", AT)
    cited[0].save()
    assert refusal(lambda: approve_clearance(clearance, reason="So.", by=an_auditor(), at=AT + DAY)) == "ground_changed"
    assert state_of(seller) == "active"
    assert decline_clearance(clearance, reason="It fell.", by=an_auditor(), at=AT + DAY).state == "declined"


def test_it_takes_the_whole_entity_and_of_affiliates_only_what_is_pending(seller):
    twin, affiliate, applicant = (
        SellerFactory(legal_name=seller.legal_name),
        SellerFactory(),
        SellerFactory(enrolled=False),
    )
    pending = EnrolmentFactory(seller=applicant, state="applied")
    AffiliationFactory(seller=seller, affiliate=affiliate)
    AffiliationFactory(seller=affiliate, affiliate=applicant)
    stranger = EnrolmentFactory(seller=SellerFactory(enrolled=False), state="applied")
    proposed = a_proposal(seller, at=AT)
    expected = foreseen(proposed, AT)
    assert {each.seller for each in expected.enrolments} == {seller, twin}
    assert expected.applications == [pending]
    assert expected.bar_ends_at == BAR_END
    approve_clearance(proposed, reason="So.", by=an_auditor(), at=AT)
    assert [state_of(each) for each in (seller, twin, affiliate, applicant)] == [
        "cleared",
        "cleared",
        "active",
        "rejected",
    ]
    assert make.fresh(stranger).state == "applied"
    for barred in (twin, applicant):
        assert refusal(lambda barred=barred: enrolments.apply(barred, by=member_of(barred), at=AT + DAY)) == "barred"
    marked = products.mark(ProductFactory(seller=affiliate, marked=False), by=member_of(affiliate), at=AT + DAY)
    assert marked.ends_at is None


def test_the_marks_of_a_cleared_seller_are_not_set_again(seller):
    product = ProductFactory(seller=seller, marked=False)
    in_force(seller, at=AT)
    for person in (member_of(seller), an_auditor()):
        assert refusal(lambda person=person: products.mark(product, by=person, at=AT + DAY)) == "not_enrolled"


@pytest.mark.scenario("S69")
@pytest.mark.clause("4.3")
def test_s69_leaving_by_clearance_changes_no_clock_cover_or_appointment():
    appointment = make.requested(at=AT)
    enrolment = EnrolmentFactory(seller=appointment.seller)
    rows = lambda: [list(model.objects.order_by("pk").values()) for model in (Cover, Deadline, ServiceAppointment)]  # noqa: E731
    before = rows()
    clearance = in_force(appointment.seller, at=instant("2026-03-03T00:00:00Z"))
    assert make.fresh(enrolment).state == "cleared"
    assert rows() == before
    due = instant("2026-03-04T01:15:30Z")
    sweep_batch(at=due + timedelta(minutes=1))
    refused = make.fresh(appointment)
    assert (refused.state, refused.ended_at) == ("deemed_refused", due)
    # Violation and enrolment were written straight to the tables, without their events.
    found = {each.place for each in verify(Tally(), at=BEFORE_SEALS)}
    assert found == {str(clearance.violations.get()), str(appointment.seller)}


def test_the_same_approval_twice_is_one(seller):
    clearance, by = a_proposal(seller, at=AT), an_auditor().with_key("once")
    approve_clearance(clearance, reason="So.", by=by, at=AT)
    events = Event.objects.count()
    assert approve_clearance(clearance, reason="So.", by=by, at=AT).state == ClearanceState.IN_FORCE
    assert Event.objects.count() == events


def test_who_may_sign_and_who_sees_it(seller):
    proposer, second = an_auditor(), an_auditor()
    AuditorFactory(is_active=False)
    clearance = a_proposal(seller, at=AT, by=proposer)
    judged_by = clearance.violations.get().judged_by
    assert set(who_may_sign(clearance)) == {second.user, judged_by}
    owner, stranger = member_of(seller), member_of(SellerFactory())
    assert not clearances_for(owner)
    approve_clearance(clearance, reason="So.", by=second, at=AT)
    assert list(clearances_for(owner)) == [clearance]
    assert not clearances_for(stranger)
    assert not clearances_for(Actor(Channel.PORTAL, UserFactory()))
    assert who_may_sign(make.fresh(clearance)) == []


def test_who_is_told(seller):
    owner, proposer, second = member_of(seller), an_auditor(), an_auditor()
    affiliate = SellerFactory(enrolled=False)
    EnrolmentFactory(seller=affiliate, state="applied")
    AffiliationFactory(seller=seller, affiliate=affiliate)
    applicant = member_of(affiliate)
    clearance = a_proposal(seller, at=AT, by=proposer)
    relay_batch(at=AT)
    assert not Delivery.objects.filter(recipient__in=[owner.user, applicant.user, proposer.user]).exists()
    assert Delivery.objects.filter(recipient=second.user, event__kind="clearance.proposed").count() == 2
    approve_clearance(clearance, reason="So.", by=second, at=AT)
    relay_batch(at=AT)
    told = Delivery.objects.filter(recipient=owner.user, medium="mail").values_list("event__kind", flat=True)
    assert "clearance.in_force" in told
    told = Delivery.objects.filter(recipient=applicant.user, medium="mail").values_list("event__kind", flat=True)
    assert list(told) == ["enrolment.rejected"]
    event = Event.objects.get(kind="enrolment.rejected")
    assert seller.name not in str(event.detail) + str(event.after)
