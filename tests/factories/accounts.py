"""People for tests."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from factory.declarations import Sequence
from factory.django import DjangoModelFactory

from zestech_aftersales.accounts.models import PlatformRole, User

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory[User]):
    """Somebody with a verified address; `password="..."` for one who logs in through the form."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = Sequence(lambda n: f"person-{n}@example.com")
    name = Sequence(lambda n: f"Person {n}")
    password = "!"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        password = kwargs.pop("password")
        user = model_class(**kwargs)
        if password == "!":
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        return user


class SupportFactory(UserFactory):
    platform_role = PlatformRole.SUPPORT


class AuditorFactory(UserFactory):
    platform_role = PlatformRole.AUDITOR


class FinanceFactory(UserFactory):
    platform_role = PlatformRole.FINANCE


class AdministratorFactory(UserFactory):
    platform_role = PlatformRole.ADMINISTRATOR
