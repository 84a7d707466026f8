"""Evidence cannot be changed: not by the ORM, not by SQL, not after a rebuild of its table."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction

from tests.factories.timeline import AT, make_event
from zestech_aftersales.timeline import insert_only, seals
from zestech_aftersales.timeline.checks import evidence_is_guarded
from zestech_aftersales.timeline.management.commands import flush
from zestech_aftersales.timeline.models import Event, EventSeal
from zestech_aftersales.timeline.models.evidence import EvidenceIsFinal

pytestmark = pytest.mark.django_db

TABLES = ["timeline_event", "timeline_eventseal"]


@pytest.fixture
def event() -> Event:
    with transaction.atomic():
        event = make_event()
        seals.seal([Event.objects.get()])
    return event


def attack(sql: str) -> None:
    with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_all_evidence_is_guarded():
    assert set(TABLES) <= set(insert_only.guarded_tables())
    assert insert_only.missing(connection) == {}


@pytest.mark.parametrize("model", [Event, EventSeal])
def test_the_orm_refuses_every_way_of_changing(event, model):
    row = model.objects.get()
    field = "stream"
    for way in (
        row.save,
        row.delete,
        lambda: model.objects.update(stream="test/2"),
        lambda: model.objects.all().delete(),
        lambda: model.objects.bulk_update([row], [field]),
        lambda: model.objects.update_or_create(defaults={}, pk=row.pk),
    ):
        with pytest.raises(EvidenceIsFinal):
            way()
    assert model.objects.get().stream == "test/1"


@pytest.mark.parametrize("table", TABLES)
def test_the_database_refuses_update_and_delete(event, table):
    attack(f"UPDATE {table} SET stream = 'test/2'")
    attack(f"DELETE FROM {table}")
    attack(f"WITH gone AS (SELECT 1) DELETE FROM {table} WHERE EXISTS (SELECT * FROM gone)")


def test_the_database_refuses_an_upsert(event):
    attack(
        "INSERT INTO timeline_eventseal (event_id, stream, position, previous_hash, hash) "
        f"VALUES ({event.pk}, 'test/1', 1, '', 'x') ON CONFLICT (event_id) DO UPDATE SET hash = 'x'"
    )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own statement")
def test_sqlite_refuses_insert_or_replace(event):
    attack(
        "INSERT OR REPLACE INTO timeline_eventseal (event_id, stream, position, previous_hash, hash) "
        f"VALUES ({event.pk}, 'test/1', 1, '', 'x')"
    )


@pytest.mark.postgres
@pytest.mark.parametrize("table", TABLES)
def test_postgresql_refuses_truncate(event, table):
    connection.check_constraints()  # else PostgreSQL refuses for another reason
    attack(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("table", TABLES)
def test_a_lost_trigger_is_seen_by_the_check_and_made_again_by_migrate(table):
    assert evidence_is_guarded(databases=["default"]) == []
    insert_only.drop(connection, [table])
    [warning] = evidence_is_guarded(databases=["default"])
    assert warning.id == "timeline.W001"
    assert table in warning.msg
    call_command("migrate", "timeline", verbosity=0)
    assert evidence_is_guarded(databases=["default"]) == []


@pytest.mark.postgres
def test_a_trigger_that_was_switched_off_is_seen():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE timeline_event DISABLE TRIGGER timeline_event_no_change")
    assert insert_only.missing(connection) == {"timeline_event": ["timeline_event_no_change"]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite rebuilds tables")
def test_a_rebuilt_table_is_guarded_again():
    with connection.schema_editor() as editor:
        editor._remake_table(EventSeal)
    assert set(insert_only.missing(connection)) == {"timeline_eventseal"}
    insert_only.remake_after_migration(using="default")
    assert insert_only.missing(connection) == {}


@pytest.mark.django_db(transaction=True)
def test_a_test_database_can_be_flushed_and_stays_guarded(event):
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    assert not Event.objects.exists()
    assert insert_only.missing(connection) == {}
    make_event()
    attack("DELETE FROM timeline_event")


def test_no_other_database_is_ever_flushed(event, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "NAME", "aftersales")
    with pytest.raises(CommandError, match="evidence"):
        call_command("flush", interactive=False, verbosity=0)
    assert Event.objects.get().recorded_at == AT


@pytest.mark.parametrize(
    ("name", "for_tests"),
    [
        ("test_aftersales", True),
        ("file:memorydb_default?mode=memory&cache=shared", True),
        ("/srv/var/db.sqlite3", False),
    ],
)
def test_what_a_test_database_is(name, for_tests, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "NAME", name)
    assert flush.is_for_tests(connection) is for_tests
