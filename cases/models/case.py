"""A service case: one fault of one order line, with its thread and files."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition


class CaseState(models.TextChoices):
    OPEN = "open", _("open")
    RESOLVED = "resolved", _("resolved")
    CLOSED = "closed", _("closed")


def case_reference(pk: int, opened_at: datetime) -> str:
    """What people call a case: ZA, the year it was opened in (UTC), its number."""
    return f"ZA-{opened_at.year}-{pk:06d}"


class ServiceCase(models.Model):
    """Holds what belongs to one fault: appointments, messages, files and the timeline."""

    cover = models.ForeignKey("cases.Cover", models.PROTECT, related_name="cases")
    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="+")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = FSMField(_("state"), default=CaseState.OPEN, choices=CaseState.choices, protected=True)
    title = models.CharField(_("fault in a few words"), max_length=140)
    description = models.TextField(_("description"), blank=True)
    opened_at = models.DateTimeField(_("opened"))
    # A duplicate stays with all that belongs to it, and points to the case in which the fault goes on.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, related_name="merged", verbose_name=_("merged into"), null=True, blank=True
    )
    merged_at = models.DateTimeField(_("merged"), null=True, blank=True)

    class Meta:
        verbose_name = _("service case")
        verbose_name_plural = _("service cases")
        indexes = [models.Index(fields=["buyer", "-id"]), models.Index(fields=["seller", "-id"])]
        constraints = [
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="case_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(merged_into=None, merged_at=None) | Q(merged_into__isnull=False, merged_at__isnull=False),
                name="case_merged_at_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What people call the case."""
        return case_reference(self.pk, self.opened_at)

    @property
    def stream(self) -> str:
        """The stream its events are chained in."""
        return f"case/{self.pk}"

    @transition(field=state, source=CaseState.OPEN, target=CaseState.RESOLVED)
    def resolve(self) -> None:
        pass

    @transition(field=state, source=CaseState.RESOLVED, target=CaseState.CLOSED)
    def close(self) -> None:
        pass

    @transition(field=state, source=[CaseState.RESOLVED, CaseState.CLOSED], target=CaseState.OPEN)
    def reopen(self) -> None:
        pass


class Message(models.Model):
    """A word in the thread; by itself it stops no clock."""

    case = models.ForeignKey(ServiceCase, models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    side = models.CharField(_("side"), max_length=10)
    author_name = models.CharField(_("author"), max_length=200)
    body = models.TextField(_("message"))
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["received_at", "id"]

    def __str__(self) -> str:
        return f"{self.author_name}, {self.received_at:%Y-%m-%d %H:%M}"


def stored_under(attachment: Attachment, name: str) -> str:
    """Where the file of an attachment lies: named by its content, never by what the sender called it."""
    return f"cases/{attachment.case_id}/{attachment.sha256}{attachment.suffix}"


class Attachment(models.Model):
    """A photo in the thread or of a visit's report, re-encoded before it is stored."""

    case = models.ForeignKey(ServiceCase, models.PROTECT, related_name="attachments")
    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments", null=True)
    visit = models.ForeignKey("cases.Visit", models.PROTECT, related_name="photos", null=True, blank=True)
    file = models.FileField(_("file"), upload_to=stored_under, max_length=200)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("content type"), max_length=60)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where the people of the case can look at it."""
        return reverse("attachment", args=[self.pk])

    @property
    def url(self) -> str:
        """The same address, under the name that the thread's pictures have."""
        return self.get_absolute_url()

    @property
    def alt(self) -> str:
        """What is read aloud for the picture."""
        return self.name

    @property
    def suffix(self) -> str:
        """The file name's ending for its content type."""
        return {"image/jpeg": ".jpg", "image/png": ".png"}.get(self.content_type, "")
