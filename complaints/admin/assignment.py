"""Assignment at the staff desk: one thing to an auditor, or all that a colleague looks after to another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.actions.assignment import assign
from complaints.actions.officers import assign_complaint
from complaints.models import Complaint
from complaints.permissions import AUDITORS
from complaints.queries.assignments import assigned_to, auditors, colleagues, predecessors
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.models import User
from zestech_aftersales.desk.reader import reader_of
from zestech_aftersales.desk.site import StaffDesk
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.staff import ReasonForm, Step, staff_actor, told


class AssignForm(ReasonForm):
    """To whom, and why."""

    officer = forms.ModelChoiceField(label=gettext_lazy("Assign to"), queryset=User.objects.none())
    field_order = ("officer", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField[User], self.fields["officer"]).queryset = auditors()


def assign_to(thing: Any, *, officer: User, reason: str, by: Actor, at: datetime) -> object:
    """Let this auditor look after it."""
    return assign(thing, officer, reason=reason, by=by, at=at)


ASSIGN = Step(
    "assign",
    gettext_lazy("Assign"),
    assign_to,
    AUDITORS,
    consequence=gettext_lazy("The auditor is told. It gives nobody a right to judge that he has not."),
    form=AssignForm,
)


class HandOverForm(ReasonForm):
    """From whom to whom, and why."""

    person = forms.ModelChoiceField(label=gettext_lazy("From"), queryset=User.objects.none())
    officer = forms.ModelChoiceField(label=gettext_lazy("To"), queryset=User.objects.none())
    field_order = ("person", "officer", "reason")

    def __init__(self, by: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField[User], self.fields["person"]).queryset = predecessors(by)
        cast(forms.ModelChoiceField[User], self.fields["officer"]).queryset = colleagues(by)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("person") is not None and cleaned.get("person") == cleaned.get("officer"):
            self.add_error("officer", _("Choose somebody else."))
        return cleaned


@dataclass(frozen=True, slots=True)
class Handed:
    """One thing with what became of it; "" where it went over."""

    thing: Any
    trouble: str = ""


def hand_over(person: User, officer: User, *, reason: str, by: Actor, at: datetime) -> list[Handed]:
    """Each thing by its own action, so that one that cannot go over holds nothing else up."""
    return [_handed(thing, officer, reason, by, at) for thing in assigned_to(person, by)]


def _handed(thing: Any, officer: User, reason: str, by: Actor, at: datetime) -> Handed:
    try:
        if isinstance(thing, Complaint):
            assign_complaint(thing, officer, reason=reason, by=by, at=at)
        else:
            assign(thing, officer, reason=reason, by=by, at=at)
    except RuleBroken as broken:
        return Handed(thing, told(broken))
    return Handed(thing)


def hand_over_view(request: HttpRequest) -> HttpResponse:
    """Choose the two and the reason; see what goes over; hand it over."""
    by = staff_actor(request)
    if not predecessors(by).exists():
        raise PermissionDenied
    is_asked = request.method == "POST"
    form = HandOverForm(by, request.POST if is_asked else None)
    shown: Sequence[Any] = ()
    handed: list[Handed] | None = None
    if is_asked and form.is_valid():
        given = form.cleaned_data
        shown = assigned_to(given["person"], by)
        if "confirmed" in request.POST:
            at = reader_of(request).at
            handed = hand_over(given["person"], given["officer"], reason=given["reason"], by=by, at=at)
    context = {
        **admin.site.each_context(request),
        "title": _("Hand over"),
        "form": form,
        "is_checked": is_asked and form.is_valid(),
        "things": shown,
        "handed": handed,
        "has_more": bool(handed and assigned_to(form.cleaned_data["person"], by)),
    }
    return TemplateResponse(request, "admin/hand_over.html", context)


cast(StaffDesk, admin.site).add_page("desk/hand-over/", "desk_hand_over", hand_over_view)
