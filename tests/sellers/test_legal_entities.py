"""One legal entity under every spelling and every name it takes: no way out of a bar, and none into one (3.2)."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from sellers import bars
from sellers.actions import enrolments
from sellers.actions.affiliations import end_affiliation, record_affiliation
from sellers.actions.sellers import change_seller
from sellers.legal_names import entity_key
from sellers.models import AffiliationBasis, FormerLegalName
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory
from tests.factories.sellers import AffiliationFactory, EnrolmentFactory, SellerFactory, cleared, member_of
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]
CLEARED_AT = datetime.fromisoformat("2024-02-29T15:00+08:00")
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
INSIDE = CLEARED_AT + 30 * DAY
SPELLINGS = [
    "north trading co ltd",
    "NORTH TRADING CO., LTD.",
    "North  Trading Co.,Ltd",
    "North-Trading Co. Ltd.",
    "ＮＯＲＴＨ Ｔｒａｄｉｎｇ　Ｃｏ．，Ｌｔｄ．",
    " North Trading\u00a0Co\u200b Ltd ",
]


def outside(**given):
    return SellerFactory(enrolled=False, **given)


@pytest.fixture
def administrator():
    return Actor(Channel.ADMIN, AdministratorFactory())


@pytest.fixture
def auditor():
    return Actor(Channel.ADMIN, AuditorFactory())


def renamed(seller, name, by, at=INSIDE):
    return change_seller(seller, {"legal_name": name}, by=by, at=at)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_escapes_the_bar(spelling):
    cleared(outside(legal_name="North Trading Co., Ltd."), CLEARED_AT)
    other = outside(legal_name=spelling)
    with pytest.raises(RuleBroken) as refused:
        enrolments.apply(other, by=member_of(other), at=INSIDE)
    assert refused.value.code == "barred"


def test_names_that_differ_in_letters_or_digits_stay_two():
    keys = {entity_key(name) for name in ("North 1 Ltd", "North 2 Ltd", "Nörth 1 Ltd", "北方有限公司", "***", "###")}
    assert len(keys) == 6
    assert entity_key("Straße AG") == entity_key("STRASSE-AG")


def test_no_key_is_longer_than_its_column():
    assert len(entity_key("\ufdfa" * 200)) == 200


def test_another_spelling_is_kept_as_the_same_entity(administrator):
    seller = outside(legal_name="North Ltd")
    renamed(seller, "NORTH, Ltd.", administrator)
    assert not FormerLegalName.objects.exists()


def test_a_new_name_leads_nobody_of_the_entity_out(administrator):
    violator, twin = outside(), outside()
    twin.legal_name = violator.legal_name
    twin.save()
    old = violator.legal_name
    cleared(violator, CLEARED_AT)
    renamed(violator, "Phoenix Limited", administrator)
    renamed(twin, "Phoenix Two Limited", administrator)
    later = INSIDE + DAY
    for barred in (violator, twin, outside(legal_name=old), outside(legal_name="PHOENIX-Limited")):
        assert bars.bar_until(barred, later) == bars.bar_end(CLEARED_AT), barred.legal_name
    assert bars.bar_until(outside(legal_name="Phoenix Two Limited"), later) is not None
    assert bars.bar_until(outside(), later) is None


def test_who_registers_under_the_barred_name_is_not_renamed_out_either(administrator):
    violator = outside()
    cleared(violator, CLEARED_AT)
    late = outside(legal_name=violator.legal_name)
    renamed(late, "Fresh Start Limited", administrator)
    renamed(late, "Fresher Start Limited", administrator, at=INSIDE + DAY)
    assert bars.bar_until(late, INSIDE + 2 * DAY) is not None


def test_an_affiliate_is_not_renamed_out_and_carries_its_accounts_along(administrator):
    violator, near, its_account = outside(), outside(), outside()
    its_account.legal_name = near.legal_name
    its_account.save()
    AffiliationFactory(seller=violator, affiliate=near)
    cleared(violator, CLEARED_AT)
    renamed(its_account, "Elsewhere Limited", administrator)
    assert bars.bar_until(its_account, INSIDE + DAY) is not None


def test_nobody_is_renamed_into_a_bar(administrator):
    violator, innocent = outside(), outside()
    cleared(violator, CLEARED_AT)
    for whose, name in ((innocent, violator.legal_name.upper()), (violator, innocent.legal_name)):
        with pytest.raises(RuleBroken) as refused:
            renamed(whose, name, administrator)
        assert (refused.value.code, refused.value.clause) == ("name_under_bar", "3.2")
    assert bars.bar_until(innocent, INSIDE + DAY) is None
    assert not FormerLegalName.objects.exists()
    assert not Event.objects.filter(kind="seller.changed").exists()


def test_a_name_taken_after_a_bar_reaches_no_application_made_during_it(administrator):
    violator, innocent = outside(), outside()
    cleared(violator, CLEARED_AT)
    enrolment = EnrolmentFactory(seller=innocent, applied_at=INSIDE, decided_at=INSIDE)
    after = bars.bar_end(CLEARED_AT) + DAY
    changed = renamed(innocent, violator.legal_name, administrator, at=after)
    assert bars.bar_until(changed, INSIDE) is None
    # The database's own guard is asked again at every save.
    enrolment.save()


def test_a_name_given_up_before_the_clearance_does_not_count(administrator):
    violator, former = outside(), outside()
    former.legal_name = violator.legal_name
    former.save()
    renamed(former, "Long Gone Limited", administrator, at=CLEARED_AT - DAY)
    cleared(violator, CLEARED_AT)
    assert bars.bar_until(former, INSIDE) is None


def test_the_same_rename_twice_is_one(administrator):
    seller = outside()
    first = administrator.with_key("a")
    renamed(seller, "One Limited", first)
    renamed(seller, "Two Limited", administrator, at=INSIDE + DAY)
    renamed(seller, "One Limited", first, at=INSIDE + 2 * DAY)
    assert FormerLegalName.objects.count() == 2
    seller.refresh_from_db()
    assert seller.legal_name == "Two Limited"


def test_to_part_after_the_clearance_frees_nobody(auditor):
    violator, near, far = outside(), outside(), outside()
    held = [AffiliationFactory(seller=violator, affiliate=near), AffiliationFactory(seller=near, affiliate=far)]
    cleared(violator, CLEARED_AT)
    for tie in held:
        end_affiliation(tie, reason="The shares were sold.", by=auditor, at=CLEARED_AT + TICK)
    for each in (near, far):
        until = bars.bar_until(each, INSIDE)
        assert until == bars.bar_end(CLEARED_AT)
        assert bars.bar_until(each, until + TICK) is None


def test_one_that_had_parted_before_the_clearance_is_free(auditor):
    violator, near, later = outside(), outside(), outside()
    end_affiliation(
        AffiliationFactory(seller=violator, affiliate=near), reason="Sold.", by=auditor, at=CLEARED_AT - TICK
    )
    cleared(violator, CLEARED_AT)
    assert bars.bar_until(near, INSIDE) is None
    record_affiliation(
        later, violator, basis=AffiliationBasis.OTHER, evidence="Register.", by=auditor, at=INSIDE
    )  # fmt: skip
    assert bars.bar_until(later, INSIDE) is not None


@pytest.mark.postgres
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_database_refuses_every_spelling(spelling):
    cleared(outside(legal_name="North Trading Co., Ltd."), CLEARED_AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        EnrolmentFactory(seller=outside(legal_name=spelling), applied_at=INSIDE)


@pytest.mark.postgres
def test_the_database_refuses_a_new_name_for_the_old_entity(administrator):
    violator, twin = outside(), outside()
    twin.legal_name = violator.legal_name
    twin.save()
    old = violator.legal_name
    cleared(violator, CLEARED_AT)
    changed = [renamed(violator, "Phoenix Limited", administrator), renamed(twin, "Ash Limited", administrator)]
    for seller in (*changed, outside(legal_name=old), outside(legal_name="phoenix limited")):
        with pytest.raises(IntegrityError), transaction.atomic():
            EnrolmentFactory(seller=seller, applied_at=INSIDE + DAY)


@pytest.mark.usefixtures("frozen")
def test_auditors_read_the_former_names_on_the_sellers_page_and_nobody_else(client, administrator):
    seller = outside(legal_name="Old Name Limited")
    renamed(seller, "New Name Limited", administrator)
    page = reverse("admin:sellers_seller_change", args=[seller.pk])
    for role, is_told in ((AuditorFactory, True), (SupportFactory, False), (FinanceFactory, False)):
        client.force_login(role())
        assert ("Old Name Limited" in client.get(page).content.decode()) is is_told, role
    client.force_login(administrator.user)
    assert "former legal name" not in client.get(page).content.decode().lower()
    typed = {"former_legal_names-TOTAL_FORMS": "1", "former_legal_names-INITIAL_FORMS": "1",
             "former_legal_names-0-id": str(FormerLegalName.objects.get().pk),
             "former_legal_names-0-legal_name": "Never So", "former_legal_names-0-DELETE": "on"}  # fmt: skip
    client.post(page, typed)
    assert FormerLegalName.objects.get().legal_name == "Old Name Limited"
