"""Addresses of the public pages; included at the root, without a namespace."""

from django.urls import path

from zestech_aftersales.portal import marks, public

urlpatterns = [
    path("", public.home, name="home"),
    path("help/", public.help_page, name="help"),
    path("accessibility/", public.accessibility, name="accessibility"),
    # Both parts of the address stay for good; an SKU may hold any character.
    path("marks/<slug:seller>/<path:sku>/badge.svg", marks.mark_badge, name="mark_badge"),
    path("marks/<slug:seller>/<path:sku>/", marks.mark_answer, name="mark"),
]
