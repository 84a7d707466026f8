"""Rule editions: what their numbers may be, when they are in force, and that they stand."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from zestech_aftersales.rulebook.editions import EditionNumbers, InvalidNumbersError
from zestech_aftersales.rulebook.first_edition import NUMBERS, restore_first_edition
from zestech_aftersales.rulebook.models import EditionPublishedError, RuleEdition
from zestech_aftersales.rulebook.publication import publish_edition
from zestech_aftersales.rulebook.queries import edition_in_force, editions, law_for_order
from zestech_aftersales.rulebook.refusals import RuleBroken

TICK = timedelta(microseconds=1)
IN_FORCE = datetime(2021, 12, 26, 16, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # 12:00 in Shanghai
SECOND = datetime(2026, 3, 8, 16, tzinfo=UTC)  # 2026-03-09 00:00 in Shanghai, seven dates later


def numbers(**changes: object) -> dict[str, object]:
    return NUMBERS | changes


# --- Numbers ---------------------------------------------------------------------------------------------------------


def test_numbers_survive_json():
    law = EditionNumbers.from_json(NUMBERS)

    assert law.to_json() == NUMBERS
    assert EditionNumbers.from_json(law.to_json()) == law


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"response_hours": 0}, "response_hours", "between 1 and 8760, not 0"),
        ({"response_hours": -48}, "response_hours", "between 1 and 8760, not -48"),
        ({"response_hours": 8761}, "response_hours", "between 1 and 8760"),
        ({"response_hours": "48"}, "response_hours", "whole number"),
        ({"response_hours": 47.5}, "response_hours", "whole number"),
        ({"response_hours": True}, "response_hours", "whole number"),
        ({"response_hours": None}, "response_hours", "whole number"),
        ({"confirmation_days": 3661}, "confirmation_days", "between 1 and 3660"),
        ({"cover_years": 0}, "cover_years", "between 1 and 100"),
        ({"abuse_no_shows": 0}, "abuse_no_shows", "between 1 and 1000"),
        ({"bar_covers_affiliates": 1}, "bar_covers_affiliates", "true or false"),
        ({"holiday_roll": True}, "holiday_roll", "must be off"),
        ({"zone": "Asia/Shenzhen"}, "zone", "'Asia/Shenzhen' is not a time zone"),
        ({"zone": ""}, "zone", "not a time zone"),
        ({"zone": "../etc/passwd"}, "zone", "not a time zone"),
        ({"zone": 8}, "zone", "8 is not a time zone"),
        ({"auto_escalation_days": 3}, "auto_escalation_days", "more than negotiation_days"),
        ({"reponse_hours": 48}, "reponse_hours", "not a number of the rules"),
    ],
)
def test_a_bad_number_says_which_and_why(changes, field, reason):
    with pytest.raises(InvalidNumbersError) as refused:
        EditionNumbers.from_json(numbers(**changes))

    assert set(refused.value.errors) == {field}
    assert reason in refused.value.errors[field]
    assert str(refused.value).startswith(f"{field}: ")


@pytest.mark.parametrize("field", NUMBERS)
def test_a_missing_number_is_named(field):
    incomplete = {name: number for name, number in NUMBERS.items() if name != field}

    with pytest.raises(InvalidNumbersError) as refused:
        EditionNumbers.from_json(incomplete)

    assert refused.value.errors == {field: "is missing"}


def test_all_errors_are_told_at_once():
    with pytest.raises(InvalidNumbersError) as refused:
        EditionNumbers.from_json(numbers(response_hours=0, zone="Mars", extra=1))

    assert set(refused.value.errors) == {"response_hours", "zone", "extra"}


def test_what_is_no_object_is_refused():
    for wrong in (None, ["48"], "48", 48):
        with pytest.raises(InvalidNumbersError, match="object of named numbers"):
            EditionNumbers.from_json(wrong)


# --- In force --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.clause("5.2")
def test_edition_1_has_the_numbers_of_the_rules():
    edition = RuleEdition.objects.get()
    law = edition.law

    assert (edition.number, edition.effective_at) == (1, datetime.fromisoformat("2021-12-27T00:00+08:00"))
    assert edition.published_at == datetime.fromisoformat("2021-12-20T00:00+08:00")
    assert law.zone_info.key == "Asia/Shanghai"
    hours = (law.response_hours, law.solution_hours, law.counter_hours, law.new_date_hours)
    assert (hours, law.force_majeure_notice_hours) == ((48, 48, 48, 48), 48)
    assert (law.confirmation_days, law.cover_years, law.bar_years) == (14, 1, 1)
    assert (law.bar_covers_affiliates, law.holiday_roll) == (True, False)
    assert (law.buyer_silence_days, law.offer_ruling_days, law.force_majeure_proof_days) == (7, 3, 15)
    assert (law.abuse_no_shows, law.abuse_window_days) == (3, 90)
    assert (law.negotiation_days, law.auto_escalation_days, law.complaint_days) == (3, 7, 90)
    assert (law.evidence_days, law.objection_days, law.hearing_days, law.appeal_days) == (3, 7, 5, 15)
    assert (law.loss_answer_days, law.sign_off_days) == (14, 7)


@pytest.mark.django_db
@pytest.mark.clause("5.2")
def test_an_edition_is_in_force_from_its_instant_on_and_the_first_one_before_it():
    second = publish_edition(numbers(response_hours=36), effective_at=SECOND, at=NOON)

    assert edition_in_force(SECOND) == second
    assert edition_in_force(SECOND - TICK).number == 1
    assert edition_in_force(IN_FORCE).number == 1
    assert edition_in_force(IN_FORCE - timedelta(days=900)).number == 1
    assert [each.number for each in editions()] == [2, 1]


@pytest.mark.django_db
@pytest.mark.clause("5.2")
def test_an_edition_takes_effect_seven_dates_after_its_publication_at_the_earliest():
    with pytest.raises(RuleBroken) as refused:
        publish_edition(numbers(), effective_at=SECOND - TICK, at=NOON)
    assert (refused.value.code, refused.value.status) == ("edition_invalid", 422)
    assert "7 dates" in refused.value.detail
    assert set(refused.value.context["errors"]) == {"effective_at"}

    assert publish_edition(numbers(), effective_at=SECOND, at=NOON).number == 2


@pytest.mark.django_db
def test_a_bad_edition_is_never_stored():
    with pytest.raises(RuleBroken) as refused:
        publish_edition(numbers(response_hours=0), effective_at=SECOND, at=NOON)

    assert refused.value.context["errors"]["numbers"] == ["response_hours: must lie between 1 and 8760, not 0"]
    assert editions().count() == 1


@pytest.mark.django_db
def test_editions_follow_each_other():
    publish_edition(numbers(), effective_at=SECOND + timedelta(days=30), at=NOON)

    with pytest.raises(RuleBroken) as refused:
        publish_edition(numbers(), effective_at=SECOND, at=NOON)
    assert "after the one before" in refused.value.detail
    with pytest.raises(ValidationError, match="without gaps"):
        RuleEdition(number=9, published_at=NOON, effective_at=SECOND, numbers=numbers()).save()


@pytest.mark.django_db
def test_somebody_else_publishing_at_the_same_time_is_told(monkeypatch):
    """The unique number decides, whatever the checks before it have seen."""
    monkeypatch.setattr(RuleEdition, "clean", lambda edition: None)
    RuleEdition.objects.bulk_create([RuleEdition(number=2, published_at=NOON, effective_at=SECOND, numbers=numbers())])

    with pytest.raises(RuleBroken) as refused:
        publish_edition(numbers(), effective_at=SECOND, at=NOON)

    assert (refused.value.code, refused.value.status) == ("edition_taken", 409)
    assert editions().count() == 2


# --- They stand ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_published_edition_is_never_changed_or_removed():
    edition = RuleEdition.objects.get()
    edition.numbers = numbers(response_hours=72)
    for attempt in (
        edition.save,
        edition.delete,
        RuleEdition.objects.all().delete,
        lambda: RuleEdition.objects.update(effective_at=NOON),
        lambda: RuleEdition.objects.bulk_update([edition], ["numbers"]),
    ):
        with pytest.raises(EditionPublishedError), transaction.atomic():
            attempt()

    assert RuleEdition.objects.get().law.response_hours == 48


@pytest.mark.django_db
def test_the_database_knows_that_publication_comes_first():
    edition = RuleEdition(number=2, published_at=NOON, effective_at=NOON, numbers=numbers())

    with pytest.raises(IntegrityError), transaction.atomic():
        RuleEdition.objects.bulk_create([edition])


@pytest.mark.django_db(transaction=True)
def test_the_first_edition_comes_back_once_after_a_flush():
    restore_first_edition()
    restore_first_edition()

    assert RuleEdition.objects.get().law.to_json() == NUMBERS


# --- Better for the buyer --------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.clause("2.3.3")
def test_an_order_keeps_its_edition_except_where_a_later_one_is_better_for_the_buyer():
    first = RuleEdition.objects.get()
    publish_edition(
        numbers(response_hours=24, solution_hours=72, cover_years=2, hearing_days=1), effective_at=SECOND, at=NOON
    )

    before, after = law_for_order(first, SECOND - TICK), law_for_order(first, SECOND)

    assert before == first.law
    assert (after.response_hours, after.cover_years) == (24, 2), "better for the buyer"
    assert (after.solution_hours, after.hearing_days) == (48, 5), "worse, or none of the buyer's points"


def test_the_best_of_several_later_editions_counts():
    law, faster, slower = (
        EditionNumbers.from_json(numbers(response_hours=hours, buyer_silence_days=days))
        for hours, days in ((48, 7), (24, 5), (36, 9))
    )

    best = law.improved_by([faster, slower])

    assert (best.response_hours, best.buyer_silence_days) == (24, 9)


def test_an_improvement_that_would_contradict_another_number_is_left_out():
    law = EditionNumbers.from_json(numbers())
    quick = EditionNumbers.from_json(numbers(negotiation_days=1, auto_escalation_days=2))
    slow = EditionNumbers.from_json(numbers(negotiation_days=2, auto_escalation_days=9))

    assert slow.improved_by([quick]).auto_escalation_days == 2
    assert law.improved_by([slow]).auto_escalation_days == 7


@pytest.mark.clause("2.1.1")
def test_more_time_to_sign_off_is_better_for_the_buyer():
    """His silence is a yes: a later edition gives an older order more days, never fewer."""
    law = EditionNumbers.from_json(NUMBERS)
    assert law.improved_by([EditionNumbers.from_json(numbers(sign_off_days=9))]).sign_off_days == 9
    assert law.improved_by([EditionNumbers.from_json(numbers(sign_off_days=5))]).sign_off_days == 7
