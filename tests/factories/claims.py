"""Exclusion claims for tests, filed and decided through the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.actions.claim_rulings import decide_revocation, grant, propose_revocation, reject
from cases.actions.declared import declare
from cases.actions.exclusions import file_claim
from cases.actions.outages import decide_outage, propose_outage
from cases.actions.restrictions import propose_restriction
from cases.models import Cover, DeclaredEvent, ExclusionClaim, Outage, Restriction, ServiceAppointment
from cases.outages import apply_outages
from cases.photos import Photo
from cases.terms import ClaimTerms
from tests.factories.accounts import AdministratorFactory, AuditorFactory, SupportFactory
from tests.factories.cases import seller_of
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel

# A typhoon from 3 March 00:00 to 5 March 12:00 of the platform's zone: what S27 tells of.
TYPHOON = (instant("2026-03-03T00:00:00+08:00"), instant("2026-03-05T12:00:00+08:00"))
PHOTO = Photo("warning.jpg", b"\xff\xd8\xff")


def an_auditor() -> Actor:
    """An auditor at the staff desk."""
    return Actor(channel=Channel.ADMIN, user=AuditorFactory())


def a_supporter() -> Actor:
    """Somebody of the support at the staff desk."""
    return Actor(channel=Channel.ADMIN, user=SupportFactory())


def an_administrator() -> Actor:
    """An administrator at the staff desk."""
    return Actor(channel=Channel.ADMIN, user=AdministratorFactory())


def claim_terms(**given: Any) -> ClaimTerms:
    """The typhoon, which stops reply and confirmation; without photos, so that its proof is awaited."""
    wanted: dict[str, Any] = {
        "ground": "force_majeure", "kind": "typhoon", "place": "Shenzhen", "begins_at": TYPHOON[0],
        "ends_at": TYPHOON[1], "duties": ["response", "confirmation"], "statement": "The office is without power.",
    }  # fmt: skip
    return ClaimTerms(**wanted | given)


def claimed(appointment: ServiceAppointment, *, at: datetime, proven: bool = False, **given: Any) -> ExclusionClaim:
    """The seller's claim; `proven` gives the proof with it, so that it lies with the auditors at once."""
    return file_claim(
        appointment, claim_terms(photos=[PHOTO] if proven else [], **given), by=seller_of(appointment), at=at
    )


def granted(claim: ExclusionClaim, *, at: datetime, **given: Any) -> ExclusionClaim:
    """The claim granted by an auditor."""
    return grant(claim, reason="The warning of the weather office proves it.", by=an_auditor(), at=at, **given)


def rejected(claim: ExclusionClaim, *, at: datetime) -> ExclusionClaim:
    """The claim rejected by an auditor."""
    return reject(claim, reason="The office worked on all days.", by=an_auditor(), at=at)


def revoked(claim: ExclusionClaim, *, at: datetime) -> ExclusionClaim:
    """The grant taken back by two auditors."""
    propose_revocation(claim, reason="The photo is of another year.", by=an_auditor(), at=at)
    return decide_revocation(claim, approved=True, reason="So it is.", by=an_auditor(), at=at)


def declared(*, at: datetime, **given: Any) -> DeclaredEvent:
    """The typhoon as support declares it: around Shenzhen, where the sellers of tests have their seat."""
    wanted: dict[str, Any] = {
        "kind": "typhoon", "country": "CN", "city": "Shenzhen", "begins_at": TYPHOON[0], "ends_at": TYPHOON[1],
        "duties": ["response", "confirmation"], "source": "Weather office, warning 7", "by": a_supporter(),
    }  # fmt: skip
    return declare(**wanted | given, at=at)


def an_outage(begins_at: datetime, ends_at: datetime, *, at: datetime) -> Outage:
    """An outage that one administrator has proposed to toll."""
    return propose_outage(
        begins_at=begins_at, ends_at=ends_at, reason="The database was away.", by=an_administrator(), at=at
    )


def away(begins_at: datetime, ends_at: datetime, *, at: datetime | None = None) -> datetime:
    """Two administrators toll an outage, an hour after its end unless told otherwise; when."""
    at = at or ends_at + timedelta(hours=1)
    outage = an_outage(begins_at, ends_at, at=at)
    decide_outage(outage, approved=True, reason="So the logs say.", by=an_administrator(), at=at)
    apply_outages(now=lambda: at)
    return at


def a_restriction(cover: Cover, *, at: datetime, by: Actor | None = None) -> Restriction:
    """A restriction for half a year that an auditor has proposed."""
    return propose_restriction(
        cover, reason="Twelve requests for one manual.", ends_at=at + timedelta(days=180), by=by or an_auditor(), at=at
    )
