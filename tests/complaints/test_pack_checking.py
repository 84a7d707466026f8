"""verify_pack: whatever is changed, removed, added or made up in a pack is found; what came later is no difference."""

import io
import json
import struct
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cases.actions.messages import write
from cases.models import Attachment
from complaints.packs import opening
from complaints.packs.checking import verdict_on
from tests.factories import cases as make
from tests.factories import complaints as complain
from tests.factories import violations as violate
from tests.factories.packs import entries_of, rewritten, taken
from tests.factories.service import a_photo
from tests.instants import instant
from zestech_aftersales.timeline.insert_only import unguarded
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.seals import SEALED_FIELDS, hash_of, seal

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
LATER = R0 + timedelta(days=1)


@pytest.fixture
def appointment(frozen, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    appointment = make.requested(make.a_cover(), at=R0)
    write(appointment.case, "Here it is.", photos=[a_photo()], by=make.buyer_of(appointment), at=R0 + HOUR)
    make.offered(appointment, at=R0 + 2 * HOUR)
    return make.fresh(appointment)


@pytest.fixture
def pack(appointment, tmp_path):
    path = tmp_path / "pack.zip"
    path.write_bytes(taken(appointment.case, make.buyer_of(appointment), at=LATER))
    return path


def differences(path):
    return verdict_on(path).differences


def checked(path):
    out = io.StringIO()
    call_command("verify_pack", str(path), stdout=out)
    return out.getvalue()


def test_a_pack_as_it_was_made_is_whole(pack):
    assert "is whole" in checked(pack)
    assert verdict_on(pack).remarks[0].startswith("Made for the buyer side")


def test_a_tampered_pack_ends_with_status_1(pack):
    def change(entries):
        entries["evidence.pdf"] += b" "

    with pytest.raises(CommandError, match="differences found"):
        checked(rewritten(pack, change))


def test_each_entry_that_was_changed_is_named(pack):
    names = [name for name in entries_of(pack) if name not in ("manifest.json", "events.json")]
    assert len(names) == 3
    for name in names:

        def change(entries, name=name):
            entries[name] = entries[name][:-1] + b"#"

        assert differences(rewritten(pack, change)) == [f"{name}: changed since the manifest was written"]
        # With hashes that fit again the pack is whole in itself: the record of it in the database is not of this one.
        unknown, *more = differences(rewritten(pack, change, new_manifest=True))
        assert unknown == "No pack with this manifest was made here."
        assert [name in each and "is not what was received" in each for each in more] == [True] * name.startswith(
            "files/"
        )


def test_each_entry_that_was_removed_is_named(pack):
    for name in entries_of(pack):

        def change(entries, name=name):
            del entries[name]

        found = differences(rewritten(pack, change))
        assert any(name in each and "missing" in each for each in found), name


def test_an_entry_that_was_added_is_named(pack):
    def change(entries):
        entries["files/another.jpg"] = b"x"

    assert differences(rewritten(pack, change)) == ["files/another.jpg: not in the manifest"]
    assert differences(rewritten(pack, change, new_manifest=True)) == ["No pack with this manifest was made here."]


def frame_of(path):
    """The places of all bytes that belong to no entry: headers, the list of the entries, the end."""
    content, inside = path.read_bytes(), set[int]()
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name, extra = struct.unpack("<HH", content[info.header_offset + 26 : info.header_offset + 30])
            begins = info.header_offset + 30 + name + extra
            inside.update(range(begins, begins + info.file_size))
    return [place for place in range(len(content)) if place not in inside]


def test_a_changed_byte_is_found_wherever_it_stands(pack):
    content = pack.read_bytes()
    for place in [*frame_of(pack)[::4], *range(40, len(content), 4001)]:
        changed = bytearray(content)
        changed[place] ^= 1
        pack.write_bytes(bytes(changed))
        assert differences(pack), place


@pytest.mark.parametrize(("before", "behind"), [(b"", b"x"), (b"x", b""), (b"", bytes(2000)), (b"#!/bin/sh\n", b"")])
def test_bytes_put_around_the_archive_are_found(pack, before, behind):
    pack.write_bytes(before + pack.read_bytes() + behind)
    assert differences(pack)


def test_a_remark_put_into_the_archive_is_found(pack):
    with zipfile.ZipFile(pack, "a") as archive:
        archive.comment = b"as agreed on the phone"
    (found,) = differences(pack)
    assert "not as it was written" in found


def test_a_file_changed_in_the_store_before_the_pack_was_made_is_found(appointment, tmp_path):
    stored = Attachment.objects.get()
    kept = tmp_path / "media" / stored.file.name
    kept.write_bytes(kept.read_bytes() + b"#")
    path = tmp_path / "late.zip"
    path.write_bytes(taken(appointment.case, make.buyer_of(appointment), at=LATER))
    (found,) = differences(path)
    assert f"{stored.pk:08d}" in found
    assert stored.sha256 in found


def tampered_with(event, clause):
    """An event changed past its guard, as somebody with the keys of the database could."""
    with unguarded(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE timeline_event SET clause = %s WHERE id = %s", [clause, event])


def test_an_event_changed_in_the_database_is_found_even_where_the_reader_is_not_shown_it(frozen, tmp_path):
    violation = violate.a_notified()
    path = tmp_path / "withheld.zip"
    path.write_bytes(
        taken(violation.appointment.case, make.seller_of(violation.appointment), at=violate.NOTIFIED + HOUR)
    )
    assert differences(path) == []
    links = [link for each in json.loads(entries_of(path)["events.json"]) for link in each["events"]]
    withheld = next(link["id"] for link in links if link["event"] is None)
    shown = next(link["id"] for link in links if link["event"] is not None)
    tampered_with(withheld, "9.9")
    assert any(f"event {withheld}, withheld here, is not what was sealed" in each for each in differences(path))
    tampered_with(shown, "9.8")
    assert any(f"event {shown}: clause is '9.8' in the database" in each for each in differences(path))


def histories(entries):
    return json.loads(entries["events.json"])


def put(entries, streams):
    entries["events.json"] = json.dumps(streams).encode()


ANOTHER = {
    "id": 1, "uid": "00000000-0000-0000-0000-000000000000", "stream": "case/999", "subject": "appointment/999",
    "kind": "appointment.refused", "clause": "9.9", "actor_kind": "seller", "actor_id": 999, "acting_for_id": 999,
    "client_id": "x", "channel": "api", "key": "x", "effective_at": "2026-03-01T00:00:00.000000+00:00",
    "recorded_at": "2026-03-01T00:00:00.000000+00:00", "before": {"state": "x"}, "after": {"state": "x"},
    "detail": {"x": 1},
}  # fmt: skip


@pytest.mark.parametrize("name", SEALED_FIELDS)
def test_a_changed_field_of_an_event_is_found_by_its_seal_and_by_the_database(pack, name):
    def change(entries):
        streams = histories(entries)
        streams[0]["events"][1]["event"][name] = ANOTHER[name]
        put(entries, streams)

    found = differences(rewritten(pack, change, new_manifest=True))
    assert any("the event is not what was sealed" in each for each in found) or name in ("id", "stream")
    assert any("in the database" in each or "another one" in each for each in found)


def forged(entries, edit):
    """The events edited and every seal counted anew, up to the head: a chain that is whole in itself."""
    streams = histories(entries)
    edit(streams[0]["events"])
    before = ""
    for position, link in enumerate(streams[0]["events"], start=1):
        digest = hash_of(Event(**link["event"]), before)
        link["seal"] = {"position": position, "previous_hash": before, "hash": digest}
        before = digest
    streams[0]["head"] = {"position": len(streams[0]["events"]), "hash": before}
    put(entries, streams)
    manifest = json.loads(entries["manifest.json"])
    manifest["streams"] = {streams[0]["stream"]: streams[0]["head"]}
    entries["manifest.json"] = json.dumps(manifest).encode()


def test_a_chain_that_was_sealed_anew_is_found_by_the_database(pack):
    def edit(links):
        links[0]["event"]["effective_at"] = "2026-03-01T00:00:00.000000+00:00"

    found = differences(rewritten(pack, lambda entries: forged(entries, edit), new_manifest=True))
    assert any("effective_at is '2026-03-02T01:15:30.000000+00:00' in the database" in each for each in found)
    assert any("the seal is another one in the database" in each for each in found)
    assert not any("not what was sealed" in each for each in found)


def test_an_event_left_out_at_the_end_is_missed(pack):
    found = differences(rewritten(pack, lambda entries: forged(entries, lambda links: links.pop()), new_manifest=True))
    assert any("(appointment.proposed) is missing in the pack" in each for each in found)


def test_an_event_left_out_in_the_middle_breaks_the_chain(pack):
    def change(entries):
        streams = histories(entries)
        del streams[0]["events"][1]
        put(entries, streams)

    found = differences(rewritten(pack, change, new_manifest=True))
    assert any("gap" in each for each in found)
    assert any("is missing in the pack" in each for each in found)


def test_events_in_another_order_are_found(pack):
    def change(entries):
        streams = histories(entries)
        streams[0]["events"].reverse()
        put(entries, streams)

    assert any("out of order" in each for each in differences(rewritten(pack, change, new_manifest=True)))


def test_an_event_that_was_made_up_is_not_in_the_database(pack):
    def edit(links):
        links.append({"id": 10**9, "event": {**links[-1]["event"], "id": 10**9}, "seal": None})

    found = differences(rewritten(pack, lambda entries: forged(entries, edit), new_manifest=True))
    assert any("event 1000000000 is not in the database" in each for each in found)


@pytest.mark.parametrize(
    "streams", [[{}], [{"stream": "case/1", "events": 3, "head": {}}], [{"stream": None}], {}, "x"]
)
def test_events_of_another_form_are_a_difference_and_no_crash(pack, streams):
    assert differences(rewritten(pack, lambda entries: put(entries, streams), new_manifest=True))


def test_what_came_later_is_said_and_is_no_difference(pack, appointment):
    write(appointment.case, "And one more word.", by=make.buyer_of(appointment), at=LATER + HOUR)
    make.fresh(appointment)
    seal(list(Event.objects.order_by("pk")))
    verdict = verdict_on(pack)
    assert verdict.differences == []
    assert f"{appointment.case.stream}: 1 events came later." in verdict.remarks


def test_a_pack_made_before_its_events_were_sealed_is_whole_then_and_later(appointment, tmp_path):
    path = tmp_path / "unsealed.zip"
    path.write_bytes(taken(appointment.case, make.buyer_of(appointment), at=LATER, seals=False))
    assert differences(path) == []
    seal(list(Event.objects.order_by("pk")))
    assert differences(path) == []


def test_packs_with_withheld_events_are_whole(frozen, tmp_path):
    violation = violate.a_notified()
    for seals in (False, True):
        path = tmp_path / f"{seals}.zip"
        by = make.seller_of(violation.appointment)
        path.write_bytes(taken(violation.appointment.case, by, at=violate.NOTIFIED + HOUR, seals=seals))
        assert differences(path) == []


def test_the_pack_of_a_complaint_is_whole(frozen, tmp_path):
    complaint = complain.determined()
    path = tmp_path / "complaint.zip"
    path.write_bytes(taken(complaint, make.buyer_of(complaint), at=complain.NEGOTIATED + 2 * HOUR))
    assert differences(path) == []


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "/etc/passwd", "files/../../x", "C:\\x", "files\\..\\x", "files//x", ".hidden", "a\nb", "files/"],
)
def test_names_that_lead_elsewhere_are_refused(pack, name):
    def change(entries):
        entries[name] = b"x"

    (found,) = differences(rewritten(pack, change, new_manifest=True))
    assert "leads elsewhere" in found


