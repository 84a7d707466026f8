"""The paper of a pack as it is read: in either language every word of it is drawn, with the signs of the right font."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.utils import translation

from cases.actions.disclose import disclose
from cases.actions.messages import write
from cases.actions.rulings import flag, rule_on_offer
from cases.sweep import sweep_batch
from complaints.actions.clearances import approve_clearance, propose_clearance
from complaints.actions.judging import confirm
from complaints.packs.pdf import Paper
from sellers.models import Enrolment
from tests.factories import cases as make
from tests.factories import complaints as complain
from tests.factories import violations as judged
from tests.factories.claims import an_auditor
from tests.factories.packs import taken
from tests.factories.papers import words_of
from tests.factories.sellers import EnrolmentFactory
from tests.factories.service import a_photo
from tests.instants import instant

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
LATER = R0 + timedelta(days=1)
JUDGED = complain.NEGOTIATED + timedelta(days=10)
CHINESE = "方向盘按键没有反应，空调维修。“引号”——第 3 次 (CAN-Bus)，10 % 无效！"
LONG = [
    CHINESE * 60,
    "中文长文本没有空格" * 400,
    "x" * 4000,
    "A paragraph with words.\n\n" * 200,
    "Москва, Łódź, Ελλάδα, Việt Nam, ğş, ½ € ™; لا يعمل 🚗" * 20,
    "\t indented\r\nand broken",
]


def bare(text):
    return re.sub(r"\s", "", text)


def told_in(content):
    """Every word of the pack's JSON, as its paper has to show it."""
    words = json.loads(content["evidence.json"])
    yield words["title"]
    yield from (each for fact in words["head"] for each in fact)
    for section in words["sections"]:
        yield section["title"]
        for entry in section["entries"]:
            yield entry["heading"]
            yield from (each for fact in entry["facts"] for each in fact)
            yield entry["text"]


def missing_from(pack):
    """What the JSON tells and the paper does not show, the words at the foot of its sheets left out."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content["manifest.json"])
    paper = Paper("", "en", LATER)
    sheets = len(re.findall(rb"/Type /Page\b", content["evidence.pdf"]))
    foot = rf"{manifest['reference']}·[^·]{{24,40}}·\d+/{sheets}"
    shown = re.sub(foot, "", words_of(content["evidence.pdf"]))
    lost = [each for each in told_in(content) if bare(paper.visible(each)) not in shown]
    paper.close_fonts()
    return lost


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_word_of_a_case_is_drawn(frozen, settings, tmp_path, language):
    settings.MEDIA_ROOT = tmp_path / "media"
    appointment = make.requested(
        make.a_cover(), at=R0, title="空调 (AC) 坏了", description=CHINESE, address="中山路 7 号"
    )
    buyer, seller = make.buyer_of(appointment), make.seller_of(appointment)
    for n, text in enumerate(LONG):
        write(appointment.case, text, photos=[a_photo()] if n == 0 else [], by=(buyer, seller)[n % 2], at=R0 + n * HOUR)
    make.offered(appointment, at=R0 + 9 * HOUR, price_terms="免费 " * 100)
    with translation.override(language):
        assert missing_from(taken(appointment.case, buyer, at=LATER)) == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_word_of_a_complaint_is_drawn(frozen, language):
    complaint = complain.determined(reason=f"{CHINESE}\n{CHINESE}")
    with translation.override(language):
        assert missing_from(taken(complaint, an_auditor(), at=complain.NEGOTIATED + 2 * HOUR)) == []


def judged_through():
    """The complaint of a case that went all the way: an offer ruled on, terms told, complained, determined, cleared."""
    appointment = make.requested(make.a_cover(), at=R0)
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    EnrolmentFactory(seller=appointment.seller)
    standing = make.offered(appointment, at=R0 + HOUR)
    disclose(make.fresh(appointment), make.ALL_ITEMS, by=seller, at=R0 + HOUR)
    flagged = flag(standing, "It is for another fault.", by=buyer, at=R0 + 2 * HOUR)
    rule_on_offer(
        flagged, is_reasonable=False, reason="Nothing to do with the fault.", by=an_auditor(), at=R0 + 3 * HOUR
    )
    sweep_batch(at=R0 + 49 * HOUR)
    complaint = complain.filed(make.fresh(appointment))
    complaint = complain.determined(complain.escalated(complaint), reason="Nobody offered what was owed.")
    notified = judged.a_notified(complaint.violation, at=JUDGED - timedelta(days=9))
    confirmed = confirm(notified, reason="The silence is proven.", by=an_auditor(), at=JUDGED)
    cleared = propose_clearance(
        Enrolment.objects.get(), violations=[confirmed], reason="For the third time.", by=an_auditor(), at=JUDGED
    )
    approve_clearance(cleared, reason="So it is.", by=an_auditor(), at=JUDGED)
    return complaint


def test_a_pack_tells_what_was_disclosed_ruled_determined_confirmed_and_cleared(frozen):
    """Each in its own section of the JSON, and on the paper."""
    complaint = judged_through()
    pack = taken(complaint.case, an_auditor(), at=JUDGED + HOUR)
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        sections = json.loads(archive.read("evidence.json"))["sections"]
        paper = words_of(archive.read("evidence.pdf"))
    told = {each["key"]: json.dumps(each["entries"], ensure_ascii=False) for each in sections}
    for key, words in (
        ("disclosures", make.ALL_ITEMS.service_scope),
        ("rulings", "Nothing to do with the fault."),
        ("complaints", "Nobody offered what was owed."),
        ("complaints", "Determination"),
        ("violations", "The silence is proven."),
        ("clearances", "For the third time."),
    ):
        assert words in told[key], key
        assert bare(words) in paper, key
    assert missing_from(pack) == []
