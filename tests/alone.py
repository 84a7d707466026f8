"""A seller with all that can be judged about it, and whether an attempt by somebody alone clears it (3.2)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.db.models import Q
from django_fsm import TransitionNotAllowed

from complaints.models import Audit, Clearance, LossClaim, ViolationState
from sellers.models import Enrolment
from tests.everything import Everything
from tests.factories import cases as make
from tests.factories import complaints
from tests.factories.accounts import AdministratorFactory, AuditorFactory
from tests.factories.clearances import a_violation
from tests.factories.sellers import (
    AffiliationFactory,
    ApiClientFactory,
    CommitmentFactory,
    EngineerFactory,
    MembershipFactory,
    ProductFactory,
    SellerFactory,
    ServicePointFactory,
)
from tests.instants import instant
from tests.taken_back import taken_back
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Decision

AT = instant("2026-03-02T01:15:30Z")
# One number for every thing that has to do with it: each address that takes a number is given this one.
NUMBER = 777_777
REFUSED = (RuleBroken, TransitionNotAllowed, PermissionDenied, ValidationError, DatabaseError)


class Situation:
    """An active seller with all that can be judged about it, and a clearance that one auditor has proposed, or none yet."""

    def __init__(self, *, proposed: bool = True, with_everything: bool = False) -> None:
        self.alone, self.administrator = AuditorFactory(pk=NUMBER), AdministratorFactory()
        self.seller = SellerFactory(pk=NUMBER, enrolled=False)
        self.enrolment = Enrolment.objects.create(
            pk=NUMBER, seller=self.seller, state="active", applied_at=AT - timedelta(days=900)
        )
        self.product = ProductFactory(pk=NUMBER, sku=str(NUMBER), seller=self.seller)
        self.violation = a_violation(self.seller, at=AT)
        self._staff()
        self._serve()
        self._judge()
        if with_everything:
            self._add_everything()
        if proposed:
            self._propose()

    def _staff(self) -> None:
        MembershipFactory(seller=self.seller)
        EngineerFactory(pk=NUMBER, seller=self.seller)
        ServicePointFactory(pk=NUMBER, seller=self.seller)
        AffiliationFactory(pk=NUMBER, seller=self.seller, affiliate=SellerFactory())
        CommitmentFactory(pk=NUMBER, seller=self.seller)
        ApiClientFactory(seller=self.seller, order_feed=False)

    def _serve(self) -> None:
        """A request that nobody answered, complained about, and one with an offer that stands."""
        self.complaint = complaints.filed(
            complaints.unanswered(product=self.product, at=AT - timedelta(days=10)), at=AT - timedelta(days=5)
        )
        under_way = make.requested(
            make.a_cover(self.product, buyer_email=self.complaint.buyer.email), at=AT - timedelta(hours=2)
        )
        self.appointment = make.offered(under_way, at=AT - timedelta(hours=1)).appointment

    def _judge(self) -> None:
        Audit.objects.create(pk=NUMBER, seller=self.seller, part="cause", opened_at=AT - timedelta(days=9))
        LossClaim.objects.create(
            pk=NUMBER,
            seller=self.seller,
            violation=self.violation,
            reason="The refusal.",
            drafted_by=self.alone,
            drafted_at=AT,
        )

    def _add_everything(self) -> None:
        """All that can be under way between the seller and the buyer, and what is judged in every state."""
        for state in (ViolationState.CANDIDATE, ViolationState.NOTIFIED, ViolationState.APPEALED):
            a_violation(self.seller, at=AT, state=state)
        self.everything = Everything(
            self.product,
            self.complaint.buyer.email,
            auditor=Actor(Channel.ADMIN, self.alone),
            administrator=Actor(Channel.ADMIN, self.administrator),
            at=AT,
        )

    def named(self, address: str) -> str:
        """An address with our number in it, by the name of its own for what only the real actions can make."""
        case = self.appointment.case
        names = {
            "cases/serviceappointment": self.appointment.pk, "cases/servicecase": case.pk,
            "complaints/complaint": self.complaint.pk, "complaints/violation": self.violation.pk,
            "appointments": self.appointment.pk, "cases": case.reference, "complaints": self.complaint.reference,
            "violations": self.violation.pk,
        }  # fmt: skip
        for words, name in names.items():
            address = address.replace(f"/{words}/{NUMBER}/", f"/{words}/{name}/")
            if f"/{words}/steps/" in address:
                address = address.replace(f"?thing={NUMBER}", f"?thing={name}")
        return address

    def _propose(self) -> None:
        decision = Decision.objects.create(
            pk=NUMBER, kind="clearance", subject=f"enrolment/{NUMBER}", proposer=self.alone, reason="Late again.",
            proposed_at=AT,
        )  # fmt: skip
        clearance = Clearance.objects.create(
            pk=NUMBER, seller=self.seller, enrolment=self.enrolment, reason="Late again.", decision=decision,
            proposed_at=AT,
        )  # fmt: skip
        clearance.violations.add(self.violation)


def is_cleared() -> bool:
    """Whether the seller has lost its place, whatever that is called: cleared, withdrawn in its name, or without the mark."""
    unmarked = Q(seller__products__mark_periods__ends_at__isnull=False)
    return Enrolment.objects.filter(~Q(state="active") | unmarked, seller=NUMBER).exists()


def outcome_of(attempt: Callable[[], object]) -> str:
    """What an attempt comes to, which is then taken back: somebody is cleared by it, it is done, or it is refused."""
    with suppress(*REFUSED), taken_back():
        attempt()
        return "cleared" if is_cleared() else "done"
    return "refused"


def clears(attempt: Callable[[], object]) -> bool:
    return outcome_of(attempt) == "cleared"
