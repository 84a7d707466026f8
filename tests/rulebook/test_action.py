"""The frame of an action: what is committed, what is rolled back, what is refused."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.queries import editions

pytestmark = pytest.mark.django_db(transaction=True)

LATE = RuleBroken("2.3.1", "deadline_passed", detail="The limit has passed.")


def publish() -> RuleEdition:
    return editions().create(
        number=2,
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        effective_at=datetime(2026, 2, 1, tzinfo=UTC),
        numbers=EditionNumbers.from_json(NUMBERS).to_json(),
    )


@action
def publish_or(refusal: RuleBroken | None, *, raised: bool = False) -> RuleEdition | RuleBroken:
    """Publish an edition, then refuse as told."""
    edition = publish()
    if refusal and raised:
        raise refusal
    return refusal or edition


def test_what_an_action_returns_is_handed_on():
    edition: RuleEdition = publish_or(None)

    assert edition.number == editions().latest("number").number == 2


def test_a_returned_refusal_is_raised_after_the_commit():
    with pytest.raises(RuleBroken) as refused:
        publish_or(LATE)

    assert refused.value is LATE
    assert editions().count() == 2, "what the action stored is evidence and stays"


def test_a_raised_refusal_rolls_everything_back():
    with pytest.raises(RuleBroken) as refused:
        publish_or(LATE, raised=True)

    assert refused.value is LATE
    assert editions().count() == 1


def test_actions_are_never_nested():
    @action
    def outer() -> None:
        publish_or(None)

    with pytest.raises(RuntimeError, match="durable"):
        outer()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        publish_or(None)

    assert editions().count() == 1


def test_an_action_keeps_its_name_and_contract():
    assert publish_or.__name__ == "publish_or"
    assert publish_or.__doc__ == "Publish an edition, then refuse as told."


def test_a_refusal_says_clause_code_and_what_to_do():
    refusal = RuleBroken("2.3.4", "cover_expired", status=422, detail="Ask for a paid repair.", context={"case": 7})

    assert (refusal.clause, refusal.code, refusal.status) == ("2.3.4", "cover_expired", 422)
    assert refusal.context == {"case": 7}
    assert str(refusal) == "[2.3.4] cover_expired: Ask for a paid repair."
    assert str(RuleBroken("", "already_proposed")) == "already_proposed"


def test_a_refusal_is_409_or_422():
    assert LATE.status == 409
    with pytest.raises(ValueError, match="409 or 422"):
        RuleBroken("2.3.1", "deadline_passed", status=500)
