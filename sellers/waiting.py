"""What of the sellers waits for the staff."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sellers.models import CommitmentState, Enrolment, EnrolmentState, SellerCommitment
from sellers.permissions import JUDGING_ROLES, SCREENING_ROLES
from zestech_aftersales.desk.waiting import WaitingList

LISTS = (
    WaitingList(
        "applications",
        _("Applications to screen"),
        Enrolment,
        SCREENING_ROLES,
        lambda rows, _reader: rows.filter(state=EnrolmentState.APPLIED),
        "applied_at",
    ),
    WaitingList(
        "commitments",
        _("Commitments to judge"),
        SellerCommitment,
        JUDGING_ROLES,
        lambda rows, _reader: rows.filter(state=CommitmentState.RECORDED),
        "recorded_at",
    ),
)
