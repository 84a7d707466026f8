"""The relay: everything is sealed and fanned out once, whatever order it was committed in."""

from datetime import timedelta
from functools import partial
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from tests.factories.accounts import UserFactory
from tests.factories.timeline import AT, make_event
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.timeline import insert_only, relay
from zestech_aftersales.timeline.announcers import Recipient, announcer_of
from zestech_aftersales.timeline.backoff import wait_after
from zestech_aftersales.timeline.models import Delivery, Event, EventSeal, Medium, Undelivered
from zestech_aftersales.timeline.relay import relay_batch
from zestech_aftersales.timeline.seals import verify

pytestmark = pytest.mark.django_db


def whole() -> bool:
    return not list(verify(sealed_by=AT))


def test_each_recipient_is_owed_one_notice_by_each_medium(announcer):
    ann, bob = UserFactory(), UserFactory()
    later = AT + timedelta(hours=1)
    announcer.recipients = [Recipient(ann), Recipient(bob, media=[Medium.MAIL], not_before=later)]
    event = make_event()
    assert relay_batch(at=AT) == 1
    owed = Delivery.objects.order_by("recipient", "medium").values_list("event", "recipient", "medium", "not_before")
    assert list(owed) == [
        (event.pk, ann.pk, "in_app", AT),
        (event.pk, ann.pk, "mail", AT),
        (event.pk, bob.pk, "mail", later),
    ]
    assert not Undelivered.objects.exists()
    assert whole()


def test_somebody_named_twice_is_told_once(announcer):
    ann = UserFactory()
    announcer.recipients = [Recipient(ann, [Medium.MAIL]), Recipient(ann, [Medium.MAIL])]
    make_event()
    relay_batch(at=AT)
    assert Delivery.objects.count() == 1


def test_a_stream_nobody_speaks_for_is_sealed_all_the_same():
    make_event("silent/1")
    assert announcer_of("silent/1") is None
    assert relay_batch(at=AT) == 1
    assert EventSeal.objects.count() == 1
    assert not Delivery.objects.exists()


def test_nothing_waiting_costs_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert relay_batch(at=AT) == 0


def test_a_batch_costs_the_same_for_few_and_for_many(django_assert_num_queries):
    for count in (1, 30):
        for number in range(count):
            make_event(f"silent/{number}")
        # one look, the claim, five for the seals, one deletion, and five savepoints: seals, fan-out, the three readers'
        with django_assert_num_queries(18):
            assert relay_batch(at=AT) == count


def test_poison_does_not_stop_the_rest_is_tried_again_and_given_up(announcer):
    ann = UserFactory()
    announcer.recipients = [Recipient(ann, [Medium.MAIL])]
    bad, good = make_event(), make_event()
    announcer.poison = {bad.pk}
    assert relay_batch(at=AT) == 2
    assert Delivery.objects.get().event_id == good.pk
    marker = Undelivered.objects.get()
    assert (marker.event_id, marker.attempts, marker.error) == (bad.pk, 1, "LookupError: poison")
    assert EventSeal.objects.count() == 2
    assert relay_batch(at=AT) == 0, "it waits before it is tried again"

    at = AT
    for attempts in range(2, relay.MAX_ATTEMPTS + 1):
        at += wait_after(attempts)
        assert relay_batch(at=at) == 1
    assert Undelivered.objects.get().quarantined_at == at
    assert relay_batch(at=at + timedelta(days=9)) == 0
    assert whole()


def test_what_was_poison_goes_out_once_it_is_mended(announcer):
    announcer.recipients = [Recipient(UserFactory(), [Medium.MAIL])]
    event = make_event()
    announcer.poison = {event.pk}
    relay_batch(at=AT)
    announcer.poison.clear()
    assert relay_batch(at=AT + wait_after(1)) == 1
    assert Delivery.objects.count() == 1
    assert EventSeal.objects.count() == 1


def test_one_broken_chain_stops_no_other(announcer):
    announcer.recipients = [Recipient(UserFactory(), [Medium.MAIL])]
    make_event("test/1")
    relay_batch(at=AT)
    with insert_only.unguarded(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE timeline_streamhead SET position = 0")
    broken, sound = make_event("test/1"), make_event("test/2")
    assert relay_batch(at=AT) == 2
    assert EventSeal.objects.filter(event=sound).exists()
    assert Undelivered.objects.get().event_id == broken.pk
    assert not Delivery.objects.filter(event=broken).exists()


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 5), (2, 10), (5, 80), (10, 2560), (11, 3600), (30_000, 3600)])
def test_the_wait_doubles_up_to_an_hour(attempts, seconds):
    assert wait_after(attempts) == timedelta(seconds=seconds)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_lower_id_that_commits_later_is_not_missed(announcer):
    announcer.recipients = [Recipient(UserFactory(), [Medium.MAIL])]
    written, relayed = Signal(), Signal()

    def slow_command() -> int:
        with transaction.atomic():
            event = make_event("test/1")
            written.set()
            assert relayed.wait(10)
        return event.pk

    def quick_command() -> int:
        assert written.wait(10)
        event = make_event("test/1")
        assert relay_batch(at=AT) == 1
        relayed.set()
        return event.pk

    lower, higher = side_by_side(slow_command, quick_command)
    assert isinstance(lower, int)
    assert isinstance(higher, int)
    assert lower < higher
    assert [d.event_id for d in Delivery.objects.all()] == [higher]
    assert relay_batch(at=AT) == 1
    assert {d.event_id for d in Delivery.objects.all()} == {lower, higher}
    assert whole()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_relays_side_by_side_double_and_lose_nothing(announcer):
    people = [UserFactory(), UserFactory()]
    announcer.recipients = [Recipient(person, [Medium.MAIL]) for person in people]
    with transaction.atomic():
        for number in range(300):
            make_event(f"test/{number % 7}")

    def work() -> int:
        done = 0
        while claimed := relay_batch(at=AT, limit=20):
            done += claimed
        return done

    counts = side_by_side(*[partial(work)] * 3)
    assert sum(count for count in counts if isinstance(count, int)) == 300, counts
    assert EventSeal.objects.count() == Event.objects.count() == 300
    assert Delivery.objects.count() == 600
    assert whole()
