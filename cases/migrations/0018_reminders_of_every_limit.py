"""Every limit reminds: sign-offs and proofs too; a longer limit reminds anew."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zestech_aftersales.rulebook.periods import share_instant


def remind_of_what_runs(apps: Any, _schema_editor: Any) -> None:
    """What runs already reminds, too; what was sent was sent of the limit as it is."""
    first = settings.REMINDER_PERCENTS[0]
    for row in apps.get_model("cases", "SignOff").objects.filter(state="running", due_at__isnull=False):
        row.next_reminder_at = share_instant(row.started_at, row.due_at, first)
        row.save(update_fields=["next_reminder_at"])
    for claim in apps.get_model("cases", "ExclusionClaim").objects.filter(state="proof_pending"):
        claim.next_reminder_at = share_instant(claim.filed_at, claim.proof_due_at, first)
        claim.save(update_fields=["next_reminder_at"])
    sent = apps.get_model("cases", "ReminderSent").objects
    amounts = apps.get_model("cases", "Deadline").objects.filter(pk=models.OuterRef("deadline")).values("amount")
    sent.update(amount=models.Subquery(amounts))


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0017_chat_promises"),
        ("timeline", "0006_verification_counts_what_is_judged"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProofReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="amount")),
                ("step", models.PositiveSmallIntegerField(verbose_name="percent of the limit")),
                ("sent_at", models.DateTimeField(verbose_name="reminded")),
            ],
            options={
                "verbose_name": "reminder of a proof",
                "verbose_name_plural": "reminders of proofs",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SignOffReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="amount")),
                ("step", models.PositiveSmallIntegerField(verbose_name="percent of the limit")),
                ("sent_at", models.DateTimeField(verbose_name="reminded")),
            ],
            options={
                "verbose_name": "reminder of a sign-off",
                "verbose_name_plural": "reminders of sign-offs",
                "ordering": ["id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="remindersent",
            name="reminded_once_of_a_step",
        ),
        migrations.AddField(
            model_name="exclusionclaim",
            name="next_reminder_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="next reminder"),
        ),
        migrations.AddField(
            model_name="exclusionclaim",
            name="reminded_step",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="reminded of"),
        ),
        migrations.AddField(
            model_name="remindersent",
            name="amount",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="amount"),
        ),
        migrations.AddField(
            model_name="signoff",
            name="next_reminder_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="next reminder"),
        ),
        migrations.AddField(
            model_name="signoff",
            name="reminded_step",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="reminded of"),
        ),
        migrations.AddIndex(
            model_name="exclusionclaim",
            index=models.Index(
                condition=models.Q(("next_reminder_at__isnull", False), ("state", "proof_pending")),
                fields=["next_reminder_at"],
                name="claim_reminders",
            ),
        ),
        migrations.AddIndex(
            model_name="signoff",
            index=models.Index(
                condition=models.Q(("next_reminder_at__isnull", False), ("state", "running")),
                fields=["next_reminder_at"],
                name="sign_off_reminders",
            ),
        ),
        migrations.AddConstraint(
            model_name="remindersent",
            constraint=models.UniqueConstraint(
                fields=("deadline", "amount", "step", "person"), name="reminded_once_of_a_step"
            ),
        ),
        migrations.AddField(
            model_name="proofreminder",
            name="claim",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to="cases.exclusionclaim",
            ),
        ),
        migrations.AddField(
            model_name="proofreminder",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="timeline.event", verbose_name="event"
            ),
        ),
        migrations.AddField(
            model_name="proofreminder",
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
            model_name="signoffreminder",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="timeline.event", verbose_name="event"
            ),
        ),
        migrations.AddField(
            model_name="signoffreminder",
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
            model_name="signoffreminder",
            name="sign_off",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to="cases.signoff",
            ),
        ),
        migrations.AddConstraint(
            model_name="proofreminder",
            constraint=models.UniqueConstraint(
                fields=("claim", "amount", "step", "person"), name="proof_reminded_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="signoffreminder",
            constraint=models.UniqueConstraint(
                fields=("sign_off", "amount", "step", "person"), name="sign_off_reminded_once"
            ),
        ),
        migrations.RunPython(remind_of_what_runs, migrations.RunPython.noop),
    ]
