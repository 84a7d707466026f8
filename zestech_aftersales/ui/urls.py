"""The style sheet page; included only where DEBUG is on."""

from django.urls import path

from zestech_aftersales.ui.styleguide import styleguide

app_name = "ui"
urlpatterns = [
    path("<slug:part>/", styleguide, name="part"),
    path("", styleguide, {"part": "pieces"}, name="styleguide"),
]
