"""The app of the staff desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """What the staff's own page holds."""

    name = "zestech_aftersales.desk"
    label = "desk"
    verbose_name = _("Staff desk")

    def ready(self) -> None:
        """Who took what away and who read under an access is for those who look after that."""
        from zestech_aftersales.accounts.models import PlatformRole
        from zestech_aftersales.timeline.private import keep_private

        keep_private("access", (PlatformRole.AUDITOR, PlatformRole.ADMINISTRATOR))
        keep_private("exports", (PlatformRole.AUDITOR, PlatformRole.ADMINISTRATOR))
