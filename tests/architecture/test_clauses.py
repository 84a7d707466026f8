"""Each clause has a test that shows it; those not built yet stand in one list that may only shrink."""

import ast
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils import translation

from zestech_aftersales.rulebook import CLAUSES

TESTS = Path(__file__).parents[1]
README = TESTS.parent / "README.md"
BEGIN = "<!-- clauses: written by tests/architecture/test_clauses.py -->"
END = "<!-- end of clauses -->"
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


def files_by_clause() -> dict[str, list[Path]]:
    """The test files that show each clause."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for clause in sorted(set(marked(path.read_text()))):
            found[clause].append(path)
    return found


def shown() -> set[str]:
    return set(files_by_clause())


def table() -> str:
    """The clauses with the tests that show them, as the README holds it between its two markers."""
    lines = ["| clause | | shown by |", "|---|---|---|"]
    files = files_by_clause()
    with translation.override("en"):
        for clause in CLAUSES.values():
            names = [f"[{path.stem}]({path.relative_to(TESTS.parent)})" for path in files.get(clause.id, [])]
            lines.append(f"| {clause.id} | {clause.title} | {', '.join(names) or 'not built yet'} |")
    return "\n".join(lines)


def test_the_readme_holds_the_table() -> None:
    """To write it anew: `CLAUSE_TABLE=write make test ARGS=tests/architecture/test_clauses.py`."""
    text = README.read_text()
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    wanted = f"{before}{BEGIN}\n{table()}\n{END}{after}"
    if os.environ.get("CLAUSE_TABLE") == "write":
        README.write_text(wanted)
    assert README.read_text() == wanted


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
