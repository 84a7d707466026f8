"""Two people at the same moment: one judges, and an answer in time never loses to it (3.2, T10)."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django_fsm import TransitionNotAllowed

from complaints.actions.hearings import answer
from complaints.actions.judging import confirm, dismiss, overturn, uphold
from complaints.candidates import reconcile
from complaints.models import Violation
from complaints.sweep import sweep
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import violations as judged
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.timeline.models import Event

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.clause("3.2"),
]

TRIALS = 4


def kinds_of(violation):
    return list(Event.objects.filter(stream=violation.subject).order_by("id").values_list("kind", flat=True))


def test_two_auditors_judge_at_once_and_one_of_them_counts():
    for _n in range(TRIALS):
        opener, one, two = claim.an_auditor(), claim.an_auditor(), claim.an_auditor()
        violation = judged.an_answered(judged.a_notified(judged.opened_by(opener)))
        came = side_by_side(
            partial(confirm, violation, reason="Yes.", by=one, at=judged.CONFIRMED),
            partial(dismiss, violation, code="minor", reason="No.", by=two, at=judged.CONFIRMED),
            partial(confirm, violation, reason="I found it.", by=opener, at=judged.CONFIRMED),
        )
        assert isinstance(came.pop(), PermissionDenied)
        assert sum(isinstance(each, TransitionNotAllowed) for each in came) == 1
        violation = make.fresh(violation)
        assert violation.judged_by == (one.user if violation.state == "confirmed" else two.user)
        assert kinds_of(violation)[-1] == f"violation.{violation.state}"


def test_two_third_people_decide_an_appeal_at_once_and_one_of_them_counts():
    for _n in range(TRIALS):
        violation = judged.an_appealed()
        judge_of_it = violation.judged_by
        came = side_by_side(
            partial(uphold, violation, reason="Yes.", by=claim.an_auditor(), at=judged.APPEALED),
            partial(overturn, violation, reason="No.", by=claim.an_auditor(), at=judged.APPEALED),
            partial(overturn, violation, reason="No.", by=at_the_desk(judge_of_it), at=judged.APPEALED),
        )
        assert sum(isinstance(each, PermissionDenied) for each in came) == 1
        assert sum(isinstance(each, TransitionNotAllowed) for each in came) == 1
        assert make.fresh(violation).state in ("upheld", "overturned")
        assert make.fresh(violation).appeal_decided_by != judge_of_it


def at_the_desk(user):
    return Actor(channel=Channel.ADMIN, user=user)


def test_an_answer_in_time_beside_the_sweep_always_counts():
    for _n in range(TRIALS):
        violation = judged.a_notified()
        by = make.seller_of(violation)
        came = side_by_side(
            partial(answer, violation, "In time.", by=by, at=judged.HEARD),
            partial(sweep, at=judged.CONFIRMED),
        )
        assert not [each for each in came if isinstance(each, Exception)]
        assert make.fresh(violation).answered_at == judged.HEARD
        assert violation.deadlines.get().state == "met"


def test_two_readers_of_the_same_appointment_open_one_candidate():
    def look(pk):
        with transaction.atomic():
            return reconcile([pk], at=judged.SWEPT)

    for _n in range(TRIALS):
        appointment = judged.unanswered()
        came = side_by_side(partial(look, appointment.pk), partial(look, appointment.pk))
        # The relay gives the second one another try, event by event.
        assert all(each in (0, 1) or isinstance(each, IntegrityError) for each in came)
        assert Violation.objects.filter(appointment=appointment).count() == 1
        assert Event.objects.filter(kind="violation.opened", detail__breach__startswith="deadline/").count() == (
            Violation.objects.count()
        )
