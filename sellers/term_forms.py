"""A sentence split into terms, as people type it: one term to a row, for pages and for the staff (2.3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sellers.readings import promises_in
from sellers.terms import LABELS, LARGEST, Dimension, Promise, PromiseError

ROWS = 6
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


class TermRowsForm(forms.Form):
    """The terms of a sentence, one to a row; the system's reading of `words` is filled in."""

    def __init__(self, *args: Any, words: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        read = promises_in(words)[:ROWS]
        for n in range(1, ROWS + 1):
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

    def rows(self) -> Iterator[list[Any]]:
        """The fields, row by row."""
        for n in range(1, ROWS + 1):
            yield [self[f"{name}_{n}"] for name in ("what", "value", "excludes")]

    def clean(self) -> dict[str, Any]:
        """The rows as promises; a value that its dimension does not know is told at its field."""
        typed = super().clean() or {}
        self.terms: list[Promise] = []
        for n in range(1, ROWS + 1):
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
