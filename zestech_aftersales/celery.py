"""The Celery app and the whole beat schedule.

Beat only wakes loops; it carries no duty. What is due stands in rows of the database, so a lost, late or doubled
message changes nothing: the next wake-up finds the same rows. Limits are never Celery ETA or countdown tasks.
"""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zestech_aftersales.settings")

# A wake-up that waited longer than this (seconds) is dropped: the next one does its work, and a worker that was away
# for an hour doesn't come back to thousands of them.
WAKE_UP = {"expires": 5}

app = Celery("zestech_aftersales")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # Celery's Django fixup reads exactly this key; without it every task closes the database connection, which
    # costs three quarters of the tasks a second.
    CELERY_DB_REUSE_MAX=1000,
    broker_connection_retry_on_startup=True,
    # Nobody reads results: what a task did stands in the database.
    task_ignore_result=True,
    # Loops are short and repeatable: a message is done with only when its task is, and a killed worker's comes back.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    timezone="UTC",
    enable_utc=True,
    # In memory: every entry repeats each second or each night, there is nothing worth keeping between two starts.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        # Limits that passed (due_at + settle): missed, deemed refused, lapsed.
        "sweep": {"task": "cases.tasks.sweep", "schedule": 1.0, "options": WAKE_UP},
        # Limits of the judgement that passed: hearing, appeal, escalation, evidence, objection, answer to a loss.
        "judgement": {"task": "complaints.tasks.sweep", "schedule": 1.0, "options": WAKE_UP},
        # Limits that have reached a step of their reminders (REMINDER_PERCENTS).
        "remind": {"task": "cases.tasks.remind", "schedule": 5.0, "options": WAKE_UP},
        # Held slots whose time is over: only tidied up, they count no more by themselves.
        "free_holds": {"task": "cases.tasks.free_holds", "schedule": 60.0, "options": WAKE_UP},
        # New events: sealed into their hash chain and fanned out to the people concerned.
        "relay": {"task": "zestech_aftersales.timeline.tasks.relay", "schedule": 1.0, "options": WAKE_UP},
        # Mails whose time has come, with back-off for those that failed.
        "deliver": {"task": "zestech_aftersales.timeline.tasks.deliver", "schedule": 1.0, "options": WAKE_UP},
        # Simulations of the staff that are not finished yet, some thousand requests at a time.
        "simulate": {"task": "cases.tasks.simulate", "schedule": 5.0, "options": WAKE_UP},
        # Everything counted again from the events, in the platform's night (02:30 in Shanghai).
        "verify": {
            "task": "cases.tasks.verify",
            "schedule": crontab(hour="18", minute="30"),
            "options": {"expires": 3600},
        },
        # The audits of the month that is over, at the latest in the night of its successor's first day (03:00 in
        # Shanghai). Asked each night: a month has one sample, so a lost wake-up is made up for by the
        # next, and whole months without any are drawn then, too.
        "draw_audits": {
            "task": "complaints.tasks.draw_audits",
            "schedule": crontab(hour="19", minute="0"),
            "options": {"expires": 3600},
        },
    },
)
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_kwargs: Any) -> None:
    """Keep Django's LOGGING in workers: having a receiver here stops Celery from setting up its own."""
