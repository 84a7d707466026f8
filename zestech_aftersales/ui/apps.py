"""The app of the page pieces."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "zestech_aftersales.ui"
    label = "ui"
