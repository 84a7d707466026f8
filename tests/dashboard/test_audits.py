"""An audit as its seller sees it: the provisional findings, the answer, the countdown, the result."""

from datetime import timedelta

import pytest

from complaints.actions.audit_results import close_clean
from complaints.actions.audits import find
from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import violations as judged
from tests.factories.accounts import UserFactory
from zestech_aftersales.timeline.models import Delivery

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

HOUR = timedelta(hours=1)
LIST = "/dashboard/judgement/"


@pytest.fixture
def auditor():
    return claim.an_auditor()


@pytest.fixture
def told(frozen, auditor):
    found = audit.a_notified(by=auditor)
    frozen.move_to(audit.NOTIFIED + HOUR)
    return found


def address(opened):
    return f"{LIST}audits/{opened.pk}/"


def logged_in(client, opened, seat="owner"):
    client.force_login(make.seller_of(opened, seat).user)
    return client


def page(client, path):
    return client.get(path).content.decode()


def sent(client, opened, words, key="k1"):
    return client.post(address(opened), {"words": words, "key": key})


@pytest.mark.parametrize("seat", ["owner", "staff"])
def test_owner_and_staff_read_the_findings_and_are_heard(client, told, seat):
    logged_in(client, told, seat)
    shown = page(client, address(told))
    assert "Provisional findings" in shown
    assert "Nobody answered." in shown
    assert "Was the request answered effectively" in shown
    assert "Were the four service terms told" not in shown
    assert "Time left to be heard" in shown
    assert sent(client, told, "Our desk was closed.").status_code == 302
    fresh = make.fresh(told)
    assert (fresh.answer, fresh.answered_at) == ("Our desk was closed.", audit.NOTIFIED + HOUR)
    assert "Send the answer" not in page(client, address(told))


def test_a_double_click_is_one_answer_and_an_empty_one_is_asked_for_again(client, told):
    logged_in(client, told)
    assert sent(client, told, "   ").status_code == 422
    for _n in range(2):
        assert sent(client, told, "Once.").status_code == 302
    answer = sent(client, told, "Twice.", key="k2")
    assert answer.status_code == 409
    assert "You have answered this already" in answer.content.decode()


def test_too_late_the_page_says_so(client, told, frozen):
    logged_in(client, told)
    frozen.move_to(audit.HEARD + timedelta(microseconds=1))
    assert sent(client, told, "Our desk was closed.").headers["Location"] == address(told)
    assert "what you wrote is kept as late" in page(client, address(told))
    assert make.fresh(told).answer == ""


def test_somebody_elses_is_a_404_and_engineers_buyers_and_staff_are_turned_away(client, told):
    stranger = make.a_member(make.a_seller())
    buyer = told.items.first().appointment.buyer
    for person, status in (
        (stranger, 404),
        (make.seller_of(told, "engineer").user, 403),
        (buyer, 403),
        (UserFactory(platform_role="auditor"), 403),
    ):
        client.force_login(person)
        assert client.get(address(told)).status_code == status
        assert sent(client, told, "Mine.").status_code == status
    client.force_login(stranger)
    assert str(told) not in page(client, LIST) + page(client, "/dashboard/")
    client.logout()
    assert client.get(address(told)).headers["Location"].startswith("/accounts/login/")
    assert make.fresh(told).answer == ""


def test_an_audit_is_the_platforms_own_until_the_seller_is_told(client, frozen, auditor):
    opened = audit.looked_through(audit.an_audit(by=auditor), by=auditor)
    frozen.move_to(audit.NOTIFIED)
    logged_in(client, opened)
    assert client.get(address(opened)).status_code == 404
    assert "Nothing is judged about you" in page(client, LIST)


def test_list_and_queue_show_the_hearing_and_more_audits_take_the_same_queries(
    client, told, auditor, django_assert_max_num_queries
):
    logged_in(client, told)
    assert address(told) in page(client, "/dashboard/")
    with django_assert_max_num_queries(QUERIES_OF_THE_LIST):
        shown = page(client, LIST)
    assert f"A-{told.pk}" in shown
    assert 'data-due="2026-03-10T16:00:00+00:00"' in shown
    for _n in range(2):
        audit.a_notified(audit.an_audit(told.items.first().appointment, by=auditor), by=auditor)
    with django_assert_max_num_queries(QUERIES_OF_THE_LIST):
        assert page(client, LIST).count("countdown-small") == 3


QUERIES_OF_THE_LIST = 11


def test_the_result_and_the_violations_it_opened_are_shown(client, told, auditor, frozen):
    audit.with_findings(told, by=auditor)
    frozen.move_to(audit.CLOSED + HOUR)
    logged_in(client, told)
    shown = page(client, address(told))
    assert "The silence is proven." in shown
    assert "Possible violation" not in shown
    violation = judged.a_notified(told.items.get(question="answered").violation, at=audit.CLOSED + HOUR)
    assert f"/judgement/violations/{violation.pk}/" in page(client, address(told))


def test_a_finding_that_was_explained_is_shown_as_none(client, told, auditor, frozen):
    item = told.items.select_related("audit").get(question="answered")
    find(item, verdict="in_order", by=auditor, at=audit.NOTIFIED + HOUR)
    close_clean(told, reason="Explained.", by=auditor, at=audit.NOTIFIED + HOUR)
    logged_in(client, told)
    shown = page(client, address(told))
    assert "None of what you were told of is a finding" in shown
    assert "Explained." in shown


def notices(person):
    return [each.event.kind for each in Delivery.objects.filter(recipient=person, medium="in_app").order_by("id")]


def test_the_seller_hears_of_findings_and_the_auditor_of_the_answer(told, auditor):
    owner = make.seller_of(told).user
    engineer = make.seller_of(told, "engineer").user
    audit.an_answered(told)
    audit.with_findings(told, by=auditor)
    judged.read(at=audit.CLOSED)
    theirs = [kind for kind in notices(owner) if kind.startswith("audit.")]
    assert theirs == ["audit.notified", "audit.findings"]
    assert [kind for kind in notices(auditor.user) if kind.startswith("audit.")] == ["audit.answered"]
    assert not [kind for kind in notices(engineer) if kind.startswith("audit.")]


def test_a_clean_end_of_which_nothing_was_told_is_no_notice(auditor):
    opened = audit.looked_through(audit.an_audit(by=auditor), by=auditor, breaches=())
    owner = make.seller_of(opened).user
    close_clean(opened, reason="All in order.", by=auditor, at=audit.NOTIFIED)
    judged.read(at=audit.NOTIFIED)
    assert not [kind for kind in notices(owner) if kind.startswith("audit.")]
