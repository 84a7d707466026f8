"""Each scenario of the rules' examples is played by a test that bears its id."""

import ast
from collections.abc import Iterator

from tests.architecture.test_clauses import TESTS

NUMBERS = (
    1, 2, 3, 4, 5, 7, 10, 11, 12, 15, 16, 17, 20, 24, 27, 30, 33, 34, 35, 40, 41, 42, 48, 52, 53, 57, 58, 59, 60, 61,
    64, 69, 72, 73, 74, 75, 76, 78, 82,
)  # fmt: skip
SCENARIOS = {f"S{number:02}" for number in NUMBERS}


def played(text: str) -> Iterator[str]:
    """Yield the scenarios that tests of this source are marked with."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.scenario":
            yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


def test_every_scenario_is_played_and_marks_name_nothing_else() -> None:
    marked = {scenario for path in TESTS.rglob("test_*.py") for scenario in played(path.read_text())}
    assert marked == SCENARIOS


def test_marks_are_read_from_source() -> None:
    source = '@pytest.mark.scenario("S01")\ndef test(): pass\nx = pytest.param(1, marks=pytest.mark.scenario("S02"))'
    assert list(played(source)) == ["S01", "S02"]
