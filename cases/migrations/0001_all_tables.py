"""All tables of this app."""

import django.core.validators
import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

import cases.models.case
import cases.validators
import zestech_aftersales.tables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("rulebook", "0002_first_edition"),
        ("sellers", "0001_all_tables"),
        ("timeline", "0006_verification_counts_what_is_judged"),
    ]

    operations = [
        zestech_aftersales.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="ServiceAppointment",
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
                                related_name="appointments",
                                to="cases.servicecase",
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "buyer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("door", "Engineer to your door"),
                                    ("point", "Local service point"),
                                    ("remote", "Remote, by video"),
                                ],
                                max_length=10,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "service_type",
                            models.CharField(
                                choices=[
                                    ("video_guidance", "Video technical guidance"),
                                    ("installation", "Product installation"),
                                    ("debugging", "Program debugging"),
                                    ("fault_detection", "Fault detection"),
                                    ("parts_delivery", "Spare parts delivery"),
                                    ("parts_replacement", "Replacement of accessories"),
                                    ("local_service", "Other local service"),
                                ],
                                max_length=30,
                                verbose_name="service",
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("requested", "requested"),
                                    ("proposed", "offer made"),
                                    ("countered", "counter-offer made"),
                                    ("agreed", "agreed"),
                                    ("confirmed", "confirmed"),
                                    ("in_service", "in service"),
                                    ("completed", "completed"),
                                    ("refused", "refused"),
                                    ("deemed_refused", "deemed refused"),
                                    ("lapsed", "lapsed"),
                                    ("cancelled", "cancelled"),
                                    ("excluded", "excluded"),
                                ],
                                default="requested",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="request received")),
                        ("unit_serial", models.CharField(blank=True, max_length=80, verbose_name="unit")),
                        ("wish", models.TextField(blank=True, verbose_name="wish for the time")),
                        ("terms", models.JSONField(blank=True, default=dict, verbose_name="commitments that bind")),
                        (
                            "point",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sellers.servicepoint",
                            ),
                        ),
                        ("slot_starts_at", models.DateTimeField(blank=True, null=True, verbose_name="slot")),
                        ("address", models.CharField(blank=True, max_length=300, verbose_name="address")),
                        ("city", models.CharField(blank=True, max_length=120, verbose_name="city")),
                        ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                        ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                        ("next_due_at", models.DateTimeField(blank=True, null=True, verbose_name="next limit")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                        ("end_reason", models.CharField(blank=True, max_length=200, verbose_name="reason of the end")),
                        ("has_disclosure_gap", models.BooleanField(default=False, verbose_name="disclosure gap")),
                    ],
                    options={
                        "verbose_name": "service appointment",
                        "verbose_name_plural": "service appointments",
                        "indexes": [
                            models.Index(fields=["seller", "state", "next_due_at"], name="appointment_queue"),
                            models.Index(
                                condition=models.Q(("next_due_at__isnull", False)),
                                fields=["seller", "next_due_at", "id"],
                                name="appointment_next_limit",
                            ),
                            models.Index(fields=["buyer", "-id"], name="appointment_of_buyer"),
                            models.Index(
                                condition=models.Q(("state__in", ["refused", "deemed_refused"])),
                                fields=["ended_at", "state"],
                                name="appointment_refusals",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["requested", "proposed", "countered", "agreed", "confirmed", "in_service"],
                                    )
                                ),
                                fields=("case",),
                                name="one_open_appointment_per_case",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ServiceCase",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "cover",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="cases.cover"
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sellers.seller"
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
                                choices=[("open", "open"), ("resolved", "resolved"), ("closed", "closed")],
                                default="open",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("title", models.CharField(max_length=140, verbose_name="fault in a few words")),
                        ("description", models.TextField(blank=True, verbose_name="description")),
                        ("opened_at", models.DateTimeField(verbose_name="opened")),
                        (
                            "merged_into",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merged",
                                to="cases.servicecase",
                                verbose_name="merged into",
                            ),
                        ),
                        ("merged_at", models.DateTimeField(blank=True, null=True, verbose_name="merged")),
                    ],
                    options={
                        "verbose_name": "service case",
                        "verbose_name_plural": "service cases",
                        "indexes": [
                            models.Index(fields=["buyer", "-id"], name="cases_servi_buyer_i_314eec_idx"),
                            models.Index(fields=["seller", "-id"], name="cases_servi_seller__a34bdb_idx"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("merged_into", models.F("id")), _negated=True),
                                name="case_not_merged_into_itself",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("merged_at", None), ("merged_into", None)),
                                    models.Q(("merged_at__isnull", False), ("merged_into__isnull", False)),
                                    _connector="OR",
                                ),
                                name="case_merged_at_an_instant",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Message",
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
                                related_name="messages",
                                to="cases.servicecase",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("side", models.CharField(max_length=10, verbose_name="side")),
                        ("author_name", models.CharField(max_length=200, verbose_name="author")),
                        ("body", models.TextField(verbose_name="message")),
                        ("received_at", models.DateTimeField(verbose_name="received")),
                    ],
                    options={
                        "verbose_name": "message",
                        "verbose_name_plural": "messages",
                        "ordering": ["received_at", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Attachment",
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
                                related_name="attachments",
                                to="cases.servicecase",
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="cases.message",
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="cases.visit",
                            ),
                        ),
                        (
                            "file",
                            models.FileField(
                                max_length=200, upload_to=cases.models.case.stored_under, verbose_name="file"
                            ),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        ("content_type", models.CharField(max_length=60, verbose_name="content type")),
                        ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                        ("sha256", models.CharField(max_length=64)),
                        ("received_at", models.DateTimeField(verbose_name="received")),
                    ],
                    options={
                        "verbose_name": "attachment",
                        "verbose_name_plural": "attachments",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="Offer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="offers",
                                to="cases.serviceappointment",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("seller", "seller"), ("buyer", "buyer")],
                                default="seller",
                                max_length=10,
                                verbose_name="side",
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("standing", "standing"),
                                    ("replaced", "replaced"),
                                    ("accepted", "accepted"),
                                    ("flagged", "flagged"),
                                    ("held_reasonable", "held reasonable"),
                                    ("held_unreasonable", "held unreasonable"),
                                    ("void", "void"),
                                ],
                                default="standing",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("door", "Engineer to your door"),
                                    ("point", "Local service point"),
                                    ("remote", "Remote, by video"),
                                ],
                                max_length=10,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "service_type",
                            models.CharField(
                                choices=[
                                    ("video_guidance", "Video technical guidance"),
                                    ("installation", "Product installation"),
                                    ("debugging", "Program debugging"),
                                    ("fault_detection", "Fault detection"),
                                    ("parts_delivery", "Spare parts delivery"),
                                    ("parts_replacement", "Replacement of accessories"),
                                    ("local_service", "Other local service"),
                                ],
                                max_length=30,
                                verbose_name="service",
                            ),
                        ),
                        ("windows", models.JSONField(blank=True, default=list, verbose_name="visit windows")),
                        ("next_step", models.CharField(blank=True, max_length=300, verbose_name="next step")),
                        (
                            "next_step_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="date of the next step"),
                        ),
                        ("contact_name", models.CharField(blank=True, max_length=120, verbose_name="named person")),
                        (
                            "engineer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sellers.engineer",
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sellers.servicepoint",
                            ),
                        ),
                        ("video_url", models.URLField(blank=True, max_length=500, verbose_name="video link")),
                        ("plan", models.TextField(blank=True, verbose_name="plan")),
                        ("parts", models.CharField(blank=True, max_length=300, verbose_name="parts")),
                        (
                            "price_amount",
                            models.DecimalField(decimal_places=2, default=0, max_digits=10, verbose_name="price"),
                        ),
                        ("price_currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                        ("price_terms", models.CharField(blank=True, max_length=300, verbose_name="price terms")),
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="received")),
                        ("is_late", models.BooleanField(default=False, verbose_name="late")),
                        (
                            "accepted_window",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="accepted window"),
                        ),
                    ],
                    options={
                        "verbose_name": "offer",
                        "verbose_name_plural": "offers",
                        "ordering": ["id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "flagged")), fields=["received_at"], name="offer_flagged"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["standing", "flagged", "held_reasonable"])),
                                fields=("appointment",),
                                name="one_standing_offer_per_appointment",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChatPromise",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="promises", to="cases.message"
                            ),
                        ),
                        (
                            "commitment",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sellers.sellercommitment",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("seller", "seller"), ("buyer", "buyer")],
                                max_length=10,
                                verbose_name="recorded by",
                            ),
                        ),
                        ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                    ],
                    options={
                        "verbose_name": "promise in a conversation",
                        "verbose_name_plural": "promises in conversations",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("message", "side"), name="each_side_reports_a_message_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Cover",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "line",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="cover", to="cases.orderline"
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="covers", to="cases.order"
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sellers.seller"
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
                                    ("not_covered", "not covered"),
                                    ("pending", "waiting for payment"),
                                    ("active", "active"),
                                    ("restricted", "restricted"),
                                    ("void", "void"),
                                    ("waived", "waived"),
                                ],
                                default="pending",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "unmarked",
                                        "The product did not bear the after-sales service mark when it was ordered.",
                                    ),
                                    ("before_rules", "The order was paid before the rules took effect."),
                                    ("order_cancelled", "The order was cancelled before it was paid."),
                                ],
                                max_length=20,
                                verbose_name="reason",
                            ),
                        ),
                        ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="begins")),
                        ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
                        ("unit_serial", models.CharField(blank=True, max_length=80, verbose_name="unit")),
                        (
                            "edition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rulebook.ruleedition"
                            ),
                        ),
                        ("snapshot", models.JSONField(default=dict, verbose_name="as it stood at placement")),
                    ],
                    options={
                        "verbose_name": "cover",
                        "verbose_name_plural": "covers",
                        "indexes": [
                            models.Index(fields=["buyer", "-id"], name="cases_cover_buyer_i_b45b9a_idx"),
                            models.Index(fields=["seller", "-id"], name="cases_cover_seller__59ce42_idx"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReminderSent",
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
                            "deadline",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="cases.deadline",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder",
                        "verbose_name_plural": "reminders",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("deadline", "amount", "step", "person"), name="reminded_once_of_a_step"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SignOffReminder",
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
                            "sign_off",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="cases.signoff",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder of a sign-off",
                        "verbose_name_plural": "reminders of sign-offs",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("sign_off", "amount", "step", "person"), name="sign_off_reminded_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProofReminder",
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
                            "claim",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="cases.exclusionclaim",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder of a proof",
                        "verbose_name_plural": "reminders of proofs",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("claim", "amount", "step", "person"), name="proof_reminded_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RestrictionReminder",
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
                            "restriction",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="cases.restriction",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder of a restriction",
                        "verbose_name_plural": "reminders of restrictions",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("restriction", "amount", "step", "person"), name="restriction_reminded_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VisitReminder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="cases.visit",
                            ),
                        ),
                        (
                            "step",
                            models.CharField(
                                choices=[("check_in", "check-in"), ("report", "report")],
                                max_length=8,
                                verbose_name="of what",
                            ),
                        ),
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
                    ],
                    options={
                        "verbose_name": "reminder of a visit",
                        "verbose_name_plural": "reminders of visits",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("visit", "step", "person"), name="visit_reminded_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Deadline",
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
                            "appointment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deadlines",
                                to="cases.serviceappointment",
                            ),
                        ),
                        (
                            "clock",
                            models.CharField(
                                choices=[
                                    ("response", "effective response"),
                                    ("confirmation", "confirmation of the visit"),
                                    ("solution", "solution"),
                                    ("counter", "answer to the counter-offer"),
                                    ("new_date", "new date"),
                                    ("buyer_silence", "buyer’s decision"),
                                    ("offer_ruling", "ruling on the offer"),
                                ],
                                max_length=15,
                                verbose_name="clock",
                            ),
                        ),
                        (
                            "state_before",
                            models.CharField(blank=True, max_length=20, verbose_name="state before the miss"),
                        ),
                        (
                            "voided_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="siblings",
                                to="cases.deadline",
                            ),
                        ),
                        (
                            "agreed_from",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="agreed instead of"),
                        ),
                    ],
                    options={
                        "verbose_name": "deadline",
                        "verbose_name_plural": "deadlines",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "running")), fields=["due_at"], name="deadline_running"
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ["met", "missed"])),
                                fields=["ended_at", "state", "clock", "due_at"],
                                name="deadline_decided",
                            ),
                            models.Index(
                                condition=models.Q(("next_reminder_at__isnull", False), ("state", "running")),
                                fields=["next_reminder_at"],
                                name="deadline_reminders",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "running")),
                                fields=("appointment", "clock"),
                                name="one_running_clock_of_a_kind",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Pause",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "deadline",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="pauses", to="cases.deadline"
                            ),
                        ),
                        ("begins_at", models.DateTimeField(verbose_name="begins")),
                        ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
                        ("cause", models.CharField(max_length=60, verbose_name="cause")),
                        ("evidence", models.CharField(blank=True, max_length=200, verbose_name="evidence")),
                        ("voided_at", models.DateTimeField(blank=True, null=True, verbose_name="voided")),
                    ],
                    options={
                        "verbose_name": "pause",
                        "verbose_name_plural": "pauses",
                        "ordering": ["begins_at", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="ExclusionClaim",
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
                            "appointment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="claims",
                                to="cases.serviceappointment",
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("filed", "filed"),
                                    ("proof_pending", "proof awaited"),
                                    ("in_review", "in review"),
                                    ("granted", "granted"),
                                    ("partly_granted", "granted in part"),
                                    ("rejected", "rejected"),
                                    ("lapsed", "lapsed without proof"),
                                    ("withdrawn", "withdrawn"),
                                    ("revoked", "grant revoked"),
                                ],
                                default="filed",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "ground",
                            models.CharField(
                                choices=[
                                    ("buyer_reason", "the buyer’s reasons"),
                                    ("force_majeure", "force majeure"),
                                    ("abuse", "abuse of this request"),
                                ],
                                max_length=15,
                                verbose_name="ground",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("typhoon", "typhoon"),
                                    ("torrential_rain", "torrential rain"),
                                    ("hail", "hail"),
                                    ("earthquake", "earthquake"),
                                    ("tsunami", "tsunami"),
                                    ("flood", "flood"),
                                    ("volcanic_eruption", "volcanic eruption"),
                                    ("landslide", "landslide"),
                                    ("other_disaster", "another natural disaster"),
                                    ("war", "war or armed conflict"),
                                    ("riot", "riot"),
                                    ("fire", "fire"),
                                    ("explosion", "explosion"),
                                    ("toxic_leak", "leak of toxic substances"),
                                    ("epidemic", "serious epidemic"),
                                    ("other_event", "another abnormal event"),
                                    ("control", "government control"),
                                    ("ban", "government ban"),
                                    ("expropriation", "expropriation or requisition"),
                                    ("other_act", "another act of government"),
                                ],
                                max_length=20,
                                verbose_name="kind of event",
                            ),
                        ),
                        ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                        ("begins_at", models.DateTimeField(blank=True, null=True, verbose_name="event began")),
                        ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="event ended")),
                        ("duties", models.JSONField(blank=True, default=list, verbose_name="duties it stops")),
                        ("is_provisional", models.BooleanField(default=False, verbose_name="paused provisionally")),
                        (
                            "declared",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="claims",
                                to="cases.declaredevent",
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.visit",
                            ),
                        ),
                        (
                            "filed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("filed_at", models.DateTimeField(verbose_name="filed")),
                        ("proof_due_at", models.DateTimeField(blank=True, null=True, verbose_name="proof due")),
                        ("code", models.CharField(blank=True, max_length=30, verbose_name="code")),
                        ("granted_begins_at", models.DateTimeField(blank=True, null=True, verbose_name="granted from")),
                        ("granted_ends_at", models.DateTimeField(blank=True, null=True, verbose_name="granted until")),
                        ("granted_duties", models.JSONField(blank=True, default=list, verbose_name="duties granted")),
                        (
                            "excluded_from",
                            models.CharField(blank=True, max_length=20, verbose_name="state before the exclusion"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                        ("reason", models.TextField(blank=True, verbose_name="reason of the decision")),
                    ],
                    options={
                        "verbose_name": "exclusion claim",
                        "verbose_name_plural": "exclusion claims",
                        "ordering": ["id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "proof_pending")),
                                fields=["proof_due_at"],
                                name="claim_proof_awaited",
                            ),
                            models.Index(
                                condition=models.Q(("state", "in_review")), fields=["filed_at"], name="claim_to_decide"
                            ),
                            models.Index(
                                condition=models.Q(("next_reminder_at__isnull", False), ("state", "proof_pending")),
                                fields=["next_reminder_at"],
                                name="claim_reminders",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by", None),
                                    ("filed_by", None),
                                    models.Q(("decided_by", models.F("filed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="claim_decided_by_another",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClaimProof",
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
                                related_name="proofs",
                                to="cases.exclusionclaim",
                            ),
                        ),
                        (
                            "message",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.message"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "proof",
                        "verbose_name_plural": "proofs",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="DeclaredEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("typhoon", "typhoon"),
                                    ("torrential_rain", "torrential rain"),
                                    ("hail", "hail"),
                                    ("earthquake", "earthquake"),
                                    ("tsunami", "tsunami"),
                                    ("flood", "flood"),
                                    ("volcanic_eruption", "volcanic eruption"),
                                    ("landslide", "landslide"),
                                    ("other_disaster", "another natural disaster"),
                                    ("war", "war or armed conflict"),
                                    ("riot", "riot"),
                                    ("fire", "fire"),
                                    ("explosion", "explosion"),
                                    ("toxic_leak", "leak of toxic substances"),
                                    ("epidemic", "serious epidemic"),
                                    ("other_event", "another abnormal event"),
                                    ("control", "government control"),
                                    ("ban", "government ban"),
                                    ("expropriation", "expropriation or requisition"),
                                    ("other_act", "another act of government"),
                                ],
                                max_length=20,
                                verbose_name="kind of event",
                            ),
                        ),
                        (
                            "country",
                            models.CharField(
                                help_text="Two letters, such as CN.", max_length=2, verbose_name="country"
                            ),
                        ),
                        (
                            "city",
                            models.CharField(
                                blank=True, help_text="Empty: the whole country.", max_length=120, verbose_name="city"
                            ),
                        ),
                        ("begins_at", models.DateTimeField(verbose_name="began")),
                        (
                            "ends_at",
                            models.DateTimeField(
                                blank=True, help_text="Empty while it still lasts.", null=True, verbose_name="ended"
                            ),
                        ),
                        ("duties", models.JSONField(default=list, verbose_name="duties it stops")),
                        (
                            "source",
                            models.TextField(help_text="Who says so, and where it can be read.", verbose_name="source"),
                        ),
                        (
                            "declared_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("declared_at", models.DateTimeField(verbose_name="declared")),
                    ],
                    options={
                        "verbose_name": "declared event",
                        "verbose_name_plural": "declared events",
                        "ordering": ["-id"],
                    },
                ),
                migrations.CreateModel(
                    name="Disclosure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disclosures",
                                to="cases.serviceappointment",
                            ),
                        ),
                        ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                        ("service_period", models.CharField(max_length=300, verbose_name="service period")),
                        ("number_of_services", models.CharField(max_length=300, verbose_name="number of services")),
                        ("service_scope", models.TextField(max_length=2000, verbose_name="service scope")),
                        ("charging_standard", models.TextField(max_length=2000, verbose_name="charging standard")),
                        (
                            "charges_at_most",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="charges at most"
                            ),
                        ),
                        ("charges_currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                        (
                            "given_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("given_at", models.DateTimeField(verbose_name="given to the buyer")),
                        (
                            "acknowledged_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="acknowledged by the buyer"),
                        ),
                    ],
                    options={
                        "verbose_name": "disclosure",
                        "verbose_name_plural": "disclosures",
                        "ordering": ["appointment_id", "version"],
                        "constraints": [
                            models.UniqueConstraint(fields=("appointment", "version"), name="disclosure_version_once"),
                            models.CheckConstraint(
                                condition=models.Q(("service_period", ""), _negated=True),
                                name="disclosure_has_service_period",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("number_of_services", ""), _negated=True),
                                name="disclosure_has_number_of_services",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("service_scope", ""), _negated=True),
                                name="disclosure_has_service_scope",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("charging_standard", ""), _negated=True),
                                name="disclosure_has_charging_standard",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DisclosureDoubt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "disclosure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="doubts",
                                to="cases.disclosure",
                                verbose_name="disclosure",
                            ),
                        ),
                        (
                            "item",
                            models.CharField(
                                choices=[
                                    ("service_period", "Service period"),
                                    ("number_of_services", "Number of services"),
                                    ("service_scope", "Service scope"),
                                    ("charging_standard", "Charging standard"),
                                ],
                                max_length=20,
                                verbose_name="item",
                            ),
                        ),
                        ("question", models.TextField(verbose_name="what is unclear")),
                        ("asked_at", models.DateTimeField(verbose_name="asked")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="asked by",
                            ),
                        ),
                        (
                            "cleared_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clears",
                                to="cases.disclosure",
                                verbose_name="cleared by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "unclear item",
                        "verbose_name_plural": "unclear items",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("cleared_by", None)),
                                fields=("disclosure", "item"),
                                name="one_open_doubt_of_an_item",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EditionDraft",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("drafted", "draft"),
                                    ("proposed", "proposed"),
                                    ("published", "published"),
                                    ("discarded", "discarded"),
                                ],
                                default="drafted",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("title", models.CharField(max_length=120, verbose_name="what it is to change")),
                        ("numbers", models.JSONField(verbose_name="numbers")),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="drafted by",
                            ),
                        ),
                        ("drafted_at", models.DateTimeField(verbose_name="drafted")),
                        ("effective_at", models.DateTimeField(blank=True, null=True, verbose_name="in force from")),
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
                        (
                            "edition",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="rulebook.ruleedition",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "draft edition",
                        "verbose_name_plural": "draft editions",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("edition__isnull", False), ("state", "published")),
                                    models.Q(
                                        models.Q(("state", "published"), _negated=True), ("edition__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="draft_published_has_edition",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LongerLimit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "deadline",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="longer_limits",
                                to="cases.deadline",
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("standing", "proposed"),
                                    ("replaced", "replaced"),
                                    ("accepted", "agreed"),
                                    ("declined", "declined"),
                                ],
                                default="standing",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("instead_of", models.PositiveSmallIntegerField(verbose_name="instead of")),
                        ("amount", models.PositiveSmallIntegerField(verbose_name="proposed length")),
                        ("reason", models.CharField(max_length=300, verbose_name="reason")),
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="received")),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                        ("answer", models.CharField(blank=True, max_length=300, verbose_name="answer")),
                    ],
                    options={
                        "verbose_name": "longer limit",
                        "verbose_name_plural": "longer limits",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "standing")),
                                fields=("deadline",),
                                name="one_standing_longer_limit_per_clock",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", models.F("instead_of"))),
                                name="a_longer_limit_is_longer",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Order",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.CharField(max_length=64, verbose_name="order number")),
                        (
                            "buyer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="orders",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("placed", "placed"),
                                    ("paid", "paid"),
                                    ("refunded", "refunded"),
                                    ("cancelled", "cancelled"),
                                ],
                                default="placed",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("placed_at", models.DateTimeField(verbose_name="placed")),
                        ("paid_at", models.DateTimeField(blank=True, null=True, verbose_name="fully paid")),
                        ("refunded_at", models.DateTimeField(blank=True, null=True, verbose_name="refunded")),
                        ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="cancelled")),
                        (
                            "protection",
                            models.CharField(
                                choices=[
                                    ("trade_assurance", "trade assurance"),
                                    ("bank_transfer", "bank transfer"),
                                    ("card", "card"),
                                    ("other", "other"),
                                ],
                                default="other",
                                max_length=20,
                                verbose_name="payment protection",
                            ),
                        ),
                        ("is_online", models.BooleanField(default=True, verbose_name="online order")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("total", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="total")),
                        (
                            "refunded_amount",
                            models.DecimalField(
                                decimal_places=2, default=0, max_digits=12, verbose_name="refunded amount"
                            ),
                        ),
                        ("ship_name", models.CharField(blank=True, max_length=200, verbose_name="recipient")),
                        ("ship_address", models.CharField(blank=True, max_length=300, verbose_name="address")),
                        ("ship_city", models.CharField(blank=True, max_length=120, verbose_name="city")),
                        ("ship_country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                        ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                        (
                            "edition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rulebook.ruleedition"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "order",
                        "verbose_name_plural": "orders",
                        "indexes": [
                            models.Index(fields=["buyer", "-placed_at"], name="cases_order_buyer_i_2c808f_idx")
                        ],
                        "constraints": [models.UniqueConstraint(fields=("number",), name="order_number_once")],
                    },
                ),
                migrations.CreateModel(
                    name="OrderLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="cases.order"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        (
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sellers.product"
                            ),
                        ),
                        ("title", models.CharField(max_length=255, verbose_name="title")),
                        ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
                        ("refunded_quantity", models.PositiveIntegerField(default=0, verbose_name="refunded quantity")),
                        (
                            "unit_price",
                            models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name="unit price"),
                        ),
                    ],
                    options={
                        "verbose_name": "order line",
                        "verbose_name_plural": "order lines",
                        "ordering": ["order_id", "position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("order", "position"), name="order_line_position_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Outage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("proposed", "proposed"),
                                    ("approved", "approved, being applied"),
                                    ("applied", "applied"),
                                    ("declined", "declined"),
                                ],
                                default="proposed",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("begins_at", models.DateTimeField(verbose_name="began")),
                        ("ends_at", models.DateTimeField(verbose_name="ended")),
                        ("reason", models.TextField(verbose_name="what failed, and how it is known")),
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
                    ],
                    options={
                        "verbose_name": "platform outage",
                        "verbose_name_plural": "platform outages",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "approved")), fields=["id"], name="outage_to_apply"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("begins_at"))), name="outage_has_length"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartsList",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts_lists",
                                to="cases.serviceappointment",
                            ),
                        ),
                        ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                        (
                            "given_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("given_at", models.DateTimeField(verbose_name="told to the buyer")),
                    ],
                    options={
                        "verbose_name": "parts list",
                        "verbose_name_plural": "parts lists",
                        "ordering": ["appointment_id", "version"],
                        "constraints": [
                            models.UniqueConstraint(fields=("appointment", "version"), name="parts_list_version_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ListedPart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        ("name", models.CharField(max_length=120, verbose_name="part")),
                        ("number", models.CharField(blank=True, max_length=60, verbose_name="part number")),
                        (
                            "quantity",
                            models.PositiveSmallIntegerField(
                                default=1,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="quantity",
                            ),
                        ),
                        (
                            "paid_by",
                            models.CharField(
                                choices=[("seller", "seller"), ("buyer", "buyer")],
                                default="seller",
                                max_length=6,
                                verbose_name="paid by",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2, default=0, max_digits=10, verbose_name="charge to the buyer"
                            ),
                        ),
                        ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                        (
                            "parts_list",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="cases.partslist"
                            ),
                        ),
                        (
                            "brought_by",
                            models.CharField(
                                choices=[("seller", "seller"), ("buyer", "buyer")],
                                default="seller",
                                max_length=6,
                                verbose_name="brought by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "needed part",
                        "verbose_name_plural": "needed parts",
                        "ordering": ["parts_list_id", "position"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("parts_list", "position"), name="listed_part_position_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True), name="listed_part_has_name"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UsedPart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        ("name", models.CharField(max_length=120, verbose_name="part")),
                        ("number", models.CharField(blank=True, max_length=60, verbose_name="part number")),
                        (
                            "quantity",
                            models.PositiveSmallIntegerField(
                                default=1,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="quantity",
                            ),
                        ),
                        (
                            "paid_by",
                            models.CharField(
                                choices=[("seller", "seller"), ("buyer", "buyer")],
                                default="seller",
                                max_length=6,
                                verbose_name="paid by",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2, default=0, max_digits=10, verbose_name="charge to the buyer"
                            ),
                        ),
                        ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                        (
                            "visit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="used_parts", to="cases.visit"
                            ),
                        ),
                        ("is_outside", models.BooleanField(default=False, verbose_name="charge not told before")),
                    ],
                    options={
                        "verbose_name": "used part",
                        "verbose_name_plural": "used parts",
                        "ordering": ["visit_id", "position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("visit", "position"), name="used_part_position_once"),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True), name="used_part_has_name"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Visit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="cases.serviceappointment",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("planned", "planned"),
                                    ("checked_in", "checked in"),
                                    ("done", "done"),
                                    ("rescheduled", "rescheduled"),
                                    ("seller_no_show", "seller did not come"),
                                    ("buyer_no_show", "buyer was not there"),
                                    ("broken_off", "broken off"),
                                    ("cancelled", "cancelled"),
                                ],
                                default="planned",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="begins")),
                        ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
                        (
                            "engineer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="sellers.engineer",
                            ),
                        ),
                        ("contact_name", models.CharField(blank=True, max_length=120, verbose_name="named person")),
                        (
                            "point",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sellers.servicepoint",
                            ),
                        ),
                        ("video_url", models.URLField(blank=True, max_length=500, verbose_name="video link")),
                        ("checked_in_at", models.DateTimeField(blank=True, null=True, verbose_name="checked in")),
                        ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                        ("report", models.TextField(blank=True, verbose_name="report")),
                        (
                            "result",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("remedied", "the fault is remedied"),
                                    ("installed", "installed and working"),
                                    ("replaced", "the unit was replaced"),
                                    ("partly", "partly remedied"),
                                    ("no_fault", "no fault was found"),
                                    ("not_remedied", "not remedied"),
                                ],
                                max_length=12,
                                verbose_name="result",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "visit",
                        "verbose_name_plural": "visits",
                        "ordering": ["appointment_id", "number"],
                        "indexes": [
                            models.Index(fields=["engineer", "starts_at"], name="cases_visit_enginee_2892dc_idx"),
                            models.Index(
                                condition=models.Q(("state", "planned")), fields=["starts_at"], name="visit_planned"
                            ),
                            models.Index(
                                condition=models.Q(("state", "checked_in")), fields=["ends_at"], name="visit_under_way"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("appointment", "number"), name="visit_number_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DateProposal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="cases.serviceappointment",
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="cases.visit",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dates",
                                to="cases.offer",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("seller", "seller"), ("buyer", "buyer")], max_length=10, verbose_name="side"
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("standing", "standing"),
                                    ("replaced", "replaced"),
                                    ("accepted", "accepted"),
                                    ("declined", "declined"),
                                    ("void", "void"),
                                ],
                                default="standing",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("windows", models.JSONField(default=list, verbose_name="visit windows")),
                        (
                            "engineer",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sellers.engineer",
                            ),
                        ),
                        ("contact_name", models.CharField(blank=True, max_length=120, verbose_name="named person")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                        (
                            "accepted_window",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="accepted window"),
                        ),
                        ("wish", models.CharField(blank=True, max_length=300, verbose_name="wish")),
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="received")),
                    ],
                    options={
                        "verbose_name": "proposed date",
                        "verbose_name_plural": "proposed dates",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "standing")),
                                fields=("appointment",),
                                name="one_standing_date_per_appointment",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("visit__isnull", False), ("offer__isnull", False), _connector="OR"),
                                name="proposed_date_is_for_something",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Restriction",
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
                            "cover",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="restrictions",
                                to="cases.cover",
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("proposed", "proposed, the buyer is heard"),
                                    ("in_force", "in force"),
                                    ("appealed", "appealed"),
                                    ("upheld", "upheld"),
                                    ("declined", "declined"),
                                    ("lifted", "lifted on appeal"),
                                    ("ended", "ended"),
                                ],
                                default="proposed",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("finding", models.TextField(verbose_name="finding and evidence")),
                        (
                            "decision",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="timeline.decision"
                            ),
                        ),
                        ("proposed_at", models.DateTimeField(verbose_name="proposed")),
                        ("hearing_due_at", models.DateTimeField(verbose_name="buyer heard until")),
                        ("answer", models.TextField(blank=True, verbose_name="the buyer’s answer")),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                        ("begins_at", models.DateTimeField(blank=True, null=True, verbose_name="begins")),
                        ("ends_at", models.DateTimeField(verbose_name="ends")),
                        ("appeal_due_at", models.DateTimeField(blank=True, null=True, verbose_name="appeal until")),
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
                            ),
                        ),
                        (
                            "appeal_reason",
                            models.TextField(blank=True, verbose_name="reason of the decision on the appeal"),
                        ),
                    ],
                    options={
                        "verbose_name": "restriction",
                        "verbose_name_plural": "restrictions",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["in_force", "appealed", "upheld"])),
                                fields=["ends_at"],
                                name="restriction_standing",
                            ),
                            models.Index(
                                condition=models.Q(("next_reminder_at__isnull", False)),
                                fields=["next_reminder_at"],
                                name="restriction_reminders",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["proposed", "in_force", "appealed", "upheld"])),
                                fields=("cover",),
                                name="one_restriction_of_a_cover",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("proposed_at"))),
                                name="restriction_has_an_end",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SlotSeat",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sellers.servicepoint"
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="slot begins")),
                        ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="slot ends")),
                        ("seat", models.PositiveSmallIntegerField(verbose_name="seat")),
                        (
                            "appointment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="seats",
                                to="cases.serviceappointment",
                            ),
                        ),
                        (
                            "held_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("held_until", models.DateTimeField(blank=True, null=True, verbose_name="held until")),
                        ("taken_at", models.DateTimeField(verbose_name="taken")),
                        ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released")),
                    ],
                    options={
                        "verbose_name": "slot seat",
                        "verbose_name_plural": "slot seats",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("held_until__isnull", False), ("released_at", None)),
                                fields=["held_until"],
                                name="slot_seat_held",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("released_at", None)),
                                fields=("point", "starts_at", "seat"),
                                name="slot_seat_taken_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("appointment__isnull", False),
                                    models.Q(("held_by__isnull", False), ("held_until__isnull", False)),
                                    _connector="OR",
                                ),
                                name="slot_seat_is_somebodys",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Shipment",
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
                                related_name="shipments",
                                to="cases.servicecase",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("spare_part", "spare part"), ("accessory", "accessory")],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("contents", models.TextField(max_length=1000, verbose_name="what is inside")),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("announced", "announced"),
                                    ("shipped", "on its way"),
                                    ("received", "received"),
                                    ("lost", "lost"),
                                    ("returned", "returned to the seller"),
                                ],
                                default="announced",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("carrier", models.CharField(blank=True, max_length=80, verbose_name="carrier")),
                        (
                            "tracking_number",
                            models.CharField(blank=True, max_length=80, verbose_name="tracking number"),
                        ),
                        (
                            "tracking_url",
                            models.CharField(
                                blank=True,
                                max_length=300,
                                validators=[cases.validators.only_https],
                                verbose_name="tracking link",
                            ),
                        ),
                        (
                            "announced_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("announced_at", models.DateTimeField(verbose_name="announced")),
                        ("shipped_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                        (
                            "missed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="said not to have come"),
                        ),
                        (
                            "ended_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="received, lost or returned"),
                        ),
                    ],
                    options={
                        "verbose_name": "shipment",
                        "verbose_name_plural": "shipments",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("contents", ""), _negated=True), name="shipment_has_contents"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("shipped_at", None), ("shipped_at__gte", models.F("announced_at")), _connector="OR"
                                ),
                                name="shipment_sent_afterwards",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SignOff",
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
                            "appointment",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_off",
                                to="cases.serviceappointment",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "awaited"),
                                    ("signed", "signed"),
                                    ("objected", "objected"),
                                    ("silence", "signed by silence"),
                                ],
                                max_length=10,
                                verbose_name="outcome",
                            ),
                        ),
                        ("reason", models.TextField(blank=True, verbose_name="objection")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "sign-off",
                        "verbose_name_plural": "sign-offs",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "running")), fields=["due_at"], name="sign_off_running"
                            ),
                            models.Index(
                                condition=models.Q(("next_reminder_at__isnull", False), ("state", "running")),
                                fields=["next_reminder_at"],
                                name="sign_off_reminders",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Simulation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "draft",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.editiondraft",
                                verbose_name="draft edition",
                            ),
                        ),
                        ("numbers", models.JSONField(verbose_name="numbers")),
                        ("begins_at", models.DateTimeField(verbose_name="requests received from")),
                        ("ends_at", models.DateTimeField(verbose_name="requests received before")),
                        (
                            "seller",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sellers.seller",
                                verbose_name="seller",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="requested by",
                            ),
                        ),
                        ("requested_at", models.DateTimeField(verbose_name="requested")),
                        ("total", models.PositiveIntegerField(verbose_name="requests to count")),
                        ("done", models.PositiveIntegerField(default=0, verbose_name="requests counted")),
                        ("differing", models.PositiveIntegerField(default=0, verbose_name="requests that differ")),
                        ("cursor", models.BigIntegerField(default=0, verbose_name="counted up to")),
                        ("tally", models.JSONField(default=dict, verbose_name="result")),
                        ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                    ],
                    options={
                        "verbose_name": "simulation",
                        "verbose_name_plural": "simulations",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("finished_at", None)), fields=["id"], name="simulation_to_run"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("begins_at"))), name="simulation_has_period"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SimulatedChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "simulation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="cases.simulation",
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.serviceappointment",
                                verbose_name="appointment",
                            ),
                        ),
                        (
                            "clock",
                            models.CharField(
                                choices=[
                                    ("response", "effective response"),
                                    ("confirmation", "confirmation of the visit"),
                                    ("solution", "solution"),
                                    ("counter", "answer to the counter-offer"),
                                    ("new_date", "new date"),
                                    ("buyer_silence", "buyer’s decision"),
                                    ("offer_ruling", "ruling on the offer"),
                                ],
                                max_length=15,
                                verbose_name="clock",
                            ),
                        ),
                        (
                            "before",
                            models.CharField(
                                choices=[
                                    ("running", "running"),
                                    ("met", "met"),
                                    ("missed", "missed"),
                                    ("voided", "voided"),
                                    ("overtaken", "would not have begun"),
                                ],
                                max_length=10,
                                verbose_name="was",
                            ),
                        ),
                        (
                            "after",
                            models.CharField(
                                choices=[
                                    ("running", "running"),
                                    ("met", "met"),
                                    ("missed", "missed"),
                                    ("voided", "voided"),
                                    ("overtaken", "would not have begun"),
                                ],
                                max_length=10,
                                verbose_name="would be",
                            ),
                        ),
                        ("due_before", models.DateTimeField(blank=True, null=True, verbose_name="was due")),
                        ("due_after", models.DateTimeField(blank=True, null=True, verbose_name="would be due")),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                    ],
                    options={
                        "verbose_name": "simulated change",
                        "verbose_name_plural": "simulated changes",
                    },
                ),
                migrations.CreateModel(
                    name="UnitReplacement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "cover",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replacements",
                                to="cases.cover",
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replacements",
                                to="cases.serviceappointment",
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.visit",
                            ),
                        ),
                        ("old_serial", models.CharField(blank=True, max_length=80, verbose_name="replaced unit")),
                        ("new_serial", models.CharField(max_length=80, verbose_name="new unit")),
                        ("replaced_at", models.DateTimeField(verbose_name="replaced")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "replaced unit",
                        "verbose_name_plural": "replaced units",
                        "ordering": ["replaced_at", "id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("new_serial", ""), _negated=True), name="replacement_has_new_serial"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("new_serial", models.F("old_serial")), _negated=True),
                                name="replacement_is_another_unit",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Waiver",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "cover",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="waivers", to="cases.cover"
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("stated", "stated, to be confirmed"),
                                    ("confirmed", "confirmed"),
                                    ("dropped", "dropped"),
                                ],
                                default="stated",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("statement", models.TextField(verbose_name="in the buyer’s words")),
                        (
                            "stated_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("stated_at", models.DateTimeField(verbose_name="stated")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed or dropped")),
                    ],
                    options={
                        "verbose_name": "waiver",
                        "verbose_name_plural": "waivers",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "stated")), fields=("cover",), name="one_waiver_to_confirm"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at", None), ("ended_at__gte", models.F("stated_at")), _connector="OR"
                                ),
                                name="waiver_confirmed_afterwards",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
