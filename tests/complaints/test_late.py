"""What comes after its time is kept: both sides read it marked as late, and so does whoever judges (3.2, 3.3, 3.4)."""

import pytest

from complaints.models import JudgementDeadline
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.api import a_caller
from tests.factories.complaints import HOUR, MICROSECOND, NEGOTIATED
from zestech_aftersales.api.fields import instant_text
from zestech_aftersales.rulebook import RuleBroken

pytestmark = pytest.mark.django_db

# The answer to a request for evidence, an objection, and the evidence for that.
WORDS = ("The call list of March.", "We did answer, by mail.", "The mail of 3 March.")


@pytest.fixture
def complaint(frozen):
    """A complaint whose seller has answered and objected after the time for each."""
    complaint = file.escalated()
    seller = make.seller_of(complaint)
    request = file.asked(complaint, at=NEGOTIATED + HOUR)
    late = request.deadline.due_at + MICROSECOND
    with pytest.raises(RuleBroken, match="evidence_over"):
        file.answered(request, by=seller, at=late, words=WORDS[0])
    file.determined(complaint, at=late + HOUR)
    late = JudgementDeadline.objects.get(complaint=complaint, clock="objection").due_at + MICROSECOND
    with pytest.raises(RuleBroken, match="objection_over"):
        file.objected(complaint, by=seller, at=late, text=WORDS[1], evidence=WORDS[2])
    frozen.move_to(late + HOUR)
    return make.fresh(complaint)


@pytest.mark.clause("3.3")
@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_both_sides_read_on_the_complaint_and_in_the_conversation_what_came_late(client, complaint, side):
    client.force_login(getattr(make, f"{side}_of")(complaint).user)
    base = "/portal/" if side == "buyer" else "/dashboard/judgement/"
    page = client.get(f"{base}complaints/{complaint.reference}/").text
    for words in WORDS:
        assert words in page
    assert page.count("came late") == 2
    assert page.count("by you ·" if side == "seller" else "by the seller ·") == 2
    thread = client.get(f"/{base.split('/')[1]}/cases/{complaint.case.reference}/").text
    assert thread.count("came late") == 2


@pytest.mark.clause("3.3")
def test_the_api_tells_both_sides_what_came_late(complaint):
    _fault, answer, objection = complaint.case.messages.order_by("id")
    for caller in (a_caller(buyer=complaint.buyer), a_caller(seller=complaint.seller)):
        told = caller.get(f"complaints/{complaint.reference}/").json()["late"]
        assert [(each["kind"], each["side"], each["text"], each["message"]) for each in told] == [
            ("evidence", "seller", WORDS[0], answer.pk),
            ("objection", "seller", WORDS[1], objection.pk),
        ]
        assert told[0]["at"] == instant_text(answer.received_at)


@pytest.mark.clause("3.3")
def test_nothing_is_marked_where_nothing_came_late(client, frozen):
    complaint = file.escalated()
    request = file.asked(complaint, at=NEGOTIATED + HOUR)
    file.answered(request, by=make.seller_of(complaint), at=request.deadline.due_at, words=WORDS[0])
    frozen.move_to(request.deadline.due_at + HOUR)
    client.force_login(complaint.buyer)
    for address in (f"complaints/{complaint.reference}", f"cases/{complaint.case.reference}"):
        page = client.get(f"/portal/{address}/").text
        assert WORDS[0] in page
        assert "ame late" not in page
