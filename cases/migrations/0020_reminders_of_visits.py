"""Engineers are reminded of their visits."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0019_visits_and_dates"),
        ("timeline", "0006_verification_counts_what_is_judged"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="VisitReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.CharField(
                        choices=[("check_in", "check-in"), ("report", "report")], max_length=8, verbose_name="of what"
                    ),
                ),
                ("sent_at", models.DateTimeField(verbose_name="reminded")),
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
                (
                    "visit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="cases.visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "reminder of a visit",
                "verbose_name_plural": "reminders of visits",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "step", "person"), name="visit_reminded_once")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(condition=models.Q(("state", "planned")), fields=["starts_at"], name="visit_planned"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(condition=models.Q(("state", "checked_in")), fields=["ends_at"], name="visit_under_way"),
        ),
    ]