def test_a_name_given_twice_is_refused(pack):
    with zipfile.ZipFile(pack, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("events.json", b"[]")
    assert differences(pack) == ["Two entries have the same name."]


def test_compressed_entries_are_refused_unread(pack):
    with zipfile.ZipFile(pack, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("files/bomb.jpg", bytes(50_000_000))
    (found,) = differences(pack)
    assert "is compressed" in found


def test_an_entry_that_claims_to_be_larger_than_the_file_is_refused(pack):
    content = bytearray(pack.read_bytes())
    # The sizes in the central directory: two times four bytes, twenty after the signature.
    place = content.index(b"PK\x01\x02") + 20
    content[place : place + 8] = struct.pack("<II", 2**31, 2**31)
    pack.write_bytes(bytes(content))
    (found,) = differences(pack)
    assert "larger than the file" in found or "cannot be read" in found


def test_too_many_entries_are_refused(pack, monkeypatch):
    monkeypatch.setattr(opening, "MOST_ENTRIES", 3)
    assert differences(pack) == ["More than 3 entries."]


def test_events_beyond_measure_are_not_read(pack, monkeypatch):
    monkeypatch.setattr(opening, "MOST_JSON", 100)
    (found,) = differences(pack)
    assert "larger than anything this program writes" in found


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_pack_is_said_so(tmp_path, content):
    path = tmp_path / "other.zip"
    path.write_bytes(content)
    assert len(differences(path)) == 1
    assert differences(tmp_path / "nowhere.zip")
