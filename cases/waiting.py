"""What of the cases waits for the staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from cases.abuse import flagged_covers
from cases.actions.claim_rulings import REVOCATION
from cases.actions.editions import EDITION
from cases.actions.outages import OUTAGE_TOLL
from cases.actions.restrictions import RESTRICTION
from cases.mails import unread_acknowledgements
from cases.models import Clock, Cover, Deadline, ExclusionClaim, Offer, Restriction, ServiceAppointment
from cases.models.restriction import APPEAL_UNDECIDED
from cases.reminders.watch_list import near_its_end, standing, unruled, without_reaction
from cases.worklists import MISSED_SHOWN_DAYS
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.desk.reader import Reader
from zestech_aftersales.desk.waiting import WaitingList
from zestech_aftersales.rulebook.queries import edition_in_force

AUDITORS = (PlatformRole.AUDITOR,)
WATCHING = (PlatformRole.SUPPORT, PlatformRole.AUDITOR)
# Whose role decides what a colleague has proposed.
SIGNERS = {
    OUTAGE_TOLL: (PlatformRole.ADMINISTRATOR,),
    EDITION: (PlatformRole.ADMINISTRATOR,),
    RESTRICTION: AUDITORS,
    REVOCATION: AUDITORS,
}


def flagged(rows: QuerySet[Any], _reader: Reader) -> QuerySet[Any]:
    """Offers that a buyer holds unreasonable, with the instant since when as `flagged_at`."""
    ruling = Deadline.objects.filter(appointment=OuterRef("appointment"), clock=Clock.OFFER_RULING, state="running")
    # The state as a literal of the partial index's condition, here and below.
    found: QuerySet[Any] = rows.filter(state="flagged").annotate(flagged_at=Subquery(ruling.values("started_at")[:1]))
    return found


def silent(rows: QuerySet[Any], reader: Reader) -> QuerySet[Any]:
    """Limits missed of late, after which the seller has done nothing."""
    late = rows.filter(ended_at__gte=reader.at - timedelta(days=MISSED_SHOWN_DAYS))
    return without_reaction(late, at=reader.at)


def acknowledged(rows: QuerySet[Any], reader: Reader) -> QuerySet[Any]:
    """Requests refused of late whose buyer says that the answer reached him in time, since when as `said_at`.

    What support has read already, as an answer or as none, waits no longer.
    """
    said = unread_acknowledgements().filter(
        stream=Concat(Value("case/"), Cast(OuterRef("case_id"), CharField())),
        subject=Concat(Value("appointment/"), Cast(OuterRef("pk"), CharField())),
    )
    late = rows.filter(state="deemed_refused", ended_at__gte=reader.at - timedelta(days=MISSED_SHOWN_DAYS))
    found: QuerySet[Any] = late.annotate(said_at=Subquery(said.order_by("id").values("recorded_at")[:1]))
    return found.filter(said_at__isnull=False)


def absent(rows: QuerySet[Any], reader: Reader) -> QuerySet[Any]:
    """Covers whose buyer was not there as often as draws attention."""
    return flagged_covers(rows, edition_in_force(reader.at).law, at=reader.at)


LISTS = (
    WaitingList("offers", _("Flagged offers to rule on"), Offer, AUDITORS, flagged, "flagged_at"),
    WaitingList(
        "unruled",
        _("Rulings on offers overdue"),
        Deadline,
        AUDITORS,
        lambda rows, reader: unruled(rows, at=reader.at),
        "due_at",
    ),
    WaitingList(
        "claims",
        _("Exclusion claims to decide"),
        ExclusionClaim,
        AUDITORS,
        lambda rows, _reader: rows.filter(state="in_review"),
        "filed_at",
    ),
    WaitingList(
        "standing",
        _("Limits that stand without an end"),
        Deadline,
        AUDITORS,
        lambda rows, reader: standing(rows, at=reader.at),
        "started_at",
    ),
    WaitingList("often-absent", _("Buyers who were often not there"), Cover, AUDITORS, absent, "missed_at"),
    WaitingList(
        "restrictions",
        _("Proposed restrictions, heard or still in hearing"),
        Restriction,
        AUDITORS,
        lambda rows, _reader: rows.filter(state="proposed"),
        "proposed_at",
    ),
    WaitingList(
        "restriction-appeals",
        _("Appeals against restrictions"),
        Restriction,
        AUDITORS,
        lambda rows, _reader: rows.filter(APPEAL_UNDECIDED),
        "appealed_at",
    ),
    WaitingList(
        "watch",
        _("Sellers’ limits about to run out"),
        Deadline,
        WATCHING,
        lambda rows, reader: near_its_end(rows, at=reader.at),
        "due_at",
    ),
    WaitingList(
        "acknowledged",
        _("Answers acknowledged by the buyer, to classify"),
        ServiceAppointment,
        (PlatformRole.SUPPORT,),
        acknowledged,
        "said_at",
    ),
    WaitingList("silent", _("Missed of late, no reaction since"), Deadline, WATCHING, silent, "ended_at"),
)
