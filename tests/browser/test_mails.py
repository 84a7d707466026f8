"""Support keeps a mail and classifies it at the staff desk, in the browser."""

from datetime import timedelta

import pytest

from cases.actions.mails import record_mail
from tests.browser.page import looks_right
from tests.browser.test_dashboard import covered
from tests.factories import cases as make
from tests.factories.accounts import SupportFactory
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Actor, Channel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("2.3.1")]


def test_a_mail_is_kept_and_read_as_an_offer(page):
    at = clock.now() - timedelta(hours=6)
    appointment = make.requested(covered(), at=at)
    support = SupportFactory()
    by, sender = Actor(channel=Channel.ADMIN, user=support), make.seller_of(appointment).user
    received_at = at + timedelta(hours=1)
    record_mail(
        appointment.case, sender=sender, body="We come on Friday.", received_at=received_at, by=by, at=clock.now()
    )
    for button in ("Keep a mail", "Classify a mail as an offer", "Classify a mail as a confirmation"):
        page.wide(1280).log_in(support).visit(f"/admin/cases/serviceappointment/{appointment.pk}/change/").click(button)
        looks_right(page)
