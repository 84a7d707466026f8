"""A row of any model, written straight to the table with whatever its columns accept."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import models

from tests.factories.accounts import UserFactory
from zestech_aftersales.accounts.models import User
from zestech_aftersales.rulebook.models import RuleEdition

_numbers = count(1)
WRITTEN_AT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
FILLED: dict[type[models.Field[Any, Any]], Any] = {
    models.DateField: date(2024, 5, 6),
    models.TimeField: time(7, 8),
    models.BooleanField: False,
    models.DecimalField: Decimal(1),
    models.DurationField: None,
    models.GenericIPAddressField: "192.0.2.1",
    models.IntegerField: 1,
    models.JSONField: {},
}


def a_row(model: type[models.Model], **given: Any) -> Any:
    """A new row; what it hangs on is made along, what may be empty is."""
    if model is User:
        return UserFactory(**given)
    if model is RuleEdition:
        return RuleEdition.objects.get(number=1)
    values = {field.name: _value(field) for field in model._meta.concrete_fields if field.name not in given}
    kept = {name: value for name, value in values.items() if value is not models.NOT_PROVIDED}
    row = model(**kept, **given)
    model._base_manager.bulk_create([row])
    return row


def _value(field: models.Field[Any, Any]) -> Any:
    if field.primary_key and isinstance(field, models.AutoField | models.BigAutoField):
        return models.NOT_PROVIDED
    if field.has_default():
        return models.NOT_PROVIDED
    if field.null:
        return None
    if isinstance(field, models.ForeignKey):
        return a_row(field.related_model)
    if field.choices:
        return next(value for value, _label in field.flatchoices if value not in ("", None))
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.DateTimeField):
        # Each later than the one before: what begins begins before it ends.
        return WRITTEN_AT + timedelta(hours=next(_numbers))
    for kind in type(field).__mro__:
        if kind in FILLED:
            return FILLED[kind]
    return f"x{next(_numbers)}"[: field.max_length]
