"""The staff's admin over sellers: states read-only, no delete, steps with a reason."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.urls import reverse

from sellers import models
from sellers.models import Enrolment, EnrolmentState, MarkPeriod, Product, Seller, SellerCommitment
from sellers.terms import Dimension, Promise
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.sellers import (
    ApiClientFactory,
    CommitmentFactory,
    EngineerFactory,
    EnrolmentFactory,
    MarkPeriodFactory,
    MembershipFactory,
    ProductFactory,
    SellerFactory,
    ServicePointFactory,
    commit,
)
from zestech_aftersales.staff import ReadOnlyStateAdmin
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

REGISTERED = [model for model in admin.site._registry if model._meta.app_label == "sellers"]
# The affiliations are for auditors alone: see test_affiliations.
OPEN_TO_ALL = [model for model in REGISTERED if model is not models.Affiliation]


@pytest.fixture
def administrator(client):
    user = AdministratorFactory()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return user


def page(name, thing=None, model=None):
    model = model or type(thing)
    return reverse(f"admin:sellers_{model._meta.model_name}_{name}", args=[thing.pk] if thing else [])


def step(name, *things):
    address = reverse(f"admin:sellers_{things[0]._meta.model_name}_step", args=[name])
    return f"{address}?{'&'.join(f'thing={thing.pk}' for thing in things)}"


def told(response):
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def things():
    seller = SellerFactory(enrolled=False)
    product = ProductFactory(seller=seller)
    return [
        seller,
        product,
        EnrolmentFactory(seller=seller),
        ServicePointFactory(seller=seller),
        EngineerFactory(seller=seller),
        MembershipFactory(seller=seller),
        ApiClientFactory(seller=seller, order_feed=False),
        commit(product, Promise(Dimension.RESPONSE_HOURS, 24)),
    ]


@pytest.mark.usefixtures("administrator")
def test_every_page_opens(client, things):
    assert {type(thing) for thing in things} == set(OPEN_TO_ALL)
    for thing in things:
        for address in (page("changelist", model=type(thing)), page("change", thing), page("history", thing)):
            response = client.get(address)
            assert response.status_code == 200, address
            assert b"style=" not in response.content
    for model in (models.Seller, models.Product, models.ServicePoint, models.Engineer, models.ApiClient):
        assert client.get(page("add", model=model)).status_code == 200


@pytest.mark.usefixtures("administrator")
def test_nothing_is_deleted_anywhere(client, things):
    for thing in things:
        assert client.get(page("delete", thing)).status_code == 403
        assert client.post(page("delete", thing), {"post": "yes"}).status_code == 403
        response = client.post(
            page("changelist", model=type(thing)),
            {"action": "delete_selected", "_selected_action": [thing.pk], "post": "yes"},
        )
        assert response.status_code in (200, 302)
        assert type(thing).objects.filter(pk=thing.pk).exists()
        assert b"delete_selected" not in client.get(page("changelist", model=type(thing))).content
        assert b"deletelink" not in client.get(page("change", thing)).content


@pytest.mark.usefixtures("administrator")
def test_a_posted_state_changes_nothing(client):
    enrolment = EnrolmentFactory(state="applied")
    response = client.post(page("change", enrolment), {"state": "active", "applied_at_0": "2020-01-01"})
    assert response.status_code == 403
    same = Enrolment.objects.get(pk=enrolment.pk)
    assert (same.state, same.applied_at) == (EnrolmentState.APPLIED, enrolment.applied_at)
    commitment = CommitmentFactory()
    client.post(page("change", commitment), {"state": "binding", "statement": "More."})
    kept = SellerCommitment.objects.get(pk=commitment.pk)
    assert (kept.state, kept.statement) == ("recorded", commitment.statement)


@pytest.mark.usefixtures("administrator")
def test_a_products_mark_seller_and_page_are_not_edited_by_form(client):
    product, other = ProductFactory(), SellerFactory()
    form = {"name": "New name", "brand": "B", "sku": "X", "seller": other.pk, "page": "{}", "methods": ["door"]}
    rows: dict[str, object] = {"mark_periods-TOTAL_FORMS": 1, "mark_periods-INITIAL_FORMS": 1}
    rows |= {"mark_periods-0-id": product.mark_periods.get().pk, "mark_periods-0-ends_at_0": "2022-01-01"}
    response = client.post(page("change", product), form | rows)
    assert response.status_code == 302
    same = Product.objects.get(pk=product.pk)
    assert (same.name, same.sku, same.seller, same.methods) == ("New name", product.sku, product.seller, ["door"])
    assert same.mark_periods.get().ends_at is None
    [event] = Event.objects.all()
    assert (event.kind, event.channel) == ("product.changed", "admin")
    assert event.after == {"name": "New name", "brand": "B", "service_types": [], "methods": ["door"]}


def test_master_data_is_saved_by_its_action(client, administrator):
    form = {
        "name": "North",
        "legal_name": "North Limited",
        "slug": "north",
        "country": "DE",
        "city": "Kiel",
        "email": "north@example.com",
        "time_zone": "Europe/Berlin",
    }
    assert client.post(page("add", model=Seller), form).status_code == 302
    seller = Seller.objects.get()
    event = Event.objects.get()
    assert (event.kind, event.actor, event.subject) == ("seller.registered", administrator, f"seller/{seller.pk}")
    response = client.post(page("add", model=Seller), form | {"slug": "other", "country": "de"})
    assert b"Two capital letters" in response.content
    assert Seller.objects.count() == 1


@pytest.mark.usefixtures("administrator")
def test_a_refusal_by_the_action_is_told(client):
    membership = MembershipFactory()
    response = client.post(page("change", membership), {"seat": "staff"}, follow=True)
    assert told(response) == ["A seller keeps at least one owner."]
    membership.refresh_from_db()
    assert membership.seat == "owner"


@pytest.mark.parametrize("role", [SupportFactory, AuditorFactory])
def test_only_administrators_edit(client, role):
    client.force_login(role(), backend="allauth.account.auth_backends.AuthenticationBackend")
    seller = SellerFactory()
    assert client.get(page("change", seller)).status_code == 200
    assert client.post(page("change", seller), {"name": "Mine"}).status_code == 403
    assert client.get(page("add", model=Seller)).status_code == 403


def test_a_step_asks_for_its_reason_and_calls_the_action(client, administrator):
    enrolment = EnrolmentFactory(state="applied")
    assert step("reject", enrolment) in client.get(page("change", enrolment)).content.decode().replace("&amp;", "&")
    asked = client.get(step("reject", enrolment))
    assert asked.status_code == 200
    assert str(enrolment) in asked.content.decode()
    empty = client.post(step("reject", enrolment), {"reason": " "})
    assert b"This field is required" in empty.content
    done = client.post(step("reject", enrolment), {"reason": "No papers."}, follow=True)
    assert done.redirect_chain == [(page("change", enrolment), 302)]
    assert Enrolment.objects.get().state == EnrolmentState.REJECTED
    event = Event.objects.get()
    assert (event.kind, event.actor, event.detail) == ("enrolment.rejected", administrator, {"reason": "No papers."})


@pytest.mark.usefixtures("administrator")
def test_a_step_that_does_not_follow_is_not_offered_and_told(client):
    enrolment = EnrolmentFactory(state="rejected")
    assert b"steps/" not in client.get(page("change", enrolment)).content
    response = client.post(step("activate", enrolment), {"reason": "They asked again."})
    assert response.status_code == 409
    [sentence] = response.context["form"].non_field_errors()
    assert "does not follow from its present state" in sentence
    assert "They asked again." in response.content.decode(), "what was typed is kept"


@pytest.mark.usefixtures("administrator")
def test_a_broken_rule_is_told_with_its_clause(client):
    product = ProductFactory(seller=SellerFactory(enrolled=False), marked=False)
    response = client.post(step("mark", product), {})
    assert response.status_code == 409
    assert response.context["form"].non_field_errors()[0].endswith("(Rule 1.1)")
    assert not MarkPeriod.objects.exists()


@pytest.mark.usefixtures("administrator")
def test_a_step_on_several_does_each_by_itself(client):
    unmarked, marked = ProductFactory(marked=False), ProductFactory()
    chosen = client.post(
        page("changelist", model=Product), {"action": "mark", "_selected_action": [unmarked.pk, marked.pk]}
    )
    assert chosen.status_code == 302
    response = client.post(chosen.url, {"reason": "Season."})
    assert response.status_code == 200, "what became of each is shown"
    assert str(unmarked) in response.content.decode()
    assert str(marked) in response.content.decode()
    assert unmarked.mark_periods.count() == marked.mark_periods.count() == 1
    assert client.post(step("unmark", unmarked), {"reason": "Recall."}).status_code == 404
    assert unmarked.mark_periods.get().ends_at is None, "a mark is ended by its seller, or by a clearance"


def test_steps_are_for_their_roles(client):
    commitment = commit(ProductFactory(), Promise(Dimension.RESPONSE_HOURS, 24))
    held = CommitmentFactory()
    client.force_login(FinanceFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert b"steps/" not in client.get(page("change", commitment)).content
    assert client.get(step("end", commitment)).status_code == 403
    client.force_login(SupportFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(step("judge", held), {}).status_code == 403
    assert client.post(step("end", commitment), {"reason": "Asked to."}).status_code == 302
    assert SellerCommitment.objects.get(pk=commitment.pk).state == "ended"


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("asked", ["", "?thing=0", "?thing=x", "?thing=²"])
def test_a_step_without_a_thing_is_not_found(client, asked):
    assert client.get(reverse("admin:sellers_enrolment_step", args=["activate"]) + asked).status_code == 404


@pytest.mark.usefixtures("administrator")
def test_a_step_that_is_none_is_not_found(client):
    assert client.get(step("clear", EnrolmentFactory())).status_code == 404


def test_strangers_are_sent_to_log_in(client):
    assert client.get(step("activate", EnrolmentFactory())).status_code == 302


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("model", "queries"), [(Product, 6), (SellerCommitment, 5), (Enrolment, 7)])
def test_lists_ask_the_same_number_of_queries(client, django_assert_num_queries, model, queries, rows):
    seller = SellerFactory()
    for _ in range(rows):
        commit(ProductFactory(seller=seller), Promise(Dimension.RESPONSE_HOURS, 24))
        EnrolmentFactory()
    with django_assert_num_queries(queries):
        assert client.get(page("changelist", model=model)).status_code == 200


@pytest.mark.usefixtures("administrator")
def test_products_by_their_mark(client):
    marked, bare, planned = ProductFactory(), ProductFactory(marked=False), ProductFactory(marked=False)
    MarkPeriodFactory(product=planned, ends_at=datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC))
    MarkPeriodFactory(product=bare, ends_at=datetime(2026, 3, 2, 1, 15, 29, tzinfo=UTC))
    for asked, expected in (("yes", {marked, planned}), ("no", {bare})):
        found = client.get(page("changelist", model=Product), {"mark": asked}).context["cl"].queryset
        assert set(found) == expected


def test_every_machine_of_ours_is_read_only():
    for model in REGISTERED:
        assert isinstance(admin.site._registry[model], ReadOnlyStateAdmin)


def test_an_application_is_screened_beside_what_the_seller_has(client):
    client.force_login(SupportFactory())
    seller = SellerFactory(enrolled=False)
    stated = {"service_types": ["installation"], "methods": ["point", "door"], "places": ["AE"], "charging": "Free."}
    EnrolmentFactory(seller=seller, state="rejected", reason="No papers.")
    enrolment = EnrolmentFactory(seller=seller, state="applied", contact_name="Desk <b>", **stated)
    ServicePointFactory(seller=seller, name="Marina <i>")
    page = client.get(f"/admin/sellers/enrolment/{enrolment.pk}/change/").content.decode()
    for words in (
        "Product installation", "Free.", "Desk &lt;b&gt;", "Marina &lt;i&gt;, Dubai (AE)", "No papers.",
        "no engineer takes visits", "/admin/sellers/enrolment/steps/activate/",
    ):  # fmt: skip
        assert words in page, words
    assert "no point is open" not in page


@pytest.mark.clause("2.3.3")
def test_support_records_what_a_seller_was_reported_to_have_said_and_an_auditor_judges_it(client):
    product = ProductFactory()
    support, buyer = SupportFactory(), UserFactory()
    client.force_login(support, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = step("record_commitment", product.seller)
    assert "Record a promise" in client.get(page("change", product.seller)).content.decode()
    typed = {
        "statement": "We come within a day.",
        "source": "communication",
        "evidence": "Letter of 1 March",
        "product": product.sku,
        "what_1": "response_hours",
        "value_1": "24",
        "key": "k",
    }
    assert client.post(address, typed).status_code == 409
    typed |= {"made_to": buyer.email}
    assert client.post(address, {**typed, "product": ProductFactory().sku}).status_code == 200
    assert client.post(address, typed).status_code == 302
    said = SellerCommitment.objects.get()
    assert (said.state, said.product, said.made_to, said.evidence) == ("recorded", product, buyer, "Letter of 1 March")
    client.force_login(AuditorFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    term = said.terms.get()
    client.post(step("judge", said), {f"term_{term.pk}": "extends", "key": "j"})
    assert SellerCommitment.objects.get().state == "binding"
