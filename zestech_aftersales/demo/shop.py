"""The demo's sellers with their people, service points, engineers and API clients, made by the actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oauth2_provider.models import get_application_model

from sellers.actions.engineers import add_engineer
from sellers.actions.enrolments import activate, apply
from sellers.actions.members import add_member, bind_client
from sellers.actions.points import add_point
from sellers.actions.sellers import register_seller
from sellers.models import ApiClient, Engineer, Seller, ServicePoint
from zestech_aftersales.accounts.actors import Channel, Seat, system
from zestech_aftersales.accounts.models import User
from zestech_aftersales.demo.people import demo_clients, demo_logins

BY = system(Channel.COMMAND)


def week(*days: str, hours: tuple[str, str]) -> dict[str, list[list[str]]]:
    """Opening hours that are the same on each of the days."""
    return {day: [list(hours)] for day in days}


_MON_FRI = ("mon", "tue", "wed", "thu", "fri")


@dataclass(frozen=True, slots=True)
class DemoSeller:
    """A seller, since when it takes part, and what it has."""

    slug: str
    name: str
    country: str
    city: str
    time_zone: str
    since: str
    statement: str
    points: tuple[dict[str, Any], ...] = ()
    engineers: tuple[dict[str, Any], ...] = field(default=())


SELLERS = (
    DemoSeller(
        "nordic-car-audio", "Nordic Car Audio", "DE", "Berlin", "Europe/Berlin", "2021-12-21T09:00:00+01:00",
        "Car audio with fitting in Germany and Poland.",
        points=(
            {
                "name": "Berlin workshop", "address": "Musterallee 40", "city": "Berlin", "country": "DE",
                "time_zone": "Europe/Berlin", "slot_minutes": 60, "capacity": 2,
                "opening_hours": {**week(*_MON_FRI, hours=("09:00", "17:00")), "sat": [["09:00", "13:00"]]},
            },
            {
                "name": "Gdańsk partner", "address": "ul. Przykładowa 20", "city": "Gdańsk", "country": "PL",
                "time_zone": "Europe/Warsaw", "has_published_slots": False,
                "opening_hours": week(*_MON_FRI, hours=("08:00", "16:00")),
            },
        ),
        engineers=(
            {
                "name": "Demo Engineer", "email": "engineer@example.com", "areas": ["Berlin", "Potsdam", "Gdańsk"],
                "skills": ["installation", "debugging", "fault_detection", "parts_replacement"],
            },
            {"name": "Demo Engineer North", "areas": ["Hamburg"], "skills": ["installation"]},
        ),
    ),
    DemoSeller(
        "gulf-drive-systems", "Gulf Drive Systems", "AE", "Dubai", "Asia/Dubai", "2022-12-05T10:00:00+04:00",
        "Head units for hot climates.",
        points=(
            {
                "name": "Dubai service point", "address": "Sample Street 7", "city": "Dubai", "country": "AE",
                "time_zone": "Asia/Dubai", "slot_minutes": 90, "capacity": 1,
                "opening_hours": week("mon", "tue", "wed", "thu", "sat", "sun", hours=("10:00", "19:00")),
            },
        ),
        engineers=({"name": "Demo Engineer Dubai", "areas": ["Dubai"], "skills": ["installation", "debugging"]},),
    ),
    DemoSeller(
        "pearl-river-electronics", "Pearl River Electronics", "CN", "Shenzhen", "Asia/Shanghai",
        "2022-05-10T09:30:00+08:00", "Driving displays and dash cameras.",
        points=(
            {
                "name": "Shenzhen service centre", "address": "Example Road 88", "city": "Shenzhen", "country": "CN",
                "time_zone": "Asia/Shanghai", "slot_minutes": 30, "capacity": 3,
                "opening_hours": week(*_MON_FRI, "sat", hours=("09:00", "18:00")),
            },
        ),
    ),
    DemoSeller(
        "sul-som", "Sul Som Automotivo", "BR", "São Paulo", "America/Sao_Paulo", "2022-01-12T14:00:00-03:00",
        "Amplifiers and subwoofers.",
        points=(
            {
                "name": "São Paulo oficina", "address": "Rua Modelo 15", "city": "São Paulo", "country": "BR",
                "time_zone": "America/Sao_Paulo", "slot_minutes": 60, "capacity": 1,
                "opening_hours": week(*_MON_FRI, hours=("08:00", "18:00")),
            },
        ),
        engineers=({"name": "Demo Engineer São Paulo", "areas": ["São Paulo"], "skills": ["installation"]},),
    ),
    DemoSeller(
        "lakeside-auto-tech", "Lakeside Auto Tech", "US", "Chicago", "America/Chicago", "2024-03-18T08:00:00-05:00",
        "Home chargers, installed by our own engineers.",
        engineers=({"name": "Demo Engineer Chicago", "areas": ["Chicago", "Milwaukee"], "skills": ["installation"]},),
    ),
)  # fmt: skip


def open_shop(people: Mapping[str, User], *, at: datetime) -> None:
    """Make what is missing; each seller is registered at the instant at which it says it joined."""
    known = set(Seller.objects.values_list("slug", flat=True))
    for each in SELLERS:
        if each.slug not in known:
            _open(each, people)
    for client in demo_clients():
        _connect(client.client_id, client.client_secret, client.name, client.seller, at=at)


def _open(each: DemoSeller, people: Mapping[str, User]) -> None:
    since = datetime.fromisoformat(each.since)
    seller = Seller(
        slug=each.slug,
        name=each.name,
        legal_name=f"{each.name} (demo company)",
        country=each.country,
        city=each.city,
        time_zone=each.time_zone,
        email=f"{each.slug}@example.org",
    )
    register_seller(seller, by=BY, at=since)
    for login in demo_logins():
        if login.seller == each.slug:
            add_member(seller, people[login.email], Seat(login.seat), by=BY, at=since)
    activate(apply(seller, by=BY, at=since, statement=each.statement), by=BY, at=since)
    for point in each.points:
        add_point(ServicePoint(seller=seller, **point), by=BY, at=since)
    for engineer in each.engineers:
        wanted = {name: value for name, value in engineer.items() if name != "email"}
        user = people.get(engineer.get("email", ""))
        add_engineer(Engineer(seller=seller, user=user, time_zone=each.time_zone, **wanted), by=BY, at=since)


def _connect(client_id: str, secret: str, name: str, slug: str, *, at: datetime) -> None:
    application_model = get_application_model()
    if application_model.objects.filter(client_id=client_id).exists():
        return
    application = application_model.objects.create(
        client_id=client_id,
        client_secret=secret,
        name=name,
        client_type=application_model.CLIENT_CONFIDENTIAL,
        authorization_grant_type=application_model.GRANT_CLIENT_CREDENTIALS,
    )
    seller = Seller.objects.get(slug=slug) if slug else None
    bind_client(ApiClient(application=application, seller=seller, order_feed=seller is None), by=BY, at=at)
