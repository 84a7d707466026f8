"""The evidence pack of a case or a complaint: what is inside is said first, then it is made and sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from cases import queries
from complaints.packs.answers import pack_answer
from complaints.packs.making import made_pack
from complaints.packs.reach import Reader, Subject, about_case, about_complaint
from complaints.queries.complaints import REFERENCE, complaint_by_reference
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.ui.keyed import KeyedForm, attempt

if TYPE_CHECKING:
    from zestech_aftersales.pages.views import CasePages


def pack(pages: CasePages, request: HttpRequest, reference: str) -> HttpResponseBase:
    """Say what the pack holds; make and send it on POST, for a reader's page alone changes nothing."""
    timed = cast(PersonRequest, request)
    reader = Reader(pages.actor(timed, ""), timed.received_at)
    subject = _subject(reference, reader)
    form = KeyedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = attempt(form, lambda: made_pack(subject, reader))
        if made is not None:
            return pack_answer(made)
    case = subject.case
    return render(
        request,
        "case/pack.html",
        {
            "subject": subject,
            "file": {"case": case},
            "pages": pages,
            "refusal": form.refusal,
            "back": reverse(f"{pages.namespace}:case", args=[case.reference]),
        },
        status=form.status,
    )


def _subject(reference: str, reader: Reader) -> Subject:
    if REFERENCE.match(reference):
        return about_complaint(complaint_by_reference(reference, reader.by), reader)
    return about_case(queries.case_by_reference(reference, reader.by), reader)
