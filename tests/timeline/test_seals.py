"""The hash chain proves that a history is whole, and shows each way of tampering with it."""

from dataclasses import astuple
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tests.factories.accounts import UserFactory
from tests.factories.timeline import AT, make_event
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.timeline import insert_only
from zestech_aftersales.timeline.models import Event, EventSeal, StreamHead
from zestech_aftersales.timeline.seals import BREAKS, SEALED_FIELDS, hash_of, seal, verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def history() -> list[Event]:
    """Three events of test/1 and one of test/2, sealed."""
    ann = UserFactory()
    for number in (1, 2, 3):
        make_event("test/1", by=Actor(Channel.PORTAL, user=ann), after={"b": number, "a": {"z": 1.5, "ä": "é"}})
    make_event("test/2")
    seal(list(Event.objects.all()))
    return list(Event.objects.order_by("id"))


def breaks(stream: str | None = None) -> list[tuple[str, int | None, str]]:
    found = list(verify(stream, sealed_by=AT))
    assert all(broken.text == str(BREAKS[broken.code]) for broken in found)
    return [(broken.stream, broken.position, broken.code) for broken in found]


def tamper(*statements: str) -> None:
    with insert_only.unguarded(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_an_untouched_history_is_whole(history):
    assert breaks() == []
    assert [s.position for s in EventSeal.objects.filter(stream="test/1").order_by("event")] == [1, 2, 3]
    first, second = EventSeal.objects.filter(stream="test/1").order_by("position")[:2]
    assert (first.previous_hash, second.previous_hash) == ("", first.hash)
    assert StreamHead.objects.get(stream="test/2").position == 1


def test_the_hash_does_not_depend_on_how_the_database_gives_json_back(history):
    event = history[0]
    before = hash_of(event, "")
    event.after = {"a": {"ä": "é", "z": 1.5}, "b": 1}
    assert hash_of(event, "") == before


@pytest.mark.parametrize("name", SEALED_FIELDS)
def test_each_field_of_an_event_is_sealed(history, name):
    event = history[0]
    before = hash_of(event, "")
    value = getattr(event, name)
    setattr(event, name, value + timedelta(microseconds=1) if name.endswith("_at") else f"{value}x")
    assert hash_of(event, "") != before


def test_the_fields_of_an_event_are_all_sealed():
    assert {field.attname for field in Event._meta.concrete_fields} == set(SEALED_FIELDS)


@pytest.mark.parametrize(
    ("column", "value"), [("clause", "'4.1.3'"), ("effective_at", "'2020-01-01 00:00:00+00:00'"), ("detail", "'{}'")]
)
def test_a_changed_event_shows(history, column, value):
    tamper(f"UPDATE timeline_event SET {column} = {value} WHERE id = {history[1].pk}")
    assert breaks() == [("test/1", 2, "changed")]
    assert breaks("test/2") == []


def test_a_changed_event_with_a_new_hash_breaks_the_link_behind_it(history):
    tamper(f"UPDATE timeline_event SET clause = '4.1.3' WHERE id = {history[1].pk}")
    forged = hash_of(Event.objects.get(pk=history[1].pk), EventSeal.objects.get(event=history[0]).hash)
    tamper(f"UPDATE timeline_eventseal SET hash = '{forged}' WHERE event_id = {history[1].pk}")
    assert breaks() == [("test/1", 3, "order")]


def test_a_forged_last_link_shows_at_the_head(history):
    tamper(f"UPDATE timeline_event SET clause = '4.1.3' WHERE id = {history[2].pk}")
    forged = hash_of(Event.objects.get(pk=history[2].pk), EventSeal.objects.get(event=history[1]).hash)
    tamper(f"UPDATE timeline_eventseal SET hash = '{forged}' WHERE event_id = {history[2].pk}")
    assert breaks() == [("test/1", 3, "cut")]


def test_an_event_taken_from_the_middle_shows(history):
    tamper(*erased(history[1]))
    assert breaks() == [("test/1", 3, "order")]


def test_an_event_taken_from_the_end_shows(history):
    tamper(*erased(history[2]))
    assert breaks() == [("test/1", 3, "cut")]


def test_a_history_taken_as_a_whole_shows(history):
    tamper(*erased(history[3]))
    assert breaks() == [("test/2", 1, "cut")]


def test_a_link_that_was_added_by_hand_shows(history):
    extra = make_event("test/1")
    last = EventSeal.objects.get(event=history[2])
    EventSeal.objects.create(
        event=extra,
        stream="test/1",
        position=4,
        previous_hash=last.hash,
        hash=hash_of(Event.objects.get(pk=extra.pk), last.hash),
    )
    assert breaks() == [("test/1", 4, "cut")]


def test_two_events_that_changed_places_show(history):
    first, second = history[0].pk, history[1].pk
    tamper(
        f"UPDATE timeline_eventseal SET position = 99 WHERE event_id = {first}",
        f"UPDATE timeline_eventseal SET position = 1 WHERE event_id = {second}",
        f"UPDATE timeline_eventseal SET position = 2 WHERE event_id = {first}",
    )
    assert [code for _stream, _position, code in breaks()] == ["order", "order", "order"]


def test_an_event_moved_to_another_history_shows(history):
    tamper(f"UPDATE timeline_event SET stream = 'test/2' WHERE id = {history[2].pk}")
    assert breaks() == [("test/1", 3, "moved"), ("test/1", 3, "changed")]


def test_an_event_that_was_never_sealed_shows_once_it_should_have_been(history):
    late = make_event("test/2")
    assert breaks() == [("test/2", None, "unsealed")]
    assert list(verify(sealed_by=AT - timedelta(seconds=1))) == []
    assert astuple(next(verify(sealed_by=AT)))[2] == late.pk


def test_sealing_twice_changes_nothing(history):
    assert seal(history) == 0
    assert breaks() == []


def test_a_chain_goes_on_where_it_ended(history):
    make_event("test/1")
    assert seal(list(Event.objects.all())) == 1
    assert StreamHead.objects.get(stream="test/1").position == 4
    assert breaks() == []


def test_sealing_costs_the_same_number_of_statements_for_one_and_for_many(django_assert_num_queries):
    make_event("test/1")
    waiting = events()
    with django_assert_num_queries(5):
        assert seal(waiting) == 1
    for number in range(20):
        make_event(f"test/{number}")
    waiting = events()
    with django_assert_num_queries(5):
        assert seal(waiting) == 20


def events() -> list[Event]:
    return list(Event.objects.all())


def erased(event: Event) -> tuple[str, ...]:
    return (
        f"DELETE FROM timeline_undelivered WHERE event_id = {event.pk}",
        f"DELETE FROM timeline_eventseal WHERE event_id = {event.pk}",
        f"DELETE FROM timeline_event WHERE id = {event.pk}",
    )


def test_the_command_says_that_all_is_whole(history, frozen, capsys):
    frozen.move_to(AT + timedelta(hours=1))
    call_command("verify_timeline")
    assert "whole" in capsys.readouterr().out


def test_the_command_fails_and_names_the_place(history, frozen, capsys):
    frozen.move_to(AT + timedelta(hours=1))
    tamper(f"UPDATE timeline_event SET clause = '4.1.3' WHERE id = {history[1].pk}")
    with pytest.raises(CommandError, match="1 breaks"):
        call_command("verify_timeline", "test/1")
    assert f"test/1 #2 event {history[1].pk}" in capsys.readouterr().out
