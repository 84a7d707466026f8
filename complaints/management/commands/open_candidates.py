"""`manage.py open_candidates`: look at all cases at once, as the reader does after each event."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from cases.models import ServiceAppointment
from complaints.candidates import reconcile
from zestech_aftersales import clock

BATCH = 200


class Command(BaseCommand):
    help = "Open the candidates that are missing and close those without ground; for cases from before the reader."

    def handle(self, *_args: Any, **_options: Any) -> None:
        written = 0
        remaining = ServiceAppointment.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)
        while keys := list(islice(remaining, BATCH)):
            with transaction.atomic():
                written += reconcile(keys, at=clock.now())
        self.stdout.write(f"{written} violations written.")
