"""Addresses that belong to no single channel; included at the root."""

from django.urls import path

from zestech_aftersales.pages import views

urlpatterns = [path("files/<int:pk>/", views.attachment, name="attachment")]
