"""What was promised: a message of the thread recorded as a promise, and what binds for a cover, with its source (2.3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now

from cases import queries
from cases.actions.promises import record_promise
from cases.permissions import is_buyer
from cases.promises import judged_anew_for_cover, may_record, promised_for_cover
from sellers.term_forms import ADD, TermRowsForm
from sellers.terms import UNLIMITED
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.ui.keyed import KeyedForm, attempt

if TYPE_CHECKING:
    from zestech_aftersales.pages.views import CasePages


class PromiseForm(TermRowsForm, KeyedForm):
    """The terms of a message; the system's reading of its words is filled in."""

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
    grown = request.POST if ADD in request.POST else None
    form = PromiseForm(None if grown else request.POST or None, words=message.body, grown=grown)
    if form.is_bound and form.is_valid():
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
        "judged_anew": judged_anew_for_cover(cover, at=timed.received_at),
        "methods": queries.offered_at_order(cover),
        "pages": pages,
    }
    return render(request, "case/promised.html", context)
