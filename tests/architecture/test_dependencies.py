"""A dependency nobody uses is a defect, and so is one that the README doesn't give a reason for."""

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from tests.architecture.house_rules import PACKAGES, product

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# Used by name only: a driver, a hasher of a settings string, an import inside a dependency.
USED_INDIRECTLY = {
    "psycopg2-binary": "DATABASE_URL=postgres://",
    "argon2-cffi": "Argon2PasswordHasher",
    "packaging": "kombu's redis transport",
}


def dependencies() -> list[str]:
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["prod"]
    return [re.split(r"[\[<>=~ ]", requirement)[0].lower() for requirement in wanted]


def modules_of(distribution: str) -> set[str]:
    """Return the top-level modules that a distribution brings."""
    return {
        module
        for module, names in metadata.packages_distributions().items()
        if distribution in {name.lower().replace("_", "-") for name in names}
    }


def words_of_the_product() -> set[str]:
    files = [
        path
        for package in ("zestech_aftersales", "sellers", "cases", "complaints")
        for path in (ROOT / package).rglob("*.py")
    ]
    return {word for path in files for word in re.findall(r"[A-Za-z_]\w*", path.read_text())}


def test_every_dependency_is_used() -> None:
    words = words_of_the_product()
    unused = [name for name in dependencies() if name not in USED_INDIRECTLY and not (modules_of(name) & words)]
    assert unused == []


def imported_by_the_product() -> set[str]:
    """Return the top-level modules that the product imports, wherever it does."""
    found = set()
    for source in product():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def test_every_import_is_a_declared_dependency() -> None:
    declared = {module for name in dependencies() for module in modules_of(name)}
    foreign = imported_by_the_product() - sys.stdlib_module_names - {*PACKAGES, "django_fsm"}
    assert foreign - declared == set()


def test_the_readme_says_why_each_is_there() -> None:
    readme = (ROOT / "README.md").read_text().lower()
    assert [name for name in dependencies() if name not in readme] == []


def test_the_locks_hold_every_dependency_with_hashes_and_no_host() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text()
        assert [
            name for name in dependencies() if not re.search(rf"^{re.escape(name)}(\[.*\])?==", text, re.MULTILINE)
        ] == []
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|^--(index|extra-index|find-links)", text, re.MULTILINE)
