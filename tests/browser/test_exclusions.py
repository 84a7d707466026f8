"""Claims, waiver and outage in the browser: the seller's form, the auditor's desk, the buyer's two pages."""

from datetime import timedelta

import pytest

from cases.models import ExclusionClaim, Outage, Waiver
from tests.browser.page import looks_right
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.accounts import AdministratorFactory, AuditorFactory
from tests.instants import instant
from zestech_aftersales import clock

pytestmark = pytest.mark.django_db(transaction=True)

R0 = instant("2026-03-02T01:15:30Z")
FILED = instant("2026-03-03T02:00:00Z")


@pytest.fixture
def appointment(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.standing_at(FILED):
        yield make.requested(at=R0)


def test_a_seller_claims_and_an_auditor_grants_a_part(page, appointment):
    case = f"/dashboard/cases/{appointment.case.reference}/"
    page.log_in(make.seller_of(appointment).user)
    page.visit(f"{case}claim/")
    looks_right(page)
    page.press("main .card-foot button")
    assert "There is a problem" in page.find(".error-summary").text
    assert "422" in page.complaints()[0]
    looks_right(page.visit(f"{case}claim/"))
    filed = claim.claimed(appointment, at=FILED, proven=True)
    looks_right(page.visit(case))
    assert "typhoon" in page.text.lower()
    looks_right(page.visit(f"{case}add_proof/"))
    page.log_in(AuditorFactory())
    looks_right(page.visit(f"/admin/cases/exclusionclaim/{filed.pk}/change/"))
    page.click("Grant in part")
    looks_right(page)
    page.write("reason", "Proven for the reply only.")
    page.press("input[name=duties][value=response]")
    page.press(".submit-row input[type=submit]")
    page.find(".messagelist .success")
    assert ExclusionClaim.objects.get().state == "partly_granted"
    looks_right(page.visit("/admin/cases/exclusionclaim/"))


def test_two_administrators_toll_an_outage(page, appointment):
    page.log_in(AdministratorFactory())
    looks_right(page.visit("/admin/cases/outage/add/"))
    outage = claim.an_outage(FILED - timedelta(hours=3), FILED - timedelta(hours=1), at=FILED)
    page.visit(f"/admin/cases/outage/{outage.pk}/change/")
    looks_right(page)
    page.click("Approve and toll all clocks")
    looks_right(page)
    page.write("reason", "The logs say so.")
    page.press(".submit-row input[type=submit]")
    page.find(".messagelist .success")
    assert Outage.objects.get().state == "applied"


def test_the_touched_cases_of_a_declared_event(page, appointment):
    declared = claim.declared(at=FILED)
    page.log_in(AuditorFactory())
    looks_right(page.visit("/admin/cases/declaredevent/add/"))
    looks_right(page.visit(f"/admin/cases/declaredevent/{declared.pk}/change/"))
    assert appointment.case.reference in page.text
    page.click("Excuse all touched cases")
    looks_right(page)


def test_a_buyer_gives_up_a_cover_on_two_pages(page, appointment):
    cover = appointment.case.cover
    page.log_in(appointment.buyer)
    page.visit(f"/portal/cases/{appointment.case.reference}/")
    page.click("Give up this cover")
    looks_right(page)
    page.write("order_number", cover.order.number)
    page.write("statement", "I sold the car.")
    page.press("main .card-foot button")
    looks_right(page)
    page.press("button[value=confirm]")
    assert "The cover is given up." in page.text
    assert Waiver.objects.get().state == "confirmed"


def test_a_buyer_is_heard_on_a_finding_of_abuse(page, appointment):
    restriction = claim.a_restriction(appointment.case.cover, at=FILED)
    page.log_in(appointment.buyer)
    looks_right(page.visit(f"/portal/restrictions/{restriction.pk}/"))
    page.write("words", "They were different faults.")
    page.press("main .card-foot button")
    assert "Your words are with the auditors." in page.text
    page.log_in(AuditorFactory())
    looks_right(page.visit(f"/admin/cases/restriction/{restriction.pk}/change/"))
    looks_right(page.visit(f"/admin/cases/cover/{restriction.cover_id}/change/"))
