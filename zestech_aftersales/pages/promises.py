"""What was promised: a message of the thread recorded as a promise, and what binds for a cover, with its source (2.3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases import queries
from cases.actions.promises import record_promise
from cases.permissions import is_buyer
from cases.promises import may_record, promised_for_cover
from sellers.readings import promises_in
from sellers.terms import LABELS, LARGEST, UNLIMITED, Dimension, Promise, PromiseError
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.ui.keyed import KeyedForm, attempt

if TYPE_CHECKING:
    from zestech_aftersales.pages.views import CasePages

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


class PromiseForm(KeyedForm):
    """The terms of a sentence, one to a row; the system's reading of the words is filled in."""

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

    def field_for(self, missing: str) -> str:
        return "what_1"


def promise(pages: CasePages, request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """This message is a promise: split into terms, with what follows from it shown first."""
    timed = cast(PersonRequest, request)
    by = pages.actor(timed, "")
    case = queries.case_by_reference(reference, by)
    message = queries.one(queries.thread_of(case), pk, by)
    if not may_record(message, case, by):
        raise Http404
    back = f"{reverse(f'{pages.namespace}:case', args=[case.reference])}#message-{message.pk}"
    form = PromiseForm(request.POST or None, words=message.body)
    if request.method == "POST" and form.is_valid():
        sender = by.with_key(form.cleaned_data["key"])
        if attempt(form, lambda: record_promise(message, form.terms, by=sender, at=timed.received_at)) is not None:
            messages.success(request, _now("The promise is recorded."))
            return redirect(back)
    return render(
        request,
        "case/promise.html",
        {
            "file": {"case": case},
            "pages": pages,
            "message": message,
            "form": form,
            "refusal": form.refusal,
            "by_buyer": is_buyer(case, by),
            "unlimited": UNLIMITED,
            "back": back,
        },
        status=form.status,
    )


def promised_page(pages: CasePages, request: HttpRequest, pk: int) -> HttpResponse:
    """What was promised about an order line: as the page stood at the order, and since, each with its source."""
    timed = cast(PersonRequest, request)
    by = pages.actor(timed, "")
    cover = queries.one(queries.covers_for(by).select_related("buyer"), pk, by)
    context = {
        "cover": cover,
        "promised": promised_for_cover(cover, at=timed.received_at),
        "methods": queries.offered_at_order(cover),
        "pages": pages,
    }
    return render(request, "case/promised.html", context)
