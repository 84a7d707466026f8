"""Edition 1, in force from 2021-12-27 (5.2)."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from zestech_aftersales.rulebook.first_edition import restore_first_edition


def write(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    restore_first_edition(using=schema_editor.connection.alias, apps=apps)


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0001_initial")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
