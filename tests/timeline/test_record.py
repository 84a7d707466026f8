"""Writing an event and finding it again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, transaction

from tests.factories.accounts import UserFactory
from tests.factories.timeline import AT, make_event
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.timeline.models import Event, Undelivered
from zestech_aftersales.timeline.queries import events_of
from zestech_aftersales.timeline.record import earlier

pytestmark = pytest.mark.django_db


def test_an_event_says_who_did_what_when_under_which_clause(django_assert_num_queries):
    ann, helped = UserFactory(), UserFactory()
    by = Actor(Channel.ADMIN, user=ann, acting_for=helped, key="k1")
    with django_assert_num_queries(2):
        event = make_event("test/1", by=by, clause="2.3.1", before={"state": "a"}, after={"state": "b"})
    kept = events_of("test/1").get()
    assert kept == event
    assert (kept.actor, kept.acting_for, kept.channel, kept.actor_kind) == (ann, helped, "admin", "buyer")
    assert (kept.clause, kept.before, kept.after, kept.detail) == ("2.3.1", {"state": "a"}, {"state": "b"}, None)
    assert Undelivered.objects.get().event_id == event.pk


def test_instants_keep_their_microseconds_also_inside_json():
    at = datetime(2026, 3, 4, 9, 15, 30, 999999, tzinfo=timezone(timedelta(hours=8)))
    make_event("test/1", at=at, after={"due_at": at})
    kept = Event.objects.get()
    assert kept.recorded_at == at
    assert kept.after == {"due_at": "2026-03-04T01:15:30.999999+00:00"}
    assert datetime.fromisoformat(kept.after["due_at"]) == at


def test_an_event_never_counts_later_than_it_was_written():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_event(effective_at=AT + timedelta(microseconds=1), recorded_at=AT)


def test_the_same_command_is_found_again_by_its_key_and_by_nobody_elses():
    ann, bob = UserFactory(), UserFactory()
    by_ann = Actor(Channel.API, user=ann, key="k1")
    event = make_event(by=by_ann)
    assert earlier(by_ann) == event
    assert earlier(by_ann.with_key("k2")) is None
    assert earlier(by_ann.with_key("")) is None
    assert earlier(Actor(Channel.API, user=bob, key="k1")) is None
    assert earlier(Actor(Channel.API, client_id="shop", key="k1")) is None


def test_a_client_finds_its_own_command():
    by = Actor(Channel.API, client_id="shop", key="k1")
    event = make_event(by=by)
    assert earlier(by) == event
    assert earlier(Actor(Channel.API, client_id="other", key="k1")) is None


@pytest.mark.parametrize("who", ["person", "client"])
def test_the_database_refuses_a_second_event_under_one_key(who):
    user = UserFactory() if who == "person" else None
    by = Actor(Channel.API, user=user, client_id="" if user else "shop", key="k1")
    make_event(by=by)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_event(by=by)
    make_event(by=by.with_key(""))
    make_event(by=by.with_key(""))


def test_a_history_is_read_oldest_first_with_one_statement(django_assert_num_queries):
    ann = UserFactory(name="Ann")
    for kind in ("first", "second", "third"):
        make_event("test/1", kind=kind, by=Actor(Channel.PORTAL, user=ann))
    make_event("test/11")
    with django_assert_num_queries(1):
        assert [(e.kind, str(e.actor)) for e in events_of("test/1")] == [
            (k, "Ann") for k in ("first", "second", "third")
        ]
    assert Event.objects.order_by("id")[0].recorded_at.tzinfo == UTC
