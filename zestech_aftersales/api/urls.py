"""All addresses of the API."""

from django.urls import URLPattern, include, path, re_path
from django.views.decorators.cache import cache_page
from drf_spectacular.views import SpectacularAPIView
from oauth2_provider.views import RevokeTokenView, TokenView

from zestech_aftersales.api.problems import unknown_address
from zestech_aftersales.api.views.appointments import AppointmentView
from zestech_aftersales.api.views.cases import CaseView, DeadlineView
from zestech_aftersales.api.views.docs import docs
from zestech_aftersales.api.views.limits import LimitView
from zestech_aftersales.api.views.orders import CoverView, OrderView

app_name = "api"
SCHEMA_SECONDS = 300


def doing(verb: str) -> URLPattern:
    """The address of something that is done to an appointment: `check_in` lies at check-in/."""
    word = verb.replace("_", "-")
    return path(f"appointments/<int:pk>/{word}/", AppointmentView.as_view({"post": verb}), name=f"appointment-{word}")


resources = [
    path("orders/", OrderView.as_view({"get": "index", "post": "send"}), name="orders"),
    path("orders/<int:pk>/", OrderView.as_view({"get": "read"}), name="order"),
    path("covers/", CoverView.as_view({"get": "index"}), name="covers"),
    path("covers/<int:pk>/", CoverView.as_view({"get": "read"}), name="cover"),
    path("cases/", CaseView.as_view({"get": "index"}), name="cases"),
    path("cases/<str:reference>/", CaseView.as_view({"get": "read"}), name="case"),
    path("cases/<str:reference>/messages/", CaseView.as_view({"post": "write"}), name="case-messages"),
    path("appointments/", AppointmentView.as_view({"get": "index", "post": "request_service"}), name="appointments"),
    path("appointments/<int:pk>/", AppointmentView.as_view({"get": "read"}), name="appointment"),
    doing("offer"),
    doing("revise"),
    doing("accept"),
    doing("counter"),
    doing("flag"),
    doing("refuse"),
    doing("cancel"),
    doing("disclose"),
    doing("acknowledge"),
    doing("confirm"),
    doing("check_in"),
    doing("complete"),
    path("deadlines/", DeadlineView.as_view({"get": "index"}), name="deadlines"),
    path("deadlines/<int:pk>/", DeadlineView.as_view({"get": "read"}), name="deadline"),
    path("deadlines/<int:pk>/explanation/", LimitView.as_view({"get": "explain"}), name="deadline-explanation"),
    path("covers/<int:pk>/limits/", LimitView.as_view({"get": "would_be"}), name="cover-limits"),
]

urlpatterns = [
    path("oauth/token/", TokenView.as_view(), name="token"),
    path("oauth/revoke/", RevokeTokenView.as_view(), name="revoke"),
    path("docs/", docs, name="docs"),
    path("v1/schema/", cache_page(SCHEMA_SECONDS)(SpectacularAPIView.as_view()), name="schema"),
    path("v1/", include(resources)),
    re_path(r"", unknown_address),
]
