"""The notices page: one's own, newest first."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import AdministratorFactory, UserFactory
from tests.factories.timeline import DeliveryFactory, NoticeFactory, make_event
from zestech_aftersales.timeline import queries
from zestech_aftersales.timeline.models import Medium
from zestech_aftersales.timeline.views import PAGE

pytestmark = pytest.mark.django_db


def test_somebody_reads_their_own_notices_newest_first(client):
    ann = UserFactory()
    NoticeFactory(recipient=ann, subject="The older one")
    NoticeFactory(recipient=ann, subject="The newer one", event=make_event(clause="2.3.1"))
    DeliveryFactory(recipient=ann, subject="A mail")
    DeliveryFactory(recipient=ann, subject="Not yet", medium=Medium.IN_APP)
    client.force_login(ann)
    text = client.get(reverse("notices")).text
    assert text.index("The newer one") < text.index("The older one")
    assert "A mail" not in text
    assert "Not yet" not in text
    assert "2.3.1" in text


def test_nobody_has_notices_at_first(client):
    client.force_login(UserFactory())
    assert "No notices" in client.get(reverse("notices")).text


@pytest.mark.parametrize("other", [UserFactory, AdministratorFactory])
def test_nobody_else_sees_or_reads_them(client, other):
    notice = NoticeFactory(subject="For Ann alone")
    client.force_login(other())
    assert "For Ann alone" not in client.get(reverse("notices")).text
    assert client.post(reverse("notice_open", args=[notice.uid])).status_code == 404
    client.post(reverse("notices_read"))
    notice.refresh_from_db()
    assert notice.read_at is None


@pytest.mark.parametrize("name", ["notices", "notices_read"])
def test_a_stranger_is_asked_to_log_in(client, name):
    answer = client.get(reverse(name)) if name == "notices" else client.post(reverse(name))
    assert answer.url.startswith(reverse("account_login"))


def test_opening_a_notice_marks_it_and_leads_on(client, frozen):
    ann = UserFactory()
    notice, other = NoticeFactory(recipient=ann, url="/portal/cases/1/"), NoticeFactory(recipient=ann)
    client.force_login(ann)
    assert queries.unread_count(ann) == 2
    assert client.post(reverse("notice_open", args=[notice.uid])).url == "/portal/cases/1/"
    notice.refresh_from_db()
    assert notice.read_at == frozen.instant
    assert list(queries.notices_for(ann).unread()) == [other]


def test_an_instant_of_reading_stays(client, frozen):
    notice = NoticeFactory()
    client.force_login(notice.recipient)
    client.post(reverse("notice_open", args=[notice.uid]))
    first = frozen.instant
    frozen.move_to("2026-03-03T00:00:00Z")
    client.post(reverse("notice_open", args=[notice.uid]))
    notice.refresh_from_db()
    assert notice.read_at == first


def test_a_notice_leads_nowhere_outside(client):
    notice = NoticeFactory(url="https://elsewhere.example.com/")
    client.force_login(notice.recipient)
    assert client.post(reverse("notice_open", args=[notice.uid])).url == reverse("notices")


def test_all_can_be_marked_at_once_and_only_by_post(client):
    ann = UserFactory()
    NoticeFactory.create_batch(2, recipient=ann)
    client.force_login(ann)
    assert client.get(reverse("notices_read")).status_code == 405
    client.post(reverse("notices_read"))
    assert queries.unread_count(ann) == 0


def test_a_long_list_has_pages(client):
    ann = UserFactory()
    notices = NoticeFactory.create_batch(PAGE + 1, recipient=ann)
    client.force_login(ann)
    first = client.get(reverse("notices")).context
    assert len(first["notices"]) == PAGE
    second = client.get(reverse("notices") + first["older_url"]).context
    assert (list(second["notices"]), second["older_url"]) == ([notices[0]], "")


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_a_mistyped_page_is_the_first(client, before):
    notice = NoticeFactory()
    client.force_login(notice.recipient)
    page = client.get(reverse("notices"), {"before": before})
    assert list(page.context["notices"]) == [notice]


def test_the_page_costs_the_same_for_one_and_for_three(client):
    ann = UserFactory()
    client.force_login(ann)
    counts = []
    for more in (1, 2):
        for _number in range(more):
            NoticeFactory(recipient=ann, event=make_event(clause="2.3.1"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("notices"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10
