"""What every test may use, and what is skipped where."""

import shutil
from collections import Counter
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation

pytest_plugins = ["tests.clock_fixture"]

# A busy machine is no failed property: no time limit for a single example.
hypothesis.settings.register_profile("unhurried", deadline=None)
# What lands is judged by the same examples each time; everybody else's run goes on looking for new ones.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """A request leaves its language on the thread; each test begins and ends in English."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_on_demand() -> None:
    """Each test client would else look through every static file before its first request."""
    settings.WHITENOISE_AUTOREFRESH = True


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--skips-fail", action="store_true", help="a test skipped for want of something fails the run")


def missing_for(item: pytest.Item) -> str:
    """Return why this machine cannot run the test, "" if it can."""
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        return "needs PostgreSQL: set DATABASE_URL=postgres://…"
    if item.get_closest_marker("browser"):
        for program in ("chromium", "chromedriver"):
            if shutil.which(program) is None:
                return f"needs {program} (Debian packages chromium and chromium-driver)"
    return ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    reason = missing_for(item)
    if reason:
        pytest.skip(reason)


def reason_of(report: pytest.TestReport) -> str:
    """Return why a test was skipped."""
    told = report.longrepr
    return (told[2] if isinstance(told, tuple) else str(told)).removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the very end what this machine left out and what it would take."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    reasons = Counter(reason_of(report) for report in skipped)
    terminalreporter.section("left out here", yellow=True)
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:5} skipped: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--skips-fail") and reporter:
        # A test for the other database has its own run; one that needs something was not shown here.
        missed = [each for each in reporter.stats.get("skipped", []) if reason_of(each).startswith("needs ")]
        if missed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
