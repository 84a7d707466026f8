"""All addresses of the site."""

from django.contrib import admin
from django.urls import include, path

from zestech_aftersales import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
