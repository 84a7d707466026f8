"""Claims where people meet them: the seller's steps in the case, the auditors' at the staff desk, the sweep's lapse."""

from datetime import timedelta

import pytest

from cases.lapses import lapse_claims
from cases.models import Deadline, ExclusionClaim
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.accounts import AdministratorFactory, AuditorFactory, UserFactory
from tests.instants import instant
from tests.pages import filled, posted

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.2")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
FILED = instant("2026-03-03T02:00:00Z")
HOUR = timedelta(hours=1)
TYPED = {
    "ground": "force_majeure", "kind": "typhoon", "place": "Shenzhen", "begins_at": "2026-03-02T16:00",
    "ends_at": "2026-03-05T04:00", "duties": ["response", "confirmation"], "statement": "No power.", "key": "c",
}  # fmt: skip


@pytest.fixture
def appointment(frozen, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    appointment = make.requested(at=R0)
    frozen.move_to(FILED)
    return appointment


@pytest.fixture
def seller(client, appointment):
    client.force_login(make.seller_of(appointment).user)
    return client


def address(appointment, *more, side="dashboard"):
    return "/".join(["", side, "cases", appointment.case.reference, *more, ""])


def test_the_seller_claims_and_everybody_of_the_case_sees_it(seller, client, appointment):
    assert "Claim an exclusion" in seller.get(address(appointment)).content.decode()
    form = seller.get(address(appointment, "claim")).content.decode()
    assert "multipart/form-data" in form
    assert "effective response" in form
    for _n in range(2):
        answer = posted(seller, address(appointment, "claim"), TYPED)
        assert answer.headers["Location"] == address(appointment)
    filed = ExclusionClaim.objects.get()
    assert (filed.begins_at, filed.ends_at) == claim.TYPHOON
    client.force_login(appointment.buyer)
    page = client.get(address(appointment, side="portal")).content.decode()
    assert "Typhoon" in page or "typhoon" in page
    assert "proof awaited until" in page
    assert "No power." in page
    assert "Withdraw the claim" not in page


def test_what_is_missing_is_marked_at_its_field_and_nothing_is_lost(seller, appointment):
    answer = posted(seller, address(appointment, "claim"), TYPED | {"place": "", "duties": []})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"place", "duties"}
    assert "No power." in answer.content.decode()


def test_a_claim_that_fails_on_instants_says_so_and_stays_on_the_record(seller, appointment):
    late = TYPED | {"begins_at": "2026-03-17T02:00", "ends_at": ""}
    answer = posted(seller, address(appointment, "claim"), late)
    assert answer.status_code == 409
    assert "began after the limit had passed" in answer.content.decode()
    assert ExclusionClaim.objects.get().state == "rejected"


def test_proof_end_and_withdrawal_from_the_case_page(seller, appointment, frozen):
    posted(seller, address(appointment, "claim"), TYPED | {"ends_at": ""})
    posted(seller, address(appointment, "add_proof"), {"statement": "Weather office", "key": "p"})
    assert ExclusionClaim.objects.get().state == "in_review"
    frozen.move_to(claim.TYPHOON[1] + HOUR)
    posted(seller, address(appointment, "end_event"), {"ends_at": "2026-03-05T04:00", "key": "e"})
    assert ExclusionClaim.objects.get().ends_at == claim.TYPHOON[1]
    posted(seller, address(appointment, "withdraw_claim"), {"reason": "", "key": "w"})
    assert ExclusionClaim.objects.get().state == "withdrawn"
    assert make.fresh(appointment).state == "deemed_refused"


def test_owner_colleague_stranger_and_buyer(client, appointment):
    for person, status in (
        (make.seller_of(appointment, "staff").user, 200),
        (make.seller_of(make.a_cover()).user, 404),
        (UserFactory(), 403),
    ):
        client.force_login(person)
        assert client.get(address(appointment, "claim")).status_code == status
    client.force_login(appointment.buyer)
    assert client.get(address(appointment, "claim", side="portal")).status_code == 302
    assert posted(client, address(appointment, "claim", side="portal"), TYPED).status_code == 403
    assert not ExclusionClaim.objects.exists()


STEP = "/admin/cases/exclusionclaim/steps/{}/?thing={}"


def test_an_auditor_grants_in_part_at_the_staff_desk(client, appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    client.force_login(AuditorFactory())
    page = client.get(f"/admin/cases/exclusionclaim/{filed.pk}/change/").content.decode()
    assert "warning.jpg" in page
    step = STEP.format("grant-part", filed.pk)
    assert client.get(step).status_code == 200
    client.post(step, {"reason": "", "duties": ["response"]})
    assert make.fresh(filed).state == "in_review"
    client.post(step, {"reason": "Proven until midnight.", "ends_at": "2026-03-03T16:00", "duties": ["response"]})
    assert make.fresh(filed).state == "partly_granted"
    assert Deadline.objects.get(appointment=appointment, clock="response").due_at == DUE + 24 * HOUR


@pytest.mark.parametrize(("name", "state"), [("grant", "granted"), ("grant-end", "granted"), ("reject", "rejected")])
def test_an_auditor_decides_at_the_staff_desk(client, appointment, name, state):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    client.force_login(AdministratorFactory())
    assert client.post(STEP.format(name, filed.pk), {"reason": "yes"}).status_code == 403
    client.force_login(AuditorFactory())
    client.post(STEP.format(name, filed.pk), {"reason": "So it is."})
    assert make.fresh(filed).state == state
    assert make.fresh(appointment).state == ("excluded" if name == "grant-end" else "requested")


def test_two_auditors_revoke_at_the_staff_desk(client, appointment):
    filed = claim.claimed(appointment, at=FILED, proven=True)
    claim.granted(filed, at=FILED)
    client.force_login(AuditorFactory())
    client.post(STEP.format("propose-revocation", filed.pk), {"reason": "Forged."})
    filled(client, STEP.format("revoke", filed.pk), {"reason": "Forged."})
    assert make.fresh(filed).state == "granted"
    client.force_login(AuditorFactory())
    filled(client, STEP.format("revoke", filed.pk), {"reason": "Forged indeed."})
    assert make.fresh(filed).state == "revoked"


def test_claims_without_proof_lapse_after_the_settle_margin(appointment, settings):
    filed = claim.claimed(appointment, at=FILED)
    margin = timedelta(seconds=settings.SETTLE_SECONDS)
    assert lapse_claims(at=filed.proof_due_at + margin) == 0
    assert lapse_claims(at=filed.proof_due_at + margin + timedelta(microseconds=1)) == 1
    assert lapse_claims(at=filed.proof_due_at + margin + HOUR) == 0
    assert make.fresh(filed).state == "lapsed"
