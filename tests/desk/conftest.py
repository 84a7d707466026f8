"""People at the staff desk, and cases with something to wait for."""

import pytest

from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory

ROLES = {
    "support": SupportFactory,
    "auditor": AuditorFactory,
    "finance": FinanceFactory,
    "administrator": AdministratorFactory,
}


@pytest.fixture
def at_desk(client):
    """Log somebody of a role in and return the person."""

    def come(role):
        person = ROLES[role]()
        client.force_login(person)
        return person

    return come
