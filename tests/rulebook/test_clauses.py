"""The clauses: all there, quoted, explained, and read with the numbers of an edition."""

import re

import pytest

from zestech_aftersales.rulebook import CLAUSES, clause
from zestech_aftersales.rulebook.clauses import SECTIONS
from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.rulebook.source import SOURCE

LAW = EditionNumbers.from_json(NUMBERS)
OTHER = EditionNumbers.from_json(NUMBERS | {"response_hours": 36, "cover_years": 2})
ALL = [
    "1.1",
    "2.1.1",
    "2.2.1",
    "2.3.1",
    "2.3.2",
    "2.3.3",
    "2.3.4",
    "3.1",
    "3.2",
    "3.3",
    "3.4",
    "4.1.1",
    "4.1.2",
    "4.1.3",
    "4.2",
    "4.3",
    "5.1",
    "5.2",
]


def test_every_clause_is_there_in_order():
    assert list(CLAUSES) == list(SOURCE) == ALL
    assert {each.section for each in CLAUSES.values()} == set(SECTIONS)


@pytest.mark.parametrize("number", ALL)
def test_a_clause_is_quoted_and_explained(number):
    each = clause(number)

    assert each.id == number
    assert each.text == SOURCE[number]
    assert str(each.title)
    assert str(each.who)
    assert str(each.plain).endswith(".")
    assert not re.search(r"\d", str(each.plain).replace("27 December 2021, 00:00", "")), "numbers are the edition's"
    for text in (each.limit_under(LAW), *each.means_under(LAW)):
        assert "{" not in text


def test_limits_are_read_with_the_numbers_of_an_edition():
    assert clause("2.3.1").limit_under(LAW).startswith("48 hours to respond and 14 natural days to confirm")
    assert clause("2.3.1").limit_under(OTHER).startswith("36 hours to respond")
    assert clause("2.3.4").limit_under(OTHER) == "2 years from successful payment"
    assert clause("4.2").limit_under(LAW) == ""


def test_no_number_of_an_edition_is_written_into_a_text():
    """What counts hours, natural days or years comes through a placeholder."""
    for each in CLAUSES.values():
        for text in (each.plain, each.limit, each.missed, *each.means):
            assert not re.search(r"\d+ (hours|natural days|days|years?)", str(text))


def test_a_clause_of_a_list_knows_the_sentence_before_it():
    assert clause("4.1.2").lead.startswith("Buyers will not be able to enjoy")
    assert clause("2.3.1").lead == "Service time limit:"
    assert clause("4.3").lead == ""


def test_an_unknown_clause_is_an_error():
    with pytest.raises(KeyError):
        clause("2.9")
