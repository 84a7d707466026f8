"""The timeline in the admin: all of it read-only; what was given up can be tried again."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.staff import ReadOnlyStateAdmin, Step
from zestech_aftersales.timeline.actions.retries import RETRYING_ROLES, relay_again, send_again
from zestech_aftersales.timeline.models import Decision, Delivery, DeliveryState, Event, Undelivered, Verification
from zestech_aftersales.timeline.private import readable_by
from zestech_aftersales.timeline.queries import events_of


def _readable(request: HttpRequest, stream: str) -> Q:
    return readable_by(cast(PersonRequest, request).user.platform_role, stream)


@admin.register(Event)
class EventAdmin(ReadOnlyStateAdmin):
    list_display = ("recorded_at", "effective_at", "stream", "subject", "kind", "clause", "actor", "channel")
    list_filter = ("actor_kind", "channel", "clause")
    list_select_related = ("actor",)
    search_fields = ("stream",)
    search_help_text = _("The thing whose history you look for, like case/17.")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).filter(_readable(request, "stream"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        # By index: a search inside all events would read them all.
        term = search_term.strip().lower()
        return (queryset.filter(stream=term) if term else queryset), False

    def events_about(self, thing: Event) -> QuerySet[Event]:
        return events_of(thing.stream)


@admin.register(Undelivered)
class UndeliveredAdmin(ReadOnlyStateAdmin):
    list_display = ("event", "attempts", "retry_at", "quarantined_at", "error")
    list_filter = (("quarantined_at", admin.EmptyFieldListFilter),)
    list_select_related = ("event",)
    ordering = ("event",)
    steps = (
        Step(
            "relay_again",
            _("Try again"),
            relay_again,
            roles=RETRYING_ROLES,
            consequence=_("The people concerned are told if it works now."),
            offered=lambda marker: marker.quarantined_at is not None,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Undelivered]:
        return super().get_queryset(request).filter(_readable(request, "event__stream"))

    def events_about(self, thing: Undelivered) -> QuerySet[Event]:
        return events_of(thing.event.stream)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyStateAdmin):
    list_display = ("uid", "recipient", "medium", "state", "subject", "not_before", "attempts", "sent_at")
    list_filter = ("state", "medium")
    list_select_related = ("recipient",)
    search_fields = ("recipient__email", "event__stream")
    search_help_text = _("The recipient's e-mail address, or a thing like case/17.")
    ordering = ("-id",)
    steps = (
        Step(
            "send_again",
            _("Send again"),
            send_again,
            roles=RETRYING_ROLES,
            consequence=_("It goes out within seconds, under the same id."),
            offered=lambda delivery: delivery.state == DeliveryState.QUARANTINED,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).filter(_readable(request, "event__stream"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        term = search_term.strip().lower()
        if not term:
            return queryset, False
        field = "recipient__email" if "@" in term else "event__stream"
        return queryset.filter(**{field: term}), False

    def events_about(self, thing: Delivery) -> QuerySet[Event]:
        return events_of(thing.event.stream)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyStateAdmin):
    """Decided where its effect is: at the thing that it is about."""

    list_display = ("kind", "subject", "state", "proposer", "proposed_at", "approver", "decided_at", "clause")
    list_filter = ("state", "kind")
    list_select_related = ("proposer", "approver")
    search_fields = ("=subject", "proposer__email", "approver__email")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("proposer", "approver")


@admin.register(Verification)
class VerificationAdmin(ReadOnlyStateAdmin):
    """What the nightly recount found; written by the recount alone."""

    list_display = ("done_at", "differences", "cases", "orders", "limits", "events", "begun_at")
    ordering = ("-id",)
