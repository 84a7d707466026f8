"""What each keeps for himself at the desk, and who may read what for how long."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zestech_aftersales.tables import CreateTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            tables=[
                migrations.CreateModel(
                    name="ReadingAccess",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.TextField(verbose_name="reason")),
                        ("opened_at", models.DateTimeField(verbose_name="opened")),
                        ("ends_at", models.DateTimeField(verbose_name="ends")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed before")),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reading access",
                        "verbose_name_plural": "reading accesses",
                        "ordering": ["-id"],
                        "indexes": [models.Index(fields=["person", "-id"], name="desk_access_of_person")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("opened_at"))), name="desk_access_ends"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedFilter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("list", models.CharField(max_length=100, verbose_name="list")),
                        ("query", models.CharField(blank=True, max_length=2000, verbose_name="filter")),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        ("saved_at", models.DateTimeField(verbose_name="saved")),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="saved_filters",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "saved filter",
                        "verbose_name_plural": "saved filters",
                        "ordering": ["list", "name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("owner", "list", "name"),
                                name="desk_filter_name_once",
                                violation_error_message="You have a filter of this name already.",
                            )
                        ],
                    },
                ),
            ]
        )
    ]
