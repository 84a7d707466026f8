"""On PostgreSQL the database itself refuses overlapping mark periods of one product.

SQLite has no exclusion constraints; there one writer at a time and the action's check do it.
"""

from typing import Any

from django.db import migrations

# int8range stands for the plain product number, which GiST could compare only with an extension.
ADD = """
ALTER TABLE sellers_markperiod ADD CONSTRAINT marks_never_overlap
EXCLUDE USING gist (int8range(product_id, product_id, '[]') WITH &&, tstzrange(begins_at, ends_at, '[]') WITH &&)
"""
DROP = "ALTER TABLE sellers_markperiod DROP CONSTRAINT marks_never_overlap"


def _on_postgresql(statement: str) -> Any:
    def run(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("sellers", "0001_first_tables")]

    operations = [migrations.RunPython(_on_postgresql(ADD), _on_postgresql(DROP))]
