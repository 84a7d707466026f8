"""Confirmed in portal or API implies that all four items were told before, in whatever order (3.1, invariant 3)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cases.actions.answers import accept
from cases.actions.confirm import confirm
from cases.actions.disclose import disclose
from cases.actions.offers import offer, refuse
from cases.actions.visits import check_in
from cases.models import Disclosure
from cases.models.disclosure import ITEMS
from cases.terms import DisclosureItems
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.instants import instant
from zestech_aftersales.accounts.actors import Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.1")]

R0 = instant("2026-03-02T01:15:30Z")
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
TOLD = {"none": None, "all": make.ALL_ITEMS} | {item: replace(make.ALL_ITEMS, **{item: " "}) for item in ITEMS}
# What is received only now, and what was received just before the last step but is stored after it.
LATER = st.sampled_from([HOUR, HOUR, MICROSECOND, -MICROSECOND])
STEP = st.tuples(
    st.sampled_from(["offer", "accept", "confirm", "confirm", "tell", "refuse", "check_in"]),
    st.sampled_from(list(TOLD)),
    st.sampled_from([Channel.DASHBOARD, Channel.API, Channel.MAIL]),
    LATER,
)
REFUSED = (RuleBroken, TransitionNotAllowed, PermissionDenied, LookupError)
AGREED = [("offer", "none", Channel.DASHBOARD, HOUR), ("accept", "none", Channel.DASHBOARD, HOUR)]


def take(appointment, step, told, channel, at):
    seller, items = make.seller_of(appointment, channel=channel), TOLD[told]
    match step:
        case "offer":
            terms = make.offer_terms(at, method=appointment.method, windows=make.far_off(at))
            offer(appointment, replace(terms, disclosure=items or DisclosureItems()), by=seller, at=at)
        case "accept":
            accept(appointment.offers.order_by("-id")[0], window=0, by=make.buyer_of(appointment), at=at)
        case "confirm":
            confirm(appointment, items=items, by=seller, at=at)
        case "tell" if items:
            disclose(appointment, items, by=seller, at=at)
        case "refuse":
            refuse(appointment, "Nobody is there.", by=seller, at=at)
        case "check_in":
            check_in(appointment.visits.order_by("-id")[0], by=seller, at=at)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(method=st.sampled_from(["door", "door", "remote"]), steps=st.lists(STEP, max_size=9))
@example(
    method="door", steps=[*AGREED, ("tell", "all", Channel.API, HOUR), ("confirm", "none", Channel.API, -MICROSECOND)]
)
@example(
    method="door", steps=[*AGREED, ("tell", "all", Channel.API, HOUR), ("confirm", "all", Channel.API, -MICROSECOND)]
)
@example(
    method="door",
    steps=[
        *AGREED, ("confirm", "none", Channel.MAIL, HOUR), ("refuse", "none", Channel.API, HOUR),
        *AGREED, ("confirm", "all", Channel.API, HOUR),
    ],
)  # fmt: skip
def test_confirmed_in_portal_or_api_implies_that_it_was_told_before(method, steps):
    appointment = make.requested(at=R0, method=method)
    at = R0
    for step, told, channel, later in steps:
        received_at, at = at + later, max(at, at + later)
        with suppress(*REFUSED):
            take(appointment, step, told, channel, received_at)
    given_at = list(Disclosure.objects.filter(appointment=appointment).values_list("given_at", flat=True))
    confirmed = Event.objects.filter(subject=appointment.subject, kind="appointment.confirmed").order_by("id")
    told_before = [any(before <= event.effective_at for before in given_at) for event in confirmed]
    for event, is_told in zip(confirmed, told_before, strict=True):
        assert is_told or (event.channel == Channel.MAIL and event.detail["disclosure_gap"])
    assert make.fresh(appointment).has_disclosure_gap == (told_before[-1:] == [False])
    served = Event.objects.filter(subject=appointment.subject, kind="appointment.checked_in")
    assert all(any(before <= event.effective_at for before in given_at) for event in served)
    assert list(verify(Tally(), at=BEFORE_SEALS, case=appointment.case)) == []


def test_verify_names_a_confirmation_that_nothing_was_told_before():
    appointment = make.requested(at=R0)
    for number, step in enumerate([*AGREED, ("confirm", "all", Channel.API, HOUR)]):
        take(appointment, *step[:3], R0 + number * HOUR)
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []
    Disclosure.objects.update(given_at=R0 + 9 * HOUR)
    assert (appointment.subject, "service terms told before") in {
        (each.thing, each.what) for each in verify(Tally(), at=BEFORE_SEALS)
    }


def test_a_gap_that_is_none_is_named():
    appointment = make.requested(at=R0)
    for number, step in enumerate([*AGREED, ("confirm", "none", Channel.MAIL, HOUR)]):
        take(appointment, *step[:3], R0 + number * HOUR)
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []
    type(appointment).objects.update(has_disclosure_gap=False)
    assert [(each.thing, each.what) for each in verify(Tally(), at=BEFORE_SEALS)] == [
        (appointment.subject, "disclosure gap")
    ]
