"""Instants and spans to the last digit that says something, for sums that people check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cases.models import ServiceAppointment
from cases.progress import TURNS
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.ui.instants import left_words

register = template.Library()


@register.filter
def turn(appointment: ServiceAppointment) -> str | Promise:
    """Who must act by the state alone, in words; empty when nobody must."""
    return TURNS.get(appointment.state, "")


@register.filter
def left(due_at: datetime, at: datetime) -> str:
    """What is left of a limit at an instant, in words; empty once it has passed."""
    return left_words(due_at - at) if on_time(at, due_at) else ""


@register.filter
def exact(instant: datetime) -> str:
    """An instant in UTC to the second, with its microseconds where it has some: 2026-03-04 01:15:30 UTC."""
    told = instant.astimezone(UTC)
    digits = told.strftime("%Y-%m-%d %H:%M:%S")
    return f"{digits}.{told.microsecond:06d} UTC" if told.microsecond else f"{digits} UTC"


@register.filter
def exact_length(span: timedelta) -> str:
    """A span of time to the second, hours unbounded: 62:44:30 h; with its microseconds where it has some."""
    seconds = span // timedelta(seconds=1)
    hours, rest = divmod(seconds, 3600)
    digits = f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    return _("%(length)s h") % {"length": f"{digits}.{span.microseconds:06d}" if span.microseconds else digits}
