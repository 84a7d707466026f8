"""The order of the seller's queue as an index: every view over several states is walked along it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_outages_and_declared_events")]

    operations = [
        migrations.AddIndex(
            model_name="serviceappointment",
            index=models.Index(
                condition=models.Q(("next_due_at__isnull", False)),
                fields=["seller", "next_due_at", "id"],
                name="appointment_next_limit",
            ),
        ),
    ]
