"""The pictures of the machines, drawn from the machines themselves: a Mermaid diagram for each field of states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model
from django_fsm import GET_STATE, RETURN_VALUE, FSMFieldMixin, Transition

HEAD = """# States

Every thing that has a state, with what may follow what and the transition that takes it there. Drawn from the machines
themselves: a test holds this file to them and says how to write it anew. Who may take a step, when and under which
clause is the action's to say.
"""


def machines() -> Iterator[tuple[type[Model], FSMFieldMixin]]:
    """Every field of states in our apps, by app and name of the model."""
    models = sorted(apps.get_models(), key=lambda model: (model._meta.app_label, model.__name__))
    for model in models:
        for field in model._meta.get_fields():
            if isinstance(field, FSMFieldMixin):
                yield model, field


def targets(transition: Transition) -> list[str]:
    """Where a transition leads; several where the state to go back to is given to it."""
    if isinstance(transition.target, RETURN_VALUE | GET_STATE):
        return [str(state) for state in transition.target.allowed_states or ()]
    return [str(transition.target)]


def arrows(model: type[Model], field: FSMFieldMixin) -> dict[tuple[str, str], list[str]]:
    """Which transitions lead from one state to another."""
    states = [str(value) for value, _label in field.flatchoices]
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for transition in field.get_all_transitions(model):
        sources = states if transition.source in ("*", "+") else [str(transition.source)]
        for source in sources:
            for target in targets(transition):
                told[source, target].append(transition.name)
    return told


def picture(model: type[Model], field: FSMFieldMixin) -> str:
    """One machine as a Mermaid state diagram: its first state, its arrows, its ends."""
    told = arrows(model, field)
    lines = [f"## {model.__name__}", "", "```mermaid", "stateDiagram-v2", f"    [*] --> {field.get_default()}"]
    order = {str(value): number for number, (value, _label) in enumerate(field.flatchoices)}
    for (source, target), names in sorted(told.items(), key=lambda each: [order.get(state, 99) for state in each[0]]):
        lines.append(f"    {source} --> {target}: {', '.join(sorted(names))}")
    leaves = {source for source, _target in told}
    lines += [f"    {state} --> [*]" for state in order if state not in leaves]
    return "\n".join([*lines, "```"])


def page() -> str:
    """The whole file."""
    return "\n\n".join([HEAD.rstrip(), *(picture(model, field) for model, field in machines())]) + "\n"
