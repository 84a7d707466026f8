"""Violations at the staff desk: found, filtered, judged by steps with reasons, and never edited or deleted (3.2)."""

from datetime import timedelta

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from complaints.admin.facts import fact_link
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import violations as judged
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

HOUR = timedelta(hours=1)
LIST = "/admin/complaints/violation/"


@pytest.fixture
def violation(frozen):
    found = judged.a_candidate()
    frozen.move_to(judged.NOTIFIED)
    return found


@pytest.fixture
def auditor(client):
    by = claim.an_auditor()
    client.force_login(by.user)
    return by


def page(client, path):
    return client.get(path).content.decode()


def step(client, name, *violations, **answers):
    address = reverse("admin:complaints_violation_step", args=[name])
    asked = "&".join(f"thing={violation.pk}" for violation in violations)
    return client.post(f"{address}?{asked}", answers, follow=True).content.decode()


def test_several_are_notified_at_once(client, auditor, violation):
    other = judged.a_candidate()
    chosen = {"action": "notify", ACTION_CHECKBOX_NAME: [violation.pk, other.pk]}
    asked = client.post(LIST, chosen)
    assert asked.status_code == 302
    assert "The seller is heard as long as the rules give him" in page(client, asked.headers["Location"])
    unsaid = client.post(asked.headers["Location"], {"finding": ""})
    assert list(unsaid.context["form"].errors) == ["why"]
    assert {make.fresh(each).state for each in (violation, other)} == {"candidate"}
    client.post(asked.headers["Location"], {"finding": "", "why": "The month's silent ones."})
    assert {make.fresh(each).state for each in (violation, other)} == {"notified"}
    assert make.fresh(violation).officer == auditor.user
    told = Event.objects.filter(kind="violation.notified")
    assert {(each.subject, each.detail["reason"]) for each in told} == {
        (each.subject, "The month's silent ones.") for each in (violation, other)
    }


def test_it_says_who_may_still_decide_and_refuses_whoever_judged(client, auditor, violation, frozen):
    assert "found by the system: any auditor decides" in page(client, f"{LIST}{violation.pk}/change/")
    step(client, "notify", violation, finding="Nobody answered for two days.")
    told = step(client, "confirm", violation, reason="Too early.")
    assert "The seller is still being heard" in told
    frozen.move_to(judged.CONFIRMED)
    step(client, "confirm", violation, reason="Nobody answered.")
    told = page(client, f"{LIST}{violation.pk}/change/")
    assert f"opened or judged by {auditor.user}: a third auditor decides an appeal" in told
    judged.an_appealed(violation, at=judged.CONFIRMED + HOUR)
    assert "third person decides" in step(client, "overturn", violation, reason="I was wrong.")
    assert make.fresh(violation).state == "appealed"
    client.force_login(claim.an_auditor().user)
    step(client, "overturn", violation, reason="He was wrong.")
    assert make.fresh(violation).state == "overturned"


def test_dismissed_with_a_code_and_reasons(client, auditor, violation):
    step(client, "dismiss", violation, code="rescinded", reason="So.")
    assert make.fresh(violation).state == "candidate"
    step(client, "dismiss", violation, code="minor", reason="No breach.")
    assert (make.fresh(violation).state, make.fresh(violation).reason) == ("dismissed", "No breach.")


@pytest.mark.parametrize("role", ["a_supporter", "an_administrator"])
def test_other_roles_look_and_have_no_steps(client, violation, role):
    client.force_login(getattr(claim, role)().user)
    told = page(client, f"{LIST}{violation.pk}/change/")
    assert "deadline/" in told
    assert "/steps/" not in told
    address = reverse("admin:complaints_violation_step", args=["notify"])
    assert client.post(f"{address}?thing={violation.pk}", {"finding": ""}).status_code == 403
    assert make.fresh(violation).state == "candidate"


def test_nothing_is_edited_or_deleted_by_hand(client, auditor, violation):
    changed = client.post(f"{LIST}{violation.pk}/change/", {"state": "confirmed", "occurred_at_0": "2020-01-01"})
    assert changed.status_code == 403
    assert client.post(f"{LIST}{violation.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert (make.fresh(violation).state, make.fresh(violation).occurred_at) == ("candidate", judged.DUE)


def test_it_is_found_by_number_case_and_seller_and_filtered(client, auditor, violation):
    other = judged.a_candidate()
    mine, his = f">V-{violation.pk}<", f">V-{other.pk}<"
    for words in (f"v-{violation.pk}", violation.appointment.case.reference, violation.seller.slug):
        told = page(client, f"{LIST}?q={words}")
        assert mine in told
        assert his not in told
    judged.a_notified(violation)
    told = page(client, f"{LIST}?state__exact=notified&kind__exact=missed_limit&clause=2.3.1&cured=no")
    assert mine in told
    assert his not in told


def test_the_list_takes_the_same_queries_for_more(client, auditor, violation, django_assert_max_num_queries):
    judged.a_notified(violation)
    page(client, LIST)
    with django_assert_max_num_queries(14):
        page(client, LIST)
    for _n in range(2):
        judged.a_notified(judged.a_candidate())
    with django_assert_max_num_queries(14):
        page(client, LIST)


def test_its_page_leads_to_the_case_and_its_timeline_tells_everything(client, auditor, violation):
    judged.an_answered(judged.a_notified(violation))
    told = page(client, f"{LIST}{violation.pk}/change/")
    assert f"/admin/cases/servicecase/{violation.appointment.case_id}/change/" in told
    assert "Our desk was closed." in told
    told = page(client, f"{LIST}{violation.pk}/history/")
    for words in ("Candidate opened", "You are heard on a possible violation", "The seller has answered"):
        assert words in told
    assert Event.objects.filter(stream=violation.subject).count() == 3


def test_assigned_by_the_step(client, auditor, violation):
    other = claim.an_auditor().user
    step(client, "assign", violation, officer=other.pk, reason="Holiday")
    assert make.fresh(violation).officer == other


def test_the_list_says_late_but_cured_and_excused(client, auditor, frozen):
    appointment = judged.unanswered()
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=judged.SWEPT + HOUR)
    make.accepted(appointment.offers.get(), at=judged.SWEPT + 2 * HOUR)
    excused = judged.a_candidate()
    frozen.move_to(judged.NOTIFIED)
    step(client, "dismiss", excused, code="excused", reason="The flood.")
    told = page(client, LIST)
    for words in ("late, cured", "excused"):
        assert told.count(f'class="field-on_record">{words}</td>') == 1, words


@pytest.mark.parametrize("name", ["refusal/44", "refusal/44/2"])
def test_each_refusal_of_a_request_leads_to_the_request(name):
    link = fact_link(name)
    assert 'href="/admin/cases/serviceappointment/44/change/"' in link
    assert link.endswith(f"{name.removeprefix('refusal/')}</a>")
    assert fact_link("visit/9") == "visit/9"
