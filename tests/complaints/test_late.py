"""What comes after its time is kept: both sides read it marked as late, and so does whoever judges (3.2, 3.3, 3.4)."""

import io
import json
import zipfile

import pytest

from cases.actions.outages import decide_outage
from cases.outages import apply_outages
from complaints.actions.losses import answer as answer_loss
from complaints.models import JudgementDeadline
from complaints.queries.late import kept_late
from complaints.sweep import sweep
from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as file
from tests.factories import losses as lose
from tests.factories import violations as judged
from tests.factories.api import a_caller
from tests.factories.complaints import HOUR, MICROSECOND, NEGOTIATED
from tests.factories.packs import taken
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


def answered_late(made, send, due_at):
    """A thing made for it, and its seller's words one microsecond too late."""
    thing = made()
    with pytest.raises(RuleBroken, match="_over"):
        send(thing, at=due_at + MICROSECOND)
    return thing


def contested(claimed, *, at):
    return answer_loss(claimed, "Not ours.", contests=True, by=make.seller_of(claimed), at=at)


LATE = [
    (judged.a_notified, judged.an_answered, judged.HEARD, "violation", "Our desk was closed."),
    (judged.a_confirmed, judged.an_appealed, judged.APPEALED, "violation", "The mail server was away."),
    (audit.a_notified, audit.an_answered, audit.HEARD, "audit", "Our desk was closed."),
    (lose.a_notified, contested, lose.ANSWER_DUE, "lossclaim", "contests the claim. Not ours."),
]


@pytest.mark.clause("3.2")
@pytest.mark.clause("3.4")
@pytest.mark.parametrize(("made", "send", "due_at", "model", "words"), LATE)
def test_whoever_judges_reads_what_came_late_on_the_page_of_the_thing(client, made, send, due_at, model, words):
    thing = answered_late(made, send, due_at)
    client.force_login(claim.an_auditor().user)
    page = client.get(f"/admin/complaints/{model}/{thing.pk}/change/").text
    assert "Came late" in page
    assert f"(seller): {words}" in page
    assert [(each.side, each.at) for each in kept_late(thing)] == [("seller", due_at + MICROSECOND)]


@pytest.mark.clause("3.2")
@pytest.mark.clause("3.4")
@pytest.mark.parametrize(("made", "send", "due_at", "model", "words"), LATE)
def test_the_seller_reads_his_own_late_words_on_its_page_and_by_the_api(
    client, frozen, made, send, due_at, model, words
):
    thing = answered_late(made, send, due_at)
    frozen.move_to(due_at + HOUR)
    place = "losses" if model == "lossclaim" else f"{model}s"
    client.force_login(make.seller_of(thing).user)
    page = client.get(f"/dashboard/judgement/{place}/{thing.pk}/").text
    own = words.removeprefix("contests the claim. ")
    assert page.count("came late") == 1
    assert ("by you ·" in page, own in page, "Contests the claim." in page) == (True, True, model == "lossclaim")
    [told] = a_caller(seller=thing.seller).get(f"{place}/{thing.pk}/").json()["late"]
    assert (told["text"], told["at"]) == (own, instant_text(due_at + MICROSECOND))
    assert told["contests"] is (True if model == "lossclaim" else None)


@pytest.mark.clause("3.2")
@pytest.mark.clause("3.4")
def test_the_pack_of_a_case_tells_what_came_late_for_its_violation_and_its_loss(frozen):
    violation = answered_late(judged.a_notified, judged.an_answered, judged.HEARD)
    claimed = lose.a_notified(lose.a_draft(judged.a_confirmed(violation)))
    with pytest.raises(RuleBroken, match="answer_over"):
        contested(claimed, at=lose.ANSWER_DUE + MICROSECOND)
    case = violation.appointment.case
    pack = taken(case, make.seller_of(case), at=lose.ANSWER_DUE + HOUR)
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        sections = {each["key"]: each["entries"] for each in json.loads(archive.read("evidence.json"))["sections"]}
    assert [each["text"] for each in sections["violations"]][1:] == ["Our desk was closed."]
    answer = sections["losses"][-1]
    assert (answer["text"], ["The seller’s answer", "contests the claim."] in answer["facts"]) == ("Not ours.", True)


@pytest.mark.clause("3.2")
@pytest.mark.parametrize(("made", "send", "due_at", "model", "words"), LATE)
def test_what_an_outage_makes_count_came_late_no_longer(made, send, due_at, model, words):
    thing = answered_late(made, send, due_at)
    at = due_at + 2 * HOUR
    outage = claim.an_outage(due_at - HOUR, due_at + HOUR, at=at)
    decide_outage(outage, approved=True, reason="So the logs say.", by=claim.an_administrator(), at=at)
    apply_outages(now=lambda: at)
    sweep(at=at)
    assert kept_late(thing) == []
