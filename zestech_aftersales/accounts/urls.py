"""Addresses below /accounts/: the profile, then allauth's."""

from django.urls import include, path

from zestech_aftersales.accounts import views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("", include("allauth.urls")),
]
