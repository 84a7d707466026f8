"""One page of a case for the staff: everything of it and about it, with internal notes."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.cover_ends import end_for
from complaints.actions.notes import add_note
from complaints.permissions import SUPPORT
from complaints.queries.late import late_messages
from complaints.queries.staff_file import staff_file
from zestech_aftersales.desk.access import is_told, open_access
from zestech_aftersales.desk.actions import note_look
from zestech_aftersales.desk.reader import reader_of, staff_actor
from zestech_aftersales.desk.site import StaffDesk
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.staff import told
from zestech_aftersales.ui.keyed import KeyedForm


class NoteForm(KeyedForm):
    """What it is about, and the words."""

    subject = forms.ChoiceField(label=gettext_lazy("About"))
    text = forms.CharField(
        label=gettext_lazy("Internal note"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "For platform staff alone: neither buyer nor seller ever reads it. It cannot be changed."
        ),
    )

    def __init__(self, subjects: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["subject"]).choices = subjects


def shows_address(request: HttpRequest, stream: str) -> bool:
    """Whether this person reads where the buyer lives; a look under an access is recorded."""
    reader = reader_of(request)
    if is_told(reader):
        return True
    access = open_access(reader)
    if access is None:
        return False
    note_look(access, stream, by=staff_actor(request), at=reader.at)
    return True


def case_file_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the case; a posted note is kept and the page shown anew."""
    by = staff_actor(request)
    file = staff_file(pk, by)
    form = NoteForm(file.subjects, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            add_note(given["subject"], given["text"], by=by.with_key(given["key"]), at=reader_of(request).at)
        except RuleBroken as broken:
            form.add_error("text", told(broken))
        else:
            messages.success(request, _("The note is kept."))
            return HttpResponseRedirect(reverse("admin:case_file", args=[pk]) + "#notes")
    context = {
        **admin.site.each_context(request),
        "title": _("Case file %(reference)s") % {"reference": file.case.reference},
        "file": file,
        "case": file.case,
        "cover_ends_at": end_for(file.case.cover, reader_of(request).at),
        "late": late_messages(file.complaints),
        "form": form,
        "can_complain": by.platform_role in SUPPORT,
        "shows_address": shows_address(request, file.case.stream),
    }
    return TemplateResponse(request, "admin/case_file.html", context)


cast(StaffDesk, admin.site).add_page("cases/servicecase/<int:pk>/file/", "case_file", case_file_view)
