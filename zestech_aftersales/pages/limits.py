"""The pages that count: the sum of one limit below its case, and what the limits of a request would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases import queries
from cases.beside import limit_of_sign_off, sum_of, sum_of_notice, sum_of_proof
from cases.cover_sums import sum_of_cover
from cases.covers import bookable_methods, terms_for_request
from cases.explanation import explanation, limits_for, would_be
from cases.sums import Explanation
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.pages.forms import MomentField
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod

if TYPE_CHECKING:
    from cases.models import ExclusionClaim, ServiceCase
    from zestech_aftersales.pages.views import CasePages


class WouldBeForm(forms.Form):
    """A method, and the instant at which the request would be received."""

    method = forms.ChoiceField(label=_("Method"))
    at = MomentField(label=_("Received at"), help_text=_("In your own time zone."))

    def __init__(self, *args: Any, methods: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = [(name, ServiceMethod(name).label) for name in methods]  # type: ignore[attr-defined]


def limit(pages: CasePages, request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """The sum of one limit, for everybody who may see the case."""
    timed = cast(PersonRequest, request)
    by = pages.actor(timed, "")
    case = queries.case_by_reference(reference, by)
    deadline = queries.one(limits_for(by).filter(appointment__case=case), pk, by)
    return _shown(pages, request, case, deadline, explanation(deadline))


def proof_limit(pages: CasePages, request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """The sum of the time in which a claim must be proven."""
    claim = _claim(pages, request, reference, pk)
    return _shown(pages, request, claim.appointment.case, claim, sum_of_proof(claim))


def notice_limit(pages: CasePages, request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """The sum of the time in which notice of a claimed event had to be given."""
    claim = _claim(pages, request, reference, pk)
    return _shown(pages, request, claim.appointment.case, claim, sum_of_notice(claim))


def _claim(pages: CasePages, request: HttpRequest, reference: str, pk: int) -> ExclusionClaim:
    by = pages.actor(cast(PersonRequest, request), "")
    case = queries.case_by_reference(reference, by)
    claims = queries.claims_for(by).select_related("appointment__case__cover__edition")
    return queries.one(claims.filter(appointment__case=case), pk, by)


def sign_off_limit(pages: CasePages, request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """The sum of the buyer's time to sign off the service of an appointment."""
    by = pages.actor(cast(PersonRequest, request), "")
    case = queries.case_by_reference(reference, by)
    appointments = queries.appointments_for(by).select_related("case__cover__edition")
    signed = queries.sign_off_of(queries.one(appointments.filter(case=case), pk, by))
    return _shown(pages, request, case, signed, None if signed is None else sum_of(limit_of_sign_off(signed)))


def _shown(
    pages: CasePages, request: HttpRequest, case: ServiceCase, thing: object, sum_: Explanation | None
) -> HttpResponse:
    if sum_ is None:
        raise Http404
    return render(
        request,
        "case/limit.html",
        {
            "file": {"case": case},
            "pages": pages,
            "title": sum_.label,
            "thing": thing,
            "sum": sum_,
            "sums": [sum_],
            "back": reverse(f"{pages.namespace}:case", args=[case.reference]),
        },
    )


def cover_end(pages: CasePages, request: HttpRequest, pk: int) -> HttpResponse:
    """The sum of the end of a cover, for a request received now."""
    timed = cast(PersonRequest, request)
    by = pages.actor(timed, "")
    cover = queries.one(queries.covers_for(by).select_related("buyer"), pk, by)
    sum_ = sum_of_cover(cover, at=timed.received_at)
    if sum_ is None:
        raise Http404
    context = {"cover": cover, "sum": sum_, "sums": [sum_], "replacements": cover.replacements.all(), "pages": pages}
    return render(request, "case/cover_end.html", context | {"at": timed.received_at})


def would_be_page(pages: CasePages, request: HttpRequest, pk: int) -> HttpResponse:
    """What the limits would be for a method and an instant; creates nothing."""
    timed = cast(PersonRequest, request)
    by = pages.actor(timed, "")
    cover = queries.one(queries.covers_for(by).select_related("buyer"), pk, by)
    methods = bookable_methods(cover, terms_for_request(cover, timed.received_at))
    form = WouldBeForm(request.GET or None, methods=methods, initial={"method": methods[0], "at": timed.received_at})
    sums: list[Explanation] = []
    refusal = None
    if form.is_valid():
        try:
            sums = would_be(cover, form.cleaned_data["method"], at=form.cleaned_data["at"])
        except RuleBroken as broken:
            refusal = broken
    context = {"cover": cover, "form": form, "sums": sums, "refusal": refusal, "pages": pages}
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "case/would_be.html", context, status=status)
