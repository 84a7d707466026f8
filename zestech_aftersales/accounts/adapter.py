"""How allauth sends its mails here."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib import messages
from django.utils.translation import gettext as _

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """A mail server that is away must not lose a sign-up: the account stands, and logging in
    again sends the mail anew."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            log.warning("account_mail_not_sent", mail=template_prefix, error=str(error))
            messages.error(
                allauth_context.request,
                _("We could not send you the mail just now. Please try again in a few minutes."),
            )
