"""Buyers are reminded of hearing and appeal of a restriction."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0020_reminders_of_visits"),
        ("timeline", "0006_verification_counts_what_is_judged"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RestrictionReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="amount")),
                ("step", models.PositiveSmallIntegerField(verbose_name="percent of the limit")),
                ("sent_at", models.DateTimeField(verbose_name="reminded")),
            ],
            options={
                "verbose_name": "reminder of a restriction",
                "verbose_name_plural": "reminders of restrictions",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="restriction",
            name="next_reminder_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="next reminder"),
        ),
        migrations.AddField(
            model_name="restriction",
            name="reminded_step",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="reminded of"),
        ),
        migrations.AddIndex(
            model_name="restriction",
            index=models.Index(
                condition=models.Q(("next_reminder_at__isnull", False)),
                fields=["next_reminder_at"],
                name="restriction_reminders",
            ),
        ),
        migrations.AddField(
            model_name="restrictionreminder",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="timeline.event", verbose_name="event"
            ),
        ),
        migrations.AddField(
            model_name="restrictionreminder",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="restrictionreminder",
            name="restriction",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to="cases.restriction",
            ),
        ),
        migrations.AddConstraint(
            model_name="restrictionreminder",
            constraint=models.UniqueConstraint(
                fields=("restriction", "amount", "step", "person"), name="restriction_reminded_once"
            ),
        ),
    ]
