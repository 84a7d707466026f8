"""What a pack tells of how a case was served, of losses and of mergers; the same bytes twice, and whole (domain 3)."""

import hashlib
import json
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest

from cases.actions.longer_limits import accept_longer_limit, propose_longer_limit
from cases.actions.merges import merge_cases
from cases.actions.messages import write
from cases.actions.parts import list_parts
from cases.actions.promises import record_promise
from cases.actions.sign_offs import object_to
from cases.actions.visits import check_in, complete
from cases.models import Deadline, ServiceCase
from cases.terms import ReportDetails, UnitTerms
from complaints.packs.checking import verdict_on
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories import losses as lost
from tests.factories import visits as make_visit
from tests.factories.accounts import AuditorFactory, FinanceFactory, SupportFactory
from tests.factories.claims import a_supporter
from tests.factories.packs import taken
from tests.factories.service import CHARGED, a_part, sent_to
from tests.factories.visits import BEGINS, R0
from zestech_aftersales.accounts.actors import Actor, Channel

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.1.1")]

HOUR = timedelta(hours=1)
LATER = BEGINS + timedelta(days=3)
PROMISED = "We always reply within 24 hours."


@pytest.fixture(autouse=True)
def _media(settings, tmp_path, frozen):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def served():
    """A case with everything that a service can leave behind, and a duplicate merged into it."""
    first = make.requested(at=R0 - 2 * HOUR, title="Buttons dead")
    make.cancelled(first, at=R0 - HOUR)
    visit = make_visit.planned(cover=first.case.cover)
    appointment, seller = visit.appointment, make.seller_of(visit.appointment)
    buyer = make.buyer_of(appointment)
    word = write(appointment.case, PROMISED, by=seller, at=R0 + HOUR)
    record_promise(word, [Promise(Dimension.RESPONSE_HOURS, 24)], by=seller, at=R0 + 2 * HOUR)
    list_parts(appointment, [a_part(**CHARGED)], by=seller, at=R0 + 3 * HOUR)
    sent_to(appointment, at=R0 + 4 * HOUR)
    visit = check_in(visit, by=seller, at=BEGINS)
    details = ReportDetails("replaced", parts=[a_part()], unit=UnitTerms("SN-2", "SN-1"))
    done = complete(visit, "Replaced the unit.", details=details, by=seller, at=BEGINS)
    object_to(done, "It is dead again.", by=buyer, at=BEGINS + HOUR)
    merge_cases(first.case, appointment.case, reason="The same wire.", by=a_supporter(), at=BEGINS + 2 * HOUR)
    return make.fresh(appointment)


def unpacked(content):
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sections_of(content):
    told = json.loads(unpacked(content)["evidence.json"])["sections"]
    return {each["key"]: each["entries"] for each in told}


def staff(role):
    return Actor(channel=Channel.ADMIN, user=role())


def is_whole(content, tmp_path):
    path = tmp_path / "pack.zip"
    path.write_bytes(content)
    return verdict_on(path).differences == []


def test_everything_of_the_service_is_told(served):
    told = sections_of(taken(ServiceCase.objects.get(pk=served.case_id), make.buyer_of(served), at=LATER))
    assert told["mergers"][0]["text"] == "The same wire."
    assert (told["promises"][0]["text"], ["State", "binding"] in told["promises"][0]["facts"]) == (PROMISED, True)
    listed, used = told["parts"]
    assert listed["facts"][1] == ["1 × CAN harness", "ZT-H1; paid by buyer; 49.00 USD; brought by seller"]
    assert used["facts"] == [["1 × CAN harness", "ZT-H1; paid by seller; no charge"]]
    assert ["Tracking number", "RR123456789CN"] in told["shipments"][0]["facts"]
    assert told["units"][0]["heading"] == "SN-1 → SN-2"
    assert (told["sign_offs"][0]["heading"], told["sign_offs"][0]["text"]) == (
        f"Objected (Request {served.pk})", "It is dead again."
    )  # fmt: skip


def test_it_is_the_same_for_both_sides_twice_and_whole(served, tmp_path):
    case = ServiceCase.objects.get(pk=served.case_id)
    keys = ("mergers", "promises", "parts", "shipments", "units", "sign_offs")
    seen = [taken(case, by, at=LATER) for by in (make.buyer_of(served), make.seller_of(served))]
    assert len({json.dumps([sections_of(each)[key] for key in keys]) for each in seen}) == 1
    assert taken(case, make.buyer_of(served), at=LATER) == seen[0]
    assert all(is_whole(each, tmp_path) for each in seen)


def test_a_longer_limit_is_told_with_the_answer():
    appointment = make.requested(at=R0)
    clock = Deadline.objects.get(appointment=appointment, clock="response")
    proposal = propose_longer_limit(clock, 72, "The part comes late.", by=make.seller_of(appointment), at=R0 + HOUR)
    accept_longer_limit(proposal, by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    (entry,) = sections_of(taken(appointment.case, make.buyer_of(appointment), at=R0 + 3 * HOUR))["longer_limits"]
    assert (entry["text"], entry["facts"][0]) == ("The part comes late.", ["State", "agreed"])
    assert ["Instead of", "48 hours"] in entry["facts"]


def files_of(content):
    return [name for name in unpacked(content) if name.startswith("files/voucher-")]


def test_losses_are_told_to_finance_the_auditor_and_the_seller_heard(tmp_path):
    claim = lost.a_draft()
    case = claim.violation.appointment.case
    seller, buyer = make.seller_of(claim), make.buyer_of(claim.violation.appointment)
    at = lost.DRAFTED + 5 * HOUR
    assert "losses" not in sections_of(taken(case, seller, at=at)), "a draft is the staff's own"
    lost.an_accepted(lost.a_notified(claim))
    bill, page = claim.vouchers.order_by("pk")
    for by in (seller, staff(FinanceFactory), staff(AuditorFactory)):
        pack = taken(case, by, at=at)
        (entry,) = sections_of(pack)["losses"]
        assert bill.sha256 in dict(entry["facts"])["Attorney fees"]
        assert [hashlib.sha256(unpacked(pack)[name]).hexdigest() for name in files_of(pack)] == [
            bill.sha256, page.sha256
        ]  # fmt: skip
        assert is_whole(pack, tmp_path)
        streams = json.loads(unpacked(pack)["manifest.json"])["streams"]
        assert claim.subject in streams
    kinds = {
        link["event"]["kind"]
        for stream in json.loads(unpacked(taken(case, seller, at=at))["events.json"])
        if stream["stream"] == claim.subject
        for link in stream["events"]
        if link["event"]
    }
    assert kinds == {"loss.notified", "loss.accepted"}
    for by, is_told in ((buyer, False), (staff(SupportFactory), True)):
        pack = taken(case, by, at=at)
        assert files_of(pack) == []
        assert ("losses" in sections_of(pack)) is is_told
