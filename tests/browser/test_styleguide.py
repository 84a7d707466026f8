"""All pieces of the pages: right in both widths and themes, and alive where they should be."""

import pytest
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.page import looks_right
from zestech_aftersales.ui.styleguide import PARTS

pytestmark = pytest.mark.urls("tests.browser.styleguide_urls")


@pytest.mark.parametrize("part", PARTS)
def test_the_pieces_look_right(page, part):
    looks_right(page.visit(f"/styleguide/{part}/"))


def test_a_countdown_counts_by_the_servers_clock_not_the_viewers(page):
    wrong = page.driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": "Date.now = () => Date.UTC(2001, 1, 1);"}
    )
    page.visit("/styleguide/case/")

    assert page.run("return new Date(Date.now()).getUTCFullYear()") == 2001
    assert page.find("[data-left]").text in {"31 h 12 min", "31 h 11 min"}
    page.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", wrong)


def test_a_countdown_that_runs_out_says_so_by_itself(page):
    page.visit("/styleguide/case/")
    page.run(
        """
        const card = document.querySelector("[data-due]");
        const clone = card.cloneNode(true);
        clone.id = "soon";
        clone.dataset.due = new Date(Date.parse(clone.dataset.serverNow) + 1).toISOString();
        card.after(clone);
        const script = document.createElement("script");
        script.src = document.querySelector("script[src*=countdown]").src + "?again";
        document.body.append(script);
        """
    )

    WebDriverWait(page.driver, 10).until(
        lambda _: page.find("#soon [data-left]").text == "Limit passed, being established"
    )
    assert "countdown-bad" in page.find("#soon").get_attribute("class")


def test_the_keys_of_the_queue(page):
    page.visit("/styleguide/queue/")
    body = page.find("body")

    body.send_keys("j")
    body.send_keys("j")
    assert page.driver.switch_to.active_element.text == "Spare part: GPS antenna"
    body.send_keys("k")
    assert page.driver.switch_to.active_element.text == "Camera guide lines missing"
    body.send_keys("/")
    search = page.driver.switch_to.active_element
    assert search.get_attribute("name") == "q"
    search.send_keys("j", "/")
    assert search.get_attribute("value") == "j/"


def test_without_scripts_everything_is_said_already(page):
    page.scripts(are_on=False).visit("/styleguide/case/")

    assert page.find("[data-left]").text == "31 h 12 min"
    assert "Rule 2.3.1" in page.text


def test_on_a_small_screen_a_row_becomes_a_card_with_its_column_named(page):
    page.wide(390).visit("/styleguide/queue/")

    assert page.find("tbody tr").value_of_css_property("display") == "block"
    assert (
        page.run("return getComputedStyle(document.querySelector('tbody td[data-label]'), '::before').content")
        == '"Next limit"'
    )
