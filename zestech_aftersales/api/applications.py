"""Other systems' applications in the admin."""

from __future__ import annotations

from oauth2_provider.admin import ApplicationAdmin


class SystemAdmin(ApplicationAdmin):
    """The library's own, without the link to the library's own page: this site has none."""

    view_on_site = False
