"""Losses of the platform: on a confirmed breach only, by two roles, answered in time, withdrawn with the breach (3.4)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django_fsm import TransitionNotAllowed

from cases.deadlines import settle
from complaints.actions import losses
from complaints.losses import Head
from complaints.models import LossClaim
from complaints.queries.losses import ledger, losses_for
from complaints.sweep import sweep
from complaints.waiting import LISTS
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.pages import filled
from zestech_aftersales.desk.reader import Reader
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Decision, Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.4")]

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
SWEPT = lost.ANSWER_DUE + settle() + timedelta(seconds=1)


def kinds_of(found):
    return list(Event.objects.filter(stream=found.subject).order_by("id").values_list("kind", flat=True))


def refused(command, code, status=409):
    with pytest.raises(RuleBroken) as told:
        command()
    assert (told.value.code, told.value.status) == (code, status)


def contested(found, at=lost.ANSWER_DUE):
    return losses.answer(found, "The bill is not ours.", contests=True, by=make.seller_of(found), at=at)


def test_from_the_draft_to_the_payment():
    found = lost.a_final()
    paid = losses.recover(found, reason="Receipt 5", by=lost.of_finance(), at=lost.DRAFTED + 5 * HOUR)
    assert paid.state == "recovered"
    assert kinds_of(found) == [
        "loss.drafted", "loss.put_up", "loss.approved", "loss.notified", "loss.accepted", "loss.final",
        "loss.recovered",
    ]  # fmt: skip
    assert [str(money) for money in paid.totals] == ["1200.50 CNY", "80.00 EUR"], "currencies are never added up"


def test_written_off_at_the_desk_it_stands_so_in_the_ledger_and_nothing_is_owed(client):
    found = lost.a_final()
    step = f"/admin/complaints/lossclaim/steps/write-off/?thing={found.pk}"
    for person in (claim.an_auditor(), lost.of_finance()):
        assert make.fresh(found).state == "final"
        client.force_login(person.user)
        client.post(step, {"reason": "Too small to sue for."})
    found = make.fresh(found)
    assert (found.state, found.end_reason, found.is_owed_back) == ("written_off", "Too small to sue for.", False)
    sums = {line.currency: line.written for line in ledger(found.seller_id)}
    assert {column: sums["CNY"][column] for column in sums["CNY"] if sums["CNY"][column] != "0.00"} == {
        "written_off": "1200.50"
    }
    assert sums["EUR"]["written_off"] == "80.00"
    assert kinds_of(found)[-1] == "loss.written_off"


@pytest.mark.parametrize("state", ["candidate", "notified", "overturned"])
def test_only_a_confirmed_breach_bears_a_loss(state):
    violation = {"candidate": judged.a_candidate, "notified": judged.a_notified, "overturned": judged.an_overturned}
    refused(lambda: lost.a_draft(violation[state]()), "breach_not_confirmed")
    assert not LossClaim.objects.exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"head": "holiday"}, "head_unknown"),
        ({"amount": Decimal(0)}, "amount_invalid"),
        ({"amount": Decimal("-1.00")}, "amount_invalid"),
        ({"amount": Decimal("1.001")}, "amount_invalid"),
        ({"currency": "ABC"}, "currency_unknown"),
        ({"voucher": " "}, "voucher_missing"),
        ({"note": ""}, "note_missing"),
        ({"file": None}, "voucher_file_missing"),
        ({"file": None, "kept": 1}, "voucher_file_missing"),
    ],
)
def test_a_head_has_its_amount_currency_voucher_and_cause(changed, code):
    good = {"head": "transport", "amount": Decimal("1.00"), "currency": "CNY", "voucher": "B1", "note": "The way"}
    good["file"] = lost.BILL
    violation = judged.a_confirmed()
    refused(lambda: lost.a_draft(violation, Head(**{**good, **changed})), code, 422)
    assert lost.a_draft(violation, Head(**good)).state == "draft"


def test_one_person_alone_or_two_of_one_role_approve_nothing():
    one, colleague = lost.of_finance(), lost.of_finance()
    found = losses.put_up(lost.a_draft(by=one), reason="Look.", by=one, at=lost.DRAFTED)
    for somebody in (one, colleague, claim.a_supporter(), claim.an_administrator()):
        with pytest.raises(PermissionDenied):
            losses.approve(found, reason="Yes.", by=somebody, at=lost.DRAFTED)
    assert make.fresh(found).state == "draft"
    approved = losses.approve(found, reason="Yes.", by=claim.an_auditor(), at=lost.DRAFTED)
    assert approved.state == "notified"
    decision = Decision.objects.get(kind="loss")
    assert decision.proposer != decision.approver


def test_an_auditor_may_put_up_and_finance_approves():
    found = losses.put_up(lost.a_draft(), reason="Look.", by=claim.an_auditor(), at=lost.DRAFTED)
    with pytest.raises(PermissionDenied):
        losses.approve(found, reason="Yes.", by=claim.an_auditor(), at=lost.DRAFTED)
    assert losses.approve(found, reason="Yes.", by=lost.of_finance(), at=lost.DRAFTED).state == "notified"


def test_what_is_put_up_cannot_be_changed_and_sent_back_it_can():
    found = losses.put_up(lost.a_draft(), reason="Look.", by=lost.of_finance(), at=lost.DRAFTED)
    refused(lambda: losses.redraft(found, [lost.NOTARY], by=lost.of_finance(), at=lost.DRAFTED), "not_a_draft")
    back = losses.decline(found, reason="A head too many.", by=claim.an_auditor(), at=lost.DRAFTED)
    assert (back.state, back.decision) == ("draft", None)
    smaller = losses.redraft(back, [lost.NOTARY], by=lost.of_finance(), at=lost.DRAFTED)
    assert [str(money) for money in smaller.totals] == ["80.00 EUR"]


def test_a_breach_overturned_before_the_approval_stops_it():
    found = losses.put_up(lost.a_draft(), reason="Look.", by=lost.of_finance(), at=lost.DRAFTED)
    judged.an_overturned(judged.an_appealed(found.violation))
    assert make.fresh(found).state == "withdrawn"
    refused(lambda: losses.approve(found, reason="Yes.", by=claim.an_auditor(), at=judged.APPEALED), "not_put_up")


def test_the_last_instant_to_answer_is_inside():
    assert contested(lost.a_notified()).state == "contested"


def test_a_microsecond_later_it_counts_as_not_contested_and_the_words_are_kept():
    found = lost.a_notified()
    refused(lambda: contested(found, at=lost.ANSWER_DUE + MICROSECOND), "answer_over")
    assert make.fresh(found).state == "uncontested"
    silence, late = Event.objects.filter(stream=found.subject).order_by("id")[4:]
    assert (silence.kind, silence.effective_at) == ("loss.uncontested", lost.ANSWER_DUE)
    assert (late.kind, late.detail["words"]) == ("loss.answer_late", "The bill is not ours.")


def test_silence_is_swept_once_and_an_answer_in_time_takes_it_back():
    found = lost.a_notified()
    sweep(at=lost.ANSWER_DUE + settle())
    assert make.fresh(found).state == "notified", "the settle margin is not over"
    sweep(at=SWEPT)
    sweep(at=SWEPT + HOUR)
    assert make.fresh(found).state == "uncontested"
    assert kinds_of(found).count("loss.uncontested") == 1
    assert contested(found).state == "contested"
    assert make.fresh(found).deadlines.get().state == "met"


def test_a_contested_claim_is_settled_by_somebody_who_took_no_part():
    drafter = lost.of_finance()
    found = losses.put_up(lost.a_draft(by=drafter), reason="Look.", by=drafter, at=lost.DRAFTED)
    auditor = claim.an_auditor()
    found = contested(losses.approve(found, reason="Yes.", by=auditor, at=lost.DRAFTED))
    lowered = {found.items.get(currency="CNY").pk: Decimal("200.50")}
    for somebody in (drafter, auditor):
        with pytest.raises(PermissionDenied):
            losses.adjust(found, lowered, reason="Half.", by=somebody, at=SWEPT)
        with pytest.raises(PermissionDenied):
            losses.make_final(found, reason="Owed.", by=somebody, at=SWEPT)
    adjusted = losses.adjust(found, lowered, reason="Half.", by=claim.an_auditor(), at=SWEPT)
    assert [str(money) for money in adjusted.totals] == ["200.50 CNY", "80.00 EUR"]
    with pytest.raises(PermissionDenied):
        losses.make_final(found, reason="Owed.", by=drafter, at=SWEPT)
    assert losses.make_final(found, reason="Owed.", by=lost.of_finance(), at=SWEPT).state == "final"


@pytest.mark.parametrize("amount", ["1200.51", "-0.01", "0.001"])
def test_an_adjustment_only_lowers(amount):
    found = lost.an_accepted()
    head = found.items.get(currency="CNY")
    changed = {head.pk: Decimal(amount)}
    by = lost.of_finance()
    refused(lambda: losses.adjust(found, changed, reason="So.", by=by, at=SWEPT), "amount_invalid", 422)
    assert make.fresh(head).adjusted_amount is None


def test_nothing_is_final_while_the_seller_may_answer():
    with pytest.raises(TransitionNotAllowed):
        losses.make_final(lost.a_notified(), reason="Owed.", by=lost.of_finance(), at=lost.ANSWER_DUE)


def test_the_same_key_answers_once():
    found = lost.a_notified()
    seller = make.seller_of(found).with_key("click")
    for _n in range(2):
        losses.answer(found, "", contests=False, by=seller, at=lost.ANSWER_DUE)
    assert kinds_of(found).count("loss.accepted") == 1
    refused(lambda: contested(found), "already_answered")


@pytest.mark.parametrize("is_paid", [False, True])
def test_an_overturned_breach_withdraws_it_and_what_was_paid_is_owed_back(is_paid):
    found = lost.a_final()
    if is_paid:
        losses.recover(found, reason="Receipt 5", by=lost.of_finance(), at=lost.DRAFTED + 5 * HOUR)
    judged.an_overturned(judged.an_appealed(found.violation))
    found = make.fresh(found)
    assert (found.state, found.is_owed_back) == ("withdrawn", is_paid)
    [line] = [line for line in ledger(found.seller_id) if line.currency == "EUR"]
    sums = {str(label): money.amount for label, money in line.labelled}
    assert sums["owed back to the seller"] == (Decimal("80.00") if is_paid else 0)
    assert sums["recovered"] == 0


def test_the_ledger_adds_up_by_currency_and_state():
    first = lost.a_final()
    other = lost.a_notified(lost.a_draft(judged.a_confirmed(), lost.ATTORNEY))
    assert other.seller_id != first.seller_id
    lines = {line.currency: [money.amount for money in line.sums] for line in ledger(first.seller_id)}
    assert lines == {"CNY": [0, Decimal("1200.50"), 0, 0, 0, 0], "EUR": [0, Decimal("80.00"), 0, 0, 0, 0]}
    assert [[money.amount for money in line.sums] for line in ledger(other.seller_id)] == [
        [Decimal("1200.50"), 0, 0, 0, 0, 0]
    ]


def test_who_sees_a_claim():
    found = lost.a_draft()
    seller = make.seller_of(found)
    assert not losses_for(seller).exists(), "a draft is the staff's own"
    lost.a_notified(found)
    stranger = make.seller_of(make.requested(at=judged.R0))
    assert [losses_for(by).count() for by in (seller, make.seller_of(found, "staff"), claim.a_supporter())] == [1, 1, 1]
    assert [losses_for(by).count() for by in (stranger, make.seller_of(found, "engineer"))] == [0, 0]


def test_the_seller_answers_in_the_dashboard(client, frozen):
    found = lost.a_notified()
    frozen.move_to(lost.ANSWER_DUE)
    client.force_login(make.seller_of(found).user)
    address = f"/dashboard/judgement/losses/{found.pk}/"
    assert "1200.50 CNY" in client.get("/dashboard/judgement/").content.decode()
    assert address in client.get("/dashboard/").content.decode(), "it stands among the clocks of the queue"
    answer = client.post(address, {"key": "k1", "decision": "contest", "words": " "})
    assert answer.status_code == 422
    assert make.fresh(found).state == "notified"
    assert client.post(address, {"key": "k1", "decision": "contest", "words": "Not ours."}).status_code == 302
    assert "Not ours." in client.get(address).content.decode()
    client.force_login(make.seller_of(make.requested(at=judged.R0)).user)
    assert client.get(address).status_code == 404


def test_at_the_desk_finance_drafts_and_the_other_role_approves(client):
    violation = judged.a_confirmed()
    finance = lost.of_finance()
    client.force_login(finance.user)
    typed = {"reason": "The refusal.", "head_1": "attorney", "amount_1": "10.00", "currency_1": "cny", "voucher_1": "B1",
             "note_1": "Advice", "file_1": SimpleUploadedFile("bill.pdf", lost.A_PDF), "head_2": "other", "head_3": "other", "head_4": "other"}  # fmt: skip
    client.post(f"/admin/complaints/violation/steps/claim-loss/?thing={violation.pk}", typed)
    found = LossClaim.objects.get()
    steps = f"/admin/complaints/lossclaim/steps/{{}}/?thing={found.pk}"
    client.post(steps.format("put-up"), {"reason": "Look."})
    filled(client, steps.format("approve"), {"reason": "Mine."})
    assert make.fresh(found).state == "draft"
    page = client.get(f"/admin/complaints/lossclaim/{found.pk}/change/").content.decode()
    assert "10.00 CNY" in page
    assert "the other role decides" in page
    client.force_login(claim.an_auditor().user)
    filled(client, steps.format("approve"), {"reason": "Yes."})
    assert make.fresh(found).state == "notified"


def test_what_somebody_of_another_role_by_now_has_put_up_is_only_sent_back(client):
    person = lost.of_finance()
    found = losses.put_up(lost.a_draft(), reason="Look.", by=person, at=lost.DRAFTED)
    person.user.platform_role = "auditor"
    person.user.save()
    client.force_login(lost.of_finance().user)
    page = client.get(f"/admin/complaints/lossclaim/{found.pk}/change/").content.decode()
    assert "lossclaim/steps/approve/" not in page
    assert "lossclaim/steps/decline/" in page
    assert "whoever put it up has another role by now" in page


@pytest.mark.django_db
def test_a_late_answer_sent_twice_is_refused_alike():
    claim = lost.a_notified()
    by = make.seller_of(claim).with_key("one-click")
    for _time in range(2):
        with pytest.raises(RuleBroken, match="kept as late") as refused:
            losses.answer(claim, "It was paid.", contests=True, by=by, at=lost.ANSWER_DUE + MICROSECOND)
        assert refused.value.code == "answer_over"
    for words, contests in (("It was paid twice.", True), ("It was paid.", False)):
        with pytest.raises(RuleBroken, match="idempotency_key_reused"):
            losses.answer(claim, words, contests=contests, by=by, at=lost.ANSWER_DUE + MICROSECOND)
    assert Event.objects.filter(subject=claim.subject, kind="loss.answer_late").count() == 1


@pytest.mark.parametrize(
    ("amount", "currency"), [("100.50", "JPY"), ("0.01", "KRW"), ("1.234", "CNY"), ("1.2345", "KWD")]
)
def test_no_amount_is_finer_than_its_currency(amount, currency):
    violation = judged.a_confirmed()
    head = Head("other", Decimal(amount), currency, "B-1", "Advice.", lost.BILL)
    refused(lambda: lost.a_draft(violation, head), "amount_invalid", 422)
    assert not LossClaim.objects.exists()


def test_a_currency_without_decimals_is_lowered_to_whole_amounts(client, frozen):
    head = Head("other", Decimal(101), "JPY", "B-1", "Advice.", lost.BILL)
    found = lost.an_accepted(lost.a_notified(lost.a_draft(judged.a_confirmed(), head)))
    frozen.move_to(lost.DRAFTED + 3 * HOUR)
    client.force_login(lost.of_finance().user)
    client.post(f"/admin/complaints/lossclaim/steps/adjust/?thing={found.pk}", {"percent": "50", "reason": "Half."})
    assert [str(each) for each in make.fresh(found).totals] == ["50 JPY"]


def test_an_accepted_loss_waits_for_whoever_makes_it_final():
    found = lost.an_accepted(lost.a_notified())
    waiting = next(each for each in LISTS if each.name == "loss-answered")
    reader = Reader(lost.of_finance().user, lost.ANSWER_DUE)
    assert [(each, each.turn_at) for each in waiting.read(reader)] == [(found, lost.DRAFTED + 2 * HOUR)]
    losses.make_final(found, reason="Owed.", by=lost.of_finance(), at=lost.ANSWER_DUE + HOUR)
    assert not waiting.read(reader)
