"""People: one address each, rights by role alone."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.factories.accounts import AdministratorFactory, AuditorFactory, UserFactory
from zestech_aftersales.accounts.models import User

pytestmark = pytest.mark.django_db


def test_an_address_is_kept_in_lower_case_and_found_whatever_its_case():
    user = User.objects.create_user("  Ann.Example@Example.COM ")
    assert user.email == "ann.example@example.com"
    assert User.objects.get_by_natural_key("ANN.example@example.com") == user


def test_the_database_refuses_a_second_account_under_another_case():
    UserFactory(email="ann@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="Ann@Example.com", password="!")])


def test_an_account_needs_an_address():
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("")


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(ValidationError) as refused:
        User(email="a@example.com", password="!", time_zone="Mars/Olympus").full_clean()
    assert set(refused.value.message_dict) == {"time_zone"}


def test_a_role_opens_the_admin_and_its_end_closes_it():
    user = User.objects.get(pk=AuditorFactory().pk)
    assert user.is_staff
    user.platform_role = ""
    user.save(update_fields=["platform_role"])
    assert not User.objects.get(pk=user.pk).is_staff


def test_the_database_refuses_an_admin_without_a_role():
    user = UserFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_staff=True)


@pytest.mark.parametrize(
    ("role", "may_view", "may_change"),
    [
        ("", False, False),
        ("support", True, False),
        ("auditor", True, False),
        ("finance", True, False),
        ("administrator", True, True),
    ],
)
def test_rights_follow_from_the_role(role, may_view, may_change):
    user = UserFactory(platform_role=role)
    assert user.has_module_perms("cases") is may_view
    assert user.has_perm("cases.view_order") is may_view
    assert user.has_perm("cases.change_order") is may_change
    assert user.has_perms(["cases.add_order", "cases.change_order"]) is may_change


def test_nobody_may_delete_and_nobody_is_above_the_rules():
    administrator = AdministratorFactory()
    assert not administrator.has_perm("cases.delete_order")
    assert not administrator.is_superuser


def test_somebody_who_left_may_nothing():
    gone = AdministratorFactory(is_active=False)
    assert not gone.has_perm("cases.view_order")
    assert not gone.has_module_perms("cases")
    assert not gone.is_administrator


def test_createsuperuser_makes_an_administrator():
    assert User.objects.create_superuser("root@example.com", "a long password").is_administrator
