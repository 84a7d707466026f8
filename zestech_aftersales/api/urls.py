"""All addresses of the API."""

from typing import Any

from django.urls import URLPattern, include, path, re_path
from django.views.decorators.cache import cache_page
from drf_spectacular.views import SpectacularAPIView
from oauth2_provider.views import RevokeTokenView, TokenView

from zestech_aftersales.api.problems import unknown_address
from zestech_aftersales.api.views.appointments import AppointmentView
from zestech_aftersales.api.views.cases import CaseView, DeadlineView
from zestech_aftersales.api.views.claims import ClaimView
from zestech_aftersales.api.views.commitments import CommitmentView
from zestech_aftersales.api.views.complaints import ComplaintView
from zestech_aftersales.api.views.docs import docs
from zestech_aftersales.api.views.judgement import (
    AuditView,
    BarView,
    ClearanceView,
    LossView,
    RestrictionView,
    ViolationView,
)
from zestech_aftersales.api.views.life import AnswerView, CaseLifeView, DoubtView, SignOffView
from zestech_aftersales.api.views.limits import LimitView
from zestech_aftersales.api.views.longer_limits import LongerLimitView
from zestech_aftersales.api.views.master import EngineerView, PointView, ProductView
from zestech_aftersales.api.views.orders import CoverView, OrderView
from zestech_aftersales.api.views.promises import PromiseView
from zestech_aftersales.api.views.resource import Resource
from zestech_aftersales.api.views.service import PartsView, ShipmentView, UnitView
from zestech_aftersales.api.views.visits import DateView, VisitView

app_name = "api"
SCHEMA_SECONDS = 300


def doing(verb: str, view: type[Resource] = AppointmentView, *, word: str = "", **more: str) -> URLPattern:
    """The address of something that is done to an appointment: `check_in` lies at check-in/, unless `word` says."""
    word = word or verb.replace("_", "-")
    methods: dict[str, Any] = {"post": verb, **more}
    return path(f"appointments/<int:pk>/{word}/", view.as_view(methods), name=f"appointment-{word}")


def kept(plural: str, one: str, view: type[Resource], *verbs: str, **methods: str) -> list[URLPattern]:
    """The addresses of a kind of thing: its list, one of it, and what is done to one; `methods` are of the list."""
    return [
        path(f"{plural}/", view.as_view({"get": "index", **methods}), name=plural),
        path(
            f"{plural}/<int:pk>/",
            view.as_view({"get": "read", **({"patch": "change"} if methods else {})}),
            name=one,
        ),
        *(path(f"{plural}/<int:pk>/{verb}/", view.as_view({"post": verb}), name=f"{one}-{verb}") for verb in verbs),
    ]


def complaining(verb: str) -> URLPattern:
    """The address of something that is done in a complaint."""
    return path(f"complaints/<str:reference>/{verb}/", ComplaintView.as_view({"post": verb}), name=f"complaint-{verb}")


