"""The lists of the staff desk with the most columns fit beside the menu and the filter."""

import pytest
from django.urls import reverse

from cases.models import Cover, ExclusionClaim
from complaints.models import Audit, Complaint, Violation
from tests.factories import audits, claims, complaints
from tests.factories.accounts import AdministratorFactory, AuditorFactory, SupportFactory
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("3.2")]


def test_no_list_of_the_desk_scrolls_sideways_at_1280(page):
    complaints.determined()
    audits.a_notified()
    claims.claimed(complaints.unanswered(), at=complaints.BREACH)
    # Each has actions of his own, and with them a box to tick before each row.
    for person in (AuditorFactory(), SupportFactory(), AdministratorFactory()):
        page.log_in(person)
        for model in (Cover, ExclusionClaim, Audit, Complaint, Violation, Event):
            page.visit(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
            assert page.run("return document.querySelectorAll('#result_list tbody tr').length"), model
            assert page.overflow() <= 0, (model, person.platform_role)
