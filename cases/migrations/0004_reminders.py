from collections import defaultdict

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zestech_aftersales.rulebook.periods import Pause, share_instant


def plan_reminders(apps, _schema_editor):
    """Give the clocks that already run their first reminder."""
    Deadline = apps.get_model("cases", "Deadline")
    first = settings.REMINDER_PERCENTS[0]
    pauses = defaultdict(list)
    standing = apps.get_model("cases", "Pause").objects.filter(deadline__state="running", voided_at=None)
    for pause in standing.iterator():
        pauses[pause.deadline_id].append(Pause(pause.begins_at, pause.ends_at))
    running = Deadline.objects.filter(state="running", due_at__isnull=False).exclude(clock="offer_ruling")
    batch = []
    for row in running.iterator():
        row.next_reminder_at = share_instant(row.started_at, row.due_at, first, pauses[row.pk])
        batch.append(row)
        if len(batch) == 500:
            Deadline.objects.bulk_update(batch, ["next_reminder_at"])
            batch = []
    Deadline.objects.bulk_update(batch, ["next_reminder_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_proposed_dates"),
        ("timeline", "0004_digest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="deadline",
            name="next_reminder_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="next reminder"),
        ),
        migrations.AddField(
            model_name="deadline",
            name="reminded_step",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="reminded of"),
        ),
        migrations.CreateModel(
            name="ReminderSent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.PositiveSmallIntegerField(verbose_name="percent of the limit")),
                ("sent_at", models.DateTimeField(verbose_name="reminded")),
                (
                    "deadline",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="cases.deadline",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="timeline.event",
                        verbose_name="event",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("deadline", "step", "person"), name="reminded_once_of_a_step")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="deadline",
            index=models.Index(
                condition=models.Q(("next_reminder_at__isnull", False), ("state", "running")),
                fields=["next_reminder_at"],
                name="deadline_reminders",
            ),
        ),
        # After all changes of the tables: PostgreSQL alters none with rows that wait for their checks.
        migrations.RunPython(plan_reminders, migrations.RunPython.noop, elidable=True),
    ]
