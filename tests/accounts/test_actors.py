"""Actor: which side somebody stands on."""

import pytest

from zestech_aftersales.accounts.actors import Actor, ActorKind, Channel, system
from zestech_aftersales.accounts.models import User

PERSON = User(pk=7, email="a@example.com")
AUDITOR = User(pk=8, email="b@example.com", platform_role="auditor")


@pytest.mark.parametrize(
    ("actor", "kind"),
    [
        (Actor(Channel.PORTAL, user=PERSON), ActorKind.BUYER),
        (Actor(Channel.DASHBOARD, user=PERSON, seller_id=3, seat="staff"), ActorKind.SELLER),
        (Actor(Channel.ADMIN, user=AUDITOR), ActorKind.STAFF),
        (Actor(Channel.API, client_id="shop", seller_id=3), ActorKind.CLIENT),
        (system(), ActorKind.SYSTEM),
    ],
)
def test_the_side_somebody_stands_on(actor, kind):
    assert actor.kind == kind
    assert actor.is_system is (kind == ActorKind.SYSTEM)


def test_a_key_makes_another_actor_and_leaves_the_first_alone():
    first = Actor(Channel.API, client_id="shop")
    assert first.with_key("k1").key == "k1"
    assert first.key == ""


def test_somebody_brings_their_role_and_id():
    actor = Actor(Channel.ADMIN, user=AUDITOR)
    assert (actor.user_id, actor.platform_role) == (8, "auditor")
    assert (system(Channel.COMMAND).user_id, system().platform_role) == (None, "")
