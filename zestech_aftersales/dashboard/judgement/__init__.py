"""The seller's view of what is judged about him: what he can answer, until when, and what was decided."""

from django.urls import path

from zestech_aftersales.dashboard.judgement import audits, complaints, losses, page, violations

urlpatterns = [
    path("judgement/", page.judgement, name="judgement"),
    path("judgement/all/<slug:name>/", page.judged_list, name="judged_list"),
    path("judgement/audits/<int:pk>/", audits.audit, name="audit"),
    path("judgement/violations/<int:pk>/", violations.violation, name="violation"),
    path("judgement/losses/<int:pk>/", losses.loss, name="loss"),
    *complaints.complaint_pages.urls("judgement/", limits="judgement/limits/"),
]
