"""The readable part of a pack as PDF, with fonts of its own; the one module that knows fpdf2, loaded when one is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from fpdf import FPDF, XPos, YPos
from fpdf.fonts import TTFFont

from complaints.packs.sections import Entry, Fact, Section

VENDORED = Path(settings.BASE_DIR) / "static/vendor"
LETTERS, CHINESE = VENDORED / "noto-sans-5.3.0", VENDORED / "noto-sans-sc-5.3.0/noto-sans-sc-400.woff"
SCRIPTS = ("latin-ext", "greek", "cyrillic", "vietnamese")
BRAND, INK, MUTED, LINE = (15, 92, 102), (20, 33, 43), (85, 99, 111), (223, 229, 234)
MARGIN, LABELS, ROW = 18, 46, 5.2


class Paper(FPDF):
    """A4 sheets with what they are about and their number at the foot."""

    def __init__(self, foot: str, language: str, made_at: datetime) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 4)
        self.add_font("latin", "", LETTERS / "latin-400.woff")
        self.add_font("latin", "B", LETTERS / "latin-700.woff")
        for script in SCRIPTS:
            self.add_font(script, "", LETTERS / f"{script}-400.woff")
        self.add_font("chinese", "", CHINESE)
        # These have one weight here: the bold of Chinese alone would be another 1.6 MB.
        self.set_fallback_fonts([*SCRIPTS, "chinese"], exact_match=False)
        self.set_lang(language)
        self.set_creation_date(made_at)
        self.add_page()

    def add_page(self, *args: Any, **kwargs: Any) -> None:
        """A new sheet, on which the font goes on."""
        super().add_page(*args, **kwargs)
        self._choose_font()

    def footer(self) -> None:
        """The same words below every page."""
        self.set_y(-MARGIN)
        self._in("", 7.5, MUTED)
        self.cell(0, 5, self.visible(f"{self.foot} · {self.page_no()}/{{nb}}"), align="R")

    @cached_property
    def _drawn(self) -> frozenset[int]:
        fonts = (font for font in self.fonts.values() if isinstance(font, TTFFont))
        return frozenset({ord("\n")}).union(*(font.cmap for font in fonts))

    def visible(self, text: str) -> str:
        """The text with every sign that no font here can draw as its code (U+0627), so that nothing is silently lost."""
        clean = text.replace("\r\n", "\n").replace("\t", "    ")
        return "".join(sign if ord(sign) in self._drawn else f"[U+{ord(sign):04X}]" for sign in clean)

    def title_of(self, title: str, told: Iterable[Fact]) -> None:
        """The head of the first page."""
        self._in("B", 18, BRAND)
        self._block(title, 9)
        self.ln(1)
        self._facts(told)

    def section(self, section: Section) -> None:
        """A part under its title, which never stands alone at the foot of a page."""
        if self.will_page_break(28):
            self.add_page()
        self.ln(5)
        self._in("B", 12.5, BRAND)
        self.start_section(self.visible(section.title))
        self._block(section.title, 7)
        self.set_draw_color(*LINE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(2)
        for entry in section.entries:
            self._entry(entry)

    def _entry(self, entry: Entry) -> None:
        if self.will_page_break(3 * ROW):
            self.add_page()
        if entry.heading:
            self._in("B", 9.5, INK)
            self._block(entry.heading, ROW)
        self._facts(entry.facts)
        if entry.text:
            if entry.facts:
                self.ln(1)
            self._in("", 9, INK)
            self._block(entry.text, ROW)
        self.ln(2)

    def _facts(self, told: Iterable[Fact]) -> None:
        for label, value in told:
            if self.will_page_break(2 * ROW):
                self.add_page()
            top, page = self.get_y(), self.page
            self._in("", 9, MUTED)
            self.multi_cell(LABELS - 2, ROW, self.visible(label), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
            after_label = self.get_y()
            if self.page == page:
                self.set_xy(self.l_margin + LABELS, top)
            self._in("", 9, INK)
            self.multi_cell(0, ROW, self.visible(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
            if self.page == page:
                self.set_y(max(self.get_y(), after_label))

    def close_fonts(self) -> None:
        """Let the font files go, which are read as signs are needed."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def _block(self, text: str, height: float) -> None:
        self.multi_cell(0, height, self.visible(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def _in(self, style: str, size: float, color: tuple[int, int, int]) -> None:
        self.set_font("latin", style, size)
        self._choose_font()
        self.set_text_color(*color)

    def _choose_font(self) -> None:
        """Write the font into the page at once.

        fpdf2 waits for the first letters. Where those are Chinese it writes the font inside the brackets (q Q) that it
        puts around them, believes it chosen from then on, and draws what follows with the signs of another font.
        """
        if self.current_font is not None and not self.current_font_is_set_on_page:
            self._out(self._set_font_for_page(self.current_font, self.font_size_pt))


def printed(
    title: str, told: Iterable[Fact], sections: Iterable[Section], *, foot: str, language: str, made_at: datetime
) -> bytes:
    """The sections as a PDF; the same bytes whenever the same is printed for the same instant."""
    paper = Paper(foot, language, made_at)
    paper.set_title(title)
    paper.set_creator(_("ZESTECH After-sales"))
    paper.title_of(title, told)
    for section in sections:
        paper.section(section)
    try:
        return bytes(paper.output())
    finally:
        paper.close_fonts()
