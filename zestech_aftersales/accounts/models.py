"""User: one person, who logs in by e-mail and may hold one role on the platform."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.accounts.quiet import is_between
from zestech_aftersales.rulebook.editions import known_zones


class PlatformRole(models.TextChoices):
    """What somebody may do for the platform; empty for buyers and sellers."""

    SUPPORT = "support", _("support")
    AUDITOR = "auditor", _("auditor")
    FINANCE = "finance", _("finance")
    ADMINISTRATOR = "administrator", _("administrator")


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


def validate_time_zone(name: str) -> None:
    """Refuse a name that the IANA time zone list does not hold."""
    if name not in known_zones():
        raise ValidationError(
            _("“%(name)s” is no time zone, write it like Europe/Berlin."),
            code="time_zone",
            params={"name": name},
        )


class UserManager(BaseUserManager["User"]):
    """Makes people; the name is Django's own term for it."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a person who logs in with `email`; without a password nobody can log in as them."""
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make an administrator, as `manage.py createsuperuser` asks for."""
        fields.setdefault("platform_role", PlatformRole.ADMINISTRATOR)
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        # Addresses are stored in lower case, so the plain unique index answers.
        return self.get(email=(username or "").strip().lower())


# What every role of the staff reads in the admin.
STAFF_APPS = frozenset({"rulebook", "timeline", "desk", "sellers", "cases", "complaints"})
# What administrators look after beside it. Tokens, second factors and sessions are for nobody's eyes.
ADMINISTRATORS_MODELS = frozenset(
    {
        ("accounts", "user"),
        ("account", "emailaddress"),
        ("axes", "accessattempt"),
        ("axes", "accesslog"),
        ("oauth2_provider", "application"),
    }
)


class User(AbstractBaseUser):
    """One person. E-mail addresses are kept in lower case and are unique whatever their case.

    Rights in the admin follow from the platform role alone: each role may look, administrators
    may add and change, nobody deletes. What a role may do to a case is checked by the actions.
    """

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    language = models.CharField(_("language"), max_length=16, choices=Language.choices, default=Language.ENGLISH)
    platform_role = models.CharField(
        _("platform role"), max_length=16, choices=PlatformRole.choices, blank=True, default=""
    )
    is_staff = models.BooleanField(
        _("may open the admin"), default=False, help_text=_("Follows from the platform role.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    # When mail may reach them, by their own wall clock (accounts.quiet); NULL: at any time, at once.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    digest_at = models.TimeField(_("daily digest at"), null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("email",)
        constraints = [
            # Two, because Django wants the log-in field itself to be unique (auth.E003).
            models.UniqueConstraint(fields=["email"], name="accounts_user_email"),
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_user_email_any_case",
                violation_error_message=_("Somebody already uses this e-mail address."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_staff=False, platform_role="")
                | models.Q(is_staff=True) & ~models.Q(platform_role=""),
                name="accounts_user_staff_has_role",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self._tidy()
        wrong: dict[str, str | Promise] = {}
        if self.quiet_from is None and self.quiet_until is not None:
            wrong["quiet_from"] = _("Say from when, or leave both empty.")
        elif self.quiet_from is not None and self.quiet_until is None:
            wrong["quiet_until"] = _("Say until when, or leave both empty.")
        elif self.quiet_from is not None and self.quiet_until is not None:
            if self.quiet_from == self.quiet_until:
                wrong["quiet_until"] = _("The quiet hours must end at another time than they begin.")
            elif self.digest_at is not None and is_between(self.digest_at, self.quiet_from, self.quiet_until):
                wrong["digest_at"] = _("This lies in your quiet hours. Choose a time outside them.")
        if wrong:
            raise ValidationError(wrong)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._tidy()
        fields: Iterable[str] | None = kwargs.get("update_fields")
        if fields is not None and "platform_role" in fields:
            kwargs["update_fields"] = {*fields, "is_staff"}
        super().save(*args, **kwargs)

    def _tidy(self) -> None:
        self.email = self.email.strip().lower()
        self.is_staff = bool(self.platform_role)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.platform_role == PlatformRole.ADMINISTRATOR

    @property
    def is_superuser(self) -> bool:
        """Nobody is above the rules; Django's libraries ask for this name."""
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:  # Django's signature
        """Whether the platform role allows a Django permission such as `cases.view_order`."""
        if not (self.is_active and self.platform_role):
            return False
        app, _dot, name = perm.partition(".")
        verb, _line, model = name.partition("_")
        if app in STAFF_APPS:
            return verb == "view" or (verb in {"add", "change"} and self.is_administrator)
        return self.is_administrator and verb in {"view", "add", "change"} and (app, model) in ADMINISTRATORS_MODELS

    def has_perms(self, perms: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:  # Django's signature
        if not (self.is_active and self.platform_role):
            return False
        return app_label in STAFF_APPS or (
            self.is_administrator and app_label in {app for app, _model in ADMINISTRATORS_MODELS}
        )
