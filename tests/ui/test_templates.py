"""What holds for every template and style file: strict CSP, known icons, no other hosts."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PYTHON = [
    path
    for package in ("zestech_aftersales", "sellers", "cases", "complaints")
    for path in sorted((ROOT / package).rglob("*.py"))
]
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
SPRITE = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/icons.svg").read_text()))

STYLE_ATTRIBUTE = re.compile(r"<[^>]*\sstyle\s*=|<style[\s>]", re.IGNORECASE)
HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE)
HOST = re.compile(r"https?://(?!www\.w3\.org/)[\w.-]+", re.IGNORECASE)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# Mails are read elsewhere: their styles cannot come from a file of ours.
PAGES = [path for path in TEMPLATES if "mail" not in path.parts]


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_keeps_the_strict_policy(path):
    text = path.read_text()

    assert not STYLE_ATTRIBUTE.search(text)
    assert not HANDLER.search(text)
    assert not INLINE_SCRIPT.search(text)


@pytest.mark.parametrize("path", [*PAGES, *STYLES, *SCRIPTS], ids=named)
def test_nothing_is_fetched_from_another_host(path):
    assert not HOST.search(path.read_text())


def test_every_icon_that_is_named_is_drawn():
    used = {
        name
        for path in TEMPLATES
        for name in re.findall(r"""{%\s*icon\s+["']([^"']+)["']|icon_name=["']([^"']+)["']""", path.read_text())
        for name in name
        if name
    }
    used |= {
        name
        for path in TEMPLATES
        for name in re.findall(r"""{%\s*badge\s+\S+\s+["'][^"']*["']\s+["']([^"']+)["']""", path.read_text())
    }
    used |= {look for path in PYTHON for look in re.findall(r'Look\("[a-z]*", "([^"]+)"\)', path.read_text())}

    assert used <= SPRITE


def test_every_style_token_that_is_used_is_defined():
    text = "\n".join(path.read_text() for path in STYLES)
    defined = set(re.findall(r"(--[\w-]+)\s*:", text))
    used = {name for name in re.findall(r"var\((--[\w-]+)", text) if not name.startswith("--bs-")}

    assert used <= defined


@pytest.mark.parametrize("path", STYLES, ids=named)
def test_every_file_a_style_sheet_names_is_there(path):
    for name in re.findall(r'url\("([^"]+)"\)', path.read_text()):
        assert (path.parent / name).resolve().is_file()
