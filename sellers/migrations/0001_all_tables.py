"""All tables of this app."""

import django.core.validators
import django.db.models.deletion
import django_fsm
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import sellers.guards
import sellers.validators
import zestech_aftersales.accounts.models
import zestech_aftersales.tables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
        ("rulebook", "0002_first_edition"),
    ]

    operations = [
        zestech_aftersales.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="Affiliation",
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
                                related_name="+",
                                to="sellers.seller",
                                verbose_name="seller",
                            ),
                        ),
                        (
                            "affiliate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sellers.seller",
                                verbose_name="affiliate",
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("ownership", "one holds shares of the other"),
                                    ("common_owner", "the same owner"),
                                    ("management", "the same people direct both"),
                                    ("succession", "one carries on the other’s business"),
                                    ("other", "another tie, see the evidence"),
                                ],
                                max_length=16,
                                verbose_name="basis",
                            ),
                        ),
                        ("evidence", models.TextField(verbose_name="evidence")),
                        ("kept_from", models.DateTimeField(verbose_name="kept from")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                        (
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="ended by",
                            ),
                        ),
                        ("end_reason", models.TextField(blank=True, verbose_name="reason of the end")),
                    ],
                    options={
                        "verbose_name": "affiliation",
                        "verbose_name_plural": "affiliations",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("seller__lt", models.F("affiliate"))),
                                name="affiliation_of_two_in_order",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("seller", "affiliate"),
                                name="one_standing_affiliation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                                    models.Q(("ended_at__gte", models.F("kept_from")), ("ended_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="affiliation_ended_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApiClient",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "application",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="binding",
                                to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="api_clients",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "buyer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="api_clients",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("order_feed", models.BooleanField(default=False, verbose_name="order feed of the platform")),
                    ],
                    options={
                        "verbose_name": "API client",
                        "verbose_name_plural": "API clients",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("buyer__isnull", True), ("order_feed", False), ("seller__isnull", False)),
                                    models.Q(("buyer__isnull", False), ("order_feed", False), ("seller__isnull", True)),
                                    models.Q(("buyer__isnull", True), ("order_feed", True), ("seller__isnull", True)),
                                    _connector="OR",
                                ),
                                name="api_client_speaks_for_one",
                                violation_error_message="Choose one: a seller, a buyer, or the order feed.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SellerCommitment",
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
                                related_name="commitments",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="commitments",
                                to="sellers.product",
                            ),
                        ),
                        (
                            "made_to",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="made to",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("page", "product page"),
                                    ("unilateral", "seller's own statement"),
                                    ("communication", "said to a buyer"),
                                ],
                                max_length=15,
                                verbose_name="source",
                            ),
                        ),
                        ("statement", models.TextField(verbose_name="in the seller's words")),
                        ("evidence", models.CharField(blank=True, max_length=300, verbose_name="evidence")),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("recorded", "recorded"),
                                    ("binding", "binding"),
                                    ("void", "void"),
                                    ("split", "partly binding"),
                                    ("superseded", "superseded"),
                                    ("ended", "ended"),
                                ],
                                default="recorded",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        ("begins_at", models.DateTimeField(verbose_name="holds from")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="held until")),
                        ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                        ("judged_at", models.DateTimeField(blank=True, null=True, verbose_name="judged")),
                        (
                            "replaces",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="sellers.sellercommitment",
                                verbose_name="replaces",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "commitment",
                        "verbose_name_plural": "commitments",
                        "ordering": ["seller_id", "begins_at", "id"],
                        "indexes": [
                            models.Index(fields=["seller", "product", "begins_at"], name="commitments_in_force"),
                            models.Index(
                                condition=models.Q(("state", "recorded")),
                                fields=["recorded_at"],
                                name="commitments_to_judge",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at__isnull", True),
                                    ("ended_at__gte", models.F("begins_at")),
                                    _connector="OR",
                                ),
                                name="commitment_ends_after_it_begins",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Term",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "commitment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="terms",
                                to="sellers.sellercommitment",
                            ),
                        ),
                        (
                            "dimension",
                            models.CharField(
                                choices=[
                                    ("response_hours", "hours to respond"),
                                    ("solution_hours", "hours to a solution"),
                                    ("confirmation_days", "days to confirm"),
                                    ("cover_months", "months of cover"),
                                    ("number_of_services", "number of services"),
                                    ("charge", "free or charged"),
                                    ("service_types", "service"),
                                    ("methods", "method"),
                                    ("areas", "area"),
                                ],
                                max_length=20,
                                verbose_name="dimension",
                            ),
                        ),
                        ("value", models.JSONField(verbose_name="value")),
                        ("excludes", models.BooleanField(default=False, verbose_name="takes away")),
                        (
                            "state",
                            models.CharField(
                                blank=True,
                                choices=[("binding", "binding"), ("void", "void")],
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("extends", "better for the buyer than what held before"),
                                    ("neutral", "takes nothing from the buyer"),
                                    ("narrows_rules", "narrower than the rules"),
                                    ("narrows_earlier", "narrower than an earlier promise or the page"),
                                    ("no_promise", "not promised by these words"),
                                ],
                                max_length=20,
                                verbose_name="why",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "term",
                        "verbose_name_plural": "terms",
                        "ordering": ["commitment_id", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("commitment", "dimension", "value"), name="one_term_says_it_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalEngineer",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "skills",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.service_types],
                                verbose_name="services",
                            ),
                        ),
                        (
                            "areas",
                            models.JSONField(
                                blank=True, default=list, validators=[sellers.validators.names], verbose_name="areas"
                            ),
                        ),
                        (
                            "working_hours",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[sellers.validators.opening_hours],
                                verbose_name="working hours",
                            ),
                        ),
                        (
                            "days_off",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.closed_days],
                                verbose_name="days off",
                            ),
                        ),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
                                max_length=64,
                                validators=[zestech_aftersales.accounts.models.validate_time_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="takes visits")),
                        (
                            "seller",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical engineer",
                        "verbose_name_plural": "historical engineers",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Engineer",
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
                                related_name="engineers",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="engineer",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "skills",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.service_types],
                                verbose_name="services",
                            ),
                        ),
                        (
                            "areas",
                            models.JSONField(
                                blank=True, default=list, validators=[sellers.validators.names], verbose_name="areas"
                            ),
                        ),
                        (
                            "working_hours",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[sellers.validators.opening_hours],
                                verbose_name="working hours",
                            ),
                        ),
                        (
                            "days_off",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.closed_days],
                                verbose_name="days off",
                            ),
                        ),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
                                max_length=64,
                                validators=[zestech_aftersales.accounts.models.validate_time_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="takes visits")),
                    ],
                    options={
                        "verbose_name": "engineer",
                        "verbose_name_plural": "engineers",
                        "ordering": ["name", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Enrolment",
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
                                related_name="enrolments",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("applied", "applied"),
                                    ("active", "active"),
                                    ("rejected", "rejected"),
                                    ("withdrawn", "withdrawn"),
                                    ("cleared", "cleared"),
                                ],
                                default="applied",
                                max_length=50,
                                protected=True,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "service_types",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.service_types],
                                verbose_name="services stated",
                            ),
                        ),
                        (
                            "methods",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.methods],
                                verbose_name="methods stated",
                            ),
                        ),
                        (
                            "places",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.names],
                                verbose_name="places stated",
                            ),
                        ),
                        ("charging", models.TextField(blank=True, verbose_name="charging standard stated")),
                        (
                            "contact_name",
                            models.CharField(blank=True, max_length=120, verbose_name="contact for the service"),
                        ),
                        (
                            "contact_email",
                            models.EmailField(blank=True, max_length=254, verbose_name="e-mail of the contact"),
                        ),
                        (
                            "contact_phone",
                            models.CharField(blank=True, max_length=40, verbose_name="phone of the contact"),
                        ),
                        (
                            "agreed_edition",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="rulebook.ruleedition",
                                verbose_name="edition agreed to",
                            ),
                        ),
                        ("statement", models.TextField(blank=True, verbose_name="what the seller says")),
                        ("reason", models.TextField(blank=True, verbose_name="reason of the last step")),
                        ("applied_at", models.DateTimeField(verbose_name="applied")),
                        (
                            "decided_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="activated or rejected"),
                        ),
                        ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn")),
                        ("cleared_at", models.DateTimeField(blank=True, null=True, verbose_name="cleared")),
                        (
                            "cleared_entity",
                            models.CharField(blank=True, max_length=200, verbose_name="legal entity cleared"),
                        ),
                        ("bar_ends_at", models.DateTimeField(blank=True, null=True, verbose_name="bar until")),
                    ],
                    options={
                        "verbose_name": "enrolment",
                        "verbose_name_plural": "enrolments",
                        "ordering": ["-applied_at", "-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["applied", "active"])),
                                fields=("seller",),
                                name="one_enrolment_in_hand",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Membership",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="membership",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="sellers.seller",
                            ),
                        ),
                        (
                            "seat",
                            models.CharField(
                                choices=[("owner", "owner"), ("staff", "staff"), ("engineer", "engineer")],
                                max_length=10,
                                verbose_name="seat",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "membership",
                        "verbose_name_plural": "memberships",
                        "ordering": ["seller_id", "id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("seat__in", ["owner", "staff", "engineer"])),
                                name="membership_has_a_persons_seat",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalServicePoint",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("address", models.CharField(max_length=240, verbose_name="address")),
                        ("city", models.CharField(max_length=80, verbose_name="city")),
                        (
                            "country",
                            models.CharField(
                                max_length=2,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Z]{2}\\Z", "Two capital letters, as in DE."
                                    )
                                ],
                                verbose_name="country",
                            ),
                        ),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
                                max_length=64,
                                validators=[zestech_aftersales.accounts.models.validate_time_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "opening_hours",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[sellers.validators.opening_hours],
                                verbose_name="opening hours",
                            ),
                        ),
                        (
                            "closed_days",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.closed_days],
                                verbose_name="closed days",
                            ),
                        ),
                        (
                            "slot_minutes",
                            models.PositiveSmallIntegerField(
                                default=60,
                                validators=[
                                    django.core.validators.MinValueValidator(5),
                                    django.core.validators.MaxValueValidator(1440),
                                ],
                                verbose_name="slot length in minutes",
                            ),
                        ),
                        (
                            "capacity",
                            models.PositiveSmallIntegerField(
                                default=1,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="units served at the same time",
                            ),
                        ),
                        (
                            "has_published_slots",
                            models.BooleanField(
                                default=True,
                                help_text="Without published slots the buyer books the point and a time is agreed later.",
                                verbose_name="slots are published",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="open for bookings")),
                        (
                            "seller",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="sellers.seller",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical service point",
                        "verbose_name_plural": "historical service points",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ServicePoint",
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="points", to="sellers.seller"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("address", models.CharField(max_length=240, verbose_name="address")),
                        ("city", models.CharField(max_length=80, verbose_name="city")),
                        (
                            "country",
                            models.CharField(
                                max_length=2,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Z]{2}\\Z", "Two capital letters, as in DE."
                                    )
                                ],
                                verbose_name="country",
                            ),
                        ),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
                                max_length=64,
                                validators=[zestech_aftersales.accounts.models.validate_time_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "opening_hours",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[sellers.validators.opening_hours],
                                verbose_name="opening hours",
                            ),
                        ),
                        (
                            "closed_days",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.closed_days],
                                verbose_name="closed days",
                            ),
                        ),
                        (
                            "slot_minutes",
                            models.PositiveSmallIntegerField(
                                default=60,
                                validators=[
                                    django.core.validators.MinValueValidator(5),
                                    django.core.validators.MaxValueValidator(1440),
                                ],
                                verbose_name="slot length in minutes",
                            ),
                        ),
                        (
                            "capacity",
                            models.PositiveSmallIntegerField(
                                default=1,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="units served at the same time",
                            ),
                        ),
                        (
                            "has_published_slots",
                            models.BooleanField(
                                default=True,
                                help_text="Without published slots the buyer books the point and a time is agreed later.",
                                verbose_name="slots are published",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="open for bookings")),
                    ],
                    options={
                        "verbose_name": "service point",
                        "verbose_name_plural": "service points",
                        "ordering": ["country", "city", "name", "id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("capacity__gte", 1)), name="point_serves_one_at_least"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("slot_minutes__gte", 1)), name="point_slot_has_length"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalProduct",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        ("sku", models.CharField(db_index=True, max_length=80, verbose_name="SKU")),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        ("brand", models.CharField(blank=True, max_length=80, verbose_name="brand")),
                        ("description", models.TextField(blank=True, verbose_name="description")),
                        (
                            "service_types",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.service_types],
                                verbose_name="services offered",
                            ),
                        ),
                        (
                            "methods",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.methods],
                                verbose_name="methods offered",
                            ),
                        ),
                        ("page", models.JSONField(blank=True, default=dict, verbose_name="what the page says")),
                        (
                            "seller",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="sellers.seller",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical product",
                        "verbose_name_plural": "historical products",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Product",
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
                                related_name="products",
                                to="sellers.seller",
                            ),
                        ),
                        ("sku", models.CharField(max_length=80, unique=True, verbose_name="SKU")),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        ("brand", models.CharField(blank=True, max_length=80, verbose_name="brand")),
                        ("description", models.TextField(blank=True, verbose_name="description")),
                        (
                            "service_types",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.service_types],
                                verbose_name="services offered",
                            ),
                        ),
                        (
                            "methods",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[sellers.validators.methods],
                                verbose_name="methods offered",
                            ),
                        ),
                        ("page", models.JSONField(blank=True, default=dict, verbose_name="what the page says")),
                    ],
                    options={
                        "verbose_name": "product",
                        "verbose_name_plural": "products",
                        "ordering": ["seller_id", "name", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="MarkPeriod",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mark_periods",
                                to="sellers.product",
                            ),
                        ),
                        ("begins_at", models.DateTimeField(verbose_name="marked from")),
                        ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="marked until")),
                    ],
                    options={
                        "verbose_name": "mark period",
                        "verbose_name_plural": "mark periods",
                        "ordering": ["product_id", "begins_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ends_at__isnull", True)),
                                fields=("product",),
                                name="one_open_mark_per_product",
                            ),
                            models.UniqueConstraint(
                                fields=("product", "begins_at"), name="one_mark_begins_at_an_instant"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at__isnull", True), ("ends_at__gte", models.F("begins_at")), _connector="OR"
                                ),
                                name="mark_ends_after_it_begins",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalSeller",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("legal_name", models.CharField(max_length=200, verbose_name="legal entity")),
                        ("slug", models.SlugField(max_length=60, verbose_name="short name")),
                        (
                            "country",
                            models.CharField(
                                max_length=2,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Z]{2}\\Z", "Two capital letters, as in DE."
                                    )
                                ],
                                verbose_name="country",
                            ),
                        ),
                        ("city", models.CharField(max_length=80, verbose_name="city")),
                        ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                        ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
                                max_length=64,
                                validators=[zestech_aftersales.accounts.models.validate_time_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical seller",
                        "verbose_name_plural": "historical sellers",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Seller",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("legal_name", models.CharField(max_length=200, verbose_name="legal entity")),
                        (
                            "entity_key",
                            models.CharField(
                                db_index=True, editable=False, max_length=200, verbose_name="legal entity compared"
                            ),
                        ),
                        (
                            "named_since",
                            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="so named since"),
                        ),
                        ("slug", models.SlugField(max_length=60, unique=True, verbose_name="short name")),
                        (
                            "country",
                            models.CharField(
                                max_length=2,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Z]{2}\\Z", "Two capital letters, as in DE."
                                    )
                                ],
                                verbose_name="country",
                            ),
                        ),
                        ("city", models.CharField(max_length=80, verbose_name="city")),
                        ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                        ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
                                max_length=64,
                                validators=[zestech_aftersales.accounts.models.validate_time_zone],
                                verbose_name="time zone",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "seller",
                        "verbose_name_plural": "sellers",
                        "ordering": ["name", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="FormerLegalName",
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
                                related_name="former_legal_names",
                                to="sellers.seller",
                            ),
                        ),
                        ("legal_name", models.CharField(max_length=200, verbose_name="legal entity")),
                        (
                            "entity_key",
                            models.CharField(db_index=True, max_length=200, verbose_name="legal entity compared"),
                        ),
                        ("since", models.DateTimeField(blank=True, null=True, verbose_name="so named since")),
                        ("until", models.DateTimeField(verbose_name="so named until")),
                    ],
                    options={
                        "verbose_name": "former legal name",
                        "verbose_name_plural": "former legal names",
                        "ordering": ["-until", "-id"],
                    },
                ),
            ],
        ),
        sellers.guards.guards(),
    ]
