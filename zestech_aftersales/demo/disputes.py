"""What is judged in the demo: a refusal that the buyer complains of, and a seller who is to be heard on a missed limit."""

from __future__ import annotations

from datetime import datetime

from cases.models import ServiceCase
from complaints.actions.filing import ComplaintTerms, file_complaint
from complaints.actions.hearings import notify
from complaints.actions.negotiation import propose
from complaints.models import Violation, ViolationState
from complaints.queries.filing import matters_of
from zestech_aftersales.demo.course import DAY, HOUR, Course
from zestech_aftersales.demo.people import at_the_desk
from zestech_aftersales.timeline.relay import relay_batch

# The stories that somebody disputes, by their titles.
REFUSED, UNANSWERED = "Hum in the loudspeakers", "Camera picture upside down"


def dispute(*, now: datetime) -> None:
    """Let the buyer complain and the seller propose a way out; an auditor opens the hearing on the missed limit."""
    case = ServiceCase.objects.select_related("cover").get(title=REFUSED)
    course, filed_at = Course(case.cover, now=now), now - 2 * DAY
    [breach] = matters_of(case, at=filed_at)
    told = ComplaintTerms(
        "The amplifier hums since it was fitted, and the seller refused to send anybody.",
        breach=breach.key,
        remedy="An engineer within two weeks, or the price of a workshop here.",
    )
    complaint = file_complaint(case, told, by=course.buyer, at=filed_at)
    propose(complaint, "We pay a workshop of your choice, up to BRL 400.", by=course.seller, at=now - 20 * HOUR)
    # The facts are read into candidates as the worker does it; people judge from there.
    relay_batch(at=now)
    for violation in Violation.objects.filter(state=ViolationState.CANDIDATE, appointment__case__title=UNANSWERED):
        notify(violation, by=at_the_desk("auditor1@example.com"), at=now)
