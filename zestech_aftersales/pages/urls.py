"""Addresses that belong to no single channel; included at the root."""

from django.urls import path

from zestech_aftersales.pages import views, vouchers

urlpatterns = [
    path("files/<int:pk>/", views.attachment, name="attachment"),
    path("files/vouchers/<int:pk>/", vouchers.voucher, name="voucher"),
]
