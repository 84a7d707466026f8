"""Each fault of `make mutations` still finds its place and the tests that must notice it."""

import pytest

from tests.mutations import MUTATIONS, ROOT, Mutation, main

each_mutation = pytest.mark.parametrize("mutation", [pytest.param(each, id=each.name) for each in MUTATIONS])


@each_mutation
def test_the_place_stands_once_in_its_file(mutation: Mutation) -> None:
    assert (ROOT / mutation.file).read_text().count(mutation.right) == 1


@each_mutation
def test_its_tests_are_there(mutation: Mutation) -> None:
    for path, _colons, name in (test.partition("::") for test in mutation.tests):
        assert f"def {name}" in (ROOT / path).read_text()


@pytest.mark.parametrize("url", ["", "sqlite:///somewhere.sqlite3"])
def test_without_postgresql_it_says_so_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SystemExit, match="PostgreSQL: set DATABASE_URL="):
        main()
