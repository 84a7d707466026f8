"""The graph between sellers: kept by auditors, and for their eyes alone (3.2)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from sellers import queries
from sellers.actions.affiliations import end_affiliation, record_affiliation
from sellers.models import Affiliation, AffiliationBasis
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.api import a_caller
from tests.factories.sellers import AffiliationFactory, EnrolmentFactory, SellerFactory, cleared, member_of
from zestech_aftersales.accounts.actors import Actor, Channel, Seat, system
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.ui.instants import instant_words

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)
SECRET = "They share a warehouse in Foshan."
LIST = reverse("admin:sellers_affiliation_changelist")


@pytest.fixture
def auditor():
    return Actor(Channel.ADMIN, AuditorFactory())


@pytest.fixture
def pair():
    return SellerFactory(), SellerFactory()


def tie(one, other, by, /, **given):
    wanted = {"basis": AffiliationBasis.MANAGEMENT, "evidence": SECRET, "at": AT} | given
    return record_affiliation(one, other, by=by, **wanted)


def test_recorded_and_ended_with_its_history(pair, auditor):
    one, other = pair
    held = tie(other, one, auditor)
    assert (held.seller, held.affiliate, held.recorded_by) == (one, other, auditor.user)
    later = AT + timedelta(days=3)
    ended = end_affiliation(held, reason="Sold.", by=auditor, at=later)
    assert (ended.kept_from, ended.ended_at, ended.ended_by, ended.end_reason) == (AT, later, auditor.user, "Sold.")
    again = tie(one, other, auditor, at=later + timedelta(days=1))
    assert again.pk != held.pk
    kinds = Event.objects.filter(stream=held.subject).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["affiliation.recorded", "affiliation.ended"]


def test_what_is_refused(pair, auditor):
    one, other = pair
    tie(one, other, auditor.with_key("k"))
    assert tie(one, other, auditor.with_key("k")) == Affiliation.objects.get()
    twin = SellerFactory(legal_name=one.legal_name.upper())
    for code, bad in (
        ("already_affiliated", (other, one, {})),
        ("same_entity", (one, one, {})),
        ("same_entity", (one, twin, {})),
        ("evidence_missing", (one, SellerFactory(), {"evidence": " "})),
    ):
        with pytest.raises(RuleBroken) as refused:
            tie(bad[0], bad[1], auditor, **bad[2])
        assert refused.value.code == code
    held = Affiliation.objects.get()
    end_affiliation(held, reason="Sold.", by=auditor, at=AT)
    with pytest.raises(RuleBroken) as refused:
        end_affiliation(held, reason="Sold.", by=auditor, at=AT)
    assert refused.value.code == "affiliation_ended"


def test_the_database_keeps_one_spelling_and_one_standing_tie(pair):
    one, other = pair
    AffiliationFactory(seller=one, affiliate=other)
    with pytest.raises(IntegrityError), transaction.atomic():
        AffiliationFactory(seller=other, affiliate=one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Affiliation.objects.create(
            seller=other, affiliate=one, basis="other", evidence="x", kept_from=AT, recorded_by=AuditorFactory()
        )


def everybody_else(seller):
    return [
        Actor(Channel.ADMIN, SupportFactory()),
        Actor(Channel.ADMIN, FinanceFactory()),
        Actor(Channel.ADMIN, AdministratorFactory()),
        member_of(seller),
        member_of(seller, Seat.STAFF),
        Actor(Channel.PORTAL, UserFactory()),
        Actor(Channel.API, client_id="client", seller_id=seller.pk, seat=Seat.CLIENT),
        Actor(Channel.API, user=AuditorFactory(), client_id="client"),
        system(),
    ]


def test_only_auditors_keep_it_and_read_it(pair, auditor):
    one, other = pair
    held = tie(one, other, auditor)
    assert set(queries.affiliations_for(auditor)) == {held}
    for stranger in everybody_else(one):
        assert not queries.affiliations_for(stranger)
        with pytest.raises(PermissionDenied):
            tie(one, SellerFactory(), stranger)
        with pytest.raises(PermissionDenied):
            end_affiliation(held, reason="So.", by=stranger, at=AT)
    assert Affiliation.objects.get().ended_at is None


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("role", [SupportFactory, FinanceFactory, AdministratorFactory])
def test_no_other_role_of_the_staff_finds_a_trace_of_it(client, pair, auditor, role):
    held = tie(pair[0], pair[1], auditor)
    client.force_login(role())
    change = reverse("admin:sellers_affiliation_change", args=[held.pk])
    event = Event.objects.get(stream=held.subject)
    refused = [
        LIST, reverse("admin:sellers_affiliation_add"), change, change.replace("change", "history"),
        change.replace("change", "delete"), f"{LIST}steps/end/?thing={held.pk}", f"{LIST}export.csv",
    ]  # fmt: skip
    for address in refused:
        assert client.get(address).status_code in (302, 403, 404), address
        assert client.post(address, {"reason": "So.", "evidence": "Mine."}).status_code in (302, 403, 404), address
    for address in (
        reverse("admin:index"),
        reverse("admin:app_list", args=["sellers"]),
        reverse("admin:timeline_event_changelist"),
        f"{reverse('admin:timeline_event_changelist')}?q={held.subject}",
        reverse("admin:timeline_undelivered_changelist"),
        reverse("admin:timeline_delivery_changelist"),
        reverse("admin:sellers_seller_change", args=[held.seller_id]),
        reverse("admin:sellers_seller_history", args=[held.seller_id]),
    ):
        page = client.get(address)
        assert page.status_code == 200
        text = page.content.decode()
        assert "affiliation." not in text
        assert "/sellers/affiliation/" not in text
        assert SECRET not in text
    assert client.get(reverse("admin:timeline_event_change", args=[event.pk])).status_code == 302
    assert client.get(f"{LIST}?seller__legal_name__startswith=S").status_code == 403
    assert Affiliation.objects.get().ended_at is None


@pytest.mark.usefixtures("frozen")
def test_an_auditor_keeps_it_at_the_desk(client, pair):
    auditor = AuditorFactory()
    client.force_login(auditor)
    one, other = pair
    form = {"seller": other.pk, "affiliate": one.pk, "basis": "ownership", "evidence": SECRET}
    posted = client.post(reverse("admin:sellers_affiliation_add"), form | {"kept_from_0": "2020-01-01"})
    assert posted.status_code == 302
    held = Affiliation.objects.get()
    assert (held.seller, held.affiliate, held.recorded_by) == (one, other, auditor)
    assert held.kept_from.year == 2026
    assert SECRET in client.get(reverse("admin:sellers_affiliation_change", args=[held.pk])).content.decode()
    assert held.subject in client.get(reverse("admin:timeline_event_changelist")).content.decode()
    change = reverse("admin:sellers_affiliation_change", args=[held.pk])
    assert client.post(change, {"evidence": "Other."}).status_code == 403
    assert client.post(change.replace("change", "delete"), {"post": "yes"}).status_code == 403
    client.post(f"{LIST}steps/end/?thing={held.pk}", {"reason": "Sold."})
    assert Affiliation.objects.get().end_reason == "Sold."
    assert Affiliation.objects.get().evidence == SECRET


@pytest.mark.usefixtures("frozen")
def test_a_member_of_the_seller_sees_nothing_of_it(client, pair, auditor):
    held = tie(pair[0], pair[1], auditor)
    client.force_login(member_of(held.seller).user)
    for address in ("/dashboard/", "/dashboard/programme/"):
        text = client.get(address).content.decode()
        assert held.affiliate.name not in text
        assert "ffiliat" not in text


BAR_END = datetime(2027, 3, 2, 16, tzinfo=UTC)


@pytest.fixture
def tied(frozen):
    """An applicant that is barred by a tie alone, a day after the other one's clearance."""
    violator, near = SellerFactory(enrolled=False), SellerFactory(enrolled=False)
    AffiliationFactory(seller=violator, affiliate=near)
    cleared(violator, AT)
    frozen.move_to(AT + timedelta(days=1))
    return near, violator


