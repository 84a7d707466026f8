"""Legal entities compared by one key, with the names they bore before; the database's own guard compares them so.

What was cleared under another name than the seller's present one becomes a former name: nobody leaves a bar by
this migration.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from sellers.legal_names import entity_key

BORNE = """
CREATE OR REPLACE FUNCTION sellers_names_borne(account bigint, begins_at timestamptz, ends_at timestamptz)
RETURNS SETOF varchar LANGUAGE sql STABLE AS $$
    SELECT entity_key FROM sellers_seller
    WHERE id = account AND (named_since IS NULL OR named_since <= ends_at)
    UNION
    SELECT entity_key FROM sellers_formerlegalname
    WHERE seller_id = account AND (since IS NULL OR since <= ends_at) AND begins_at <= until
$$
"""
GUARD = """
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


def compare_by_key(apps: Any, _schema_editor: Any) -> None:
    """Give every seller its key, and those cleared under an earlier name that name."""
    seller_model = apps.get_model("sellers", "Seller")
    for seller in seller_model.objects.iterator():
        seller_model.objects.filter(pk=seller.pk).update(entity_key=entity_key(seller.legal_name))
    cleared = apps.get_model("sellers", "Enrolment").objects.filter(state="cleared").exclude(cleared_entity="")
    for enrolment in cleared.select_related("seller").iterator():
        key = entity_key(enrolment.cleared_entity)
        if key != entity_key(enrolment.seller.legal_name):
            apps.get_model("sellers", "FormerLegalName").objects.create(
                seller_id=enrolment.seller_id,
                legal_name=enrolment.cleared_entity,
                entity_key=key,
                until=enrolment.cleared_at,
            )


def guard_by_key(_apps: Any, schema_editor: Any) -> None:
    """On PostgreSQL the trigger that refuses an active enrolment under a bar compares keys from now on."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BORNE)
        schema_editor.execute(GUARD)


class Migration(migrations.Migration):
    dependencies = [("sellers", "0008_what_an_application_states")]

    operations = [
        migrations.RemoveIndex(model_name="seller", name="seller_legal_entity"),
        migrations.AddField(
            model_name="seller",
            name="entity_key",
            field=models.CharField(
                db_index=True,
                default="",
                editable=False,
                max_length=200,
                verbose_name="legal entity compared",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="seller",
            name="named_since",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="so named since"),
        ),
        migrations.CreateModel(
            name="FormerLegalName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("legal_name", models.CharField(max_length=200, verbose_name="legal entity")),
                ("entity_key", models.CharField(db_index=True, max_length=200, verbose_name="legal entity compared")),
                ("since", models.DateTimeField(blank=True, null=True, verbose_name="so named since")),
                ("until", models.DateTimeField(verbose_name="so named until")),
                (
                    "seller",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="former_legal_names",
                        to="sellers.seller",
                    ),
                ),
            ],
            options={
                "verbose_name": "former legal name",
                "verbose_name_plural": "former legal names",
                "ordering": ["-until", "-id"],
            },
        ),
        migrations.RunPython(compare_by_key, migrations.RunPython.noop),
        migrations.RunPython(guard_by_key, migrations.RunPython.noop),
    ]
