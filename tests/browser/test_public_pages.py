"""The public pages and the log-in, as everybody meets them."""

import pytest

from tests.browser.page import axe, looks_right
from tests.factories.accounts import PASSWORD, AdministratorFactory, UserFactory

PUBLIC = [
    "/",
    "/help/",
    "/accessibility/",
    "/rules/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/",
]
OWN = ["/accounts/email/", "/accounts/password/change/", "/accounts/2fa/", "/accounts/profile/", "/notices/"]


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_looks_right(page, path):
    looks_right(page.visit(path))


@pytest.mark.parametrize("path", OWN)
def test_a_page_of_ones_own_looks_right(page, path):
    page.log_in(UserFactory(name="Lena Hoffmann"))

    looks_right(page.visit(path))


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/cases/servicecase/"])
def test_the_staff_desk_looks_right(page, path):
    page.log_in(AdministratorFactory())

    looks_right(page.visit(path))


def test_a_page_that_is_not_there_says_so_in_our_style(page):
    page.visit("/nothing/")

    assert "Nothing is here" in page.text
    axe(page)


def test_a_wrong_password_is_explained_on_top(page):
    UserFactory(email="ann@example.com", password=PASSWORD)
    page.visit("/accounts/login/")
    page.write("login", "ann@example.com")
    page.write("password", "wrong")
    page.press("main form button")

    assert "There is a problem" in page.find(".error-summary").text
    axe(page)


def test_the_theme_follows_the_system_until_it_is_switched_and_is_remembered(page):
    page.visit("/")
    light = page.colour("body")
    page.system_theme("dark").visit("/")
    dark = page.colour("body")
    assert light != dark

    page.find(".site-tools [data-theme-switch]").click()
    assert page.colour("body") == light
    page.visit("/help/")
    assert page.colour("body") == light
    page.system_theme("light").visit("/")
    page.find(".site-tools [data-theme-switch]").click()
    assert page.colour("body") == dark


def test_without_scripts_the_system_still_decides(page):
    page.scripts(are_on=False).system_theme("dark").visit("/")

    assert page.colour("body") == "rgba(14, 21, 27, 1)"
    assert not page.find("[data-theme-switch]").is_displayed()


def test_the_menu_opens_without_scripts_on_a_small_screen(page):
    page.log_in(UserFactory(name="Lena Hoffmann"))
    page.scripts(are_on=False).wide(390).visit("/help/")
    assert not page.find(".site-menu-panel nav a").is_displayed()

    page.find(".site-menu > summary").click()

    assert page.find(".site-menu-panel nav a").is_displayed()
    assert "Log out" in page.find(".site-menu-panel").text


def test_the_keyboard_can_skip_to_the_content(page):
    page.visit("/help/")
    page.find("body").send_keys("\ue004")
    focused = page.driver.switch_to.active_element

    assert focused.get_attribute("class") == "skip-link"
    assert focused.is_displayed()
    focused.send_keys("\ue007")
    assert page.path == "/help/#content"
