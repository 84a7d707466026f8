"""Loss claims for tests, by the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from complaints.actions.losses import answer, approve, draft, make_final, put_up
from complaints.losses import Head
from complaints.models import LossClaim, Violation
from complaints.vouchers import VoucherFile
from tests.factories import cases as make
from tests.factories import violations as judged
from tests.factories.accounts import FinanceFactory
from tests.factories.claims import an_auditor
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel

HOUR = timedelta(hours=1)
# The breach is confirmed just after 10 March 24:00 in Shanghai; the seller may answer until 24:00 of 25 March.
DRAFTED = judged.CONFIRMED + HOUR
ANSWER_DUE = instant("2026-03-25T16:00:00Z")
A_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
BILL = VoucherFile("bill 17.pdf", A_PDF, "application/pdf")
PAGE = VoucherFile("page.jpg", b"\xff\xd8\xff\xe0 a photo", "image/jpeg")
ATTORNEY = Head("attorney", Decimal("1200.50"), "CNY", "Bill 17", "Advice on the complaint", BILL)
NOTARY = Head("notary", Decimal("80.00"), "EUR", "Bill 18", "The page was certified", PAGE)


def of_finance() -> Actor:
    """Somebody of finance at the staff desk."""
    return Actor(channel=Channel.ADMIN, user=FinanceFactory())


def a_draft(violation: Violation | None = None, *heads: Head, by: Actor | None = None) -> LossClaim:
    """A draft on a confirmed breach."""
    violation = violation or judged.a_confirmed()
    return draft(violation, heads or (ATTORNEY, NOTARY), reason="The refusal.", by=by or of_finance(), at=DRAFTED)


def a_notified(claim: LossClaim | None = None, *, at: datetime = DRAFTED + HOUR) -> LossClaim:
    """A claim that finance has put up and an auditor has approved."""
    claim = put_up(claim or a_draft(), reason="Please look.", by=of_finance(), at=DRAFTED)
    return approve(claim, reason="So it is.", by=an_auditor(), at=at)


def an_accepted(claim: LossClaim | None = None, *, at: datetime = DRAFTED + 2 * HOUR) -> LossClaim:
    """A claim that its seller accepts."""
    claim = claim or a_notified()
    return answer(claim, "", contests=False, by=make.seller_of(claim), at=at)


def a_final(claim: LossClaim | None = None) -> LossClaim:
    """A claim that is owed as it stands."""
    return make_final(claim or an_accepted(), reason="Accepted.", by=of_finance(), at=DRAFTED + 3 * HOUR)
