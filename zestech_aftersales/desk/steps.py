"""The steps of the staff desk: what one is, what its form asks for, and which proposal it decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib.admin.utils import display_for_field
from django.db.models import Field, Model
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import capfirst
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


# The proposals about some things that were decided or wait, by the number of the thing.
Proposals = Callable[[Sequence[Any]], Mapping[int, Decision | None]]


def decision_in(field: str) -> Proposals:
    """The proposals that things hold in a field of theirs."""
    return lambda things: {thing.pk: getattr(thing, field) for thing in things}


def fields_told(thing: Model, *names: str) -> Iterator[str]:
    """What some fields of a thing say, as its own page tells them."""
    for name in names:
        field = cast("Field[Any, Any]", thing._meta.get_field(name))
        yield f"{capfirst(field.verbose_name)}: {display_for_field(getattr(thing, name), field, '–')}"


def _from_nobody(_thing: Any, _person: User) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Step:
    """A button of the admin that calls one of our actions, after asking for a reason.

    `perform(thing, by=..., at=..., **answers of the form)` is the action itself. `roles` are the
    platform roles that see the button; `offered` says for which things, and `withheld` why this very person may not
    take it, "" if he may (the action checks again): nobody is led to a refusal. `decides` gives the proposals that
    a step approves or declines: its form brings back those that it showed, and no other is decided by it; `shows`
    tells in lines what is proposed about a thing, so that nobody decides what he has not read.
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
    decides: Proposals | None = None
    shows: Callable[[Any], Iterable[str]] | None = None

    def form_for(self, request: HttpRequest, things: Sequence[Model]) -> forms.Form:
        """The form as it is asked for some things, with what was typed and the files that were chosen."""
        typed = (request.POST, request.FILES) if request.method == "POST" else ()
        form = self.form(*typed, things=things) if issubclass(self.form, FormOfThings) else self.form(*typed)
        if len(things) > 1:
            _ask_why(form)
        return form

    def is_open_to(self, request: HttpRequest) -> bool:
        return cast(PersonRequest, request).user.platform_role in set(self.roles)

    def proposals_of(self, things: Sequence[Any]) -> dict[int, Decision]:
        """The proposals that it would decide now, by the number of the thing; of many things read at once."""
        found = {} if self.decides is None else self.decides(things)
        return {key: each for key, each in found.items() if each and each.state == DecisionState.PROPOSED}


@dataclass(frozen=True, slots=True)
class Ahead:
    """One thing that a step is to be performed on, and whether it can be by the look of it."""

    thing: Any
    is_offered: bool
    why_not: str | Promise = ""
    # What the step would decide, how its form names it, and what is proposed.
    proposal: Decision | None = None
    mark: str = ""
    shown: Sequence[str] = ()

    @classmethod
    def all_of(cls, step: Step, things: Sequence[Any], person: User) -> list[Ahead]:
        """Things as they lie before a person who is about to take a step."""
        waiting = step.proposals_of(things)
        return [cls._of(step, thing, person, waiting.get(thing.pk)) for thing in things]

    @classmethod
    def _of(cls, step: Step, thing: Any, person: User, proposal: Decision | None) -> Ahead:
        mark = "" if proposal is None else _mark(thing.pk, proposal)
        shown = list(step.shows(thing)) if proposal is not None and step.shows is not None else []
        return cls(thing, step.offered(thing), step.withheld(thing, person), proposal, mark, shown)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one thing: why the step was refused, "" where it is done."""

    thing: Model
    trouble: str = ""


def marks_of(step: Step, things: Sequence[Any]) -> list[str]:
    """What a page tells the next one: which proposals about some things it showed."""
    return [_mark(key, proposal) for key, proposal in step.proposals_of(things).items()]


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


def _mark(key: int, proposal: Decision) -> str:
    return f"{key}-{proposal.pk}"


def _ask_why(form: forms.Form) -> None:
    """A reason has to be given, also where the step does without one for a single thing."""
    name = "reason" if "reason" in form.fields else "why"
    form.fields.setdefault(name, deepcopy(ReasonForm.base_fields["reason"])).required = True
