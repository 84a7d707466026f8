"""A reminder of a restriction says of which clock it was: hearing and appeal may be given the same number of days."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def name_the_clock(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor | None) -> None:
    """Take it from the event of each reminder, which has told it from the first one on."""
    told = apps.get_model("cases", "RestrictionReminder").objects.select_related("event").only("clock", "event__detail")
    for reminder in told.iterator():
        reminder.clock = reminder.event.detail["clock"]
        reminder.save(update_fields=["clock"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_all_tables")]

    operations = [
        migrations.AddField(
            model_name="restrictionreminder",
            name="clock",
            field=models.CharField(default="", max_length=16, verbose_name="clock"),
            preserve_default=False,
        ),
        migrations.RunPython(name_the_clock, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="restrictionreminder", name="restriction_reminded_once"),
        migrations.AddConstraint(
            model_name="restrictionreminder",
            constraint=models.UniqueConstraint(
                fields=("restriction", "clock", "amount", "step", "person"), name="restriction_reminded_once"
            ),
        ),
    ]
