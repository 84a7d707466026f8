"""What the staff's pages show of the judgement: no step to whom it is refused, what is behind a violation, who applies."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.actions.clearances import approve_clearance
from complaints.actions.hearings import notify
from complaints.actions.losses import draft
from complaints.models import Audit
from sellers.screening import screening
from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as file
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory
from tests.factories.clearances import a_proposal, a_violation, in_force
from tests.factories.complaints import HOUR, NEGOTIATED
from tests.factories.sellers import AffiliationFactory, EnrolmentFactory, SellerFactory
from tests.instants import instant

pytestmark = [pytest.mark.django_db]
AT = instant("2026-03-02T01:15:30Z")


def shown(client, person, thing):
    client.force_login(person)
    name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"
    return client.get(reverse(name, args=[thing.pk])).content.decode()


@pytest.mark.clause("4.2")
def test_who_decided_a_complaint_is_told_that_another_one_reviews_it(client, frozen):
    complaint = file.determined(file.escalated())
    decider = complaint.determinations.get().decided_by
    file.objected(complaint, by=make.seller_of(complaint), at=NEGOTIATED + 2 * HOUR)
    frozen.move_to(NEGOTIATED + 3 * HOUR)
    for person, is_offered in ((decider, False), (SupportFactory(), True)):
        page = shown(client, person, complaint)
        assert ("steps/review/" in page) == is_offered
        assert ("another officer reviews it" in page) == (not is_offered)


@pytest.mark.clause("3.2")
def test_who_found_a_violation_is_told_that_another_one_judges_it(client, frozen):
    finder, judge = claim.an_auditor(), AuditorFactory()
    appointment = judged.unanswered()
    told = audit.a_notified(audit.an_audit(appointment, by=finder), by=finder)
    audit.with_findings(told, by=finder)
    violation = appointment.violations.get()
    notify(violation, by=finder, at=audit.CLOSED)
    frozen.move_to(audit.CLOSED + timedelta(days=9))
    for person, is_offered in ((finder.user, False), (judge, True)):
        page = shown(client, person, violation)
        assert ("steps/confirm/" in page) == is_offered
        assert ("another auditor judges" in page) == (not is_offered)
    judged.a_confirmed(make.fresh(violation), at=audit.CLOSED + timedelta(days=9))
    judged.an_appealed(make.fresh(violation), at=audit.CLOSED + timedelta(days=10))
    for person in (finder.user, make.fresh(violation).judged_by):
        page = shown(client, person, violation)
        assert "steps/overturn/" not in page
        assert "a third person decides" in page
    assert "steps/overturn/" in shown(client, judge, violation)


@pytest.mark.clause("3.4")
def test_a_violation_shows_what_is_behind_it_and_what_rests_on_it(client):
    complaint = file.determined(file.escalated())
    violation = complaint.violation
    assert violation is not None
    page = shown(client, AuditorFactory(), violation)
    assert reverse("admin:complaints_complaint_change", args=[complaint.pk]) in page
    confirmed = lost.a_draft()
    page = shown(client, AuditorFactory(), confirmed.violation)
    assert reverse("admin:complaints_lossclaim_change", args=[confirmed.pk]) in page


@pytest.mark.clause("3.4")
def test_a_complaint_leads_to_the_violation_it_founds_and_to_the_losses_on_that(client):
    complaint = file.determined(file.escalated())
    violation = complaint.violation
    assert violation is not None
    confirmed = judged.a_confirmed(
        judged.a_notified(violation, at=NEGOTIATED + HOUR), at=NEGOTIATED + timedelta(days=9)
    )
    claimed = draft(confirmed, [lost.ATTORNEY], reason="So.", by=lost.of_finance(), at=NEGOTIATED + timedelta(days=9))
    page = shown(client, SupportFactory(), complaint)
    for thing in (violation, claimed):
        address = reverse(f"admin:complaints_{thing._meta.model_name}_change", args=[thing.pk])
        assert f'href="{address}"' in page
        assert str(thing) in page


@pytest.mark.clause("1.1")
def test_screening_shows_what_runs_against_the_entity_and_to_auditors_its_affiliates(client, frozen):
    applicant, near = SellerFactory(enrolled=False), SellerFactory()
    twin = SellerFactory(legal_name=applicant.legal_name.upper())
    AffiliationFactory(seller=applicant, affiliate=near)
    application = EnrolmentFactory(seller=applicant, state="applied", applied_at=AT)
    running = Audit.objects.create(seller=applicant, part="cause", opened_at=AT)
    Audit.objects.create(seller=applicant, part="cause", opened_at=AT, closed_at=AT, state="no_finding")
    standing = a_violation(twin, at=AT)
    a_violation(twin, at=AT, state="dismissed")
    clearance = in_force(near, at=AT)
    secret = {str(clearance), *map(str, clearance.violations.all())}

    def words(*, with_affiliates):
        record = screening(application, AT, with_affiliates=with_affiliates).record
        return {line.words.split(":")[0].split(" ", 1)[1] for line in record}

    assert words(with_affiliates=False) == {str(running), str(standing)}
    assert words(with_affiliates=True) == {str(running), str(standing)} | secret
    assert near.name not in shown(client, SupportFactory(), application)
    assert near.name in shown(client, AuditorFactory(), application)
    assert str(running) in shown(client, SupportFactory(), application)


@pytest.mark.clause("3.2")
@pytest.mark.parametrize("role", [SupportFactory, FinanceFactory, AdministratorFactory])
def test_whose_application_a_clearance_turns_down_is_for_auditors_alone(client, frozen, role):
    seller, near = SellerFactory(), SellerFactory(name="Quiet Cousin", legal_name="Quiet Cousin Ltd", enrolled=False)
    AffiliationFactory(seller=seller, affiliate=near)
    EnrolmentFactory(seller=near, state="applied", applied_at=AT)
    proposed = a_proposal(seller, at=AT)
    assert near.name in shown(client, AuditorFactory(), proposed)
    assert near.name not in shown(client, role(), proposed)
    approve_clearance(proposed, reason="So it is.", by=claim.an_auditor(), at=AT)
    for address in ("", "history/"):
        page = client.get(f"/admin/complaints/clearance/{proposed.pk}/{address}", follow=True)
        assert page.status_code == 200
        assert near.name not in page.content.decode()
