"""Audits at the staff desk: opened, looked through, heard and closed by steps; evidence to read, nothing to edit (3.2)."""

from datetime import timedelta

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from complaints.models import Audit, AuditDraw, AuditItem
from complaints.sampling import hash_of
from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import violations as judged

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

HOUR = timedelta(hours=1)
AUDITS, ITEMS, DRAWS = (f"/admin/complaints/{name}/" for name in ("audit", "audititem", "auditdraw"))


@pytest.fixture
def auditor(client, frozen):
    by = claim.an_auditor()
    client.force_login(by.user)
    frozen.move_to(audit.NOTIFIED)
    return by


def page(client, path):
    return client.get(path).content.decode()


def step(client, model, name, *things, **answers):
    address = reverse(f"admin:complaints_{model}_step", args=[name])
    asked = "&".join(f"thing={thing.pk}" for thing in things)
    return client.post(f"{address}?{asked}", answers, follow=True).content.decode()


def test_an_auditor_opens_one_for_a_reason(client, auditor):
    appointment = judged.unanswered()
    assert 'name="cause"' in page(client, f"{AUDITS}add/")
    assert client.post(f"{AUDITS}add/", {"seller": appointment.seller.slug, "cause": ""}).status_code == 200
    unknown = client.post(f"{AUDITS}add/", {"seller": "nobody", "cause": "Mine."}).content.decode()
    assert "There is no seller of this short name" in unknown
    assert 'value="nobody"' in unknown
    client.post(f"{AUDITS}add/", {"seller": appointment.seller.slug, "cause": "Buyers tell of silence."})
    opened = Audit.objects.get()
    assert (opened.cause, opened.opened_by, opened.items.count()) == ("Buyers tell of silence.", auditor.user, 5)


@pytest.mark.parametrize("role", ["a_supporter", "an_administrator"])
def test_the_other_roles_read_and_do_nothing(client, auditor, role):
    opened = audit.an_audit()
    client.force_login(getattr(claim, role)().user)
    assert client.get(f"{AUDITS}add/").status_code == 403
    shown = page(client, f"{AUDITS}{opened.pk}/change/")
    assert "Was the request answered" in shown
    assert "/steps/" not in shown
    assert client.get(f"{reverse('admin:complaints_audit_step', args=['notify'])}?thing={opened.pk}").status_code == 403
    assert client.post(f"{AUDITS}{opened.pk}/change/", {"state": "no_finding", "result": "x"}).status_code == 403
    assert client.post(f"{AUDITS}{opened.pk}/delete/", {"post": "yes"}).status_code in (403, 404)
    assert make.fresh(opened).state == "open"


def test_from_the_checklist_to_the_findings(client, auditor, frozen):
    opened = audit.an_audit(by=auditor)
    answered = opened.items.get(question="answered")
    others = list(opened.items.exclude(pk=answered.pk))
    chosen = {"action": "find", ACTION_CHECKBOX_NAME: [item.pk for item in others]}
    asked = client.post(ITEMS, chosen)
    assert client.post(asked.headers["Location"], {"verdict": "in_order", "note": ""}).context["form"].errors
    client.post(asked.headers["Location"], {"verdict": "in_order", "note": "", "why": "All answered in time."})
    assert set(opened.items.exclude(pk=answered.pk).values_list("verdict", flat=True)) == {"in_order"}
    assert "Tell the seller" not in page(client, f"{AUDITS}{opened.pk}/change/")
    assert "Give the reasons" in step(client, "audititem", "find", answered, verdict="breach", note="")
    step(client, "audititem", "find", answered, verdict="breach", note="Nobody answered.")
    shown = page(client, f"{AUDITS}{opened.pk}/change/")
    assert "5 of 5, breaches: 1" in shown
    assert "Tell the seller" in shown
    assert "Close without a finding" not in shown
    step(client, "audit", "notify", opened)
    assert make.fresh(opened).notified_at == audit.NOTIFIED
    assert "still being heard" in step(client, "audit", "close-findings", opened, reason="Proven.")
    frozen.move_to(audit.CLOSED)
    assert "A-" in page(client, f"{AUDITS}?waiting=audits-heard")
    step(client, "audit", "close-findings", opened, reason="Proven.")
    ended = make.fresh(opened)
    assert (ended.state, ended.closed_by, ended.result) == ("findings", auditor.user, "Proven.")
    assert "The audit is closed with findings" in page(client, f"{AUDITS}{opened.pk}/history/")


def test_the_frozen_evidence_is_read_and_checked(client, auditor):
    item = audit.an_audit(by=auditor).items.get(question="answered")
    address = f"{ITEMS}{item.pk}/change/"
    shown = page(client, address)
    assert "the timeline holds its hash" in shown
    assert item.evidence["about"]["case"] in shown
    assert "2026-03-04T01:15:30.000000+00:00" in shown
    item.evidence["limits"][0]["state"] = "met"
    AuditItem.objects.filter(pk=item.pk).update(evidence=item.evidence)
    assert "NOT as it was frozen" in page(client, address)
    # Somebody who mends the hash beside it is found out by the chain of events.
    AuditItem.objects.filter(pk=item.pk).update(evidence_hash=hash_of(item.evidence))
    assert "timeline does NOT hold this hash" in page(client, address)


def test_another_case_is_taken_in_by_its_reference(client, auditor, settings):
    settings.AUDIT_CASES = 1
    first = judged.unanswered()
    second = make.requested(make.a_cover(make.a_product(first.seller)), at=judged.R0)
    opened = audit.an_audit(first, by=auditor)
    seen = opened.items.values_list("appointment", flat=True)
    other = second if set(seen) == {first.pk} else first
    assert "There is no such case" in step(client, "audit", "add-case", opened, case="ZA-2026-999999")
    step(client, "audit", "add-case", opened, case=other.case.reference.lower())
    assert set(opened.items.values_list("appointment", flat=True)) == {first.pk, second.pk}


def test_a_sample_shows_its_seed_and_that_it_is_drawn_again_the_same(client, auditor, frozen):
    late = judged.unanswered()
    sample = audit.a_sample()
    frozen.move_to(audit.DRAWN + HOUR)
    client.force_login(auditor.user)
    address = f"{DRAWS}{sample.pk}/change/"
    shown = page(client, address)
    assert "a seed" in shown
    assert sample.population_hash in shown
    assert "the same sellers are drawn" in shown
    assert str(late.seller) in shown
    assert "The sample was drawn" in page(client, f"{DRAWS}{sample.pk}/history/")
    AuditDraw.objects.filter(pk=sample.pk).update(random_size=0, risk_size=0)
    assert "kept as random, drawn as None" in page(client, address)


def test_lists_take_the_same_queries_for_more_rows(client, auditor, django_assert_max_num_queries):
    first = audit.an_audit(by=auditor)
    for path in (AUDITS, ITEMS, f"{AUDITS}?q=A-{first.pk}"):
        page(client, path)
    with django_assert_max_num_queries(QUERIES):
        page(client, AUDITS)
    for _n in range(2):
        audit.an_audit(by=auditor)
    with django_assert_max_num_queries(QUERIES):
        assert page(client, AUDITS).count('class="field-__str__"') == 3


QUERIES = 20
