"""What PostgreSQL itself refuses: marks of one product that overlap, an active enrolment under a bar.

SQLite has neither exclusion constraints nor such triggers; there one writer at a time and the action's check do it.
The bars of affiliates are the action's check everywhere: whether an edition lets a bar reach them is no column.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# int8range stands for the plain product number, which GiST could compare only with an extension.
MARKS_NEVER_OVERLAP = """
ALTER TABLE sellers_markperiod ADD CONSTRAINT marks_never_overlap
EXCLUDE USING gist (int8range(product_id, product_id, '[]') WITH &&, tstzrange(begins_at, ends_at, '[]') WITH &&)
"""
NAMES_BORNE = """
CREATE OR REPLACE FUNCTION sellers_names_borne(account bigint, begins_at timestamptz, ends_at timestamptz)
RETURNS SETOF varchar LANGUAGE sql STABLE AS $$
    SELECT entity_key FROM sellers_seller
    WHERE id = account AND (named_since IS NULL OR named_since <= ends_at)
    UNION
    SELECT entity_key FROM sellers_formerlegalname
    WHERE seller_id = account AND (since IS NULL OR since <= ends_at) AND begins_at <= until
$$
"""
REFUSE_BARRED = """
CREATE OR REPLACE FUNCTION sellers_refuse_barred() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM sellers_enrolment cleared
        WHERE cleared.id <> NEW.id AND cleared.state = 'cleared'
        AND NEW.applied_at BETWEEN cleared.cleared_at AND cleared.bar_ends_at
        AND (cleared.seller_id = NEW.seller_id OR EXISTS (
            SELECT sellers_names_borne(cleared.seller_id, cleared.cleared_at, NEW.applied_at)
            INTERSECT SELECT sellers_names_borne(NEW.seller_id, cleared.cleared_at, NEW.applied_at)
        ))
    ) THEN
        RAISE EXCEPTION 'an enrolment applied for under a bar cannot be active'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""
NO_ACTIVE_ENROLMENT_UNDER_A_BAR = """
CREATE TRIGGER no_active_enrolment_under_a_bar BEFORE INSERT OR UPDATE ON sellers_enrolment
FOR EACH ROW WHEN (NEW.state = 'active') EXECUTE FUNCTION sellers_refuse_barred()
"""
MAKE = (MARKS_NEVER_OVERLAP, NAMES_BORNE, REFUSE_BARRED, NO_ACTIVE_ENROLMENT_UNDER_A_BAR)
DROP = (
    "DROP TRIGGER no_active_enrolment_under_a_bar ON sellers_enrolment",
    "DROP FUNCTION sellers_refuse_barred()",
    "DROP FUNCTION sellers_names_borne(bigint, timestamptz, timestamptz)",
    "ALTER TABLE sellers_markperiod DROP CONSTRAINT marks_never_overlap",
)


def _make(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _run(schema_editor, MAKE)


def _drop(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _run(schema_editor, DROP)


def _run(schema_editor: BaseDatabaseSchemaEditor, statements: tuple[str, ...]) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement)


def guards() -> migrations.RunPython:
    """The operation of a migration that makes them, on PostgreSQL only."""
    return migrations.RunPython(_make, _drop)
