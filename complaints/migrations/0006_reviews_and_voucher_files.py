"""A review takes the ground from a violation; each head of a loss has the file of its bill."""

import django.db.models.deletion
from django.db import migrations, models

import complaints.models.loss


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0001_all_tables"),
    ]

    operations = [
        migrations.AlterField(
            model_name="lossitem",
            name="voucher",
            field=models.CharField(help_text="Number of the bill it rests on.", max_length=200, verbose_name="voucher"),
        ),
        migrations.AlterField(
            model_name="violation",
            name="dismissal",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_proven", "not proven"),
                    ("excused", "excused"),
                    ("rescinded", "the answer was in time after all"),
                    ("duplicate", "the same breach is judged already"),
                    ("minor", "no breach of these rules"),
                    ("no_duty", "the cover had ended: nothing was owed"),
                    ("reviewed", "the complaint that it rested on was decided otherwise on review"),
                ],
                max_length=12,
                verbose_name="dismissed as",
            ),
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "file",
                    models.FileField(
                        max_length=200, upload_to=complaints.models.loss.stored_under, verbose_name="file"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("content_type", models.CharField(max_length=60, verbose_name="content type")),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64)),
                ("received_at", models.DateTimeField(verbose_name="received")),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="vouchers", to="complaints.lossclaim"
                    ),
                ),
            ],
            options={
                "verbose_name": "voucher",
                "verbose_name_plural": "vouchers",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="lossitem",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="complaints.voucher",
                verbose_name="file of the voucher",
            ),
        ),
    ]
