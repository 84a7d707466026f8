"""Addresses of the public pages; included at the root, without a namespace."""

from django.urls import path

from zestech_aftersales.portal import public

urlpatterns = [
    path("", public.home, name="home"),
    path("help/", public.help_page, name="help"),
    path("accessibility/", public.accessibility, name="accessibility"),
]
