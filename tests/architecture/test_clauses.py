"""Each clause has a test that shows it; those not built yet stand in one list that may only shrink."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from zestech_aftersales.rulebook import CLAUSES

TESTS = Path(__file__).parents[1]
NOT_BUILT = {
    line for line in Path(__file__).with_name("clauses_not_built.txt").read_text().split("\n") if line[:1].isdigit()
}
# What the list held when it was begun: nothing may be added to it.
AT_FIRST = {"3.3", "3.4", "4.1.1", "4.1.3", "4.2"}


def marked(text: str) -> Iterator[str]:
    """Yield the clauses that tests of this source are marked with."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.clause":
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def shown() -> set[str]:
    return {clause for path in TESTS.rglob("test_*.py") for clause in marked(path.read_text())}


def without_test(clauses: Iterable[str], shown: set[str], not_built: set[str]) -> list[str]:
    return sorted(set(clauses) - shown - not_built)


def test_every_clause_built_has_a_test() -> None:
    assert without_test(CLAUSES, shown(), NOT_BUILT) == []


def test_a_clause_without_a_test_is_seen() -> None:
    assert without_test(["2.3.1", "2.3.2", "3.4"], {"2.3.1"}, {"3.4"}) == ["2.3.2"]


def test_marks_are_read_from_source() -> None:
    assert list(marked('@pytest.mark.clause("2.3.1")\ndef test(): pass')) == ["2.3.1"]


def test_a_clause_with_a_test_leaves_the_list() -> None:
    assert shown() & NOT_BUILT == set()


def test_the_list_only_shrinks() -> None:
    assert NOT_BUILT <= AT_FIRST <= CLAUSES.keys()


def test_marks_name_clauses_that_exist() -> None:
    assert shown() <= CLAUSES.keys()
