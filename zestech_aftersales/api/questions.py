"""What a list may be asked for: filters, order, size, and where the page begins."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.models import AppointmentState, CaseState, Clock, CoverState, DeadlineState, OrderState
from cases.queries import REFERENCE
from zestech_aftersales.api.fields import Body, InstantField
from zestech_aftersales.api.keyset import LARGEST_ID, NEWEST, Order, by_due
from zestech_aftersales.rulebook.services import ServiceMethod

LARGEST_PAGE = 100
USUAL_PAGE = 50
REFERENCE_PATTERN = r"^ZA-\d{4}-\d{6,18}$"
# Of digits: as many as an id can have, and one more.
LONGEST_NUMBER = 20


class Number(serializers.IntegerField):
    """The id of a thing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, required=False, **kwargs)


@extend_schema_field({"type": "string", "pattern": REFERENCE_PATTERN})
class Reference(serializers.Field[int, str, str, Any]):
    """The reference of a case; read as its id."""

    default_error_messages = {"invalid": _("Give a reference like ZA-2026-000418.")}

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_internal_value(self, data: str) -> int:
        match = REFERENCE.match(data)
        if match is None or (pk := int(match["pk"][:LONGEST_NUMBER])) > LARGEST_ID:
            self.fail("invalid")
        return pk


class States(serializers.MultipleChoiceField):
    """Any of several words: repeat the parameter."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices=choices, required=False, **kwargs)


class Question(Body):
    """The parameters of every list; a list adds its filters, each with the lookup that serves it."""

    lookups: ClassVar[dict[str, str]] = {}
    orders: ClassVar[dict[str, Order]] = {"newest": NEWEST}

    limit = serializers.IntegerField(
        min_value=1, max_value=LARGEST_PAGE, default=USUAL_PAGE, help_text=_("How many rows a page has at most.")
    )
    cursor = serializers.CharField(
        required=False, max_length=200, help_text=_("Where the page begins: taken from the `next` of the one before.")
    )

    def filters(self) -> dict[str, Any]:
        """The lookups that were asked for."""
        asked = {lookup: self.validated_data.get(name) for name, lookup in self.lookups.items()}
        return {lookup: value for lookup, value in asked.items() if value}

    def sorting(self) -> Order:
        """The order that was asked for."""
        return self.orders[self.validated_data.get("sort", "newest")]


class OrdersQuestion(Question):
    lookups: ClassVar = {"number": "number", "state": "state__in"}

    number = serializers.CharField(required=False, max_length=64)
    state = States(OrderState.choices)


class CoversQuestion(Question):
    lookups: ClassVar = {"order": "order_id", "state": "state__in"}

    order = Number()
    state = States(CoverState.choices)


class CasesQuestion(Question):
    lookups: ClassVar = {
        "cover": "cover_id",
        "order_number": "cover__order__number__iexact",
        "title": "title__icontains",
        "state": "state__in",
        "opened_since": "opened_at__gte",
    }

    cover = Number()
    order_number = serializers.CharField(required=False, max_length=64)
    title = serializers.CharField(required=False, max_length=200, help_text=_("A part of what the fault is called."))
    state = States(CaseState.choices)
    opened_since = InstantField(required=False)


class AppointmentsQuestion(Question):
    lookups: ClassVar = {
        "case": "case_id",
        "state": "state__in",
        "method": "method__in",
        "received_since": "received_at__gte",
        "due_until": "next_due_at__lte",
    }
    orders: ClassVar = {"newest": NEWEST, "due": by_due("next_due_at")}

    case = Reference()
    state = States(AppointmentState.choices)
    method = States(ServiceMethod.choices)
    received_since = InstantField(required=False)
    due_until = InstantField(required=False, help_text=_("The next limit is due then or before."))
    sort = serializers.ChoiceField(
        choices=["newest", "due"],
        default="newest",
        help_text=_("`due`: only what has a running limit, earliest first."),
    )


class DeadlinesQuestion(Question):
    lookups: ClassVar = {
        "appointment": "appointment_id",
        "case": "appointment__case_id",
        "clock": "clock__in",
        "state": "state__in",
        "due_until": "due_at__lte",
    }
    orders: ClassVar = {"newest": NEWEST, "due": by_due("due_at")}

    appointment = Number()
    case = Reference()
    clock = States(Clock.choices)
    state = States(DeadlineState.choices)
    due_until = InstantField(required=False)
    sort = serializers.ChoiceField(
        choices=["newest", "due"], default="newest", help_text=_("`due`: only what has a due instant, earliest first.")
    )
