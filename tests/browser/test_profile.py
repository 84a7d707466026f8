"""Somebody says when e-mails may reach them."""

from datetime import time

import pytest

from tests.browser.page import looks_right
from tests.factories.accounts import UserFactory
from zestech_aftersales.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def test_quiet_hours_are_set_and_a_half_wish_is_explained(page):
    person = UserFactory(quiet_from=time(22), digest_at=time(8, 30))
    page.log_in(person).visit("/accounts/profile/")
    looks_right(page)
    page.press("main form button[type=submit]")
    assert "Say until when" in page.find(".error-summary").text
    assert "422" in page.complaints()[0]
    page.run("document.querySelector('[name=quiet_until]').value = '07:00'")
    page.press("main form button[type=submit]")
    assert "Your profile is saved." in page.find(".note-ok").text
    kept = User.objects.get(pk=person.pk)
    assert (kept.quiet_from, kept.quiet_until, kept.digest_at) == (time(22), time(7), time(8, 30))
