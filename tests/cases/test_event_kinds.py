"""The kinds of force majeure are those that the source names, each group with a door for the others (4.1.2)."""

import pytest

from cases.models import EventKind

# 4.1.2 as it stands: "natural disasters, such as typhoons, ...; abnormal events, such as wars, ...; government
# actions, such as controls, ...", "including but not limited to". What it says twice stands here once.
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


@pytest.mark.clause("4.1.2")
def test_every_event_that_the_source_names_is_a_kind_and_every_group_is_open() -> None:
    named = {kind for group in OF_THE_SOURCE.values() for kind in group.values()}
    assert set(EventKind.values) == named | set(OTHERS.values())
