"""A buyer's complaints, and filing one from a case (3.3)."""

from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import login_required
from django.views.decorators.http import require_http_methods, require_safe

from zestech_aftersales.pages.complaints import ComplaintPages, FilingPage
from zestech_aftersales.pages.judged_limits import bar_limit
from zestech_aftersales.portal.views import buyer

complaint_pages = ComplaintPages("portal", buyer)
# The desk leads its people here, as to every other sum; sellers read theirs on the programme's page.
bar = login_required(require_safe(partial(bar_limit, complaint_pages)))
complain = login_required(require_http_methods(["GET", "POST"])(FilingPage(buyer)))
