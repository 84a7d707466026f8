#!/usr/bin/env python3
"""The translations: the strings of code and templates, the catalog that is kept, and its compiled form.

Everything here is done by Babel and Django: no GNU gettext is needed. Run as a program it writes the
catalog anew; the tests read the same functions to see that nothing is missing.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("zestech_aftersales", "sellers", "cases", "complaints")
PO = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")

Message = tuple[str | None, str | tuple[str, str]]  # its context, and its text or singular and plural

# Which arguments are what: c the context, 1 the text, 2 its plural.
CALLS = {"gettext": "1", "ngettext": "12", "pgettext": "c1", "npgettext": "c12"}
CALLS |= {f"{name}_lazy": roles for name, roles in CALLS.items()} | {"gettext_noop": "1", "_": "1", "_now": "1"}
# Django's templatize leaves one of these letters for each character that is no message.
BLANKED = re.compile(r"(?<![\w'\"])[BFPSX]+(?![\w('\"])")


def in_code(source: str) -> Iterator[Message]:
    """The messages of a Python file. Read by ast, because Babel's reader is blind inside f-strings."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in CALLS:
            continue
        said = {
            role: argument.value
            for role, argument in zip(CALLS[node.func.id], node.args, strict=False)
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        }
        if "1" in said:
            yield said.get("c"), (said["1"], said["2"]) if "2" in said else said["1"]


def in_template(source: str) -> Iterator[Message]:
    """The messages of a template, which Django first turns into calls of gettext."""
    calls = BLANKED.sub(" ", templatize(source))
    unindented = "\n".join(line.strip() for line in calls.split("\n"))
    for _line, text, _comments, context in extract("python", io.BytesIO(unindented.encode())):
        yield context, (text[0], text[1]) if isinstance(text, tuple) else text


def messages() -> Iterator[tuple[str, Message]]:
    """Each message that a person may meet, with the file it stands in."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                for message in in_code(path.read_text(encoding="utf-8")):
                    yield str(path.relative_to(ROOT)), message
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            for message in in_template(path.read_text(encoding="utf-8")):
                yield str(path.relative_to(ROOT)), message


def collected() -> Catalog:
    """The messages as they stand in code and templates now."""
    template = Catalog(charset="utf-8")
    for place, (context, text) in messages():
        template.add(text, None, [(place, 0)], context=context)
    return template


def kept() -> Catalog:
    """The catalog as it is kept, obsolete entries left aside."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django", ignore_obsolete=True)


def compiled(catalog: Catalog) -> bytes:
    """The form Django reads; fuzzy and empty entries are not in it."""
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def is_translated(said: str | Sequence[str] | None) -> bool:
    """Whether there is something in each of its forms."""
    return bool(said and all(said))


def main() -> int:
    """Write the catalog anew and compile it; 1 as long as messages wait for their translation."""
    catalog = kept()
    catalog.update(collected(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    with PO.open("wb") as file:
        # No places and a fixed order: a message that moves in the code changes nothing here.
        write_po(file, catalog, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    MO.write_bytes(compiled(kept()))
    waiting = [message.id for message in kept() if message.id and not is_translated(message.string)]
    for text in waiting:
        print(f"not translated: {text}")
    print(f"{len(catalog)} messages, {len(waiting)} without a translation")
    return 1 if waiting else 0


if __name__ == "__main__":
    sys.exit(main())
