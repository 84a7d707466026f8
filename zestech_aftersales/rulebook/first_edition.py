"""Edition 1: the numbers in force from 2021-12-27 00:00 +08:00 (5.2)."""

from datetime import UTC, datetime
from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps

NUMBER = 1
PUBLISHED_AT = datetime(2021, 12, 19, 16, tzinfo=UTC)  # 2021-12-20 00:00 +08:00
EFFECTIVE_AT = datetime(2021, 12, 26, 16, tzinfo=UTC)  # 2021-12-27 00:00 +08:00
NUMBERS: dict[str, str | int | bool] = {
    "zone": "Asia/Shanghai",
    "response_hours": 48,
    "solution_hours": 48,
    "counter_hours": 48,
    "new_date_hours": 48,
    "confirmation_days": 14,
    "cover_years": 1,
    "bar_years": 1,
    "bar_covers_affiliates": True,
    "holiday_roll": False,
    "buyer_silence_days": 7,
    "offer_ruling_days": 3,
    "force_majeure_notice_hours": 48,
    "force_majeure_proof_days": 15,
    "abuse_no_shows": 3,
    "abuse_window_days": 90,
    "negotiation_days": 3,
    "auto_escalation_days": 7,
    "complaint_days": 90,
    "evidence_days": 3,
    "objection_days": 7,
    "hearing_days": 5,
    "appeal_days": 15,
    "loss_answer_days": 14,
    "sign_off_days": 7,
}


def restore_first_edition(using: str = "default", apps: Apps = installed_apps, **_signal: Any) -> None:
    """Write edition 1 where it is missing; called after every migrate and flush."""
    try:
        edition: Any = apps.get_model("rulebook", "RuleEdition")
    except LookupError:
        return  # migrated back to before the first migration
    edition.objects.using(using).get_or_create(
        number=NUMBER,
        defaults={
            "published_at": PUBLISHED_AT,
            "effective_at": EFFECTIVE_AT,
            "numbers": NUMBERS,
        },
    )
