"""The whole way with real processes: a limit passes, the state changes, the mail arrives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from benchmarks.waiting import wait_until
from tests.cases.stack import PATIENCE, Stack
from tests.factories import cases as make
from tests.timeline.smtp import free_port, smtp_sink
from zestech_aftersales import clock


@pytest.mark.slow
@pytest.mark.redis
@pytest.mark.clause("2.3.1")
@pytest.mark.django_db(transaction=True)
def test_a_limit_passes_under_worker_and_beat_and_the_people_are_told():
    at = clock.now()
    cover = make.a_cover(placed_at=at - timedelta(days=30), paid_at=at - timedelta(days=30))
    seller = make.seller_of(cover)
    appointment = make.requested(cover, at=at - timedelta(hours=48) + timedelta(seconds=3))
    port = free_port()
    with smtp_sink(port) as sink, Stack(SETTLE_SECONDS="1", EMAIL_URL=f"smtp://127.0.0.1:{port}") as stack:
        stack.worker()
        stack.beat()
        told = {cover.buyer.email, seller.user.email}
        wait_until(
            lambda: {mail["To"] for mail in sink.mails if "efused" in str(mail["Subject"])} >= told, PATIENCE, pause=0.2
        )
        [(state, late)] = stack.ask(
            "SELECT a.state, e.recorded_at > e.effective_at FROM cases_serviceappointment a "
            f"JOIN timeline_event e ON e.subject = 'appointment/{appointment.pk}' "
            f"AND e.kind = 'appointment.deemed_refused' WHERE a.id = {appointment.pk}"
        )
    assert (state, bool(late)) == ("deemed_refused", True)
    case = appointment.case.reference
    [mail] = [mail for mail in sink.mails if mail["To"] == cover.buyer.email and "efused" in str(mail["Subject"])]
    assert case in str(mail["Subject"])
    assert f"/portal/cases/{case}/" in str(mail.get_body(("plain",)))
