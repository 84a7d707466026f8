"""The kinds of force majeure are those that the source names, each group with a door for the others (4.1.2)."""

import pytest

from cases.models import EventKind
from zestech_aftersales.rulebook.source import SOURCE

# group -> words of 4.1.2 -> our kind; what the source says twice stands here once.
OF_THE_SOURCE = {
    "natural disasters": {
        "typhoons": "typhoon", "torrential rain": "torrential_rain", "hail": "hail", "earthquakes": "earthquake",
        "tsunamis": "tsunami", "floods": "flood", "volcanic eruptions": "volcanic_eruption", "landslides": "landslide",
    },
    "abnormal events": {
        "wars": "war", "armed conflicts": "war", "riots": "riot", "fires": "fire", "explosions": "explosion",
        "toxic substances leaks": "toxic_leak", "serious epidemics": "epidemic",
    },
    "government actions": {"controls": "control", "bans": "ban", "expropriation": "expropriation"},
}  # fmt: skip
OTHERS = {"natural disasters": "other_disaster", "abnormal events": "other_event", "government actions": "other_act"}


def listed_by_the_source() -> dict[str, set[str]]:
    """The groups with their words: "natural disasters, such as typhoons, ...; abnormal events, such as wars, ..."."""
    _before, _open, listed = SOURCE["4.1.2"].partition("including but not limited to ")
    groups = [each.partition(", such as ") for each in listed.removesuffix(", etc.);").split("; ")]
    return {group: {word.strip() for word in words.split(",")} for group, _such_as, words in groups}


@pytest.mark.clause("4.1.2")
def test_every_event_that_the_source_names_is_a_kind_and_every_group_is_open() -> None:
    assert listed_by_the_source() == {group: set(words) for group, words in OF_THE_SOURCE.items()}
    named = {kind for words in OF_THE_SOURCE.values() for kind in words.values()}
    assert set(EventKind.values) == named | set(OTHERS.values())
    assert OTHERS.keys() == OF_THE_SOURCE.keys()
