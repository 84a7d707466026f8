"""Who hears of a seller's events."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

import sellers
from sellers.actions import enrolments, products
from sellers.notices import EVENT_WORDS, SellerAnnouncer
from tests.factories.accounts import SupportFactory
from tests.factories.sellers import EnrolmentFactory, ProductFactory, member_of
from zestech_aftersales.accounts.actors import Actor, Channel, Seat, system
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Event

AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)


def kinds_written():
    """Every event kind that an action of this app names."""
    for path in (Path(sellers.__file__).parent / "actions").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                before, dot, after = node.value.partition(".")
                if dot and before.isalpha() and after.isalpha():
                    yield node.value


def test_every_event_has_its_words():
    # Named by the verdict, and written where clearances are judged.
    judged = {
        "commitment.binding",
        "commitment.void",
        "commitment.split",
        "commitment.put_right",
        "enrolment.bar_lifted",
        "enrolment.cleared_by_other",
    }
    assert set(kinds_written()) | judged == set(EVENT_WORDS)


@pytest.mark.django_db
def test_the_sellers_people_hear_what_the_platform_did():
    enrolment = EnrolmentFactory(state="applied")
    owner = member_of(enrolment.seller).user
    assert owner is not None
    member_of(enrolment.seller, Seat.ENGINEER)
    enrolments.reject(enrolment, reason="No papers.", by=Actor(Channel.ADMIN, SupportFactory()), at=AT)
    event = Event.objects.get()
    announcer = announcer_of(event.stream)
    assert isinstance(announcer, SellerAnnouncer)
    assert [recipient.user for recipient in announcer.audience(event)] == [owner]
    notice = announcer.notice(event, owner)
    assert notice is not None
    assert notice.subject == "Application rejected"
    assert "Reason: No papers." in notice.text
    assert notice.text.endswith("Rule 1.1")


@pytest.mark.django_db
def test_nobody_is_told_what_they_did_themselves():
    enrolment = EnrolmentFactory()
    owner, staff = member_of(enrolment.seller), member_of(enrolment.seller, Seat.STAFF)
    enrolments.withdraw(enrolment, reason="We close.", by=owner, at=AT)
    assert [each.user for each in SellerAnnouncer().audience(Event.objects.get())] == [staff.user]


@pytest.mark.django_db
def test_imports_and_small_changes_tell_nobody():
    product = ProductFactory(marked=False)
    owner = member_of(product.seller)
    products.mark(product, by=system(Channel.IMPORT), at=AT)
    products.change_product(product, {"name": "New"}, by=owner, at=AT)
    for event in Event.objects.all():
        assert list(SellerAnnouncer().audience(event)) == []
