"""A promise said in the thread of a case: which message, and which commitment was recorded from it (2.3.3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.offer import Side


class ChatPromise(models.Model):
    """The link from a commitment to the message it was made in; each side can report a message once."""

    message = models.ForeignKey("cases.Message", models.PROTECT, related_name="promises")
    commitment = models.OneToOneField("sellers.SellerCommitment", models.PROTECT, related_name="+")
    side = models.CharField(_("recorded by"), max_length=10, choices=Side.choices)
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("promise in a conversation")
        verbose_name_plural = _("promises in conversations")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "side"], name="each_side_reports_a_message_once"),
        ]

    def __str__(self) -> str:
        return str(self.commitment)
