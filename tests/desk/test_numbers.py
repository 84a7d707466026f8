"""Every number of the index is the number of the rows behind its link, for every role, with something in every list."""

from datetime import timedelta

import pytest

from cases.actions.rulings import flag
from complaints.actions.judging import overturn
from complaints.actions.losses import answer as answer_loss
from complaints.models import Audit, Violation
from sellers.models import CommitmentState, EnrolmentState
from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import clearances as clear
from tests.factories import complaints as complain
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.sellers import CommitmentFactory, EnrolmentFactory
from tests.factories.timeline import DeliveryFactory, make_event
from tests.instants import instant
from zestech_aftersales.desk import waiting
from zestech_aftersales.timeline.models import Undelivered

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
NOW = instant("2026-04-20T00:00:00Z")
HOUR = timedelta(hours=1)


def rows_of(client, url):
    return client.get(url).context["cl"].result_count


def given_up(stream):
    """An event that could not be passed on, and a notice of one that could not be sent."""
    event = make_event(stream)
    Undelivered.objects.filter(event=event).update(quarantined_at=R0)
    DeliveryFactory(event=event, state="quarantined")


def something_everywhere():
    """A row for nearly each list, by the real actions."""
    offer = make.offered(make.requested(at=R0), at=R0 + HOUR)
    flag(offer, "It would have to be sent abroad.", by=make.buyer_of(offer.appointment), at=R0 + 2 * HOUR)
    claim.claimed(make.requested(at=R0), at=R0 + HOUR, proven=True, begins_at=R0)
    claim.claimed(make.requested(at=R0), at=R0 + HOUR, proven=True, begins_at=R0, ends_at=None)
    claim.a_restriction(make.a_cover(), at=R0)
    claim.an_outage(R0 - HOUR, R0, at=R0)
    EnrolmentFactory(state=EnrolmentState.APPLIED)
    CommitmentFactory(state=CommitmentState.RECORDED)
    complain.escalated()
    complain.asked(complain.escalated(), at=complain.NEGOTIATED + HOUR)
    decided = complain.determined()
    complain.objected(decided, by=make.buyer_of(decided), at=complain.NEGOTIATED + 2 * HOUR)
    judged.a_candidate()
    judged.an_answered()
    judged.an_appealed()
    audit.an_audit()
    audit.an_answered(audit.a_notified())
    lost.a_draft()
    lost.an_accepted()
    lost.a_final()
    contested = lost.a_notified()
    answer_loss(contested, "Not ours.", contests=True, by=make.seller_of(contested), at=lost.DRAFTED + 2 * HOUR)
    given_up("case/1")
    given_up("access/1")
    given_up("exports/1")


def a_review():
    """A clearance of which one ground fell and another stands."""
    appealed = judged.an_appealed()
    seller = appealed.seller
    EnrolmentFactory(seller=seller, state=EnrolmentState.ACTIVE)
    other = clear.a_violation(seller, at=judged.APPEALED)
    clear.in_force(seller, at=judged.APPEALED + HOUR, cited=[appealed, other])
    overturn(appealed, reason="So it was.", by=claim.an_auditor(), at=judged.APPEALED + 2 * HOUR)


@pytest.mark.parametrize("role", ["support", "auditor", "finance", "administrator"])
def test_every_number_is_its_rows(client, at_desk, frozen, role):
    something_everywhere()
    a_review()
    frozen.move_to(NOW)
    me = at_desk(role)
    Violation.objects.filter(state="candidate").update(officer=me)
    Audit.objects.filter(state="open").update(officer=me)
    board = client.get("/admin/").context["board"]
    told = {str(each.label): (each.shown, each.url) for each in [*board.own, *board.role, *board.others]}
    assert len(told) == len(waiting.registered())
    assert {label: int(shown) for label, (shown, _url) in told.items()} == {
        label: rows_of(client, url) for label, (_shown, url) in told.items()
    }
    if role == "auditor":
        empty = {label for label, (shown, _url) in told.items() if shown == "0"}
        assert empty == {
            "Answers acknowledged by the buyer, to classify",
            "Appeals against restrictions",
            "Buyers who were often not there",
            "Complaints assigned to me",
            "Losses to pay back",
            "Missed of late, no reaction since",
        }


def test_what_only_some_may_read_is_counted_for_them_alone(client, at_desk, frozen):
    for stream in ("case/1", "access/1", "exports/1"):
        given_up(stream)
    for role, shown in (("support", "1"), ("finance", "1"), ("auditor", "3"), ("administrator", "3")):
        at_desk(role)
        board = client.get("/admin/").context["board"]
        told = {str(each.label): each.shown for each in [*board.own, *board.role, *board.others]}
        assert told["Events that could not be passed on"] == told["Notices that could not be sent"] == shown, role