resources = [
    path("orders/", OrderView.as_view({"get": "index", "post": "send"}), name="orders"),
    path("orders/<int:pk>/", OrderView.as_view({"get": "read"}), name="order"),
    path("covers/", CoverView.as_view({"get": "index"}), name="covers"),
    path("covers/<int:pk>/", CoverView.as_view({"get": "read"}), name="cover"),
    path("covers/<int:pk>/slots/", CoverView.as_view({"get": "slots"}), name="cover-slots"),
    path("cases/", CaseView.as_view({"get": "index"}), name="cases"),
    path("cases/<str:reference>/", CaseView.as_view({"get": "read"}), name="case"),
    path("cases/<str:reference>/messages/", CaseView.as_view({"post": "write"}), name="case-messages"),
    path("cases/<str:reference>/complaints/", ComplaintView.as_view({"post": "file"}), name="case-complaints"),
    path("complaints/", ComplaintView.as_view({"get": "index"}), name="complaints"),
    path("complaints/<str:reference>/", ComplaintView.as_view({"get": "read"}), name="complaint"),
    complaining("propose"),
    complaining("accept"),
    complaining("escalate"),
    complaining("withdraw"),
    complaining("evidence"),
    complaining("object"),
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
    doing("report_seller_no_show", VisitView),
    doing("report_buyer_no_show", VisitView),
    doing("report_broken_off", VisitView),
    doing("dispute_no_show", VisitView),
    doing("send_another_engineer", VisitView),
    doing("give_video_link", VisitView, word="video-link"),
    doing("propose", DateView, word="propose-date"),
    doing("accept", DateView, word="accept-date"),
    doing("decline", DateView, word="decline-date"),
    path("proposed-dates/", DateView.as_view({"get": "index"}), name="proposed-dates"),
    doing("sign", SignOffView, word="sign-off", get="read"),
    doing("refuse", SignOffView, word="object"),
    doing("ask", DoubtView, word="unclear"),
    doing("acknowledge", AnswerView, word="acknowledge-answer"),
    doing("file", ClaimView, word="claims"),
    *kept("claims", "claim", ClaimView, "withdraw"),
    path("claims/<int:pk>/proof/", ClaimView.as_view({"post": "prove"}), name="claim-proof"),
    path("claims/<int:pk>/end-event/", ClaimView.as_view({"post": "end"}), name="claim-end-event"),
    path("cases/<str:reference>/close/", CaseLifeView.as_view({"post": "close"}), name="case-close"),
    path("cases/<str:reference>/reopen/", CaseLifeView.as_view({"post": "reopen"}), name="case-reopen"),
    path("cases/<str:reference>/promises/", PromiseView.as_view({"post": "record"}), name="case-promises"),
    *kept("promises", "promise", PromiseView),
    path("commitments/", CommitmentView.as_view({"get": "index", "post": "record"}), name="commitments"),
    path("commitments/<int:pk>/", CommitmentView.as_view({"get": "read"}), name="commitment"),
    path("commitments/<int:pk>/end/", CommitmentView.as_view({"post": "end"}), name="commitment-end"),
    *kept("violations", "violation", ViolationView, "answer", "appeal"),
    *kept("audits", "audit", AuditView, "answer"),
    *kept("losses", "loss", LossView, "answer"),
    path("losses/<int:pk>/vouchers/<int:voucher>/", LossView.as_view({"get": "voucher"}), name="voucher"),
    path("ledger/", LossView.as_view({"get": "ledger"}), name="ledger"),
    *kept("clearances", "clearance", ClearanceView),
    path("programme/bar/", BarView.as_view({"get": "read"}), name="programme-bar"),
    *kept("restrictions", "restriction", RestrictionView, "answer", "appeal"),
    *kept("points", "point", PointView, post="add"),
    *kept("engineers", "engineer", EngineerView, post="add"),
    *kept("products", "product", ProductView, "mark", "unmark"),
    path(
        "appointments/<int:pk>/propose-longer-limit/",
        LongerLimitView.as_view({"post": "propose"}),
        name="propose-longer-limit",
    ),
    path(
        "appointments/<int:pk>/accept-longer-limit/",
        LongerLimitView.as_view({"post": "accept"}),
        name="accept-longer-limit",
    ),
    path(
        "appointments/<int:pk>/decline-longer-limit/",
        LongerLimitView.as_view({"post": "decline"}),
        name="decline-longer-limit",
    ),
    path("appointments/<int:pk>/parts/", PartsView.as_view({"post": "tell"}), name="appointment-parts"),
    path("cases/<str:reference>/shipments/", ShipmentView.as_view({"post": "announce"}), name="case-shipments"),
    path("cases/<str:reference>/replaced-unit/", UnitView.as_view({"post": "replace"}), name="case-replaced-unit"),
    path("shipments/<int:pk>/", ShipmentView.as_view({"get": "read"}), name="shipment"),
    *(
        path(
            f"shipments/<int:pk>/{verb.replace('_', '-')}/",
            ShipmentView.as_view({"post": verb}),
            name=f"shipment-{verb}",
        )
        for verb in ("ship", "correct", "receive", "report_missing", "lose", "take_back")
    ),
    path("deadlines/", DeadlineView.as_view({"get": "index"}), name="deadlines"),
    path("deadlines/<int:pk>/", DeadlineView.as_view({"get": "read"}), name="deadline"),
    path("deadlines/<int:pk>/explanation/", LimitView.as_view({"get": "explain"}), name="deadline-explanation"),
    path("claims/<int:pk>/explanation/", LimitView.as_view({"get": "explain_proof"}), name="claim-explanation"),
    path(
        "claims/<int:pk>/notice/explanation/",
        LimitView.as_view({"get": "explain_notice"}),
        name="claim-notice-explanation",
    ),
    path(
        "appointments/<int:pk>/sign-off/explanation/",
        LimitView.as_view({"get": "explain_sign_off"}),
        name="sign-off-explanation",
    ),
    path(
        "restrictions/<int:pk>/explanation/",
        LimitView.as_view({"get": "explain_restriction"}),
        name="restriction-explanation",
    ),
    path(
        "cases/<str:reference>/complaints/explanation/",
        ComplaintView.as_view({"get": "explain_filing"}),
        name="case-complaints-explanation",
    ),
    path(
        "complaints/<str:reference>/explanation/",
        ComplaintView.as_view({"get": "explain"}),
        name="complaint-explanation",
    ),
    *(
        path(f"{plural}/<int:pk>/explanation/", view.as_view({"get": "explain"}), name=f"{one}-explanation")
        for plural, one, view in (
            ("violations", "violation", ViolationView),
            ("audits", "audit", AuditView),
            ("losses", "loss", LossView),
            ("clearances", "clearance", ClearanceView),
        )
    ),
    path("covers/<int:pk>/explanation/", LimitView.as_view({"get": "explain_cover"}), name="cover-explanation"),
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
