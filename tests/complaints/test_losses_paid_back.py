"""A loss paid for a breach that counts no longer is paid back; a mistaken draft is given up; every currency's units (3.4)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from complaints.actions import losses
from complaints.losses import Head
from complaints.queries.losses import history_for, ledger
from complaints.waiting import LISTS
from tests.complaints.test_losses import contested, kinds_of, refused
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.accounts import SupportFactory
from zestech_aftersales.desk.reader import Reader
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.4")]
HOUR = timedelta(hours=1)
PAID = judged.APPEALED + timedelta(days=3)
PAID_ON = PAID.date()


def owed_back():
    """A recovered claim whose breach was overturned."""
    found = lost.a_final()
    losses.recover(found, reason="Receipt 5", by=lost.of_finance(), at=lost.DRAFTED + 5 * HOUR)
    judged.an_overturned(judged.an_appealed(found.violation))
    return make.fresh(found)


def paid_back(found, **given):
    wanted = {"paid_on": PAID_ON, "reference": "Transfer 77", "by": lost.of_finance(), "at": PAID} | given
    return losses.pay_back(found, **wanted)


def test_what_was_owed_back_is_paid_with_its_date_and_reference():
    found = owed_back()
    waiting = next(each for each in LISTS if each.name == "loss-owed-back")
    reader = Reader(lost.of_finance().user, PAID)
    assert list(waiting.read(reader)) == [found]
    done = paid_back(found)
    assert (done.state, done.is_owed_back) == ("withdrawn", False)
    assert (done.paid_back_on, done.paid_back_reference) == (PAID_ON, "Transfer 77")
    assert kinds_of(found)[-1] == "loss.paid_back"
    assert not waiting.read(reader)
    [line] = [line for line in ledger(found.seller_id) if line.currency == "EUR"]
    sums = {str(label): money.amount for label, money in line.labelled}
    assert (sums["owed back to the seller"], sums["paid back to the seller"]) == (Decimal(0), Decimal("80.00"))


def test_the_seller_is_told_and_reads_it(client):
    found = owed_back()
    owner = make.seller_of(found).user
    paid_back(found)
    relay_batch(at=PAID)
    assert Delivery.objects.filter(recipient=owner, event__kind="loss.paid_back").exists()
    client.force_login(owner)
    page = client.get(f"/dashboard/judgement/losses/{found.pk}/").content.decode()
    assert f"paid back to you on {PAID_ON}: Transfer 77" in page


def test_what_is_refused():
    found = owed_back()
    refused(lambda: paid_back(found, reference=" "), "reference_missing", 422)
    for wrong in (PAID_ON + timedelta(days=2), date(2026, 1, 1)):
        refused(lambda wrong=wrong: paid_back(found, paid_on=wrong), "paid_on_invalid", 422)
    for by in (claim.an_auditor(), claim.a_supporter(), claim.an_administrator(), make.seller_of(found)):
        with pytest.raises(PermissionDenied):
            paid_back(found, by=by)
    keyed = lost.of_finance().with_key("once")
    for _n in range(2):
        paid_back(found, by=keyed)
    assert kinds_of(found).count("loss.paid_back") == 1
    refused(lambda: paid_back(found), "nothing_owed_back")
    refused(lambda: paid_back(lost.a_final()), "nothing_owed_back")


def test_a_draft_made_by_mistake_is_given_up_and_the_seller_never_hears_of_it():
    found = lost.a_draft()
    for by in (claim.an_auditor(), claim.a_supporter()):
        with pytest.raises(PermissionDenied):
            losses.discard(found, reason="Wrong seller.", by=by, at=lost.DRAFTED)
    refused(lambda: losses.discard(found, reason=" ", by=lost.of_finance(), at=lost.DRAFTED), "reason_required", 422)
    gone = losses.discard(found, reason="Wrong seller.", by=lost.of_finance(), at=lost.DRAFTED)
    assert (gone.state, gone.end_reason, gone.notified_at) == ("withdrawn", "Wrong seller.", None)
    relay_batch(at=lost.DRAFTED)
    assert not Delivery.objects.filter(event__kind="loss.discarded").exists()
    assert not history_for(found, make.seller_of(found)).exists()
    assert ledger(found.seller_id) == []
    again = lost.a_draft(found.violation)
    put = losses.put_up(again, reason="Look.", by=lost.of_finance(), at=lost.DRAFTED)
    refused(lambda: losses.discard(put, reason="No.", by=lost.of_finance(), at=lost.DRAFTED), "not_a_draft")


def test_a_currency_of_thousandths_is_claimed_lowered_and_written_so(client, frozen):
    head = Head("other", Decimal("10.125"), "KWD", "B-1", "Advice.", lost.BILL)
    found = lost.an_accepted(lost.a_notified(lost.a_draft(judged.a_confirmed(), head)))
    item = found.items.get()
    assert (str(item), str(item.owed_money)) == ("other: 10.125 KWD", "10.125 KWD")
    frozen.move_to(lost.DRAFTED + 3 * HOUR)
    client.force_login(lost.of_finance().user)
    client.post(f"/admin/complaints/lossclaim/steps/adjust/?thing={found.pk}", {"percent": "50", "reason": "Half."})
    assert [str(each) for each in make.fresh(found).totals] == ["5.062 KWD"]


def test_at_the_desk_one_head_alone_is_lowered(client, frozen):
    found = lost.an_accepted()
    head, other = found.items.get(currency="CNY"), found.items.get(currency="EUR")
    frozen.move_to(lost.DRAFTED + 3 * HOUR)
    client.force_login(lost.of_finance().user)
    step = f"/admin/complaints/lossclaim/steps/adjust/?thing={found.pk}"
    assert "Claimed: 1200.50 CNY" in client.get(step).content.decode()
    typed = {f"amount_{head.pk}": "1200.50", f"amount_{other.pk}": "80.00", "reason": "So."}
    assert "Change the amount of a head" in client.post(step, typed).content.decode()
    client.post(step, typed | {f"amount_{head.pk}": "200.50"})
    assert [str(each) for each in make.fresh(found).totals] == ["200.50 CNY", "80.00 EUR"]
    assert make.fresh(other).adjusted_amount is None


def test_the_ledger_has_its_own_page(client):
    found, other = owed_back(), lost.a_notified(lost.a_draft(judged.a_confirmed(), lost.ATTORNEY))
    paid_back(found)
    client.force_login(lost.of_finance().user)
    assert reverse("admin:complaints_ledgers") in client.get("/admin/complaints/lossclaim/").content.decode()
    page = client.get(reverse("admin:complaints_ledgers")).content.decode()
    assert found.seller.name in page
    assert other.seller.name in page
    one = client.get(reverse("admin:complaints_ledger", args=[found.seller_id])).content.decode()
    assert "Transfer 77" in one
    assert str(found.violation) in one
    assert other.seller.name not in one
    assert client.get(reverse("admin:complaints_ledger", args=[0])).status_code == 404
    client.force_login(make.seller_of(found).user)
    assert client.get(reverse("admin:complaints_ledgers")).status_code != 200


def test_who_took_part_is_told_why_the_contested_claim_is_not_for_him(client, frozen):
    drafter, auditor = lost.of_finance(), claim.an_auditor()
    found = losses.put_up(lost.a_draft(by=drafter), reason="Look.", by=drafter, at=lost.DRAFTED)
    contested(losses.approve(found, reason="Yes.", by=auditor, at=lost.DRAFTED))
    page = f"/admin/complaints/lossclaim/{found.pk}/change/"
    for who, is_offered in ((drafter, False), (auditor, False), (lost.of_finance(), True), (claim.an_auditor(), True)):
        client.force_login(who.user)
        shown = client.get(page).content.decode()
        assert ("steps/final/" in shown, "steps/adjust/" in shown) == (is_offered, is_offered)
        assert ("somebody else settles" in shown) == (not is_offered)
    client.force_login(SupportFactory())
    assert "somebody else settles" not in client.get(page).content.decode()


def test_what_was_written_off_is_withdrawn_with_its_breach():
    found = lost.a_final()
    losses.write_off(found, reason="Too small.", by=lost.of_finance(), at=lost.DRAFTED + 5 * HOUR)
    judged.an_overturned(judged.an_appealed(found.violation))
    found = make.fresh(found)
    assert (found.state, found.is_owed_back) == ("withdrawn", False)
    assert {money.amount for line in ledger(found.seller_id) for money in line.sums} == {0}
    assert Event.objects.filter(stream=found.subject).latest("id").before == {"state": "written_off"}
