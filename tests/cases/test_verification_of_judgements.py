"""A judgement that was put right, and what follows from it, counted again from the events: a corrupted row is named."""

from datetime import timedelta

import pytest

from cases.models import Cover, ServiceAppointment
from cases.verification import Tally, verify
from sellers.actions.commitments import judge_anew
from sellers.models import SellerCommitment, Term
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)


def found():
    return {(each.thing, each.what) for each in verify(Tally(), at=instant("2020-01-01T00:00:00Z"))}


def test_verdicts_reason_and_what_binds_by_them():
    product = make.a_product()
    said = commit(product, Promise(Dimension.RESPONSE_HOURS, 24), begins_at=make.PLACED - HOUR)
    cover = make.a_cover(product)
    appointment = make.requested(cover, at=R0)
    assert found() == set()
    decisions, auditor = {said.terms.get().pk: "no_promise"}, Actor(channel=Channel.ADMIN, user=AuditorFactory())
    judge_anew(said, decisions=decisions, reason="Opening hours.", by=auditor, at=R0 + HOUR)
    relay_batch(at=R0 + HOUR)
    assert found() == set()
    Term.objects.update(state="binding", reason="extends")
    SellerCommitment.objects.update(put_right_reason="Because.")
    ServiceAppointment.objects.update(terms={"number_of_services": 3})
    cover = make.fresh(cover)
    Cover.objects.update(snapshot={**cover.snapshot, "terms": {"number_of_services": 3}})
    promise = f"commitment/{said.pk}"
    assert found() == {
        (promise, "terms"), (promise, "put right because"), (appointment.subject, "terms"), (f"cover/{cover.pk}", "terms"),
    }  # fmt: skip


def test_a_verdict_that_no_event_tells():
    product = make.a_product()
    said = commit(product, Promise(Dimension.RESPONSE_HOURS, 24))
    Term.objects.create(commitment=said, dimension=Dimension.COVER_MONTHS, value=24, state="binding", reason="extends")
    assert found() == {(f"commitment/{said.pk}", "terms")}
