"""Evidence packs at the staff desk: everything but internal notes; addresses for those who are told them."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from cases.models import ServiceCase
from cases.queries import cases_for, one
from complaints.admin.case_file import shows_address
from complaints.models import Complaint
from complaints.packs.answers import pack_answer
from complaints.packs.making import made_pack
from complaints.packs.reach import Reader, Subject, about_case, about_complaint
from complaints.queries.complaints import complaints_for
from zestech_aftersales.desk.reader import reader_of, staff_actor
from zestech_aftersales.desk.site import StaffDesk
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.staff import told


def case_pack_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The pack of a case."""
    case: ServiceCase = one(cases_for(staff_actor(request)), pk, staff_actor(request))
    return _page(request, case, lambda reader: about_case(case, reader))


def complaint_pack_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The pack of a complaint."""
    complaint: Complaint = one(complaints_for(staff_actor(request)), pk, staff_actor(request))
    return _page(request, complaint.case, lambda reader: about_complaint(complaint, reader))


def _page(request: HttpRequest, case: ServiceCase, about: Callable[[Reader], Subject]) -> HttpResponseBase:
    """Say what is inside; make and send it on POST."""
    by, at = staff_actor(request), reader_of(request).at
    refusal = ""
    if request.method == "POST":
        reader = Reader(by, at, is_told=shows_address(request, case.stream))
        try:
            return pack_answer(made_pack(about(reader), reader))
        except RuleBroken as broken:
            refusal = told(broken)
    subject = about(Reader(by, at))
    context = {
        **admin.site.each_context(request),
        "title": _("PDF and evidence of %(reference)s") % {"reference": subject.reference},
        "case": case,
        "subject": subject,
        "refusal": refusal,
    }
    return TemplateResponse(request, "admin/pack.html", context, status=409 if refusal else 200)


_desk = cast(StaffDesk, admin.site)
_desk.add_page("cases/servicecase/<int:pk>/pack/", "case_pack", case_pack_view)
_desk.add_page("complaints/complaint/<int:pk>/pack/", "complaint_pack", complaint_pack_view)
