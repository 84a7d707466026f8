"""Evidence packs: what is inside for whom, the same bytes twice, and that taking one changes nothing in the case."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from cases.actions.answers import accept
from cases.actions.confirm import confirm
from cases.actions.messages import write
from complaints.actions.notes import add_note
from complaints.packs import making
from complaints.packs.reach import Reader, about_case
from tests.factories import cases as make
from tests.factories import complaints as complain
from tests.factories import violations as violate
from tests.factories.accounts import AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.packs import taken
from tests.factories.service import a_photo
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel, Seat
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
LATER = R0 + timedelta(days=1)
HOME, PHONE, SHIPPED = "7 Hidden Lane", "+971 55 123 4567", "9 Quiet Street"
SECRET = "The buyer has told this story three times."
FAULT = "方向盘按键没有反应，空调维修。"


@pytest.fixture
def appointment(frozen, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    appointment = make.requested(
        make.a_cover(ship_address=SHIPPED), at=R0, address=HOME, phone=PHONE, description=FAULT
    )
    make.offered(appointment, at=R0 + HOUR, price_terms="free of charge, parts included")
    write(appointment.case, "Here it is.", photos=[a_photo()], by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    add_note(appointment.case.stream, SECRET, by=staff(SupportFactory), at=R0 + 3 * HOUR)
    return make.fresh(appointment)


def staff(role):
    return Actor(channel=Channel.ADMIN, user=role())


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def words_of(content):
    """Everything that a person could read in a pack; the PDF prints the sections of evidence.json."""
    entries = unpacked(content)
    return "".join(entries[name].decode() for name in ("evidence.json", "events.json", "manifest.json"))


def sections_of(content):
    return {each["key"]: each["entries"] for each in json.loads(unpacked(content)["evidence.json"])["sections"]}


def test_a_pack_holds_the_paper_the_events_the_photos_and_the_hash_of_each(appointment):
    pack = taken(appointment.case, make.buyer_of(appointment), at=LATER)
    entries = unpacked(pack)
    manifest = json.loads(entries.pop("manifest.json"))
    assert manifest["entries"] == {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in entries.items()
    }
    assert (manifest["about"], manifest["edition"]) == (appointment.case.stream, 1)
    assert manifest["made_at"] == "2026-03-03T01:15:30.000000+00:00"
    assert entries["evidence.pdf"].startswith(b"%PDF-")
    photo = appointment.case.attachments.get()
    assert hashlib.sha256(entries[f"files/{photo.pk:08d}-{photo.sha256[:12]}.jpg"]).hexdigest() == photo.sha256
    told = sections_of(pack)
    assert {"people", "cover", "requests", "limits", "offers", "thread", "timeline", "clauses", "files"} <= set(told)
    response = told["limits"][0]
    assert ["Due", "2026-03-04 09:15:30+08:00"] in response["facts"]
    assert ["Sum and stored instant", "agree"] in response["facts"]
    assert any("respond effectively within 48 hours" in each["text"] for each in told["clauses"])
    assert told["people"][0]["text"] == FAULT
    assert told["thread"][-1]["text"] == "Here it is."


def test_the_events_are_exact_and_the_head_is_that_of_the_chain(appointment):
    entries = unpacked(taken(appointment.case, make.buyer_of(appointment), at=LATER))
    (history,) = json.loads(entries["events.json"])
    kept = list(Event.objects.filter(stream=appointment.case.stream).order_by("pk").select_related("seal"))
    assert [link["event"]["uid"] for link in history["events"]] == [str(event.uid) for event in kept]
    first = history["events"][0]
    assert first["event"]["effective_at"] == "2026-03-02T01:15:30.000000+00:00"
    assert first["event"]["after"] == kept[0].after
    assert [link["seal"]["hash"] for link in history["events"]] == [event.seal.hash for event in kept]
    head = {"position": len(kept), "hash": kept[-1].seal.hash}
    assert json.loads(entries["manifest.json"])["streams"] == {appointment.case.stream: head}


def test_the_same_data_and_instant_give_the_same_bytes(appointment):
    by = make.buyer_of(appointment)
    assert taken(appointment.case, by, at=LATER) == taken(appointment.case, by, at=LATER)
    assert taken(appointment.case, by, at=LATER) != taken(appointment.case, by, at=LATER + HOUR)


def test_taking_a_pack_leaves_the_history_of_the_case_alone_and_is_recorded(appointment):
    before = list(Event.objects.filter(stream=appointment.case.stream).values_list("pk", flat=True))
    by = make.buyer_of(appointment)
    pack = taken(appointment.case, by, at=LATER)
    assert list(Event.objects.filter(stream=appointment.case.stream).values_list("pk", flat=True)) == before
    made = Event.objects.get(kind="pack.made")
    assert (made.stream, made.subject) == (f"pack/{appointment.case.stream}", appointment.case.stream)
    assert (made.actor_id, made.recorded_at) == (by.user_id, LATER)
    assert made.detail["manifest"] == hashlib.sha256(unpacked(pack)["manifest.json"]).hexdigest()


def test_no_pack_holds_an_internal_note(appointment):
    people = [make.buyer_of(appointment), make.seller_of(appointment), staff(AuditorFactory), staff(SupportFactory)]
    for by in people:
        assert SECRET not in words_of(taken(appointment.case, by, at=LATER, is_told=True))


def test_the_seller_reads_address_and_phone_from_the_confirmation_on(appointment):
    by = make.seller_of(appointment)
    words = words_of(taken(appointment.case, by, at=LATER))
    for private in (HOME, PHONE, SHIPPED, appointment.buyer.email):
        assert private not in words
    offer = appointment.offers.get()
    accept(offer, window=0, by=make.buyer_of(appointment), at=LATER)
    confirm(make.fresh(appointment), items=make.ALL_ITEMS, by=by, at=LATER + HOUR)
    words = words_of(taken(appointment.case, by, at=LATER + 2 * HOUR))
    assert HOME in words
    assert PHONE in words
    assert SHIPPED not in words
    assert appointment.buyer.email not in words


def test_the_staff_reads_it_only_when_told_and_the_buyer_always(appointment):
    assert HOME in words_of(taken(appointment.case, make.buyer_of(appointment), at=LATER))
    assert HOME not in words_of(taken(appointment.case, staff(FinanceFactory), at=LATER))
    told = words_of(taken(appointment.case, staff(SupportFactory), at=LATER, is_told=True))
    assert HOME in told
    assert SHIPPED in told


def test_engineers_strangers_and_clients_take_none(appointment):
    others = [
        make.seller_of(appointment, seat=Seat.ENGINEER),
        Actor(channel=Channel.PORTAL, user=UserFactory()),
        Actor(channel=Channel.API, client_id="shop", seller_id=appointment.seller_id, seat=Seat.CLIENT),
        Actor(channel=Channel.DASHBOARD, user=UserFactory(), seller_id=appointment.seller_id + 1, seat=Seat.OWNER),
    ]
    for by in others:
        with pytest.raises(PermissionDenied):
            about_case(appointment.case, Reader(by, LATER))


def test_what_the_staff_does_for_itself_keeps_its_place_in_the_chain_and_nothing_more(frozen):
    violation = violate.a_notified()
    case, by = violation.appointment.case, make.seller_of(violation.appointment)
    at = violate.NOTIFIED + HOUR
    history = next(
        each
        for each in json.loads(unpacked(taken(case, by, at=at))["events.json"])
        if each["stream"] == violation.subject
    )
    assert [link["event"] is None for link in history["events"]] == [
        event.kind == "violation.opened" for event in Event.objects.filter(stream=violation.subject).order_by("pk")
    ]
    assert [link["seal"]["position"] for link in history["events"]] == [1, 2]
    # To the buyer it is no business at all.
    assert violation.subject not in words_of(taken(case, make.buyer_of(case), at=at))
    whole = json.loads(unpacked(taken(case, staff(AuditorFactory), at=at))["events.json"])
    assert all(link["event"] for each in whole for link in each["events"])


def test_a_complaint_has_a_pack_with_its_case(frozen):
    complaint = complain.filed()
    complain.proposed(complaint, "Send an engineer on Monday.", by=make.buyer_of(complaint))
    content = taken(complaint, make.seller_of(complaint), at=complain.FILED + 2 * HOUR)
    manifest = json.loads(unpacked(content)["manifest.json"])
    assert set(manifest["streams"]) == {complaint.subject, complaint.case.stream}
    told = sections_of(content)["complaints"]
    assert told[0]["text"] == complaint.statement
    assert "Send an engineer on Monday." in [each["text"] for each in told]
    assert [each["heading"] for each in told if each["heading"].startswith("Acceptance")] == ["Acceptance test"]
    [request] = sections_of(content)["requests"]
    assert ["Reason of the end", "Respond to the request"] in request["facts"]


def test_a_photo_that_is_gone_from_the_store_is_said_so(appointment):
    photo = appointment.case.attachments.get()
    photo.file.storage.delete(photo.file.name)
    content = taken(appointment.case, make.buyer_of(appointment), at=LATER)
    assert ["In the pack", "missing in the store"] in sections_of(content)["files"][0]["facts"]
    assert not any(name.startswith("files/") for name in unpacked(content))


def test_signs_without_a_drawing_are_printed_as_their_code(appointment):
    from complaints.packs.pdf import Paper

    paper = Paper("ZA", "en", LATER)
    assert paper.visible(f"{FAULT} Łódź жук – “1 €”") == f"{FAULT} Łódź жук – “1 €”"
    assert paper.visible("شا") == "[U+0634][U+0627]"
    paper.close_fonts()


def test_a_pack_in_chinese(appointment):
    with translation.override("zh-hans"):
        content = taken(appointment.case, make.buyer_of(appointment), at=LATER)
    assert json.loads(unpacked(content)["manifest.json"])["language"] == "zh-hans"
    assert FAULT in words_of(content)


def test_several_within_the_hour_are_enough(appointment):
    by = make.buyer_of(appointment)
    for minute in range(6):
        taken(appointment.case, by, at=LATER + timedelta(minutes=minute))
    with pytest.raises(RuleBroken, match="too_many_packs"):
        taken(appointment.case, by, at=LATER + timedelta(minutes=59))
    taken(appointment.case, make.seller_of(appointment), at=LATER + timedelta(minutes=59))
    taken(appointment.case, by, at=LATER + HOUR)


def test_photos_beyond_measure_make_no_pack(appointment, monkeypatch):
    monkeypatch.setattr(making, "MOST_BYTES", 10)
    with pytest.raises(RuleBroken, match="pack_too_large"):
        taken(appointment.case, make.buyer_of(appointment), at=LATER)
    assert not Event.objects.filter(kind="pack.made").exists()


def body_of(answer):
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_both_sides_take_it_from_the_case_page(client, appointment, frozen, side):
    by = make.buyer_of(appointment) if side == "buyer" else make.seller_of(appointment)
    space = "portal" if side == "buyer" else "dashboard"
    client.force_login(by.user)
    address = reverse(f"{space}:pack", args=[appointment.case.reference])
    page = client.get(reverse(f"{space}:case", args=[appointment.case.reference]))
    assert f'href="{address}"' in page.content.decode()
    assert client.get(address).status_code == 200
    assert not Event.objects.filter(kind="pack.made").exists()
    answer = client.post(address)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{appointment.case.reference}-evidence.zip"'
    assert json.loads(unpacked(body_of(answer))["manifest.json"])["made_for"] == side
    for _again in range(5):
        body_of(client.post(address))
    refused = client.post(address)
    assert refused.status_code == 409
    assert "several times within the hour" in refused.content.decode()


def test_a_stranger_and_an_engineer_find_nothing_to_take(client, appointment):
    address = reverse("portal:pack", args=[appointment.case.reference])
    client.force_login(UserFactory())
    assert client.post(address).status_code == 404
    engineer = make.seller_of(appointment, seat=Seat.ENGINEER)
    client.force_login(engineer.user)
    assert client.post(reverse("dashboard:pack", args=[appointment.case.reference])).status_code in (403, 404)
    assert not Event.objects.filter(kind="pack.made").exists()


def test_the_staff_takes_it_from_the_case_file(client, appointment):
    client.force_login(SupportFactory())
    address = f"/admin/cases/servicecase/{appointment.case_id}/pack/"
    assert address in client.get(f"/admin/cases/servicecase/{appointment.case_id}/file/").content.decode()
    assert client.get(address).status_code == 200
    content = body_of(client.post(address))
    assert HOME in words_of(content)
    assert SECRET not in words_of(content)
    client.force_login(FinanceFactory())
    assert HOME not in words_of(body_of(client.post(address)))


def test_the_pack_of_a_complaint_for_all_three(client, frozen):
    complaint = complain.filed()
    client.force_login(SupportFactory())
    assert body_of(client.post(f"/admin/complaints/complaint/{complaint.pk}/pack/"))
    page = client.get(f"/admin/complaints/complaint/{complaint.pk}/change/").content.decode()
    assert f"/admin/complaints/complaint/{complaint.pk}/pack/" in page
    for space, by in (("portal", make.buyer_of(complaint)), ("dashboard", make.seller_of(complaint))):
        client.force_login(by.user)
        address = reverse(f"{space}:pack", args=[complaint.reference])
        assert address in client.get(reverse(f"{space}:complaint", args=[complaint.reference])).content.decode()
        answer = client.post(address)
        assert json.loads(unpacked(body_of(answer))["manifest.json"])["about"] == complaint.subject


def test_two_packs_of_an_unchanged_case_differ_only_in_when_they_were_made(appointment):
    by = make.buyer_of(appointment)
    first, second = (unpacked(taken(appointment.case, by, at=LATER + n * HOUR)) for n in range(2))
    assert sorted(first) == sorted(second)
    same = {name for name in first if first[name] == second[name]}
    assert same == set(first) - {"evidence.json", "evidence.pdf", "manifest.json"}
    told, again = json.loads(first["evidence.json"]), json.loads(second["evidence.json"])
    assert told["sections"] == again["sections"]
    assert [fact[0] for fact, other in zip(told["head"], again["head"], strict=True) if fact != other] == ["Made at"]
    listed, relisted = json.loads(first["manifest.json"]), json.loads(second["manifest.json"])
    assert {key for key in listed if listed[key] != relisted[key]} == {"made_at", "entries"}
