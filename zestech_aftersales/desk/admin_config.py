"""Puts our admin site into the place of the stock one; apart, for Django looks for one default app in a file."""

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """The stock admin with our index."""

    default_site = "zestech_aftersales.desk.site.StaffDesk"
