"""Proposals side by side, one text hash for both, escalation by the buyer and by time, withdrawal (3.4)."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from complaints.actions.negotiation import text_hash, withdraw
from complaints.models import Complaint, JudgementDeadline, Proposal
from complaints.sweep import sweep
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.accounts import AuditorFactory, SupportFactory
from tests.factories.claims import a_supporter
from tests.factories.complaints import ESCALATED, FILED, HOUR, MICROSECOND, NEGOTIATED
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.4")]

OFFER = "A visit on Monday, free of charge."


@pytest.fixture
def complaint():
    return file.filed()


def now(complaint):
    return Complaint.objects.get(pk=complaint.pk)


def kinds(complaint):
    return list(Event.objects.filter(stream=complaint.subject).order_by("id").values_list("kind", flat=True))


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value


def outsiders(complaint):
    support = SupportFactory()
    return [
        make.buyer_of(make.a_cover()),
        make.seller_of(make.a_cover()),
        make.seller_of(complaint, "engineer"),
        Actor(channel=Channel.API, client_id="shop", seller_id=make.a_cover().seller_id, seat="client"),
        Actor(channel=Channel.ADMIN, user=AuditorFactory()),
        Actor(channel=Channel.ADMIN, user=support, acting_for=complaint.buyer),
    ]


def test_each_side_puts_its_proposal_and_replaces_its_own_only(complaint):
    for by in (make.buyer_of(complaint), make.seller_of(complaint), make.seller_of(complaint, "staff"), a_supporter()):
        file.proposed(complaint, f"{by.kind} {by.seat}.", by=by)
    standing = {each.side: each.text for each in Proposal.objects.filter(replaced_at=None)}
    assert standing == {
        "buyer": "buyer .", "seller": "seller staff.", "platform": "staff .",
    }  # fmt: skip
    assert Proposal.objects.count() == 4
    of_platform = Proposal.objects.get(side="platform")
    assert of_platform.buyer_accepted_at is of_platform.seller_accepted_at is None
    assert refused(file.proposed, complaint, "  ", by=make.buyer_of(complaint)).code == "proposal_required"


def test_accepting_the_other_sides_text_settles(complaint):
    file.proposed(complaint, OFFER, by=make.seller_of(complaint))
    file.accepted(complaint, "seller", text_hash(OFFER), by=make.buyer_of(complaint))
    settled = now(complaint)
    assert (settled.state, settled.ended_at) == ("settled", FILED + HOUR)
    assert Proposal.objects.get().is_settled
    assert JudgementDeadline.objects.get().state == "voided"
    assert kinds(complaint) == ["complaint.accepted", "complaint.proposed", "complaint.settled"]
    assert sweep(at=ESCALATED + HOUR) == 0


def test_the_platforms_proposal_needs_both(complaint):
    file.proposed(complaint, OFFER, by=a_supporter())
    file.accepted(complaint, "platform", text_hash(OFFER), by=make.buyer_of(complaint))
    assert now(complaint).state == "negotiating"
    file.accepted(complaint, "platform", text_hash(OFFER), by=make.seller_of(complaint))
    assert now(complaint).state == "settled"


def test_the_same_text_from_both_sides_settles(complaint):
    file.proposed(complaint, "One line\r\nand another", by=make.buyer_of(complaint))
    file.proposed(complaint, " One line\nand another ", by=make.seller_of(complaint))
    assert now(complaint).state == "settled"


def test_a_text_that_was_changed_meanwhile_is_not_accepted_and_the_new_one_is_shown(complaint):
    seller, buyer = make.seller_of(complaint), make.buyer_of(complaint)
    file.proposed(complaint, OFFER, by=seller)
    file.proposed(complaint, "A visit on Tuesday, 50 euros.", by=seller)
    told = refused(file.accepted, complaint, "seller", text_hash(OFFER), by=buyer)
    assert (told.code, told.status, told.context["text"]) == (
        "proposal_changed", 409, "A visit on Tuesday, 50 euros.",
    )  # fmt: skip
    assert now(complaint).state == "negotiating"
    assert refused(file.accepted, complaint, "platform", text_hash(OFFER), by=buyer).code == "proposal_changed"
    file.accepted(complaint, "seller", told.context["text_hash"], by=buyer)
    assert now(complaint).state == "settled"


def test_ones_own_proposal_is_not_accepted_again(complaint):
    buyer = make.buyer_of(complaint)
    file.proposed(complaint, OFFER, by=buyer)
    told = refused(file.accepted, complaint, "buyer", text_hash(OFFER), by=buyer)
    assert (told.code, told.status) == ("own_proposal", 422)


def test_who_takes_part(complaint):
    file.proposed(complaint, OFFER, by=a_supporter())
    for by in outsiders(complaint):
        with pytest.raises(PermissionDenied):
            file.proposed(complaint, OFFER, by=by)
    for by in (*outsiders(complaint), a_supporter()):
        with pytest.raises(PermissionDenied):
            file.accepted(complaint, "platform", text_hash(OFFER), by=by)
    for by in (*outsiders(complaint), a_supporter(), make.seller_of(complaint)):
        with pytest.raises(PermissionDenied):
            file.escalate(complaint, by=by, at=NEGOTIATED + MICROSECOND)
        with pytest.raises(PermissionDenied):
            withdraw(complaint, "", by=by, at=NEGOTIATED)
    assert now(complaint).state == "negotiating"


def test_a_double_click_and_a_key_spent_elsewhere(complaint):
    buyer, seller = (make.with_key(who(complaint), "k") for who in (make.buyer_of, make.seller_of))
    for _click in range(2):
        file.proposed(complaint, OFFER, by=seller)
    assert Proposal.objects.count() == 1
    for _click in range(2):
        file.accepted(complaint, "seller", text_hash(OFFER), by=buyer)
    assert kinds(complaint).count("complaint.settled") == 1
    assert refused(withdraw, complaint, "", by=buyer, at=FILED + HOUR).code == "idempotency_key_reused"


def test_withdrawn_or_settled_nothing_follows(complaint):
    buyer = make.buyer_of(complaint)
    withdraw(complaint, "It works now.", by=buyer, at=FILED + HOUR)
    gone = now(complaint)
    assert (gone.state, gone.reason, gone.ended_at) == ("withdrawn", "It works now.", FILED + HOUR)
    for call in (
        lambda: file.proposed(complaint, OFFER, by=buyer),
        lambda: file.accepted(complaint, "seller", "x", by=buyer),
        lambda: file.escalated(complaint),
        lambda: withdraw(complaint, "", by=buyer, at=FILED + HOUR),
        lambda: file.asked(complaint, at=NEGOTIATED),
        lambda: file.determined(complaint),
    ):
        assert refused(call).code == "illegal_transition"


def test_the_next_command_writes_the_escalation_down_even_when_it_is_refused(complaint):
    buyer = make.buyer_of(complaint)
    told = refused(file.escalated, complaint, at=ESCALATED + MICROSECOND)
    assert (told.code, told.status) == ("already_escalated", 409)
    assert (now(complaint).state, now(complaint).escalated_at) == ("escalated", ESCALATED)
    file.proposed(complaint, OFFER, by=make.seller_of(complaint), at=ESCALATED + HOUR)
    file.accepted(complaint, "seller", text_hash(OFFER), by=buyer, at=ESCALATED + HOUR)
    assert now(complaint).state == "settled"


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (lambda c: withdraw(c, "", by=make.buyer_of(c), at=ESCALATED), "withdrawn"),
        (lambda c: file.accepted(c, "seller", text_hash(OFFER), by=make.buyer_of(c), at=ESCALATED), "settled"),
        (lambda c: file.escalated(c, at=ESCALATED), "escalated"),
    ],
)
def test_what_came_in_time_takes_the_escalation_by_time_back(complaint, command, state):
    file.proposed(complaint, OFFER, by=make.seller_of(complaint))
    sweep(at=ESCALATED + timedelta(minutes=1))
    assert now(complaint).state == "escalated"
    command(complaint)
    fresh = now(complaint)
    assert fresh.state == state
    assert kinds(complaint)[-2] == "complaint.escalation_rescinded"
    assert JudgementDeadline.objects.get().state == ("met" if state == "escalated" else "voided")
    if state != "escalated":
        assert fresh.escalated_at is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_accepting_and_escalating_at_one_moment_leave_one_truth():
    ends = set()
    for _trial in range(5):
        complaint = file.filed()
        buyer, seller = make.buyer_of(complaint), make.seller_of(complaint)
        file.proposed(complaint, OFFER, by=buyer)
        at = NEGOTIATED + HOUR
        done = side_by_side(
            partial(file.accepted, complaint, "buyer", text_hash(OFFER), by=seller, at=at),
            partial(file.escalated, complaint, at=at),
        )
        fresh = now(complaint)
        # Settled first: too late to escalate. Escalated first: it can still be settled.
        assert fresh.state == "settled"
        assert not isinstance(done[0], Exception)
        ends.add(kinds(complaint)[2])
        assert kinds(complaint).count("complaint.settled") == 1
        assert JudgementDeadline.objects.filter(complaint=complaint, state="running").count() == 0
    assert ends <= {"complaint.settled", "complaint.escalated"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_complaints_of_one_breach_at_one_moment_are_one_and_a_duplicate():
    appointment = file.unanswered()
    made = side_by_side(*[lambda: file.filed(appointment)] * 3)
    assert sorted(each.state for each in made) == ["negotiating", "rejected", "rejected"]
