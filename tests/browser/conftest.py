"""One chromium for all browser tests of a process; each test gets it clean."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from tests.browser.page import Page

HERE = Path(__file__).parent
# No calls home, and no sandbox: tests may run as root in a container.
SWITCHES = (
    "headless=new",
    "no-sandbox",
    "disable-gpu",
    "disable-dev-shm-usage",
    "disable-quic",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "hide-scrollbars",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs chromium and shares one, so one worker runs it all."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session", autouse=True)
def brief_connections() -> Iterator[None]:
    """The server's threads let go of the database after each request: nobody holds it when it is dropped."""
    settings = connections.settings["default"]
    kept, settings["CONN_MAX_AGE"] = settings["CONN_MAX_AGE"], 0
    yield
    settings["CONN_MAX_AGE"] = kept


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory, live_server: object) -> Iterator[Chrome]:
    """The browser itself; the driver is named, so that selenium fetches none.

    It asks for the server so as to hang up before the server goes: connections left open would be
    reported as unclosed sockets.
    """
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs chromium and chromedriver (Debian packages chromium and chromium-driver)")
    options = Options()
    options.binary_location = program
    for switch in (*SWITCHES, f"user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(f"--{switch}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = Chrome(options=options, service=Service(driver))
    started.set_page_load_timeout(30)
    yield started
    started.quit()


@pytest.fixture
def page(chromium: Chrome, live_server) -> Iterator[Page]:
    """An empty page of a browser without cookies, memory, or wishes; 1280 wide, light."""
    page = Page(chromium, live_server.url)
    page.scripts(are_on=True).wide(1280).system_theme("light")
    yield page
    page.scripts(are_on=True)
    chromium.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": live_server.url, "storageTypes": "all"})
    chromium.delete_all_cookies()
    chromium.get("about:blank")
    chromium.get_log("browser")
