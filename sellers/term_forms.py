"""A sentence split into terms, as people type it: one term to a row, for pages and for the staff (2.3.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sellers.readings import promises_in
from sellers.terms import LABELS, LARGEST, Dimension, Promise, PromiseError

# How many terms a form takes at most.
MOST = 12
ADD = "add_term"
Choices = list[tuple[str | Words, Any]]


def what_choices() -> Choices:
    """Everything a term can be about: numbers by their kind, the rest by name."""
    named = [
        (dimension.label, [(f"{dimension.value}:{value}", label) for value, label in labels.choices])
        for dimension, labels in LABELS.items()
    ]
    numbers = [(dimension.value, dimension.label) for dimension in LARGEST]
    return [("", "–"), (_("A number"), numbers), *named, (Dimension.AREAS.value, Dimension.AREAS.label)]


def what_of(promise: Promise) -> tuple[str, str]:
    """How a promise stands in a row of the form: what it is about, and the number or the area."""
    if promise.dimension in LABELS:
        return f"{promise.dimension.value}:{promise.value}", ""
    return promise.dimension.value, str(promise.value)


def _rows_in(sent: Mapping[str, Any]) -> int:
    """How many rows a form that was sent had."""
    return max((n for n in range(1, MOST + 1) if f"what_{n}" in sent), default=0)


class TermRowsForm(forms.Form):
    """The terms of a sentence, one to a row; the system's reading of `words` is filled in.

    It has as many rows as were read or sent. `grown` is what was typed so far: it comes again, with one row more.
    """

    fewest: ClassVar[int] = 1

    def __init__(self, *args: Any, words: str = "", grown: QueryDict | None = None, **kwargs: Any) -> None:
        if grown is not None:
            kwargs["initial"] = {**kwargs.get("initial", {}), **grown.dict()}
        super().__init__(*args, **kwargs)
        sent = _rows_in(self.data if grown is None else grown)
        read = [] if sent else promises_in(words)[:MOST]
        self.count = min(MOST, max(self.fewest, sent + (grown is not None), len(read)))
        for n in range(1, self.count + 1):
            self.fields[f"what_{n}"] = forms.ChoiceField(
                label=_now("Term %(n)d") % {"n": n}, choices=what_choices(), required=n == 1
            )
            self.fields[f"value_{n}"] = forms.CharField(
                label=_now("Number or area of term %(n)d") % {"n": n}, max_length=100, required=False
            )
            self.fields[f"excludes_{n}"] = forms.BooleanField(
                label=_now("Term %(n)d takes this away") % {"n": n}, required=False
            )
            if n <= len(read):
                what, value = what_of(read[n - 1])
                self.initial.update({f"what_{n}": what, f"value_{n}": value, f"excludes_{n}": read[n - 1].excludes})
        self.read_count = len(read)
        if grown is not None:
            self.fields[f"what_{self.count}"].widget.attrs["autofocus"] = True

    @property
    def can_grow(self) -> bool:
        """Whether one more term can be added."""
        return self.count < MOST

    def rows(self) -> Iterator[list[Any]]:
        """The fields, row by row."""
        for n in range(1, self.count + 1):
            yield [self[f"{name}_{n}"] for name in ("what", "value", "excludes")]

    def clean(self) -> dict[str, Any]:
        """The rows as promises; a value that its dimension does not know is told at its field."""
        typed = super().clean() or {}
        self.terms: list[Promise] = []
        for n in range(1, self.count + 1):
            what = typed.get(f"what_{n}") or ""
            if not what:
                continue
            name, _colon, value = what.partition(":")
            value = value or str(typed.get(f"value_{n}", "")).strip()
            number = int(value) if value.isascii() and value.isdigit() and Dimension(name) in LARGEST else value
            try:
                self.terms.append(Promise(Dimension(name), number, bool(typed.get(f"excludes_{n}"))))
            except PromiseError as broken:
                self.add_error(f"value_{n}", str(broken))
        return typed
