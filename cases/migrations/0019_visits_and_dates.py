import django.db.models.deletion
import django_fsm
from django.db import migrations, models

ENDED = ["refused", "deemed_refused", "lapsed", "cancelled", "excluded"]


def tell_what_ended(apps, schema_editor):
    """Visits planned under an appointment that has ended are cancelled; those of a next step have no time yet."""
    planned = apps.get_model("cases", "Visit").objects.filter(state="planned")
    planned.filter(appointment__state__in=ENDED).update(state="cancelled")
    planned.filter(ends_at=models.F("starts_at"), appointment__slot_starts_at=None).update(ends_at=None)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0018_reminders_of_every_limit"),
        ("sellers", "0006_evidence_of_commitments"),
    ]

    operations = [
        migrations.AlterField(
            model_name="visit",
            name="state",
            field=django_fsm.FSMField(
                choices=[
                    ("planned", "planned"),
                    ("checked_in", "checked in"),
                    ("done", "done"),
                    ("rescheduled", "rescheduled"),
                    ("seller_no_show", "seller did not come"),
                    ("buyer_no_show", "buyer was not there"),
                    ("broken_off", "broken off"),
                    ("cancelled", "cancelled"),
                ],
                default="planned",
                max_length=50,
                protected=True,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="dateproposal",
            name="visit",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="cases.visit",
            ),
        ),
        migrations.AddField(
            model_name="dateproposal",
            name="offer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dates",
                to="cases.offer",
            ),
        ),
        migrations.AddField(
            model_name="dateproposal",
            name="engineer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sellers.engineer",
            ),
        ),
        migrations.AddField(
            model_name="dateproposal",
            name="contact_name",
            field=models.CharField(blank=True, max_length=120, verbose_name="named person"),
        ),
        migrations.AddConstraint(
            model_name="dateproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("visit__isnull", False), ("offer__isnull", False), _connector="OR"),
                name="proposed_date_is_for_something",
            ),
        ),
        migrations.AddField(
            model_name="slotseat",
            name="ends_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="slot ends"),
        ),
        migrations.RunPython(tell_what_ended, migrations.RunPython.noop),
    ]