def tells_nothing_but_the_end(page, violator):
    assert instant_words(AT) not in page
    assert "2 Mar 2026" not in page
    assert "2026-03-02" not in page
    for word in (violator.name, violator.legal_name, "ffiliat", "by a tie", "learance", "How it is counted"):
        assert word not in page, word


def test_a_bar_by_a_tie_tells_the_seller_its_end_and_nothing_else(client, tied):
    near, violator = tied
    client.force_login(member_of(near).user)
    for address in ("/dashboard/programme/", "/dashboard/programme/bar/"):
        page = client.get(address).content.decode()
        assert "No application is accepted up to and including" in page
        assert "3 Mar 2027" in page
        tells_nothing_but_the_end(page, violator)
    told = a_caller(seller=near).get("programme/bar/").json()
    assert told == {
        "barred_until": "2027-03-02T16:00:00.000000Z", "open_again": "2027-03-02T16:00:00.000001Z", "limits": [],
    }  # fmt: skip


def test_a_longer_bar_by_a_tie_adds_nothing_but_its_end_to_an_own_one(client, tied):
    near, violator = tied
    cleared(near, AT - timedelta(days=30))
    client.force_login(member_of(near).user)
    page = client.get("/dashboard/programme/bar/").content.decode()
    assert page.count("After the clearance of your own company") == 1
    assert "2026-01-31 01:15:30" in page
    assert "No application is accepted up to and including" in page
    assert "2026-03-02" not in page
    assert violator.name not in page
    told = a_caller(seller=near).get("programme/bar/").json()
    assert (told["barred_until"], len(told["limits"])) == ("2027-03-02T16:00:00.000000Z", 1)
    assert told["limits"][0]["started_at"] == "2026-01-31T01:15:30.000000Z"


def test_support_learns_the_end_of_a_bar_by_a_tie_and_auditors_all_of_it(client, tied):
    near, violator = tied
    applied = EnrolmentFactory(seller=near, state="applied", applied_at=AT + timedelta(hours=20))
    change = reverse("admin:sellers_enrolment_change", args=[applied.pk])
    client.force_login(SupportFactory())
    page = client.get(change).content.decode()
    assert f"{instant_words(BAR_END)} (3.2)" in page
    assert instant_words(AT) not in page
    assert "by a tie" not in page
    assert violator.name not in page
    client.force_login(AuditorFactory())
    page = client.get(change).content.decode()
    assert (
        f"{instant_words(BAR_END)} (3.2), by a tie, from the clearance of an affiliate at {instant_words(AT)}" in page
    )
