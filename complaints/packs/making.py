"""Making a pack: read through the person who asks, written to a temporary file, told to the timeline."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.events import instant_text
from cases.models import Attachment
from complaints.actions.packs import note_pack
from complaints.models import Voucher
from complaints.packs.archive import EVENTS, FILES, PAPER, WORDS, Archive, as_bytes, chunks
from complaints.packs.case_sections import case_sections
from complaints.packs.histories import History, histories
from complaints.packs.judged_sections import files_section, judged_sections
from complaints.packs.reach import Reader, Subject
from complaints.packs.sections import Writing, facts, filled
from complaints.queries.packs import must_not_be_too_many
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.queries import edition_in_force

Stored = Attachment | Voucher
# More does not fit a download; photos are at most about a megabyte each.
MOST_BYTES = 300 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pack:
    """A finished pack: the open file at its beginning, and what it is called when saved."""

    file: IO[bytes]
    name: str
    manifest: str


def made_pack(subject: Subject, reader: Reader) -> Pack:
    """Write a pack and record that it was made. RuleBroken: too_many_packs, pack_too_large (409)."""
    must_not_be_too_many(subject.about, reader.by, at=reader.at)
    pack = written_pack(subject, reader)
    try:
        note_pack(subject.about, pack.manifest, made_for=reader.side, by=reader.by, at=reader.at)
    except BaseException:
        pack.file.close()
        raise
    return pack


def written_pack(subject: Subject, reader: Reader) -> Pack:
    """Write a pack to a temporary file; the same bytes for the same data, person's side, language and instant."""
    photos = Attachment.objects.filter(case__in=subject.cases).order_by("pk")
    files: list[Stored] = [*photos, *subject.vouchers]
    if sum(file.size for file in files) > MOST_BYTES:
        raise RuleBroken("", "pack_too_large", detail=_("The files are too large for one download. Ask the support."))
    zone = edition_in_force(reader.at).law.zone_info
    # The words of the acceptance test come in the active zone; a pack knows the platform's alone.
    with timezone.override(zone):
        return _written(subject, reader, Writing(zone), files)


def _written(subject: Subject, reader: Reader, writing: Writing, files: list[Stored]) -> Pack:
    # fpdf2 with its font tools takes time and memory to load: only who makes a pack pays for it.
    from complaints.packs.pdf import printed

    told, language = histories(subject, reader), translation.get_language() or "en"
    placed = [(each, _place(each) if _is_stored(each) else "") for each in files]
    sections = filled(
        [
            *case_sections(subject, reader, writing),
            *judged_sections(subject, reader, told, writing),
            files_section(placed, writing),
        ]
    )
    title = _("Evidence pack %(reference)s") % {"reference": subject.reference}
    head = _head(subject, reader, writing)
    foot = f"{subject.reference} · {writing.instant(reader.at)}"
    paper = printed(title, head, sections, foot=foot, language=language, made_at=reader.at)
    words = {"title": title, "head": [list(fact) for fact in head], "sections": [each.as_json() for each in sections]}
    target = tempfile.TemporaryFile()  # noqa: SIM115  # handed on open: the answer closes it
    archive = Archive(target)
    archive.add(WORDS, iter([as_bytes(words)]))
    archive.add(PAPER, iter([paper]))
    archive.add(EVENTS, _events(told))
    for file, place in sorted((each for each in placed if each[1]), key=lambda each: each[1]):
        with file.file.open("rb") as content:
            archive.add(place, chunks(content))
    manifest = archive.close(
        {
            "about": subject.about,
            "reference": subject.reference,
            "made_at": instant_text(reader.at),
            "made_for": reader.side,
            "language": language,
            "zone": str(writing.zone),
            "edition": subject.case.cover.edition.number,
            "edition_in_force": edition_in_force(reader.at).number,
            "streams": {each.stream: each.head for each in told},
        }
    )
    target.seek(0)
    return Pack(target, f"{subject.reference}-evidence.zip", manifest)


def _is_stored(each: Stored) -> bool:
    return bool(each.file.storage.exists(str(each.file.name)))


def _place(each: Stored) -> str:
    """Its name in the pack; photos and vouchers have numbers of their own."""
    kind = "voucher-" if isinstance(each, Voucher) else ""
    return f"{FILES}{kind}{each.pk:08d}-{each.sha256[:12]}{each.suffix}"


def _events(told: Iterable[History]) -> Iterator[bytes]:
    streams: list[dict[str, Any]] = [
        {"stream": each.stream, "head": each.head, "events": [link.as_json() for link in each.links]} for each in told
    ]
    yield as_bytes(streams)


def _head(subject: Subject, reader: Reader, writing: Writing) -> tuple[tuple[str, str], ...]:
    sides = {"staff": _("the platform’s staff"), "seller": _("the seller"), "buyer": _("the buyer")}
    return facts(
        (_("Made at"), writing.instant(reader.at)),
        (_("For"), sides[reader.side]),
        (_("Zone"), f"{writing.zone}; {_('instants are exact to the microsecond')}"),
        (_("Rule edition"), subject.case.cover.edition),
        (
            _("To be checked by"),
            _("manifest.json holds the SHA-256 of every file, events.json the events with their chain of seals, "
              "evidence.json the words of this paper."),
        ),
    )  # fmt: skip
