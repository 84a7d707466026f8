"""The limits of the judgement remind."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zestech_aftersales.rulebook.periods import share_instant


def remind_of_what_runs(apps: Any, _schema_editor: Any) -> None:
    """What runs already reminds, too."""
    for row in apps.get_model("complaints", "JudgementDeadline").objects.filter(state="running", due_at__isnull=False):
        row.next_reminder_at = share_instant(row.started_at, row.due_at, settings.REMINDER_PERCENTS[0])
        row.save(update_fields=["next_reminder_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0009_judgement_losses_paid_back"),
        ("timeline", "0006_verification_counts_what_is_judged"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="JudgementReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="amount")),
                ("step", models.PositiveSmallIntegerField(verbose_name="percent of the limit")),
                ("sent_at", models.DateTimeField(verbose_name="reminded")),
            ],
            options={
                "verbose_name": "reminder of the judgement",
                "verbose_name_plural": "reminders of the judgement",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="judgementdeadline",
            name="next_reminder_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="next reminder"),
        ),
        migrations.AddField(
            model_name="judgementdeadline",
            name="reminded_step",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="reminded of"),
        ),
        migrations.AddIndex(
            model_name="judgementdeadline",
            index=models.Index(
                condition=models.Q(("next_reminder_at__isnull", False), ("state", "running")),
                fields=["next_reminder_at"],
                name="judgement_limit_reminders",
            ),
        ),
        migrations.AddField(
            model_name="judgementreminder",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="timeline.event", verbose_name="event"
            ),
        ),
        migrations.AddField(
            model_name="judgementreminder",
            name="limit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to="complaints.judgementdeadline",
            ),
        ),
        migrations.AddField(
            model_name="judgementreminder",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddConstraint(
            model_name="judgementreminder",
            constraint=models.UniqueConstraint(
                fields=("limit", "amount", "step", "person"), name="judgement_limit_reminded_once"
            ),
        ),
        migrations.RunPython(remind_of_what_runs, migrations.RunPython.noop),
    ]
