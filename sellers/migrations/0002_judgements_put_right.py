"""An auditor puts a judgement right: when, why, and a term read the wrong way round beside the right one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sellers", "0001_all_tables")]

    operations = [
        migrations.RemoveConstraint(model_name="term", name="one_term_says_it_once"),
        migrations.AddField(
            model_name="sellercommitment",
            name="put_right_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="judgement put right"),
        ),
        migrations.AddField(
            model_name="sellercommitment",
            name="put_right_reason",
            field=models.TextField(blank=True, verbose_name="why it was put right"),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.UniqueConstraint(
                fields=("commitment", "dimension", "value", "excludes"), name="one_term_says_it_once"
            ),
        ),
    ]
