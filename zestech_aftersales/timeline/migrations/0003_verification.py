from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("timeline", "0002_guard_evidence")]

    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begun_at", models.DateTimeField(verbose_name="begun")),
                ("done_at", models.DateTimeField(verbose_name="done")),
                ("cases", models.PositiveIntegerField(verbose_name="cases")),
                ("orders", models.PositiveIntegerField(verbose_name="orders")),
                ("limits", models.PositiveIntegerField(verbose_name="limits")),
                ("events", models.PositiveIntegerField(verbose_name="events")),
                ("differences", models.PositiveIntegerField(verbose_name="differences")),
                ("first", models.JSONField(blank=True, default=list, verbose_name="first differences")),
            ],
            options={
                "verbose_name": "verification",
                "verbose_name_plural": "verifications",
                "ordering": ["-id"],
            },
        ),
    ]
