"""On PostgreSQL the database itself refuses an active enrolment that was applied for under the entity's own bar.

The action's check does the same on SQLite, and everywhere for the bars of affiliates: whether an edition lets a bar
reach them is no column.
"""

from typing import Any

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION sellers_refuse_barred() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM sellers_enrolment cleared
        JOIN sellers_seller theirs ON theirs.id = cleared.seller_id
        JOIN sellers_seller own ON own.id = NEW.seller_id
        WHERE cleared.id <> NEW.id AND cleared.state = 'cleared'
        AND (own.id = theirs.id OR lower(own.legal_name) IN (lower(theirs.legal_name), lower(cleared.cleared_entity)))
        AND NEW.applied_at BETWEEN cleared.cleared_at AND cleared.bar_ends_at
    ) THEN
        RAISE EXCEPTION 'an enrolment applied for under a bar cannot be active'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER no_active_enrolment_under_a_bar BEFORE INSERT OR UPDATE ON sellers_enrolment
FOR EACH ROW WHEN (NEW.state = 'active') EXECUTE FUNCTION sellers_refuse_barred()
"""
DROP = "DROP TRIGGER no_active_enrolment_under_a_bar ON sellers_enrolment"
DROP_FUNCTION = "DROP FUNCTION sellers_refuse_barred()"


def _on_postgresql(*statements: str) -> Any:
    def run(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("sellers", "0006_evidence_of_commitments")]

    operations = [migrations.RunPython(_on_postgresql(FUNCTION, TRIGGER), _on_postgresql(DROP, DROP_FUNCTION))]
