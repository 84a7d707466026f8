"""The four items of 3.1: unclear ones, gaps, what is inferred, charges that were not told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from cases.actions.confirm import confirm
from cases.actions.disclose import disclose, find_unclear
from cases.actions.visits import check_in
from cases.case_file import case_file
from cases.completeness import completeness
from cases.models import Disclosure, DisclosureDoubt
from cases.service_terms import service_terms, undisclosed_charge
from cases.terms import DisclosureItems
from tests.factories import cases as make
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.1")]
R0 = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def appointment():
    return make.requested(at=R0)


def items(**changed):
    return DisclosureItems(**{
        "service_period": "until the cover ends", "number_of_services": "no limit",
        "service_scope": "installation", "charging_standard": "free of charge", **changed,
    })  # fmt: skip


def told(appointment, *, at=R0 + HOUR, **changed):
    return disclose(appointment, items(**changed), by=make.seller_of(appointment), at=at)


def ask(disclosure, item="charging_standard", *, by=None, at=R0 + 2 * HOUR, question="Is the journey free too?"):
    return find_unclear(disclosure, item, question, by=by or make.buyer_of(disclosure.appointment), at=at)


def test_an_unclear_item_counts_as_inferred_until_it_is_worded_anew(appointment):
    first = told(appointment)
    ask(first)
    [*_others, charges] = service_terms(appointment, first, DisclosureDoubt.objects.all())
    assert (charges.told, charges.counts) == ("free of charge", "No charges")
    told(appointment, at=R0 + 3 * HOUR, service_scope="installation and programming")
    assert DisclosureDoubt.objects.get().cleared_by is None, "another item was worded anew"
    third = told(appointment, at=R0 + 4 * HOUR, charging_standard="free, the journey too")
    assert DisclosureDoubt.objects.get().cleared_by == third
    [*_others, charges] = service_terms(appointment, third, DisclosureDoubt.objects.all())
    assert (charges.counts, charges.doubt) == ("free, the journey too", None)


def test_only_the_buyer_asks_and_only_about_the_last_version(appointment):
    first = told(appointment)
    with pytest.raises(Exception, match="buyer"):
        ask(first, by=make.seller_of(appointment))
    told(appointment, at=R0 + 2 * HOUR, service_scope="everything")
    with pytest.raises(RuleBroken) as refused:
        ask(first, at=R0 + 3 * HOUR)
    assert refused.value.code == "version_replaced"
    assert not DisclosureDoubt.objects.exists()


@pytest.mark.parametrize(
    ("item", "question", "code"), [("price", "?", "item_unknown"), ("service_scope", " ", "question_missing")]
)
def test_a_question_names_an_item_and_has_words(appointment, item, question, code):
    with pytest.raises(RuleBroken) as refused:
        ask(told(appointment), item, question=question)
    assert (refused.value.code, refused.value.status) == (code, 422)


def test_asking_twice_is_refused_and_the_same_key_changes_nothing(appointment):
    first = told(appointment)
    buyer = make.buyer_of(appointment)
    doubt = ask(first, by=buyer.with_key("one"))
    assert ask(first, by=buyer.with_key("one"), at=R0 + 3 * HOUR) == doubt
    with pytest.raises(RuleBroken) as refused:
        ask(first, by=buyer.with_key("two"), at=R0 + 3 * HOUR)
    assert refused.value.code == "already_asked"
    assert Event.objects.filter(kind="disclosure.unclear").count() == 1


def test_what_was_never_told_counts_as_the_rest_of_the_cover_no_limit_the_page_and_no_charges(appointment):
    counted = {term.item: term.counts for term in service_terms(appointment, None)}
    assert "2026" in counted["service_period"]
    assert counted["number_of_services"] == "No limit"
    assert "Fault detection" in counted["service_scope"]
    assert counted["charging_standard"] == "No charges"


def agreed(appointment):
    make.accepted(make.offered(appointment, at=R0 + HOUR), at=R0 + 2 * HOUR)
    return make.fresh(appointment)


def by_mail(appointment):
    seller = make.seller_of(appointment)
    return Actor(channel=Channel.MAIL, user=seller.user, seller_id=seller.seller_id, seat=seller.seat)


def test_a_confirmation_by_mail_without_the_items_is_valid_and_a_gap(appointment):
    confirmed = confirm(agreed(appointment), by=by_mail(appointment), at=R0 + 3 * HOUR)
    assert (confirmed.state, confirmed.has_disclosure_gap) == ("confirmed", True)
    event = Event.objects.get(kind="appointment.confirmed")
    assert event.detail["disclosure_gap"] is True
    with pytest.raises(RuleBroken) as refused:
        check_in(confirmed.visits.get(), by=make.seller_of(appointment), at=R0 + 4 * HOUR)
    assert refused.value.code == "disclosure_incomplete", "before serving they are told all the same"


def test_a_mail_with_the_items_or_after_them_leaves_no_gap(appointment):
    told(appointment)
    assert not confirm(agreed(appointment), by=by_mail(appointment), at=R0 + 3 * HOUR).has_disclosure_gap


def test_charges_beyond_what_was_told_are_flagged(appointment):
    figure = Disclosure(charges_at_most=Decimal("20.00"), charges_currency="USD")
    words = Disclosure()

    def flag(amount, currency="USD", **how):
        return bool(undisclosed_charge(appointment, Decimal(amount), currency, **{"disclosure": figure, **how}))

    assert not flag("20.00")
    assert flag("20.01")
    assert flag("20.00", "EUR")
    assert not flag("30.00", disclosure=None), "an offer before the confirmation names its price"
    offer = make.offered(appointment, at=R0 + HOUR)
    offer.price_amount, offer.price_currency = Decimal("10.00"), "USD"
    assert not flag("10.00", disclosure=words, agreed=offer)
    assert flag("10.01", disclosure=words, agreed=offer)
    confirmed = confirm(_accepted(offer), by=by_mail(appointment), at=R0 + 3 * HOUR)
    assert undisclosed_charge(confirmed, Decimal("0.01"), "USD", disclosure=None)
    assert not undisclosed_charge(confirmed, Decimal(0), "", disclosure=None)


def _accepted(offer):
    return make.accepted(offer, at=R0 + 2 * HOUR)


def test_the_case_flags_a_standing_offer_that_charges_more(appointment):
    told(appointment, charges_at_most=Decimal(0))
    make.offered(appointment, at=R0 + 2 * HOUR, price_amount=Decimal("5.00"), price_currency="USD")
    file = case_file(appointment.case, make.buyer_of(appointment), at=R0 + 3 * HOUR)
    assert [str(why) for why in file.undisclosed.values()] == ["This is beyond the charges that were told."]


def test_completeness_counts_what_was_told_read_and_left_out(appointment):
    seller = make.seller_of(appointment)
    confirm(agreed(appointment), by=by_mail(appointment), at=R0 + 3 * HOUR)
    counted = completeness(seller, at=R0 + 4 * HOUR)
    assert (counted.confirmed, counted.told, counted.gaps, counted.share) == (1, 0, 1, 0)
    ask(told(appointment, at=R0 + 4 * HOUR), at=R0 + 5 * HOUR)
    counted = completeness(seller, at=R0 + 6 * HOUR)
    assert (counted.unclear, counted.read, counted.told) == (1, 0, 0), "told afterwards leaves the gap on the record"
    assert completeness(make.seller_of(make.requested(at=R0)), at=R0 + 6 * HOUR).confirmed == 0
