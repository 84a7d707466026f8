"""The app of the people."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "zestech_aftersales.accounts"
    label = "accounts"
    verbose_name = _("people")
