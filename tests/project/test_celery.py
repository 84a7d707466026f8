"""The beat schedule only wakes loops that exist."""

import pytest
from celery.schedules import crontab

from zestech_aftersales.celery import app


def test_every_entry_wakes_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= app.tasks.keys()


def test_every_loop_is_woken() -> None:
    assert set(app.conf.beat_schedule) == {
        "sweep", "judgement", "remind", "free_holds", "relay", "deliver", "simulate", "verify", "draw_audits",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "task", "hour", "minute"),
    [
        # In the platform's night: 02:30 and 03:00 of the next day in Shanghai.
        ("verify", "cases.tasks.verify", 18, 30),
        # A month has one sample: asked each night, it is drawn in the first night of the next month.
        ("draw_audits", "complaints.tasks.draw_audits", 19, 0),
    ],
)
def test_the_nightly_ones_are_woken_each_night(name: str, task: str, hour: int, minute: int) -> None:
    entry = app.conf.beat_schedule[name]
    assert (entry["task"], entry["schedule"]) == (task, crontab(hour=hour, minute=minute))


@pytest.mark.parametrize("name", ["sweep", "relay", "deliver"])
def test_the_loops_are_woken_each_second_and_old_wake_ups_expire(name: str) -> None:
    entry = app.conf.beat_schedule[name]
    assert entry["schedule"] == 1.0
    assert entry["options"]["expires"] < 10


def test_nothing_waits_in_a_worker() -> None:
    # A limit is a row; an ETA or countdown would be lost with the broker.
    assert all(not {"eta", "countdown"} & set(entry["options"]) for entry in app.conf.beat_schedule.values())


def test_database_connections_are_kept_between_tasks() -> None:
    assert app.conf.get("CELERY_DB_REUSE_MAX")
