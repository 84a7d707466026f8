"""Addresses of the buyers' portal."""

from django.urls import path

from zestech_aftersales.portal import booking, complaints, restrictions, views, waivers

app_name = "portal"
urlpatterns = [
    path("", views.orders, name="orders"),
    path("cases/", views.cases, name="cases"),
    path("book/", booking.choose, name="book"),
    path("book/fault/", booking.fault, name="book_fault"),
    path("book/method/", booking.method, name="book_method"),
    path("book/check/", booking.check, name="book_check"),
    path("booked/<str:reference>/", booking.booked, name="booked"),
    path("covers/<int:pk>/waive/", waivers.give_up, name="waive"),
    path("restrictions/<int:pk>/", restrictions.restriction, name="restriction"),
    path("waivers/<int:pk>/", waivers.confirm, name="confirm_waiver"),
    # Before the steps of a case, whose address it would fit as well.
    path("cases/<str:reference>/complain/", complaints.complain, name="complain"),
    *complaints.complaint_pages.urls(),
    path("clearances/<int:pk>/bar/", complaints.bar, name="bar_limit"),
    *views.case_pages.urls(),
]
