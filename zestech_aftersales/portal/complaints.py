"""A buyer's complaints, and filing one from a case (3.3)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.views.decorators.http import require_http_methods

from zestech_aftersales.pages.complaints import ComplaintPages, FilingPage
from zestech_aftersales.portal.views import buyer

complaint_pages = ComplaintPages("portal", buyer)
complain = login_required(require_http_methods(["GET", "POST"])(FilingPage(buyer)))
