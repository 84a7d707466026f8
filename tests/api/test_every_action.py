"""Every action that a person's page calls has an operation of the API that calls the same one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern

from zestech_aftersales.api import urls
from zestech_aftersales.api.views.resource import Resource

ROOT = Path(__file__).parents[2] / "zestech_aftersales"
ACTIONS = ("cases.actions", "sellers.actions", "complaints.actions")
PAGES = ("portal", "dashboard", "pages")

# What is left to people at their pages, each with its reason.
FOR_PEOPLE_ONLY = {
    "cases.actions.waivers.state_waiver": "A whole cover is given up by the buyer himself, never by a program (4.1.1).",
    "cases.actions.waivers.confirm_waiver": "The second yes of the same person.",
    "cases.actions.waivers.drop_waiver": "There is nothing to drop without the first.",
    "cases.actions.holds.hold_slot": "A seat is held while a person fills in a form; a request takes it at once.",
    "cases.actions.holds.let_go_of_slot": "The same.",
    "sellers.actions.enrolments.apply": "Only the owner in person agrees to the rules for the seller.",
    "sellers.actions.enrolments.withdraw": "Only the owner in person leaves the programme.",
}


def modules(folder: Path) -> Iterator[ast.Module]:
    for file in sorted(folder.rglob("*.py")):
        yield ast.parse(file.read_text())


def bound(tree: ast.Module) -> dict[str, str]:
    """What the names of a module stand for: an action, or a module of actions."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(ACTIONS):
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return found


def called(tree: ast.AST, names: dict[str, str]) -> set[str]:
    """The actions that a piece of code names, called there or handed on."""
    found = {names[node.id] for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            found.add(f"{names[node.value.id]}.{node.attr}")
    # A module of actions is none itself, nor are the shapes that an action takes.
    return {name for name in found if name.count(".") == len(("app", "actions", "action")) and name.islower()}


def of_pages() -> set[str]:
    return {name for page in PAGES for tree in modules(ROOT / page) for name in called(tree, bound(tree))}


def routed() -> set[tuple[type[Resource], str]]:
    """The methods of the views that an address leads to."""
    found = set()
    for pattern in urls.resources:
        assert isinstance(pattern, URLPattern)
        view = pattern.callback
        found |= {(view.cls, name) for name in view.actions.values()}
    return found


def of_api() -> dict[str, set[str]]:
    """The actions that operations call, each with the operations that do."""
    addresses = {(view.__name__, name) for view, name in routed()}
    found: dict[str, set[str]] = {}
    for tree in modules(ROOT / "api" / "views"):
        names = bound(tree)
        for view in (node for node in tree.body if isinstance(node, ast.ClassDef)):
            methods = {node.name: node for node in view.body if isinstance(node, ast.FunctionDef)}
            for name, method in methods.items():
                if (view.name, name) not in addresses:
                    continue
                helped = [
                    methods[node.attr]
                    for node in ast.walk(method)
                    if isinstance(node, ast.Attribute) and node.attr in methods
                ]
                for piece in (method, *helped):
                    for action in called(piece, names):
                        found.setdefault(action, set()).add(f"{view.name}.{name}")
    return found


def test_the_list_of_actions_is_read_as_it_stands():
    """Both ways of naming an action are seen, so that an empty list cannot pass."""
    seen = of_pages()
    assert {"cases.actions.answers.accept", "cases.actions.bookings.request_service"} <= seen
    assert {"complaints.actions.hearings.appeal", "sellers.actions.points.add_point"} <= seen
    assert len(seen) > 50
    assert of_api()["cases.actions.no_shows.dispute_no_show"] == {"VisitView.dispute_no_show"}


def test_every_action_of_a_page_has_an_operation():
    assert of_pages() - of_api().keys() - FOR_PEOPLE_ONLY.keys() == set()


def test_the_exceptions_are_no_longer_than_needed():
    assert FOR_PEOPLE_ONLY.keys() <= of_pages()
    assert not FOR_PEOPLE_ONLY.keys() & of_api().keys()
