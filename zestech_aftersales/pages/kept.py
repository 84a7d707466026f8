"""What came after its time and was kept: said on the thing's own page, where nothing is left to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages

if TYPE_CHECKING:
    from django.http import HttpRequest

    from zestech_aftersales.ui.keyed import KeyedForm

# The refusals of the judgement that are committed with the words that were refused.
KEPT_LATE = frozenset({"evidence_over", "objection_over", "hearing_over", "appeal_over", "answer_over"})


def is_kept_late(request: HttpRequest, form: KeyedForm) -> bool:
    """Whether what the form sent was refused and kept as late; the next page says so.

    The form is not shown again: what would be typed into it now is not what was kept.
    """
    refusal = form.refusal
    if refusal is None or refusal.code not in KEPT_LATE:
        return False
    messages.warning(request, refusal.detail)
    return True
