"""The paper of a pack as it is read: in either language every word of it is drawn, with the signs of the right font."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.utils import translation

from cases.actions.messages import write
from complaints.packs.pdf import Paper
from tests.factories import cases as make
from tests.factories import complaints as complain
from tests.factories.claims import an_auditor
from tests.factories.packs import taken
from tests.factories.papers import words_of
from tests.factories.service import a_photo
from tests.instants import instant

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
LATER = R0 + timedelta(days=1)
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
