"""Support files a complaint for a buyer from the case file: both names, the reasons of a refusal, nothing typed lost."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from complaints.actions.filing import ComplaintTerms, file_complaint
from complaints.models import Complaint
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.complaints import BREACH, FILED, HOUR
from tests.factories.service import an_upload
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.3")]


@pytest.fixture
def appointment(frozen, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    frozen.move_to(FILED)
    return file.unanswered()


@pytest.fixture
def support(client):
    person = SupportFactory(name="Sam Support")
    client.force_login(person)
    client.person = person
    return client


def page_of(appointment):
    return reverse("admin:complain_for_buyer", args=[appointment.case_id])


def typed(appointment, **changed):
    return {
        "breach": file.fact_of(appointment), "statement": "He called: nobody ever came.", "remedy": "A visit.",
        "key": "one", **changed,
    }  # fmt: skip


def test_the_case_file_leads_support_to_it_and_the_page_shows_the_breach(appointment, support):
    assert page_of(appointment) in support.get(reverse("admin:case_file", args=[appointment.case_id])).content.decode()
    page = support.get(page_of(appointment)).content.decode()
    assert f'value="{file.fact_of(appointment)}"' in page
    assert "it would be accepted" in page


def test_both_names_are_recorded_and_both_sides_hear_of_it(appointment, support):
    answer = support.post(page_of(appointment), typed(appointment, photos=[an_upload()]))
    complaint = Complaint.objects.get()
    assert answer.url == reverse("admin:complaints_complaint_change", args=[complaint.pk])
    assert (complaint.state, complaint.buyer, complaint.filed_by) == ("negotiating", appointment.buyer, support.person)
    event = Event.objects.get(kind="complaint.accepted")
    assert (event.actor, event.acting_for, event.channel) == (support.person, appointment.buyer, "admin")
    assert complaint.case.messages.latest("id").attachments.count() == 1
    relay_batch(at=FILED + HOUR)
    assert appointment.buyer in {each.recipient for each in Delivery.objects.filter(event=event)}


def test_a_double_click_files_once(appointment, support):
    for _ in range(2):
        support.post(page_of(appointment), typed(appointment))
    assert Complaint.objects.count() == 1


def test_one_that_is_not_accepted_shows_each_reason(appointment, support, frozen):
    frozen.move_to(BREACH + timedelta(days=100))
    support.force_login(support.person)
    before = support.get(page_of(appointment)).content.decode()
    assert "it would not be accepted" in before
    assert "request the service again" in before
    answer = support.post(page_of(appointment), typed(appointment), follow=True)
    page = answer.content.decode()
    assert Complaint.objects.get().failed_codes == ["out_of_time"]
    assert "was not accepted" in page
    assert "a complaint could be filed until" in page
    assert "If the cover still lasts, request the service again" in page


def test_what_the_buyer_tells_needs_its_duty_and_instant(appointment, support):
    told = {"breach": "told", "clause": "2.3.3", "breach_at": "2026-03-06T10:00"}
    page = support.post(page_of(appointment), typed(appointment, **{**told, "breach_at": ""}))
    assert page.status_code == 422
    assert "nobody ever came" in page.content.decode()
    assert not Complaint.objects.exists()
    support.post(page_of(appointment), typed(appointment, **told))
    assert (Complaint.objects.get().breach, Complaint.objects.get().clause) == ("", "2.3.3")


def test_nothing_typed_is_lost_on_an_error(appointment, support):
    answer = support.post(page_of(appointment), typed(appointment, statement=" "))
    assert answer.status_code == 422
    assert "A visit." in answer.content.decode()


@pytest.mark.parametrize("role", [AuditorFactory, FinanceFactory, AdministratorFactory])
def test_nobody_else_of_the_staff_files_for_a_buyer(appointment, client, role):
    client.force_login(role())
    assert client.get(page_of(appointment)).status_code == 403
    assert client.post(page_of(appointment), typed(appointment)).status_code == 403
    assert (
        page_of(appointment) not in client.get(reverse("admin:case_file", args=[appointment.case_id])).content.decode()
    )
    assert not Complaint.objects.exists()
    by = Actor(channel=Channel.ADMIN, user=role(), acting_for=appointment.buyer)
    with pytest.raises(PermissionDenied):
        file_complaint(appointment.case, ComplaintTerms("x", breach=file.fact_of(appointment)), by=by, at=FILED)


def test_support_files_for_the_buyer_of_the_case_alone(appointment):
    by = Actor(channel=Channel.ADMIN, user=SupportFactory(), acting_for=UserFactory())
    with pytest.raises(PermissionDenied):
        file_complaint(appointment.case, ComplaintTerms("x", breach=file.fact_of(appointment)), by=by, at=FILED)


def test_a_stranger_is_led_to_the_log_in_and_an_unknown_case_is_404(appointment, client, support):
    assert support.get(reverse("admin:complain_for_buyer", args=[999999])).status_code == 404
    client.logout()
    client.force_login(make.buyer_of(appointment).user)
    assert client.get(page_of(appointment)).status_code == 302
