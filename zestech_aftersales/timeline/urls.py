"""Addresses below /notices/."""

from django.urls import path

from zestech_aftersales.timeline import views

urlpatterns = [
    path("", views.notices, name="notices"),
    path("read/", views.read_all, name="notices_read"),
    path("<uuid:uid>/open/", views.open_notice, name="notice_open"),
]
