"""Whatever button of the desk decides a proposal says so: its page shows the proposal, its form brings it back (invariant 9)."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django_fsm import TransitionNotAllowed

from cases.actions.restrictions import decide_restriction
from cases.admin.restrictions import RestrictionAdmin
from tests.factories.claims import a_supporter, an_administrator, an_auditor
from tests.factories.losses import A_PDF, of_finance
from tests.factories.proposals import KINDS, LATER, Put, a_restriction
from tests.taken_back import taken_back
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.staff import Step
from zestech_aftersales.timeline.models import Decision

pytestmark = pytest.mark.django_db

ROLES = (a_supporter, an_auditor, of_finance, an_administrator)
# What some fields take that no kind of field tells.
TYPED = {
    "value_1": lambda _thing: "24",
    "file_1": lambda _thing: SimpleUploadedFile("bill.pdf", A_PDF),
    "sender": lambda appointment: appointment.buyer.email,
    "survivor": lambda case: case.reference,
}


class ReachedError(Exception):
    """This proposal would have been decided: more need not be done."""


def reached(decision, *_given):
    """What stands in for the two steps of a proposal: its state is protected, so nothing decides past them."""
    raise ReachedError(decision.pk)


def a_choice(choices):
    """The first one, in the first group where they stand in groups."""
    flat = [label[0][0] if isinstance(label, (list, tuple)) else key for key, label in choices]
    return next(filter(None, flat), "")


def typed_into(name, field, thing):
    """Something that a field takes."""
    if name in TYPED:
        return TYPED[name](thing)
    match field:
        case forms.ModelChoiceField():
            return next(iter(field.queryset.values_list("pk", flat=True)[:1]), "")
        case forms.ChoiceField():
            return a_choice(field.choices)
        case forms.DateTimeField():
            return "2026-05-01T00:00"
        case forms.DateField():
            return "2026-05-01"
        case forms.DecimalField() | forms.IntegerField():
            return "1"
        case forms.BooleanField():
            return "on"
    return "So."


def decided_by(step, thing, by):
    """The proposal that a step of somebody decides, its form filled in; None where it decides none."""
    asked = RequestFactory()
    fields = step.form_for(asked.get("/"), [thing]).fields
    typed = {name: typed_into(name, each, thing) for name, each in fields.items() if each.required or name in TYPED}
    form = step.form_for(asked.post("/", typed), [thing])
    assert form.is_valid(), f"{step.name}: say in TYPED what its form takes: {form.errors.as_json()}"
    try:
        with pytest.MonkeyPatch.context() as patched, taken_back():
            for transition in ("approve", "decline"):
                patched.setattr(Decision, transition, reached)
            step.perform(thing, by=by, at=LATER, **form.cleaned_data)
    except ReachedError as found:
        return found.args[0]
    except (RuleBroken, PermissionDenied, TransitionNotAllowed):
        return None
    return None


def offered_beside(put: Put) -> Iterator[tuple[str, Step, Any]]:
    """Every step of the desk that is offered for what was put forward, or for the latest of another kind of thing."""
    asked = cast(PersonRequest, RequestFactory().get("/"))
    person = put.others[0].user
    assert person is not None
    asked.user, asked.received_at = person, LATER
    for model, shown in admin.site._registry.items():
        steps = getattr(shown, "steps", ())
        rows = shown.get_queryset(asked) if steps else model.objects.none()
        thing = rows.filter(pk=put.thing.pk).first() if isinstance(put.thing, model) else rows.order_by("-pk").first()
        if thing is not None:
            yield from ((model.__name__, step, thing) for step in steps if step.offered(thing))


def found_beside(put: Put) -> set[tuple[str, str]]:
    """The steps that decide a proposal, tried by somebody else of each role that sees them."""
    people = {person.platform_role: person for person in [*(each() for each in ROLES), put.others[0]]}
    found = set()
    for name, step, thing in offered_beside(put):
        for role in step.roles:
            decided = None if step.withheld(thing, people[role].user) else decided_by(step, thing, people[role])
            if decided is not None:
                found.add((name, step.name))
                told = step.proposals_of([thing]).get(thing.pk)
                assert step.decides is None or told.pk == decided, f"{step.name} shows another one than it decides"
    return found


def declared():
    """The steps that say that they decide."""
    every = [(model, step) for model, shown in admin.site._registry.items() for step in getattr(shown, "steps", ())]
    return {(model.__name__, step.name) for model, step in every if step.decides is not None}


def test_every_step_that_decides_a_proposal_brings_back_the_one_it_showed(frozen):
    frozen.move_to(LATER)
    found = set().union(*(found_beside(kind()) for kind in KINDS))
    assert found == declared()
    assert ("ExclusionClaim", "keep") in found


def test_one_that_decides_through_others_and_does_not_say_so_is_found(frozen, monkeypatch):
    def in_the_depth(restriction, **given):
        return decide_restriction(restriction, approved=False, **given)

    def hidden(restriction, **given):
        return in_the_depth(restriction, **given)

    step = Step("hidden", "Put away", hidden, ("auditor",))
    monkeypatch.setattr(RestrictionAdmin, "steps", (*RestrictionAdmin.steps, step))
    frozen.move_to(LATER)
    assert found_beside(a_restriction()) - declared() == {("Restriction", "hidden")}
