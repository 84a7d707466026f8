"""docs/states.md shows the machines as they are."""

import os
from pathlib import Path

from django.apps import apps

from cases.models import Offer, ServiceAppointment
from tests.architecture.state_pictures import arrows, machines, page, picture

STATES = Path(__file__).parents[2] / "docs" / "states.md"

# The things of domain section 4 that the apps hold by now.
THINGS = {
    "Order", "Cover", "ServiceCase", "ServiceAppointment", "Offer", "Visit", "Deadline", "SellerCommitment",
    "Enrolment", "ExclusionClaim", "Decision",
}  # fmt: skip
# A mail's way, and a term's verdict, are settled by one statement; tests/architecture/house_rules.py says why.
NO_MACHINES = {"Delivery", "Term"}


def test_the_file_shows_the_machines() -> None:
    """To write it anew: `STATES=write make test ARGS=tests/architecture/test_states.py`."""
    wanted = page()
    if os.environ.get("STATES") == "write":
        STATES.write_text(wanted)
    assert STATES.read_text() == wanted


def test_every_thing_with_states_has_a_picture() -> None:
    drawn = {model.__name__ for model, _field in machines()}
    assert drawn >= THINGS
    assert (
        drawn
        >= {model.__name__ for model in apps.get_models() if any(field.name == "state" for field in model._meta.fields)}
        - NO_MACHINES
    )


def test_a_picture_holds_each_transition_and_the_ends() -> None:
    field = ServiceAppointment._meta.get_field("state")
    told = arrows(ServiceAppointment, field)
    assert told["requested", "proposed"] == ["propose"]
    assert told["deemed_refused", "requested"] == ["rescind"], "also where the state to go back to is given"
    drawn = picture(ServiceAppointment, field)
    assert "[*] --> requested" in drawn
    assert "completed --> [*]" in drawn
    assert "void --> standing: stand_again" in picture(Offer, Offer._meta.get_field("state"))
