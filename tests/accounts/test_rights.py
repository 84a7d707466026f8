"""What the staff may look at in the admin, by role."""

import pytest

from cases import queries
from tests.factories import cases as make
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel

pytestmark = pytest.mark.django_db


def test_a_client_that_speaks_for_an_auditor_has_no_auditors_reach():
    appointment = make.requested(at=instant("2026-03-02T01:15:30Z"))
    auditor = AuditorFactory()
    assert queries.cases_for(Actor(channel=Channel.ADMIN, user=auditor)).count() == 1
    client = Actor(channel=Channel.API, user=auditor, client_id="a-system")
    assert client.platform_role == ""
    for reach in (queries.orders_for, queries.covers_for, queries.cases_for, queries.appointments_for):
        assert not reach(client).exists()
    assert queries.cases_for(Actor(channel=Channel.API, user=appointment.buyer, client_id="a-system")).count() == 1


SECRETS = ["oauth2_provider/accesstoken", "oauth2_provider/refreshtoken", "oauth2_provider/grant", "mfa/authenticator"]


@pytest.mark.parametrize("role", [SupportFactory, AuditorFactory, FinanceFactory, AdministratorFactory])
@pytest.mark.parametrize("model", SECRETS)
def test_nobody_looks_at_tokens_and_second_factors(client, role, model):
    client.force_login(role())
    assert client.get(f"/admin/{model}/").status_code == 403
    assert f"/admin/{model}/" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [(SupportFactory, 403), (AuditorFactory, 403), (FinanceFactory, 403), (AdministratorFactory, 200)],
)
@pytest.mark.parametrize("model", ["accounts/user", "axes/accessattempt", "oauth2_provider/application"])
def test_people_and_clients_are_for_administrators(client, role, status, model):
    client.force_login(role())
    assert client.get(f"/admin/{model}/").status_code == status


@pytest.mark.parametrize("role", [SupportFactory, AuditorFactory, FinanceFactory, AdministratorFactory])
def test_every_role_reads_cases_and_sellers(client, role):
    client.force_login(role())
    for model in ("cases/servicecase", "sellers/seller", "timeline/event", "rulebook/ruleedition"):
        assert client.get(f"/admin/{model}/").status_code == 200
