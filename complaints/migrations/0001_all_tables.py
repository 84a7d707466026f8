"""All tables of this app."""

from decimal import Decimal

import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

import complaints.models.loss
import zestech_aftersales.tables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("cases", "0001_all_tables"),
        ("sellers", "0001_all_tables"),
        ("timeline", "0006_verification_counts_what_is_judged"),
    ]

    operations = [
        zestech_aftersales.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="AuditDraw",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("month", models.DateField(verbose_name="month")),
                        ("seed", models.CharField(max_length=64, verbose_name="seed")),
                        ("random_size", models.PositiveSmallIntegerField(verbose_name="drawn at random")),
                        ("risk_size", models.PositiveSmallIntegerField(verbose_name="drawn by risk")),
                        (
                            "population",
                            models.JSONField(
                                encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="drawn from"
                            ),
                        ),
                        (
                            "population_hash",
                            models.CharField(max_length=64, verbose_name="hash of what it was drawn from"),
                        ),
                        ("drawn_at", models.DateTimeField(verbose_name="drawn")),
                    ],
                    options={
                        "verbose_name": "audit sample",
                        "verbose_name_plural": "audit samples",
                        "ordering": ["-month"],
                        "constraints": [models.UniqueConstraint(fields=("month",), name="one_sample_a_month")],
                    },
                ),
                migrations.CreateModel(
                    name="Audit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="audits", to="sellers.seller"
                            ),
                        ),
                        (
                            "draw",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="audits",
                                to="complaints.auditdraw",
                            ),
                        ),
                        (
                            "part",
                            models.CharField(
                                choices=[
                                    ("random", "drawn at random"),
                                    ("risk", "drawn by risk"),
                                    ("cause", "opened for a reason"),
                                ],
                                max_length=8,
                                verbose_name="part",
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("open", "open"), ("no_finding", "no finding"), ("findings", "findings")],
                                default="open",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("cause", models.TextField(blank=True, verbose_name="reason")),
                        ("opened_at", models.DateTimeField(verbose_name="opened")),
                        (
                            "opened_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="opened by",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="auditor",
                            ),
                        ),
                        ("notified_at", models.DateTimeField(blank=True, null=True, verbose_name="seller notified")),
                        ("answer", models.TextField(blank=True, verbose_name="the seller’s answer")),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="closed by",
                            ),
                        ),
                        ("result", models.TextField(blank=True, verbose_name="result")),
                    ],
                    options={
                        "verbose_name": "audit",
                        "verbose_name_plural": "audits",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(fields=["seller", "-id"], name="complaints__seller__767d19_idx"),
                            models.Index(fields=["state", "opened_at"], name="complaints__state_951f32_idx"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("draw", "seller"), name="once_in_a_sample")],
                    },
                ),
                migrations.CreateModel(
                    name="AuditItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "audit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="items", to="complaints.audit"
                            ),
                        ),
                        ("clause", models.CharField(max_length=8, verbose_name="clause")),
                        (
                            "question",
                            models.CharField(
                                choices=[
                                    ("figures", "Do the figures show service as the mark promises it?"),
                                    ("answered", "Was the request answered effectively and within its limits?"),
                                    ("visited", "Was the visit confirmed within its limit, and did somebody come?"),
                                    (
                                        "promised",
                                        "Was what the seller promised beyond the rules kept, and nothing narrowed?",
                                    ),
                                    ("refused", "Was service owed inside the cover given and not refused?"),
                                    ("told", "Were the four service terms told before the appointment was confirmed?"),
                                ],
                                max_length=10,
                                verbose_name="what is looked at",
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.serviceappointment",
                            ),
                        ),
                        ("fact", models.CharField(blank=True, max_length=64, verbose_name="fact of the case")),
                        (
                            "evidence",
                            models.JSONField(
                                encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="evidence"
                            ),
                        ),
                        ("evidence_hash", models.CharField(max_length=64, verbose_name="hash of the evidence")),
                        ("frozen_at", models.DateTimeField(verbose_name="frozen")),
                        (
                            "verdict",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "not looked at yet"),
                                    ("in_order", "in order"),
                                    ("breach", "breach"),
                                    ("not_applicable", "does not apply"),
                                ],
                                max_length=14,
                                verbose_name="finding",
                            ),
                        ),
                        ("note", models.TextField(blank=True, verbose_name="note")),
                        (
                            "found_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("found_at", models.DateTimeField(blank=True, null=True, verbose_name="found")),
                        ("occurred_at", models.DateTimeField(blank=True, null=True, verbose_name="breach took effect")),
                        (
                            "violation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="audit_items",
                                to="complaints.violation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "line of the checklist",
                        "verbose_name_plural": "lines of the checklist",
                        "ordering": ["audit_id", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Violation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="violations",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("candidate", "candidate"),
                                    ("notified", "notified, the seller is heard"),
                                    ("confirmed", "confirmed"),
                                    ("dismissed", "dismissed"),
                                    ("appealed", "appealed"),
                                    ("upheld", "upheld"),
                                    ("overturned", "overturned"),
                                ],
                                default="candidate",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("missed_limit", "missed limit"),
                                    ("express_refusal", "express refusal inside the cover"),
                                    ("no_show", "seller did not come"),
                                    ("complaint", "found by a complaint"),
                                    ("audit", "found by an audit"),
                                ],
                                max_length=16,
                                verbose_name="kind",
                            ),
                        ),
                        ("clause", models.CharField(max_length=8, verbose_name="clause")),
                        ("breach", models.CharField(max_length=64, verbose_name="breach")),
                        (
                            "appointment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="violations",
                                to="cases.serviceappointment",
                            ),
                        ),
                        ("finding", models.TextField(blank=True, verbose_name="finding")),
                        ("occurred_at", models.DateTimeField(verbose_name="breach took effect")),
                        ("cured_at", models.DateTimeField(blank=True, null=True, verbose_name="cured")),
                        ("opened_at", models.DateTimeField(verbose_name="opened")),
                        (
                            "opened_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="opened by",
                            ),
                        ),
                        ("notified_at", models.DateTimeField(blank=True, null=True, verbose_name="seller notified")),
                        ("answer", models.TextField(blank=True, verbose_name="the seller’s answer")),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                        (
                            "judged_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="judged by",
                            ),
                        ),
                        ("judged_at", models.DateTimeField(blank=True, null=True, verbose_name="judged")),
                        ("reason", models.TextField(blank=True, verbose_name="reasons")),
                        (
                            "dismissal",
                            models.CharField(
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
                        ("appeal", models.TextField(blank=True, verbose_name="appeal")),
                        ("appealed_at", models.DateTimeField(blank=True, null=True, verbose_name="appealed")),
                        (
                            "appeal_decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="appeal decided by",
                            ),
                        ),
                        (
                            "appeal_decided_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="appeal decided"),
                        ),
                        (
                            "appeal_reason",
                            models.TextField(blank=True, verbose_name="reasons of the decision on the appeal"),
                        ),
                        (
                            "groundless_since",
                            models.DateTimeField(blank=True, null=True, verbose_name="without ground since"),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="assigned to",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "violation",
                        "verbose_name_plural": "violations",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(fields=["seller", "state", "-id"], name="complaints__seller__9750e6_idx"),
                            models.Index(fields=["state", "opened_at"], name="complaints__state_5dd82d_idx"),
                            models.Index(
                                condition=models.Q(("groundless_since__isnull", False)),
                                fields=["groundless_since"],
                                name="violation_groundless",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("breach",), name="one_violation_of_a_breach"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("judged_by", None),
                                    ("opened_by", None),
                                    models.Q(("judged_by", models.F("opened_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="violation_judged_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("appeal_decided_by", None),
                                    models.Q(
                                        models.Q(("appeal_decided_by", models.F("judged_by")), _negated=True),
                                        models.Q(
                                            ("opened_by", None),
                                            models.Q(("appeal_decided_by", models.F("opened_by")), _negated=True),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="violation_appeal_by_a_third",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Clearance",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clearances",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clearances",
                                to="sellers.enrolment",
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("proposed", "proposed"),
                                    ("declined", "declined"),
                                    ("in_force", "in force"),
                                    ("under_review", "in force, reviewed by its two auditors"),
                                    ("lifted", "lifted"),
                                ],
                                default="proposed",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("reason", models.TextField(verbose_name="reasons")),
                        (
                            "decision",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="timeline.decision"
                            ),
                        ),
                        ("proposed_at", models.DateTimeField(verbose_name="proposed")),
                        ("cleared_at", models.DateTimeField(blank=True, null=True, verbose_name="cleared")),
                        (
                            "review_since",
                            models.DateTimeField(blank=True, null=True, verbose_name="under review since"),
                        ),
                        (
                            "review_decision",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="timeline.decision",
                                verbose_name="review",
                            ),
                        ),
                        (
                            "review_outcome",
                            models.CharField(
                                blank=True,
                                choices=[("stands", "it stands"), ("lifted", "it is lifted")],
                                max_length=8,
                                verbose_name="proposed in the review",
                            ),
                        ),
                        ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted")),
                        ("lifted_because", models.TextField(blank=True, verbose_name="lifted because")),
                        (
                            "violations",
                            models.ManyToManyField(
                                related_name="clearances", to="complaints.violation", verbose_name="violations"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "clearance",
                        "verbose_name_plural": "clearances",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["proposed", "in_force", "under_review"])),
                                fields=("enrolment",),
                                name="one_clearance_of_an_enrolment",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClearanceEffect",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "clearance",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="effects",
                                to="complaints.clearance",
                            ),
                        ),
                        (
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clearance_effects",
                                to="sellers.enrolment",
                            ),
                        ),
                        (
                            "state_before",
                            models.CharField(
                                choices=[
                                    ("applied", "applied"),
                                    ("active", "active"),
                                    ("rejected", "rejected"),
                                    ("withdrawn", "withdrawn"),
                                    ("cleared", "cleared"),
                                ],
                                max_length=16,
                                verbose_name="state before",
                            ),
                        ),
                        (
                            "marks",
                            models.JSONField(
                                default=list,
                                encoder=django.core.serializers.json.DjangoJSONEncoder,
                                verbose_name="marks ended",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "effect of a clearance",
                        "verbose_name_plural": "effects of clearances",
                        "ordering": ["clearance_id", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("clearance", "enrolment"), name="one_effect_on_an_enrolment"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Complaint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="complaints",
                                to="cases.servicecase",
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="complaints",
                                to="cases.serviceappointment",
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="complaints",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "buyer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("filed", "filed"),
                                    ("rejected", "not accepted"),
                                    ("negotiating", "negotiating"),
                                    ("settled", "settled"),
                                    ("escalated", "escalated to the platform"),
                                    ("evidence", "evidence asked for"),
                                    ("determined", "determined"),
                                    ("objected", "objection under review"),
                                    ("reviewed", "reviewed"),
                                    ("withdrawn", "withdrawn by the buyer"),
                                    ("closed", "closed"),
                                ],
                                default="filed",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("clause", models.CharField(max_length=8, verbose_name="clause")),
                        ("breach", models.CharField(blank=True, max_length=64, verbose_name="breach")),
                        ("breach_at", models.DateTimeField(verbose_name="breach took effect")),
                        ("statement", models.TextField(verbose_name="what happened")),
                        ("remedy", models.TextField(blank=True, verbose_name="what the buyer asks for")),
                        ("filed_at", models.DateTimeField(verbose_name="filed")),
                        (
                            "filed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("acceptance", models.JSONField(default=list, verbose_name="acceptance test")),
                        (
                            "negotiation_ends_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="negotiation until"),
                        ),
                        ("escalated_at", models.DateTimeField(blank=True, null=True, verbose_name="escalated")),
                        (
                            "officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="assigned to",
                            ),
                        ),
                        (
                            "violation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="complaints",
                                to="complaints.violation",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                        ("reason", models.TextField(blank=True, verbose_name="reason of the last step")),
                    ],
                    options={
                        "verbose_name": "complaint",
                        "verbose_name_plural": "complaints",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(fields=["buyer", "-id"], name="complaints__buyer_i_0d955f_idx"),
                            models.Index(fields=["seller", "-id"], name="complaints__seller__b1c35c_idx"),
                            models.Index(fields=["state", "filed_at"], name="complaints__state_da8274_idx"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Proposal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="complaints.complaint",
                            ),
                        ),
                        ("side", models.CharField(max_length=8, verbose_name="put by")),
                        (
                            "author",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("text", models.TextField(verbose_name="proposal")),
                        ("text_hash", models.CharField(max_length=64, verbose_name="hash of the text")),
                        ("put_at", models.DateTimeField(verbose_name="put")),
                        ("replaced_at", models.DateTimeField(blank=True, null=True, verbose_name="replaced")),
                        (
                            "buyer_accepted_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="accepted by the buyer"),
                        ),
                        (
                            "seller_accepted_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="accepted by the seller"),
                        ),
                    ],
                    options={
                        "verbose_name": "proposal",
                        "verbose_name_plural": "proposals",
                        "ordering": ["complaint_id", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("replaced_at", None)),
                                fields=("complaint", "side"),
                                name="one_proposal_of_a_side",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EvidenceRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence_requests",
                                to="complaints.complaint",
                            ),
                        ),
                        ("side", models.CharField(max_length=8, verbose_name="asked of")),
                        ("question", models.TextField(verbose_name="what is asked for")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("asked_at", models.DateTimeField(verbose_name="asked")),
                        (
                            "answer",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.message",
                            ),
                        ),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                    ],
                    options={
                        "verbose_name": "request for evidence",
                        "verbose_name_plural": "requests for evidence",
                        "ordering": ["complaint_id", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Determination",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="determinations",
                                to="complaints.complaint",
                            ),
                        ),
                        (
                            "liability",
                            models.CharField(
                                choices=[
                                    ("seller", "the seller is liable"),
                                    ("buyer", "the buyer is liable"),
                                    ("shared", "both are liable"),
                                    ("nobody", "nobody is liable"),
                                ],
                                max_length=8,
                                verbose_name="outcome",
                            ),
                        ),
                        ("reason", models.TextField(verbose_name="reasons")),
                        ("clauses", models.JSONField(default=list, verbose_name="clauses")),
                        ("topics", models.JSONField(blank=True, default=list, verbose_name="topics")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(verbose_name="decided")),
                        (
                            "reviews",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review",
                                to="complaints.determination",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "determination",
                        "verbose_name_plural": "determinations",
                        "ordering": ["-id"],
                        "indexes": [models.Index(fields=["complaint", "id"], name="complaints__complai_da0626_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Objection",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "determination",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="objection",
                                to="complaints.determination",
                            ),
                        ),
                        ("side", models.CharField(max_length=8, verbose_name="side")),
                        (
                            "author",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("text", models.TextField(verbose_name="objection")),
                        (
                            "evidence",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.message"
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="received")),
                    ],
                    options={
                        "verbose_name": "objection",
                        "verbose_name_plural": "objections",
                    },
                ),
                migrations.CreateModel(
                    name="JudgementDeadline",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("next_reminder_at", models.DateTimeField(blank=True, null=True, verbose_name="next reminder")),
                        (
                            "reminded_step",
                            models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="reminded of"),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("running", "running"),
                                    ("met", "met"),
                                    ("missed", "missed"),
                                    ("voided", "voided"),
                                ],
                                default="running",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("clause", models.CharField(max_length=8, verbose_name="clause")),
                        ("started_at", models.DateTimeField(verbose_name="started")),
                        ("amount", models.PositiveSmallIntegerField(verbose_name="amount")),
                        ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                        ("promised", models.CharField(blank=True, max_length=30, verbose_name="by commitment")),
                        (
                            "clock",
                            models.CharField(
                                choices=[
                                    ("hearing", "hearing of the seller"),
                                    ("appeal", "appeal"),
                                    ("auto_escalation", "negotiation before it escalates by itself"),
                                    ("evidence", "evidence"),
                                    ("objection", "objection"),
                                    ("loss_answer", "answer to the loss claim"),
                                ],
                                max_length=15,
                                verbose_name="clock",
                            ),
                        ),
                        (
                            "violation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deadlines",
                                to="complaints.violation",
                            ),
                        ),
                        (
                            "audit",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deadlines",
                                to="complaints.audit",
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deadlines",
                                to="complaints.complaint",
                            ),
                        ),
                        (
                            "evidence_request",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deadline",
                                to="complaints.evidencerequest",
                            ),
                        ),
                        (
                            "loss_claim",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deadlines",
                                to="complaints.lossclaim",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "limit of the judgement",
                        "verbose_name_plural": "limits of the judgement",
                        "ordering": ["id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "running")),
                                fields=["due_at"],
                                name="judgement_limit_running",
                            ),
                            models.Index(
                                condition=models.Q(("next_reminder_at__isnull", False), ("state", "running")),
                                fields=["next_reminder_at"],
                                name="judgement_limit_reminders",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("audit", None),
                                        ("complaint", None),
                                        ("evidence_request", None),
                                        ("loss_claim", None),
                                        ("violation__isnull", False),
                                    ),
                                    models.Q(
                                        ("audit__isnull", False),
                                        ("complaint", None),
                                        ("evidence_request", None),
                                        ("loss_claim", None),
                                        ("violation", None),
                                    ),
                                    models.Q(
                                        ("audit", None),
                                        ("complaint__isnull", False),
                                        ("evidence_request", None),
                                        ("loss_claim", None),
                                        ("violation", None),
                                    ),
                                    models.Q(
                                        ("audit", None),
                                        ("complaint", None),
                                        ("evidence_request__isnull", False),
                                        ("loss_claim", None),
                                        ("violation", None),
                                    ),
                                    models.Q(
                                        ("audit", None),
                                        ("complaint", None),
                                        ("evidence_request", None),
                                        ("loss_claim__isnull", False),
                                        ("violation", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="judgement_limit_of_one_thing",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JudgementReminder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("amount", models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="amount")),
                        ("step", models.PositiveSmallIntegerField(verbose_name="percent of the limit")),
                        (
                            "person",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="timeline.event",
                                verbose_name="event",
                            ),
                        ),
                        ("sent_at", models.DateTimeField(verbose_name="reminded")),
                        (
                            "limit",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="complaints.judgementdeadline",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder of the judgement",
                        "verbose_name_plural": "reminders of the judgement",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("limit", "amount", "step", "person"), name="judgement_limit_reminded_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LossClaim",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loss_claims",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "violation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loss_claims",
                                to="complaints.violation",
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("draft", "draft"),
                                    ("approved", "approved"),
                                    ("notified", "notified to the seller"),
                                    ("accepted", "accepted by the seller"),
                                    ("contested", "contested by the seller"),
                                    ("uncontested", "not contested"),
                                    ("adjusted", "adjusted"),
                                    ("final", "final"),
                                    ("recovered", "recovered"),
                                    ("written_off", "written off"),
                                    ("withdrawn", "withdrawn"),
                                ],
                                default="draft",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("reason", models.TextField(verbose_name="what it is about")),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("drafted_at", models.DateTimeField(verbose_name="drafted")),
                        (
                            "decision",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="timeline.decision",
                            ),
                        ),
                        ("notified_at", models.DateTimeField(blank=True, null=True, verbose_name="notified")),
                        ("answer", models.TextField(blank=True, verbose_name="the seller’s answer")),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                        ("was_contested", models.BooleanField(default=False, verbose_name="contested by the seller")),
                        ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="final")),
                        (
                            "ended_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="recovered, written off or withdrawn"
                            ),
                        ),
                        ("end_reason", models.TextField(blank=True, verbose_name="reason of the end")),
                        ("is_owed_back", models.BooleanField(default=False, verbose_name="owed back to the seller")),
                        ("paid_back_on", models.DateField(blank=True, null=True, verbose_name="paid back on")),
                        (
                            "paid_back_reference",
                            models.CharField(blank=True, max_length=200, verbose_name="reference of the repayment"),
                        ),
                    ],
                    options={
                        "verbose_name": "loss claim",
                        "verbose_name_plural": "loss claims",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(fields=["seller", "state", "-id"], name="complaints__seller__484ac6_idx")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Voucher",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="vouchers",
                                to="complaints.lossclaim",
                            ),
                        ),
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
                    ],
                    options={
                        "verbose_name": "voucher",
                        "verbose_name_plural": "vouchers",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="LossItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="complaints.lossclaim",
                            ),
                        ),
                        (
                            "head",
                            models.CharField(
                                choices=[
                                    ("attorney", "attorney fees"),
                                    ("transport", "transport fees"),
                                    ("notary", "notary fees"),
                                    ("other", "other"),
                                ],
                                max_length=10,
                                verbose_name="head",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=3,
                                max_digits=15,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.001"))],
                                verbose_name="amount",
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                max_length=3,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Z]{3}\\Z", "Three letters of ISO 4217, like CNY."
                                    )
                                ],
                                verbose_name="currency",
                            ),
                        ),
                        (
                            "voucher",
                            models.CharField(
                                help_text="Number of the bill it rests on.", max_length=200, verbose_name="voucher"
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="complaints.voucher",
                                verbose_name="file of the voucher",
                            ),
                        ),
                        ("note", models.TextField(verbose_name="how the breach caused it")),
                        (
                            "adjusted_amount",
                            models.DecimalField(
                                blank=True, decimal_places=3, max_digits=15, null=True, verbose_name="adjusted to"
                            ),
                        ),
                        ("adjusted_reason", models.TextField(blank=True, verbose_name="reason of the adjustment")),
                    ],
                    options={
                        "verbose_name": "head of a loss",
                        "verbose_name_plural": "heads of losses",
                        "ordering": ["claim_id", "id"],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="loss_is_positive")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InternalNote",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("subject", models.CharField(max_length=64, verbose_name="about")),
                        ("text", models.TextField(verbose_name="note")),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("written_at", models.DateTimeField(verbose_name="written")),
                    ],
                    options={
                        "verbose_name": "internal note",
                        "verbose_name_plural": "internal notes",
                        "ordering": ["id"],
                        "indexes": [models.Index(fields=["subject", "id"], name="complaints__subject_2abc1f_idx")],
                    },
                ),
            ],
        ),
    ]
