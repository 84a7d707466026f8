"""The pages and the API that tell the sums of the judgement: who sees which, and where they are linked from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints.models import JudgementDeadline
from tests.api.test_appointments import refused
from tests.complaints.test_sums import away
from tests.factories import audits, clearances, losses, violations
from tests.factories import cases as make
from tests.factories import complaints as complain
from tests.factories.accounts import AuditorFactory, SupportFactory, UserFactory
from tests.factories.api import a_caller
from tests.factories.sellers import EnrolmentFactory, SellerFactory, member_of
from tests.instants import instant
from zestech_aftersales.accounts.actors import Seat

pytestmark = [pytest.mark.django_db, pytest.mark.clause("5.1")]
HOUR = timedelta(hours=1)


def text(answer):
    assert answer.status_code == 200, answer
    return " ".join(answer.content.decode().split())


def asked_of(client, user, *paths):
    client.force_login(user)
    return [client.get(path).status_code for path in paths]


def sellers_things():
    """A violation, an audit and a claim of losses of one seller, each with its page and the limit that runs."""
    violation = violations.a_notified()
    audit = audits.a_notified(audits.an_audit(violation.appointment))
    claim = losses.a_notified(losses.a_draft(violations.a_confirmed(violation)))
    return {
        f"violations/{violation.pk}/": violation.deadlines.latest("id"),
        f"audits/{audit.pk}/": audit.deadlines.get(),
        f"losses/{claim.pk}/": claim.deadlines.get(),
    }, violation


@pytest.mark.clause("3.2")
@pytest.mark.clause("3.4")
def test_the_seller_reads_the_sums_of_what_is_judged_about_him(client, frozen):
    things, violation = sellers_things()
    frozen.move_to(losses.DRAFTED + 2 * HOUR)
    seller, staff = make.seller_of(violation.appointment).user, make.a_member(violation.seller, Seat.STAFF)
    engineer, stranger = make.a_member(violation.seller, Seat.ENGINEER), make.seller_of(make.a_cover()).user
    limits = [f"/dashboard/judgement/limits/{limit.pk}/" for limit in things.values()]
    for (path, limit), address in zip(things.items(), limits, strict=True):
        client.force_login(seller)
        assert address in text(client.get(f"/dashboard/judgement/{path}"))
        page = text(client.get(address))
        assert f"{limit.due_at:%Y-%m-%d %H:%M:%S} UTC" in page
        assert "by edition 1 of the rules" in page
        assert f'href="/dashboard/judgement/{path}"' in page
        assert "differs from this sum" not in page
        told = a_caller(seller=violation.seller).get(f"{path}explanation/").json()["limits"]
        assert [(each["limit"], each["agrees"]) for each in told][-1] == (limit.pk, True)
        assert told[-1]["due_at"] == told[-1]["stored_due_at"]
        for nobody in (a_caller(seller=make.a_seller()), a_caller(buyer=violation.appointment.buyer), a_caller()):
            refused(nobody.get(f"{path}explanation/"), 404, "not_found")
        refused(a_caller("cases:read", seller=violation.seller).get(f"{path}explanation/"), 403, "insufficient_scope")
    assert all(address in text(client.get("/dashboard/judgement/")) for address in limits)
    assert asked_of(client, staff, *limits) == [200] * 3
    assert asked_of(client, engineer, *limits) == [404] * 3
    assert asked_of(client, stranger, *limits) == [404] * 3
    # He is no buyer of this either.
    in_portal = [address.replace("dashboard/judgement", "portal/complaints") for address in limits]
    for person in (violation.appointment.buyer, seller, UserFactory()):
        assert asked_of(client, person, *in_portal) == [404] * 3
    client.force_login(AuditorFactory())
    for path, address in zip(things, in_portal, strict=True):
        kind, pk = path.strip("/").split("/")
        model = {"violations": "violation", "audits": "audit", "losses": "lossclaim"}[kind]
        desk = f"/admin/complaints/{model}/{pk}/change/"
        assert address in text(client.get(desk))
        assert desk in text(client.get(address))


@pytest.mark.clause("3.3")
@pytest.mark.clause("3.4")
def test_both_sides_of_a_complaint_read_its_sums(client, frozen):
    complaint = complain.escalated()
    request = complain.asked(complaint, "buyer", at=complain.NEGOTIATED + HOUR)
    frozen.move_to(complain.NEGOTIATED + 2 * HOUR)
    evidence = JudgementDeadline.objects.get(evidence_request=request)
    buyer, seller = complaint.buyer, make.seller_of(complaint).user
    of_it = f"complaints/{complaint.reference}/limits"
    dues = ["2026-06-02 16:00:00 UTC", "2026-04-13 16:00:00 UTC", "2026-04-17 16:00:00 UTC"]
    mine, theirs = [
        [f"/{channel}/{of_it}/filing/", f"/{channel}/{of_it}/negotiation/", f"/{channel}/{below}limits/{evidence.pk}/"]
        for channel, below in (("portal", "complaints/"), ("dashboard/judgement", ""))
    ]
    for user, channel, paths in ((buyer, "portal", mine), (seller, "dashboard/judgement", theirs)):
        client.force_login(user)
        shown = text(client.get(f"/{channel}/complaints/{complaint.reference}/"))
        for path, due in zip(paths, dues, strict=True):
            assert path in shown
            page = text(client.get(path))
            assert due in page
            assert f'href="/{channel}/complaints/{complaint.reference}/"' in page
        assert client.get(f"/{channel}/{of_it}/nothing/").status_code == 404
    client.force_login(buyer)
    assert mine[-1] in text(client.get("/portal/"))
    assert "still too early to hand it" in text(client.get(f"/portal/{of_it}/negotiation/"))
    assert asked_of(client, UserFactory(), *mine) == [404] * 3
    assert asked_of(client, seller, *mine) == [404] * 3
    other = make.seller_of(make.a_cover()).user
    assert asked_of(client, other, *theirs) == [404] * 3
    client.force_login(SupportFactory())
    desk = text(client.get(f"/admin/complaints/complaint/{complaint.pk}/change/"))
    assert all(path in desk and client.get(path).status_code == 200 for path in mine)
    for caller in (a_caller(buyer=buyer), a_caller(seller=complaint.seller)):
        told = caller.get(f"complaints/{complaint.reference}/explanation/").json()["limits"]
        assert [(each["clock"], each["limit"] is None, each["agrees"]) for each in told] == [
            ("complaint", True, True),
            ("negotiation", True, True),
            ("auto_escalation", False, True),
            ("evidence", False, True),
        ]
        own = caller.get(f"complaints/{complaint.reference}/").json()["limits"]
        assert [each["id"] for each in own] == [each["limit"] for each in told[2:]]
    for nobody in (a_caller(buyer=UserFactory()), a_caller(seller=make.a_seller()), a_caller()):
        refused(nobody.get(f"complaints/{complaint.reference}/explanation/"), 404, "not_found")


@pytest.mark.clause("3.3")
def test_the_time_to_complain_is_told_before_a_complaint_is_filed(client, frozen):
    appointment = complain.unanswered()
    frozen.move_to(complain.FILED)
    case, fact = appointment.case, complain.fact_of(appointment)
    client.force_login(appointment.buyer)
    page = f"/portal/cases/{case.reference}/complain/"
    assert f'href="?breach={fact.replace("/", "%2F")}#sum"' in text(client.get(page))
    shown = text(client.get(page, {"breach": fact}))
    assert "How your time to complain is counted" in shown
    assert "2026-06-02 16:00:00 UTC" in shown
    [told] = a_caller(buyer=appointment.buyer).get(f"cases/{case.reference}/complaints/explanation/").json()["breaches"]
    assert (told["breach"], told["breach_at"]) == (fact, "2026-03-04T01:15:30.000000Z")
    assert (told["limit"]["number"], told["limit"]["due_at"]) == (90, "2026-06-02T16:00:00.000000Z")
    refused(a_caller(buyer=UserFactory()).get(f"cases/{case.reference}/complaints/explanation/"), 404, "not_found")


@pytest.mark.clause("3.2")
def test_an_outage_stands_on_the_page_as_a_pause_of_the_sum(client, frozen):
    violation = violations.a_notified()
    limit = violation.deadlines.get()
    away(limit.due_at - 2 * HOUR, limit.due_at - HOUR)
    frozen.move_to(limit.due_at)
    client.force_login(make.seller_of(violation.appointment).user)
    page = text(client.get(f"/dashboard/judgement/limits/{limit.pk}/"))
    assert "Outage of the platform" in page
    assert page.count("1:00:00 h") == 2
    assert "rounded up to 24:00, once" in page
    [told] = a_caller(seller=violation.seller).get(f"violations/{violation.pk}/explanation/").json()["limits"]
    assert ([each["counted_seconds"] for each in told["pauses"]], told["agrees"]) == ([3600.0], True)


@pytest.mark.clause("3.2")
def test_the_bar_is_told_to_whom_it_covers_and_to_the_staff(client, frozen):
    seller = EnrolmentFactory().seller
    owner, at = member_of(seller).user, instant("2026-03-02T01:15:30Z")
    clearance = clearances.in_force(seller, at=at)
    frozen.move_to(at + HOUR)
    client.force_login(owner)
    assert "/dashboard/programme/bar/" in text(client.get("/dashboard/programme/"))
    page = text(client.get("/dashboard/programme/bar/"))
    assert "2027-03-02 16:00:00 UTC" in page
    assert "still inside the bar" in page
    assert asked_of(client, make.seller_of(make.a_cover()).user, "/dashboard/programme/bar/") == [404]
    staff_page = f"/portal/clearances/{clearance.pk}/bar/"
    assert asked_of(client, owner, staff_page) == [404]
    client.force_login(AuditorFactory())
    assert staff_page in text(client.get(f"/admin/complaints/clearance/{clearance.pk}/change/"))
    assert "2027-03-02 16:00:00 UTC" in text(client.get(staff_page))
    path = f"clearances/{clearance.pk}/explanation/"
    [told] = a_caller(seller=seller).get(path).json()["limits"]
    assert (told["clock"], told["unit"], told["due_at"]) == ("bar", "years", "2027-03-02T16:00:00.000000Z")
    assert told["agrees"]
    refused(a_caller(seller=make.a_seller()).get(path), 404, "not_found")


@pytest.mark.clause("3.2")
def test_the_sellers_own_system_reads_the_bar_on_every_account_of_the_entity(frozen):
    seller, at = EnrolmentFactory().seller, instant("2026-03-02T01:15:30Z")
    clearances.in_force(seller, at=at)
    twin = SellerFactory(enrolled=False, legal_name=seller.legal_name.upper())
    bar_end = instant("2027-03-02T16:00:00Z")
    frozen.move_to(bar_end)
    for account in (seller, twin):
        told = a_caller(seller=account).get("programme/bar/").json()
        assert (told["barred_until"], told["open_again"]) == (
            "2027-03-02T16:00:00.000000Z",
            "2027-03-02T16:00:00.000001Z",
        )
        [sum_] = told["limits"]
        assert (sum_["clock"], sum_["started_at"], sum_["limit"]) == ("bar", "2026-03-02T01:15:30.000000Z", None)
        assert (sum_["due_at"], sum_["agrees"]) == (told["barred_until"], True)
    nothing: dict[str, object] = {"barred_until": None, "open_again": None, "limits": []}
    assert a_caller(seller=SellerFactory(enrolled=False)).get("programme/bar/").json() == nothing
    refused(a_caller("cases:read", seller=twin).get("programme/bar/"), 403, "insufficient_scope")
    for nobody in (a_caller(buyer=UserFactory()), a_caller()):
        refused(nobody.get("programme/bar/"), 404, "not_found")
    frozen.move_to(bar_end + timedelta(microseconds=1))
    assert a_caller(seller=twin).get("programme/bar/").json() == nothing
