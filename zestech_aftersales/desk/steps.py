"""The steps of the staff desk: what one is, what its form asks for, and which proposal it decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.accounts.models import User
from zestech_aftersales.timeline.models import Decision, DecisionState


class ReasonForm(forms.Form):
    """What a step asks for; its fields go to the action by name."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("It is kept on the timeline with your name."),
    )


class OptionalReasonForm(ReasonForm):
    """For steps that speak for themselves."""

    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 4}))


class FormOfThings(forms.Form):
    """A form that looks at the things it is about."""

    def __init__(self, *args: Any, things: Sequence[Any] = (), **kwargs: Any) -> None:
        self.things = list(things)
        super().__init__(*args, **kwargs)


def _always(_thing: Any) -> bool:
    return True


def _from_nobody(_thing: Any, _person: User) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Step:
    """A button of the admin that calls one of our actions, after asking for a reason.

    `perform(thing, by=..., at=..., **answers of the form)` is the action itself. `roles` are the
    platform roles that see the button; `offered` says for which things, and `withheld` why this very person may not
    take it, "" if he may (the action checks again): nobody is led to a refusal. `decides` gives the proposal that
    a step approves or declines: its form brings back the one that it showed, and no other is decided by it.
    """

    name: str
    label: str | Promise
    perform: Callable[..., object]
    roles: Iterable[str]
    clause: str = ""
    consequence: str | Promise = ""
    form: type[forms.Form] = ReasonForm
    offered: Callable[[Any], bool] = _always
    withheld: Callable[[Any, User], str | Promise] = _from_nobody
    decides: Callable[[Any], Decision | None] | None = None

    def form_for(self, request: HttpRequest, things: Sequence[Model]) -> forms.Form:
        """The form as it is asked for some things, with what was typed and the files that were chosen."""
        typed = (request.POST, request.FILES) if request.method == "POST" else ()
        form = self.form(*typed, things=things) if issubclass(self.form, FormOfThings) else self.form(*typed)
        if len(things) > 1:
            _ask_why(form)
        return form

    def is_open_to(self, request: HttpRequest) -> bool:
        return cast(PersonRequest, request).user.platform_role in set(self.roles)

    def proposal_of(self, thing: Any) -> Decision | None:
        """The proposal that it would decide now; None where none waits."""
        found = None if self.decides is None else self.decides(thing)
        return found if found is not None and found.state == DecisionState.PROPOSED else None


@dataclass(frozen=True, slots=True)
class Ahead:
    """One thing that a step is to be performed on, and whether it can be by the look of it."""

    thing: Any
    is_offered: bool
    why_not: str | Promise = ""
    # What the step would decide, and how its form names it.
    proposal: Decision | None = None
    mark: str = ""

    @classmethod
    def of(cls, step: Step, thing: Any, person: User) -> Ahead:
        """A thing as it lies before a person who is about to take a step."""
        proposal = step.proposal_of(thing)
        mark = "" if proposal is None else _mark(thing, proposal)
        return cls(thing, step.offered(thing), step.withheld(thing, person), proposal, mark)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one thing: why the step was refused, "" where it is done."""

    thing: Model
    trouble: str = ""


def marks_of(step: Step, things: Iterable[Any]) -> list[str]:
    """What a page tells the next one: which proposals about some things it showed."""
    proposals = [(thing, step.proposal_of(thing)) for thing in things]
    return [_mark(thing, proposal) for thing, proposal in proposals if proposal is not None]


def has_changed(request: HttpRequest, marks: Iterable[str]) -> bool:
    """Whether a page showed other proposals than there are now: a form brings all back, a link may name none."""
    if request.method == "POST":
        return set(request.POST.getlist("seen")) != set(marks)
    return not set(request.GET.getlist("seen")) <= set(marks)


def seen_of(request: HttpRequest, thing: Model) -> int:
    """The proposal about a thing that the page of a form showed; 0 where it showed none."""
    shown = dict(mark.split("-", 1) for mark in request.POST.getlist("seen") if "-" in mark)
    number = shown.get(str(thing.pk), "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0


def _mark(thing: Any, proposal: Decision) -> str:
    return f"{thing.pk}-{proposal.pk}"


def _ask_why(form: forms.Form) -> None:
    """A reason has to be given, also where the step does without one for a single thing."""
    name = "reason" if "reason" in form.fields else "why"
    form.fields.setdefault(name, deepcopy(ReasonForm.base_fields["reason"])).required = True
