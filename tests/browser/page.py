"""A page in chromium, as the browser tests drive it."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException, WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from zestech_aftersales.accounts.models import User

AXE = Path(__file__).parents[1] / "vendor/axe-core-4.14.1/axe.min.js"
# Its rules about colours, of those that it applies unless told otherwise.
COLOURS = ["color-contrast", "link-in-text-block"]
RUN_AXE = """
const [rules, answer] = arguments;
axe.run(document, {resultTypes: ["violations"], ...rules}).then(
  (found) => answer(found.violations.map((each) => ({
    rule: each.id, help: each.help, where: each.nodes.map((node) => `${node.html}\\n${node.failureSummary}`),
  }))),
  (failure) => answer([{rule: "axe failed", help: String(failure), where: []}]),
);
"""
DRAW = """
const answer = arguments[arguments.length - 1];
requestAnimationFrame(() => requestAnimationFrame(() => {
  document.getAnimations().forEach((each) => each.finish());
  answer();
}));
"""
OVERFLOW = """
const places = [document.documentElement, ...document.querySelectorAll('#changelist .results')];
return Math.max(...places.map((each) => each.scrollWidth - each.clientWidth));
"""
WIDTHS = (1280, 390)
THEMES = ("light", "dark")
PATIENCE = 10  # seconds until a page that does not come fails the test


def is_gone(element: WebElement) -> bool:
    """Whether the document that the element stood in has been left."""
    try:
        element.is_enabled()
    except StaleElementReferenceException:
        return True
    except WebDriverException as failure:
        # What chromium says in the instant in which one document replaces the other.
        if "does not belong to the document" in str(failure.msg):
            return True
        raise
    return False


class Page:
    """What a person can do: go somewhere, see, click, write; in a width and a theme."""

    def __init__(self, driver: Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def visit(self, path: str) -> Page:
        self.driver.get(self.address + path)
        return self

    @property
    def path(self) -> str:
        """Where the browser is, without the server's address."""
        return str(self.driver.current_url).removeprefix(self.address)

    @property
    def text(self) -> str:
        """The words that can be seen."""
        return self.find("body").text

    def find(self, css: str) -> WebElement:
        """The first element by CSS selector, waited for."""
        return WebDriverWait(self.driver, PATIENCE).until(lambda driver: driver.find_element(By.CSS_SELECTOR, css))

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def click(self, words: str) -> None:
        """Click the visible link, button or summary that has these words."""
        path = f"//*[self::a or self::button or self::summary or self::label][contains(normalize-space(), {words!r})]"
        for element in self.driver.find_elements(By.XPATH, path):
            if element.is_displayed():
                element.click()
                return
        raise AssertionError(f"nothing to click says {words!r} on {self.path}:\n{self.text}")

    def press(self, css: str) -> None:
        """Click the first element by CSS selector, scrolled into the middle of the window."""
        element = self.find(css)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        if element.get_attribute("type") != "submit":
            element.click()
            return
        # A font that arrives moves the button away under the pointer: press again until the page has changed.
        before = self.driver.find_element(By.TAG_NAME, "html")
        for _try in range(PATIENCE // 2):
            try:
                element.click()
                WebDriverWait(self.driver, 2).until(lambda _driver: is_gone(before))
            except StaleElementReferenceException:
                return
            except TimeoutException:
                continue
            return
        raise AssertionError(f"pressing {css} leads nowhere from {self.path}")

    def write(self, name: str, value: str) -> None:
        """Write into the control of this name."""
        control = self.find(f'[name="{name}"]')
        control.clear()
        control.send_keys(value)

    def log_in(self, user: User) -> Page:
        """Come in with a session of one's own, without the log-in form."""
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        if not self.driver.current_url.startswith(self.address):
            self.visit("/help/")
        self.driver.add_cookie(
            {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
        )
        return self

    def wide(self, width: int) -> Page:
        """Show the page this wide, in CSS pixels."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        return self

    def system_theme(self, theme: str) -> Page:
        """What the system prefers: light or dark."""
        # Without motion: a page that still scrolls lets no click through.
        features = {"prefers-color-scheme": theme, "prefers-reduced-motion": "reduce"}
        wish = {"features": [{"name": name, "value": value} for name, value in features.items()]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", wish)
        return self

    def scripts(self, are_on: bool) -> Page:
        """Whether the pages visited from now on may run scripts."""
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not are_on})
        return self

    def drawn(self) -> Page:
        """Wait until the page has been drawn in the width and theme it was just given, its transitions at their end."""
        self.driver.execute_async_script(DRAW)
        return self

    def overflow(self) -> int:
        """How many pixels the page is wider than its window, or a list of the staff than its place beside the filter."""
        return int(self.run(OVERFLOW))

    def colour(self, css: str, of: str = "background-color") -> str:
        return str(self.find(css).value_of_css_property(of))

    def run(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def complaints(self) -> list[str]:
        """What the browser itself objected to since the last call, e.g. against the content security policy."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]


def axe(page: Page, *, only_colours: bool = False) -> None:
    """Assert that axe-core finds nothing on the page as it stands now."""
    if not page.run("return Boolean(window.axe)"):
        page.run(AXE.read_text())
    rules = {"runOnly": {"type": "rule", "values": COLOURS}} if only_colours else {}
    found = page.driver.execute_async_script(RUN_AXE, rules)
    told = "\n\n".join(f"{each['rule']}: {each['help']}\n" + "\n".join(each["where"]) for each in found)
    assert not found, f"{page.path}\n{told}"


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page where SCREENSHOTS names a folder, for people to look at."""
    folder = os.environ.get("SCREENSHOTS")
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    taken = page.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
    Path(folder, f"{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}.png").write_bytes(b64decode(taken["data"]))


def looks_right(page: Page) -> None:
    """Assert in both widths and both themes: axe finds nothing, nothing sticks out, no complaint of the browser."""
    path = page.path
    page.wide(WIDTHS[0]).system_theme(THEMES[0]).visit(path)
    objected = page.complaints()
    assert not objected, f"{path}: {objected}"
    for width in WIDTHS:
        for theme in THEMES:
            page.wide(width).system_theme(theme).drawn()
            assert page.overflow() <= 0, f"{path} is too wide at {width}"
            # A theme changes nothing but colours.
            axe(page, only_colours=theme != THEMES[0])
            keep_picture(page, f"{path}-{width}-{theme}")
    page.complaints()  # axe's own attempts to read style sheets are no fault of the page
