"""Addresses of the rules page."""

from django.urls import path

from zestech_aftersales.rulebook import views

app_name = "rulebook"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("count/", views.count, name="count"),
]
