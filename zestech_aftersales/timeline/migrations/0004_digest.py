from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("timeline", "0003_verification")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="in_digest",
            field=models.BooleanField(db_default=False, default=False, verbose_name="in the digest"),
        ),
    ]
