"""Addresses of the sellers' dashboard."""

from django.urls import path

from zestech_aftersales.dashboard import programme, things, views, visits

app_name = "dashboard"
urlpatterns = [
    path("", views.queue, name="cases"),
    path("cases.csv", views.export, name="export"),
    path("calendar/", visits.calendar, name="calendar"),
    path("products/", things.products, name="products"),
    path("points/", things.points, name="points"),
    path("points/add/", things.point, name="add_point"),
    path("points/<int:pk>/", things.point, name="point"),
    path("engineers/", things.engineers, name="engineers"),
    path("engineers/add/", things.engineer, name="add_engineer"),
    path("engineers/<int:pk>/", things.engineer, name="engineer"),
    path("programme/", programme.programme, name="programme"),
    path("programme/apply/", programme.apply_page, name="apply"),
    path("programme/leave/", programme.withdraw_page, name="leave"),
    *views.case_pages.urls(),
]
