"""The demo's people. Their password is known to everybody, so they exist only where DEBUG is on."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.accounts.models import PlatformRole, User

PASSWORD = "zestech-demo"  # noqa: S105 - printed at every start
SELLER = "nordic-car-audio"


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """Who can log in, and what this person shows."""

    email: str
    name: str
    place: str
    time_zone: str = "UTC"
    platform_role: str = ""
    # At which seller, and in which seat.
    seller: str = ""
    seat: str = ""
    language: str = "en"


_BERLIN, _SHANGHAI = "Europe/Berlin", "Asia/Shanghai"
_LOGINS = (
    DemoLogin("buyer@example.com", "Demo Buyer", "buyer", _BERLIN),
    DemoLogin("owner@example.com", "Demo Seller Owner", "seller owner", _BERLIN, seller=SELLER, seat="owner"),
    DemoLogin("staff@example.com", "Demo Seller Staff", "seller staff", _BERLIN, seller=SELLER, seat="staff"),
    DemoLogin("engineer@example.com", "Demo Engineer", "engineer", _BERLIN, seller=SELLER, seat="engineer"),
    DemoLogin("support@example.com", "Demo Support", "support", _SHANGHAI, PlatformRole.SUPPORT),
    DemoLogin("auditor1@example.com", "Demo Auditor One", "auditor", _SHANGHAI, PlatformRole.AUDITOR),
    DemoLogin("auditor2@example.com", "Demo Auditor Two", "auditor", _SHANGHAI, PlatformRole.AUDITOR),
    DemoLogin("auditor3@example.com", "Demo Auditor Three", "auditor", _SHANGHAI, PlatformRole.AUDITOR),
    DemoLogin("finance@example.com", "Demo Finance", "finance", _SHANGHAI, PlatformRole.FINANCE),
    DemoLogin("admin1@example.com", "Demo Administrator One", "administrator", _SHANGHAI, PlatformRole.ADMINISTRATOR),
    DemoLogin("admin2@example.com", "Demo Administrator Two", "administrator", _SHANGHAI, PlatformRole.ADMINISTRATOR),
    DemoLogin("buyer.dubai@example.com", "Demo Buyer Dubai", "buyer", "Asia/Dubai"),
    DemoLogin("buyer.saopaulo@example.com", "Demo Buyer São Paulo", "buyer", "America/Sao_Paulo"),
    DemoLogin("buyer.shanghai@example.org", "Demo Buyer Shanghai", "buyer", _SHANGHAI, language="zh-hans"),
    DemoLogin("buyer.chicago@example.org", "Demo Buyer Chicago", "buyer", "America/Chicago"),
    DemoLogin("workshop@example.org", "Demo Workshop", "buyer", "Europe/Warsaw"),
    DemoLogin(
        "owner.dubai@example.com", "Demo Owner Dubai", "seller owner", "Asia/Dubai",
        seller="gulf-drive-systems", seat="owner",
    ),
    DemoLogin(
        "owner.shenzhen@example.com", "Demo Owner Shenzhen", "seller owner", _SHANGHAI,
        seller="pearl-river-electronics", seat="owner", language="zh-hans",
    ),
    DemoLogin(
        "owner.saopaulo@example.com", "Demo Owner São Paulo", "seller owner", "America/Sao_Paulo",
        seller="sul-som", seat="owner",
    ),
    DemoLogin(
        "owner.chicago@example.com", "Demo Owner Chicago", "seller owner", "America/Chicago",
        seller="lakeside-auto-tech", seat="owner",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoClient:
    """Another system that logs in by OAuth2 client credentials."""

    client_id: str
    client_secret: str
    name: str
    scope: str
    seller: str = ""


_CLIENTS = (
    DemoClient(
        "demo-seller", "demo-seller-secret", "Demo seller's system", "orders:read cases:read cases:write", seller=SELLER
    ),
    DemoClient("demo-order-feed", "demo-order-feed-secret", "Demo order feed", "orders:read orders:write"),
)


def demo_logins() -> tuple[DemoLogin, ...]:
    """Everybody who can log in, those who show most first; all with `PASSWORD`."""
    return _LOGINS


def demo_clients() -> tuple[DemoClient, ...]:
    """The systems that can ask for a token."""
    return _CLIENTS


def bring_people() -> dict[str, User]:
    """Make the accounts that are missing, with verified addresses; everybody by e-mail address."""
    known = {user.email: user for user in User.objects.filter(email__in=[login.email for login in _LOGINS])}
    if missing := [login for login in _LOGINS if login.email not in known]:
        # One hash for all: it takes a tenth of a second each on purpose, and the password is no secret.
        password = make_password(PASSWORD)
        for login in missing:
            known[login.email] = _bring(login, password)
    return known


def _bring(login: DemoLogin, password: str) -> User:
    user = User(
        email=login.email,
        name=login.name,
        time_zone=login.time_zone,
        language=login.language,
        platform_role=login.platform_role,
        password=password,
    )
    user.full_clean()
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def at_the_desk(email: str) -> Actor:
    """Somebody of the demo's platform staff."""
    return Actor(channel=Channel.ADMIN, user=User.objects.get(email=email))
