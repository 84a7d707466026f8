"""Joining and leaving the programme (1.1, 3.2, 4.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django_fsm import TransitionNotAllowed

from sellers import queries
from sellers.actions import enrolments
from sellers.actions.products import unmark
from sellers.models import Enrolment, EnrolmentState
from sellers.screening import screening
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.sellers import (
    EngineerFactory,
    EnrolmentFactory,
    ProductFactory,
    SellerFactory,
    ServicePointFactory,
    an_application,
    member_of,
)
from zestech_aftersales.accounts.actors import Actor, Channel, Seat
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)


@pytest.fixture
def seller():
    return SellerFactory(enrolled=False)


@pytest.fixture
def owner(seller):
    return member_of(seller)


@pytest.fixture
def support():
    return Actor(Channel.ADMIN, SupportFactory())


def test_apply_activate_withdraw(seller, owner, support):
    enrolment = enrolments.apply(seller, statement="We serve in five countries.", by=owner, at=AT)
    assert enrolment.state == EnrolmentState.APPLIED
    active = enrolments.activate(enrolment, by=support, at=AT + timedelta(hours=1))
    assert (active.state, active.decided_at) == (EnrolmentState.ACTIVE, AT + timedelta(hours=1))
    left = enrolments.withdraw(active, reason="We close.", by=owner, at=AT + timedelta(days=1))
    assert (left.state, left.left_at, left.reason) == (EnrolmentState.WITHDRAWN, AT + timedelta(days=1), "We close.")
    assert queries.enrolment_of(seller) == left
    told = Event.objects.filter(subject=f"enrolment/{enrolment.pk}").order_by("id")
    assert [event.kind for event in told] == ["enrolment.applied", "enrolment.activated", "enrolment.withdrawn"]
    assert [(event.before or {}).get("state") for event in told] == [None, "applied", "active"]
    assert [event.after["state"] for event in told] == ["applied", "active", "withdrawn"]


@pytest.mark.clause("4.3")
def test_leaving_ends_the_marks_from_then_on_and_nothing_before(seller, owner):
    enrolment = EnrolmentFactory(seller=seller)
    marked, unmarked = ProductFactory(seller=seller), ProductFactory(seller=seller, marked=False)
    other = ProductFactory()
    enrolments.withdraw(enrolment, reason="We close.", by=owner.with_key("k"), at=AT)
    assert marked.is_marked_at(AT)
    assert not marked.is_marked_at(AT + timedelta(microseconds=1))
    assert other.is_marked_at(AT + timedelta(days=1))
    assert not unmarked.mark_periods.exists()
    kinds = Event.objects.filter(stream=f"seller/{seller.pk}").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["enrolment.withdrawn", "product.unmarked"]


def test_one_application_at_a_time(seller, owner):
    enrolments.apply(seller, by=owner, at=AT)
    with pytest.raises(RuleBroken) as refused:
        enrolments.apply(seller, by=owner, at=AT)
    assert refused.value.code == "already_enrolled"
    with pytest.raises(IntegrityError), transaction.atomic():
        EnrolmentFactory(seller=seller)


def test_the_same_command_twice_is_one_application(seller, owner):
    first = enrolments.apply(seller, by=owner.with_key("abc"), at=AT)
    assert enrolments.apply(seller, by=owner.with_key("abc"), at=AT) == first
    assert Enrolment.objects.count() == 1
    assert Event.objects.count() == 1


def test_after_a_rejection_or_withdrawal_one_may_apply_again(seller, owner, support):
    for leave in ("reject", "withdraw"):
        enrolment = enrolments.apply(seller, by=owner, at=AT)
        if leave == "reject":
            enrolments.reject(enrolment, reason="No papers.", by=support, at=AT)
        else:
            enrolments.activate(enrolment, by=support, at=AT)
            enrolments.withdraw(enrolment, reason="Not now.", by=owner, at=AT)
    assert enrolments.apply(seller, by=owner, at=AT).state == EnrolmentState.APPLIED


@pytest.mark.clause("3.2")
@pytest.mark.parametrize("entity", ["same", "another account of the entity"])
def test_s64_the_bar_includes_its_last_instant(seller, owner, support, entity):
    cleared = seller if entity == "same" else SellerFactory(legal_name=seller.legal_name.upper(), enrolled=False)
    enrolment = EnrolmentFactory(seller=cleared)
    last = datetime(2025, 2, 28, 16, tzinfo=UTC)
    enrolment.clear(cleared.legal_name, last, datetime.fromisoformat("2024-02-29T15:00+08:00"))
    enrolment.save()
    with pytest.raises(RuleBroken) as refused:
        enrolments.apply(seller, by=owner, at=last)
    assert (refused.value.code, refused.value.clause) == ("barred", "3.2")
    assert enrolments.apply(seller, by=owner, at=last + timedelta(microseconds=1))


@pytest.mark.clause("3.2")
def test_nobody_is_activated_under_a_bar(seller, owner, support):
    enrolment = enrolments.apply(seller, by=owner, at=AT)
    EnrolmentFactory(seller__legal_name=seller.legal_name, state=EnrolmentState.CLEARED, cleared_at=AT)
    with pytest.raises(RuleBroken) as refused:
        enrolments.activate(enrolment, by=support, at=AT + timedelta(days=1))
    assert refused.value.code == "barred"
    assert Enrolment.objects.get(pk=enrolment.pk).state == EnrolmentState.APPLIED


@pytest.mark.clause("2.1.1")
def test_what_is_stated_is_kept_with_the_edition_agreed_to(seller, owner):
    enrolment = enrolments.apply(seller, application=an_application(charging=" Free in cover. "), by=owner, at=AT)
    kept = Enrolment.objects.get(pk=enrolment.pk)
    assert (kept.service_types, kept.methods, kept.places) == (["installation"], ["door"], ["AE", "DE Frankfurt"])
    assert (kept.charging, kept.contact_name, kept.agreed_edition.number) == ("Free in cover.", "Service desk", 1)
    assert Event.objects.get().detail["agreed_edition"] == 1


@pytest.mark.parametrize(
    ("left_out", "named"),
    [
        ({"service_types": []}, ["service_types"]),
        ({"methods": []}, ["methods"]),
        ({"places": []}, ["places"]),
        ({"places": [], "methods": ["remote"]}, []),
        ({"charging": "  "}, ["charging"]),
        ({"contact_name": ""}, ["contact_name"]),
        ({"contact_email": ""}, ["contact_email"]),
        ({"contact_email": "", "contact_phone": "+86 1"}, []),
    ],
)
def test_a_statement_with_a_part_left_out_is_refused(seller, owner, left_out, named):
    application = an_application(**left_out)
    if not named:
        assert enrolments.apply(seller, application=application, by=owner, at=AT)
        return
    with pytest.raises(RuleBroken) as refused:
        enrolments.apply(seller, application=application, by=owner, at=AT)
    assert (refused.value.code, refused.value.context["missing"]) == ("application_incomplete", named)
    assert not Enrolment.objects.exists()


def test_what_the_rules_do_not_know_cannot_be_stated(seller, owner):
    with pytest.raises(RuleBroken) as refused:
        enrolments.apply(seller, application=an_application(service_types=["car wash"]), by=owner, at=AT)
    assert (refused.value.code, list(refused.value.context["fields"])) == ("invalid", ["service_types"])


def test_the_rules_agreed_to_are_those_in_force(seller, owner):
    with pytest.raises(RuleBroken) as refused:
        enrolments.apply(seller, application=an_application(agreed_edition=2), by=owner, at=AT)
    assert (refused.value.code, refused.value.context["edition"]) == ("edition_changed", 1)


def test_screening_says_where_the_statement_goes_beyond_what_there_is(seller, owner):
    stated = an_application(methods=["door", "point"], service_types=["installation", "debugging"])
    enrolment = enrolments.apply(seller, application=stated, by=owner, at=AT)
    found = screening(enrolment, AT)
    assert [doubt.split(",")[0] for doubt in found.doubts] == [
        "Service at a local point is stated",
        "Door visits are stated",
    ]
    EngineerFactory(seller=seller, skills=["installation"])
    ServicePointFactory(seller=seller)
    ServicePointFactory()
    found = screening(enrolment, AT)
    assert found.doubts == ["No engineer is said to do this: Program debugging."]
    assert (len(found.points), len(found.engineers), found.earlier) == (1, 1, [])
    EngineerFactory(seller=seller, skills=[])
    assert screening(enrolment, AT).doubts == []


@pytest.mark.clause("3.2")
def test_screening_shows_a_bar_and_the_applications_before(seller, owner, support):
    before = enrolments.apply(seller, by=owner, at=AT)
    enrolments.reject(before, reason="No papers.", by=support, at=AT)
    enrolment = enrolments.apply(seller, by=owner, at=AT)
    assert screening(enrolment, AT).doubts == ["Services, methods and charges were not stated."]
    assert screening(enrolment, AT).barred_until is None
    other = EnrolmentFactory(seller__legal_name=seller.legal_name)
    other.clear(seller.legal_name, AT + timedelta(days=365), AT)
    other.save()
    found = screening(enrolment, AT)
    assert found.earlier == [before]
    assert found.barred_until == datetime(2027, 3, 2, 16, tzinfo=UTC)


STEPS = {"activate": enrolments.activate, "reject": enrolments.reject, "withdraw": enrolments.withdraw}
LEGAL = {("activate", "applied"), ("reject", "applied"), ("withdraw", "active")}


@pytest.mark.parametrize("state", EnrolmentState.values)
@pytest.mark.parametrize("step", STEPS)
def test_what_may_follow_what(seller, owner, support, step, state):
    enrolment = EnrolmentFactory(seller=seller, state=state)
    by = owner if step == "withdraw" else support
    if (step, state) in LEGAL:
        assert STEPS[step](enrolment, reason="So.", by=by, at=AT).state != state
        return
    with pytest.raises(TransitionNotAllowed):
        STEPS[step](enrolment, reason="So.", by=by, at=AT)
    assert Enrolment.objects.get(pk=enrolment.pk).state == state
    assert not Event.objects.exists()


@pytest.mark.parametrize("state", EnrolmentState.values)
def test_only_a_member_past_or_present_can_be_cleared(state):
    enrolment = EnrolmentFactory.build(state=state)
    if state in ("active", "withdrawn"):
        enrolment.clear("Limited", AT, AT)
        assert enrolment.state == EnrolmentState.CLEARED
    else:
        with pytest.raises(TransitionNotAllowed):
            enrolment.clear("Limited", AT, AT)


def test_a_state_is_never_assigned():
    enrolment = EnrolmentFactory()
    with pytest.raises(AttributeError):
        enrolment.state = EnrolmentState.CLEARED


def test_only_the_owner_applies(seller, support):
    for other in (
        support,
        member_of(seller, Seat.STAFF),
        member_of(seller, Seat.ENGINEER),
        member_of(SellerFactory()),
        Actor(Channel.PORTAL, UserFactory()),
    ):
        with pytest.raises(PermissionDenied):
            enrolments.apply(seller, by=other, at=AT)


def test_who_screens(seller, owner):
    enrolment = enrolments.apply(seller, by=owner, at=AT)
    for other in (owner, Actor(Channel.ADMIN, FinanceFactory()), Actor(Channel.PORTAL, UserFactory())):
        for step in (enrolments.activate, enrolments.reject):
            with pytest.raises(PermissionDenied):
                step(enrolment, reason="So.", by=other, at=AT)
    for role in (SupportFactory, AuditorFactory, AdministratorFactory):
        fresh = EnrolmentFactory(state="applied")
        assert enrolments.activate(fresh, by=Actor(Channel.ADMIN, role()), at=AT).state == EnrolmentState.ACTIVE


@pytest.mark.parametrize("step", ["reject", "withdraw"])
def test_what_ends_a_right_needs_a_reason(seller, owner, support, step):
    enrolment = EnrolmentFactory(seller=seller, state="applied" if step == "reject" else "active")
    with pytest.raises(RuleBroken) as refused:
        STEPS[step](enrolment, reason="", by=owner if step == "withdraw" else support, at=AT)
    assert refused.value.code == "reason_missing"


@pytest.mark.clause("3.2")
@pytest.mark.parametrize("role", [SupportFactory, AuditorFactory, AdministratorFactory])
def test_nobody_of_the_staff_takes_a_seller_out(seller, role):
    enrolment, product = EnrolmentFactory(seller=seller), ProductFactory(seller=seller)
    by = Actor(Channel.ADMIN, role())
    with pytest.raises(PermissionDenied):
        enrolments.withdraw(enrolment, reason="I do not like them.", by=by, at=AT)
    with pytest.raises(PermissionDenied):
        unmark(product, reason="I do not like it.", by=by, at=AT)
    assert Enrolment.objects.get().state == "active"
    assert product.mark_periods.get().ends_at is None
