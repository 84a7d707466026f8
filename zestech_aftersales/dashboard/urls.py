"""Addresses of the sellers' dashboard."""

from django.urls import path

from zestech_aftersales.dashboard import commitments, judgement, marks, programme, things, views, visits

app_name = "dashboard"
urlpatterns = [
    path("", views.queue, name="cases"),
    path("cases.csv", views.export, name="export"),
    path("calendar/", visits.calendar, name="calendar"),
    path("calendar.ics", visits.calendar_file, name="calendar_file"),
    path("products/", things.products, name="products"),
    path("products/<int:pk>/mark/", marks.set_mark, name="set_mark"),
    path("products/<int:pk>/unmark/", marks.end_mark, name="end_mark"),
    path("commitments/", commitments.commitments, name="commitments"),
    path("commitments/add/", commitments.add_commitment, name="add_commitment"),
    path("commitments/<int:pk>/", commitments.commitment, name="commitment"),
    path("commitments/<int:pk>/end/", commitments.end_commitment, name="end_commitment"),
    path("points/", things.points, name="points"),
    path("points/add/", things.point, name="add_point"),
    path("points/<int:pk>/", things.point, name="point"),
    path("engineers/", things.engineers, name="engineers"),
    path("engineers/add/", things.engineer, name="add_engineer"),
    path("engineers/<int:pk>/", things.engineer, name="engineer"),
    path("programme/", programme.programme, name="programme"),
    path("programme/apply/", programme.apply_page, name="apply"),
    path("programme/leave/", programme.withdraw_page, name="leave"),
    path("programme/bar/", programme.bar_page, name="bar"),
    path("programme/run-off/", programme.run_off_page, name="run_off"),
    *judgement.urlpatterns,
    *views.case_pages.urls(),
]
