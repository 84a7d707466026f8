"""The words of a PDF as a reader would see them: by the font that is really chosen where each letter is drawn."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
STREAM = re.compile(rb"stream\n(.*)\nendstream", re.DOTALL)
# Of a page: brackets around a state, the choice of a font, a string, and what draws it.
TOKEN = re.compile(rb"\((?:\\.|[^\\()])*\)|/(F\d+) [\d.]+ Tf|\bq\b|\bQ\b|\bT[jJ]\b", re.DOTALL)
ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
Signs = dict[int, str]


@dataclass
class Drawing:
    """Where a page's drawing stands: the font, those kept in brackets, and the words so far."""

    font: str = ""
    kept: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def words_of(paper: bytes) -> str:
    """All letters of a PDF that fpdf2 wrote, page by page, without blanks and line ends."""
    objects = {int(number): body for number, body in OBJECT.findall(paper)}
    fonts = {
        name.decode(): _signs(objects, int(number))
        for body in objects.values()
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body)
    }
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\b(?!s)", body)]
    text = "".join(_page(_stream(objects, int(re.search(rb"/Contents (\d+) 0 R", page)[1])), fonts) for page in pages)
    return re.sub(r"\s", "", text)


def _page(content: bytes, fonts: dict[str, Signs]) -> str:
    drawing = Drawing()
    for found in TOKEN.finditer(content):
        token = found.group()
        if found[1]:
            drawing.font = found[1].decode()
        elif token == b"q":
            drawing.kept.append(drawing.font)
        elif token == b"Q":
            drawing.font = drawing.kept.pop()
        elif token.startswith(b"("):
            drawing.words.append(_drawn(token[1:-1], fonts[drawing.font]))
    return "".join(drawing.words)


def _drawn(raw: bytes, signs: Signs) -> str:
    plain = re.sub(rb"\\(.)", lambda escape: ESCAPED.get(escape[1], escape[1]), raw, flags=re.DOTALL)
    codes = [int.from_bytes(plain[place : place + 2], "big") for place in range(0, len(plain), 2)]
    return "".join(signs.get(code, "\N{REPLACEMENT CHARACTER}") for code in codes)


def _signs(objects: dict[int, bytes], font: int) -> Signs:
    """Which letter each code of a font stands for."""
    told = _stream(objects, int(re.search(rb"/ToUnicode (\d+) 0 R", objects[font])[1]))
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", told)
    return {int(code, 16): bytes.fromhex(letter.decode()).decode("utf-16-be") for code, letter in pairs}


def _stream(objects: dict[int, bytes], number: int) -> bytes:
    content = STREAM.search(objects[number])[1]
    return zlib.decompress(content) if b"/FlateDecode" in objects[number] else content
