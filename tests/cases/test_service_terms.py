"""The four items of 3.1: unclear ones, gaps, what is inferred, charges that were not told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from cases.actions.confirm import confirm
from cases.actions.disclose import disclose, find_unclear
from cases.actions.new_dates import accept_new_date
from cases.actions.parts import list_parts
from cases.actions.visits import check_in, complete
from cases.case_file import case_file
from cases.completeness import completeness
from cases.models import Disclosure, DisclosureDoubt, UsedPart
from cases.parts import untold
from cases.service_terms import service_terms, undisclosed_charge
from cases.terms import DisclosureItems, PartTerms, ReportDetails, Window
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory
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


def confirmed_with(appointment, **changed):
    """Confirmed by the seller's page, with service terms."""
    seller = make.seller_of(appointment)
    return confirm(agreed(appointment), items=items(**changed), by=seller, at=R0 + 3 * HOUR)


def filed(appointment):
    return case_file(make.fresh(appointment.case), make.buyer_of(appointment), at=R0 + 9 * HOUR)


def test_what_was_told_by_the_confirmation_counts_and_what_is_raised_afterwards_does_not(appointment):
    confirmed = confirmed_with(appointment, charges_at_most=Decimal("20.00"), charges_currency="USD")
    file = filed(confirmed)
    assert (file.counting.version, file.disclosure.version) == (1, 1)
    told(confirmed, at=R0 + 4 * HOUR, charges_at_most=Decimal("90.00"), charges_currency="USD")
    list_parts(confirmed, [charged("90.00")], by=make.seller_of(confirmed), at=R0 + 5 * HOUR)
    file = filed(confirmed)
    assert (file.counting.version, file.disclosure.version) == (1, 2)
    assert [part.name for part in file.parts_untold] == ["Harness"]
    assert Event.objects.get(kind="parts.listed").detail["charges_not_told"] == ["Harness"]
    assert [each.version for each in file.other_disclosures] == [2]


def test_what_is_told_only_after_a_confirmation_by_mail_leaves_the_inferences_standing(appointment):
    confirmed = confirm(agreed(appointment), by=by_mail(appointment), at=R0 + 3 * HOUR)
    told(confirmed, at=R0 + 4 * HOUR, charging_standard="Harness 20.00 USD")
    list_parts(confirmed, [charged("20.00")], by=make.seller_of(confirmed), at=R0 + 5 * HOUR)
    file = filed(confirmed)
    assert file.counting is None
    assert [term.counts for term in file.terms][-1] == "No charges"
    assert [part.name for part in file.parts_untold] == ["Harness"]


def test_an_item_made_clear_only_after_the_confirmation_stays_in_doubt(appointment):
    first = told(appointment)
    ask(first)
    confirmed = confirm(agreed(appointment), by=make.seller_of(appointment), at=R0 + 3 * HOUR)
    told(confirmed, at=R0 + 4 * HOUR, charging_standard="free, the journey costs 20 USD")
    [*_others, charges] = filed(confirmed).terms
    assert (charges.told, charges.counts) == ("free of charge", "No charges")


def charged(amount, name="Harness", currency="USD"):
    return PartTerms(name=name, paid_by="buyer", amount=Decimal(amount), currency=currency)


@pytest.mark.parametrize(
    ("parts", "outside"),
    [
        ([charged("20.00")], []),
        ([charged("12.00", "One"), charged("8.00", "Two")], []),
        ([charged("12.00", "One"), charged("8.01", "Two")], ["Two"]),
        ([charged("12.00", "One"), charged("9.00", "Two"), charged("8.00", "Three")], ["Two"]),
        ([charged("1.00", "One", "EUR")], ["One"]),
    ],
)
def test_a_figure_told_as_the_most_bounds_the_sum(parts, outside):
    figure = Disclosure(charges_at_most=Decimal("20.00"), charges_currency="USD")
    assert [part.name for part in untold(parts, figure)] == outside


def test_the_agreed_price_and_earlier_visits_count_towards_the_most(appointment):
    offer = make.offered(appointment, at=R0 + HOUR, price_amount=Decimal("15.00"), price_currency="USD")
    agreed_on = make.accepted(offer, at=R0 + 2 * HOUR)
    seller = make.seller_of(appointment)
    figure = items(charges_at_most=Decimal("20.00"), charges_currency="USD")
    confirmed = confirm(agreed_on, items=figure, by=seller, at=R0 + 3 * HOUR)
    list_parts(confirmed, [charged("5.01")], by=seller, at=R0 + 5 * HOUR)
    assert [part.name for part in filed(confirmed).parts_untold] == ["Harness"]
    visit = confirmed.visits.get()
    check_in(visit, by=seller, at=visit.starts_at)
    later = Window(visit.starts_at + 24 * HOUR, visit.starts_at + 26 * HOUR)
    complete(
        visit, "Half done.", details=ReportDetails(parts=[charged("3.00")]), another=later, by=seller, at=visit.ends_at
    )
    again = accept_new_date(confirmed.proposals.get(), by=make.buyer_of(confirmed), at=visit.ends_at + HOUR)
    check_in(again, by=seller, at=again.starts_at)
    complete(again, "Done.", details=ReportDetails(parts=[charged("3.00", "Fuse")]), by=seller, at=again.ends_at)
    assert [(part.name, part.is_outside) for part in UsedPart.objects.order_by("id")] == [
        ("Harness", False),
        ("Fuse", True),
    ]


def test_the_version_told_in_an_offer_or_a_confirmation_stands_in_its_event(appointment):
    confirmed_with(appointment)
    assert Event.objects.get(kind="appointment.confirmed").detail["disclosure"] == 1
    remote = make.requested(at=R0, method="remote")
    made = make.offered(remote, at=R0 + HOUR)
    assert Event.objects.get(kind="appointment.proposed", subject=remote.subject).detail["disclosure"] == 1
    make.accepted(made, at=R0 + 2 * HOUR)
    assert Event.objects.get(kind="appointment.confirmed", subject=remote.subject).detail["disclosure"] == 1
    assert list(verify(Tally(), at=R0 - 9999 * HOUR)) == []
    Disclosure.objects.filter(appointment=remote).update(given_at=R0 + 9 * HOUR)
    assert {(each.thing, each.what) for each in verify(Tally(), at=R0 - 9999 * HOUR)} == {
        (remote.subject, "service terms 1 told"),
        (remote.subject, "service terms told before"),
    }


def test_completeness_is_shown_on_the_sellers_page_at_the_desk(client, frozen, appointment):
    told(appointment)
    confirm(agreed(appointment), by=by_mail(appointment), at=R0 + 3 * HOUR)
    client.force_login(AuditorFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(reverse("admin:sellers_seller_change", args=[appointment.seller_id])).content.decode()
    assert "1 of 1 confirmed requests of the last 90 days told in full (100 %)" in page
    other = make.a_seller()
    page = client.get(reverse("admin:sellers_seller_change", args=[other.pk])).content.decode()
    assert "Nothing was confirmed in the last 90 days." in page
