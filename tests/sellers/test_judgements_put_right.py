"""An auditor puts right how a promise was judged: term by term, with the reason, and not his own judgement (2.3.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from sellers import queries
from sellers.actions import commitments
from sellers.models import CommitmentSource, SellerCommitment
from sellers.terms import Dimension, Promise
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.sellers import ProductFactory, commit, member_of
from zestech_aftersales.accounts.actors import Actor, Channel, system
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)
DAY = timedelta(days=1)
D = Dimension
H24, H27, H36, H72 = (Promise(D.RESPONSE_HOURS, hours) for hours in (24, 27, 36, 72))
MONTHS_24 = Promise(D.COVER_MONTHS, 24)
WHY = "“24 h” are the opening hours."


@pytest.fixture
def product():
    return ProductFactory()


@pytest.fixture
def said(product):
    return commit(product, H24, MONTHS_24, begins_at=AT - 30 * DAY)


def an_auditor():
    return Actor(channel=Channel.ADMIN, user=AuditorFactory())


def put_right(said, by=None, *, reason=WHY, at=AT, added=(), **verdicts):
    decisions = {said.terms.get(dimension=dimension).pk: verdict for dimension, verdict in verdicts.items()}
    return commitments.judge_anew(said, decisions=decisions, added=added, reason=reason, by=by or an_auditor(), at=at)


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def verdicts(said):
    return [(term.value, term.state, term.reason) for term in said.terms.order_by("pk")]


def test_a_term_is_found_not_to_be_promised_and_one_event_says_why(said, product):
    held = put_right(said, response_hours="no_promise")
    assert (held.state, held.judged_at, held.put_right_at, held.put_right_reason) == ("split", AT, AT, WHY)
    assert verdicts(said) == [(24, "void", "no_promise"), (24, "binding", "extends")]
    assert queries.best_terms(product, AT) == {"cover_months": 24}
    event = Event.objects.get(kind="commitment.put_right")
    assert (event.clause, event.actor_kind, event.before, event.after) == (
        "2.3.3", "staff", {"state": "binding"}, {"state": "split"},
    )  # fmt: skip
    [told] = event.detail["terms"]
    assert (told["was"], told["why"], told["proposed"], event.detail["reason"]) == (
        "extends", "no_promise", "extends", WHY,
    )  # fmt: skip
    # None of it, and all of it again: whichever way it goes, each time by another auditor.
    assert put_right(said, cover_months="no_promise").state == "void"
    assert queries.best_terms(product, AT) == {}
    assert put_right(said, cover_months="extends", response_hours="extends").state == "binding"
    assert queries.best_terms(product, AT) == {"response_hours": 24, "cover_months": 24}


def test_what_was_read_wrong_stays_as_void_beside_what_the_words_say(product):
    said = commit(product, H72, Promise(D.METHODS, "remote", excludes=True))
    assert said.state == "void"
    right = [H27, Promise(D.METHODS, "remote")]
    assert put_right(said, added=right, response_hours="no_promise", methods="no_promise").state == "split"
    assert verdicts(said) == [
        (72, "void", "no_promise"), ("remote", "void", "no_promise"),
        (27, "binding", "extends"), ("remote", "binding", "neutral"),
    ]  # fmt: skip
    assert queries.best_terms(product, AT) == {"response_hours": 27, "methods": ["remote"]}


def test_what_is_added_is_held_against_the_rules_and_earlier_promises(said, product):
    later = commit(product, Promise(D.NUMBER_OF_SERVICES, 5), begins_at=AT - DAY)
    assert put_right(later, added=[H36]).state == "split"
    assert [term.reason for term in later.terms.order_by("pk")] == ["neutral", "narrows_earlier"]


def test_one_that_is_over_stays_so_for_the_orders_that_keep_it(said, product):
    commitments.end(said, reason="Too costly.", by=member_of(product.seller), at=AT)
    held = put_right(said, at=AT + DAY, response_hours="no_promise", cover_months="no_promise")
    assert (held.state, held.ended_at) == ("ended", AT)
    assert queries.best_terms(product, AT) == {}


def test_what_cannot_be_put_right(said, product):
    assert refused(put_right, said, response_hours="no_promise", reason=" ") == ("reason_missing", 422)
    assert refused(put_right, said, response_hours="extends") == ("nothing_put_right", 409)
    assert refused(put_right, said, added=[H24]) == ("terms_twice", 422)
    assert refused(put_right, said, added=[H36, H36]) == ("terms_twice", 422)
    narrow = commit(product, H72)
    assert refused(put_right, narrow, response_hours="extends") == ("narrower_than_rules", 422)
    support = Actor(channel=Channel.ADMIN, user=SupportFactory())
    reported = commitments.record_commitment(
        product.seller, product, source=CommitmentSource.PAGE, statement="A day.", terms=[H24], by=support, at=AT
    )
    assert refused(put_right, reported, response_hours="no_promise") == ("not_judged", 409)
    assert not Event.objects.filter(kind="commitment.put_right").exists()


def test_only_an_auditor_and_never_his_own_judgement(said, product):
    nobodies = [
        *(Actor(channel=Channel.ADMIN, user=make()) for make in (SupportFactory, AdministratorFactory, FinanceFactory)),
        Actor(channel=Channel.PORTAL, user=UserFactory()), member_of(product.seller), system(),
    ]  # fmt: skip
    for nobody in nobodies:
        with pytest.raises(PermissionDenied):
            put_right(said, nobody, response_hours="no_promise")
    first, second = an_auditor(), an_auditor()
    reported = commitments.record_commitment(
        product.seller, product, source=CommitmentSource.PAGE, statement="Soon.", terms=[H27], by=first, at=AT
    )
    commitments.judge(reported, by=second, at=AT)
    for author in (first, second):
        with pytest.raises(PermissionDenied):
            put_right(reported, author, response_hours="no_promise")
    third = an_auditor()
    put_right(reported, third, response_hours="no_promise")
    with pytest.raises(PermissionDenied):
        put_right(reported, third, response_hours="neutral")
    put_right(reported, second, response_hours="narrows_earlier")


def test_the_same_command_twice_is_one(said):
    auditor = an_auditor().with_key("k")
    put_right(said, auditor, response_hours="no_promise")
    assert put_right(said, auditor, response_hours="no_promise").state == "split"
    assert Event.objects.filter(kind="commitment.put_right").count() == 1


def test_the_seller_and_the_buyer_whom_it_was_said_to_are_told_with_the_reason(product):
    owner, buyer = member_of(product.seller), UserFactory()
    said = commitments.record_commitment(
        product.seller, product, source=CommitmentSource.COMMUNICATION, statement="A day.", terms=[H24], made_to=buyer,
        by=owner, at=AT,
    )  # fmt: skip
    put_right(said, response_hours="no_promise")
    event = Event.objects.get(kind="commitment.put_right")
    announcer = announcer_of(event.stream)
    assert {each.user for each in announcer.audience(event)} == {owner.user, buyer}
    told = announcer.notice(event, owner.user)
    assert (told.subject, told.url) == ("Commitment judged anew", "/dashboard/commitments/")
    assert f"Reason: {WHY}\n\nRule 2.3.3" in told.text
    told = announcer.notice(event, buyer)
    assert told.subject == "What the seller said to you was judged anew"
    assert WHY in told.text


def test_what_another_auditor_has_put_right_meanwhile_is_not_overwritten(said):
    seen = queries.judgement_that_stands(said).pk
    put_right(said, response_hours="no_promise")
    hours, months = said.terms.order_by("pk")
    stale = {hours.pk: "extends", months.pk: "no_promise"}
    second = an_auditor()
    assert refused(commitments.judge_anew, said, decisions=stale, reason=WHY, by=second, at=AT, seen=seen) == (
        "judged_meanwhile", 409,
    )  # fmt: skip
    assert verdicts(said) == [(24, "void", "no_promise"), (24, "binding", "extends")]
    now = queries.judgement_that_stands(said).pk
    commitments.judge_anew(said, decisions={months.pk: "no_promise"}, reason=WHY, by=second, at=AT, seen=now)
    assert verdicts(said) == [(24, "void", "no_promise"), (24, "void", "no_promise")]


@pytest.mark.usefixtures("frozen")
def test_what_was_void_by_a_promise_that_never_bound_is_to_be_looked_at_again(said, product, client):
    later = commit(product, H36, begins_at=said.begins_at)
    narrow = commit(product, H72, begins_at=AT - DAY)
    elsewhere = commit(ProductFactory(seller=product.seller), H36, begins_at=AT - DAY)
    assert [each.state for each in (later, narrow, elsewhere)] == ["void", "void", "binding"]
    put_right(said, cover_months="no_promise")
    assert queries.to_reconsider(said) == []
    put_right(said, response_hours="no_promise")
    told = [
        event.detail.get("reconsider") for event in Event.objects.filter(kind="commitment.put_right").order_by("id")
    ]
    assert told == [None, [later.pk]]
    # People decide: nothing of it changes by itself.
    assert verdicts(later) == [(36, "void", "narrows_earlier")]
    assert (queries.to_reconsider(said), queries.no_longer_narrower_than(later)) == ([later], [said])
    enter(client, AuditorFactory())
    pages = {each: reverse("admin:sellers_sellercommitment_change", args=[each.pk]) for each in (said, later, narrow)}
    for here, other, words in (
        (said, later, "void as narrower than this promise, which no longer binds"),
        (later, said, "void as narrower than an earlier promise, which no longer binds"),
    ):
        page = client.get(pages[here]).content.decode()
        assert words in page
        assert f'href="{pages[other]}"' in page
    assert "no longer binds" not in client.get(pages[narrow]).content.decode()
    put_right(later, response_hours="extends")
    assert (queries.to_reconsider(said), queries.no_longer_narrower_than(later)) == ([], [])


def sent_by(form):
    """What a browser would send of the form that a page shows."""
    fields = [form[name] for name in form.fields]
    shown = {field.html_name: field.value() for field in fields}
    first = {field.html_initial_name: shown[field.html_name] for field in fields if field.field.show_hidden_initial}
    typed = {**first, **{name: form.data[name] for name in first if name in form.data}, **shown}
    return {name: value for name, value in typed.items() if value not in (None, False)}


@pytest.mark.usefixtures("frozen")
def test_a_form_that_was_overtaken_comes_again_with_the_verdicts_as_they_are_now(said, client):
    hours, months = said.terms.order_by("pk")
    enter(client, AuditorFactory())
    opened = client.get(address(said)).context["form"]
    put_right(said, added=[H36], response_hours="no_promise")
    mine = {**sent_by(opened), f"term_{months.pk}": "no_promise", "reason": "Two years of what?"}
    answer = client.post(address(said), mine)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Another auditor has put it right" in page
    assert "Two years of what?" in page
    again = sent_by(answer.context["form"])
    added = said.terms.get(value=36)
    assert [again[f"term_{term.pk}"] for term in (hours, months, added)] == ["no_promise", "no_promise", "extends"]
    assert verdicts(said) == [(24, "void", "no_promise"), (24, "binding", "extends"), (36, "binding", "extends")]
    assert client.post(address(said), again).status_code == 302
    assert verdicts(said) == [(24, "void", "no_promise"), (24, "void", "no_promise"), (36, "binding", "extends")]


def address(said):
    return f"{reverse('admin:sellers_sellercommitment_step', args=['judge_anew'])}?thing={said.pk}"


def enter(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")


@pytest.mark.usefixtures("frozen")
def test_the_step_at_the_staff_desk(said, client):
    page = reverse("admin:sellers_sellercommitment_change", args=[said.pk])
    for make in (SupportFactory, AdministratorFactory, FinanceFactory):
        enter(client, make())
        assert "judge_anew" not in client.get(page).content.decode()
        assert client.get(address(said)).status_code == 403
        assert client.post(address(said), {"reason": WHY}).status_code == 403
    auditor = AuditorFactory()
    enter(client, auditor)
    assert "judge_anew" in client.get(page).content.decode()
    form = client.get(address(said)).content.decode()
    assert "Proposed: extending (the whole: extending). The rules give: hours to respond: 48 (rule 2.3.1)." in form
    hours, months = said.terms.order_by("pk")
    shown = {"judgement": queries.judgement_that_stands(said).pk}
    typed = {
        **shown,
        f"term_{hours.pk}": "no_promise",
        f"term_{months.pk}": "extends",
        "what_1": "response_hours",
        "value_1": "36",
    }
    assert "This field is required" in client.post(address(said), typed).content.decode()
    unchanged = {**shown, f"term_{hours.pk}": "extends", f"term_{months.pk}": "extends", "reason": WHY}
    assert client.post(address(said), unchanged).status_code == 409
    assert client.post(address(said), {**typed, "reason": WHY}).status_code == 302
    assert verdicts(said) == [(24, "void", "no_promise"), (24, "binding", "extends"), (36, "binding", "extends")]
    assert SellerCommitment.objects.get().state == "split"
    # His own judgement he leaves to another auditor, and is told so.
    shown = client.get(page).content.decode()
    assert "You took part in an earlier step: another person has to decide." in shown
    assert WHY in shown


@pytest.mark.usefixtures("frozen")
def test_the_seller_reads_it_at_his_promise(said, client):
    owner = member_of(said.seller)
    put_right(said, response_hours="no_promise")
    enter(client, owner.user)
    page = client.get(reverse("dashboard:commitment", args=[said.pk])).content.decode()
    assert "put right by the platform" in page
    assert "Commitment judged anew" in page
    assert page.count("are the opening hours.") == 2
