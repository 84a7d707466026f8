"""All addresses of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from zestech_aftersales import health

urlpatterns = [
    path("", include("zestech_aftersales.portal.public_urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("rules/", include("zestech_aftersales.rulebook.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("zestech_aftersales.accounts.urls")),
    path("api/", include("zestech_aftersales.api.urls")),
    path("notices/", include("zestech_aftersales.timeline.urls")),
    path("portal/", include("zestech_aftersales.portal.urls")),
    path("dashboard/", include("zestech_aftersales.dashboard.urls")),
    path("", include("zestech_aftersales.pages.urls")),
]

if settings.DEBUG:
    urlpatterns += [path("styleguide/", include("zestech_aftersales.ui.urls"))]

handler500 = "zestech_aftersales.api.problems.server_error"
