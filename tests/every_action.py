"""Every action there is, and arguments to call it with: from what a test has set up, and plain words and numbers."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps

from cases.terms import Parcel, UnitTerms
from cases.tolled_limits import TolledOutages
from complaints.actions.filing import ComplaintTerms
from sellers.models import AffiliationBasis, CommitmentSource
from tests.factories import cases as make
from tests.factories import claims, complaints, service
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.rulebook.queries import edition_in_force, law_for_order

HERE = Path(__file__).parents[1]
ROOMS = ("cases", "complaints", "sellers", "zestech_aftersales")
WORDS = "So it is."
Call = dict[str, Any]
Framed = Callable[..., Any]


def actions() -> Iterator[tuple[str, Framed]]:
    """Every framed function of every room, wherever it is written, with its name."""
    for room in ROOMS:
        for file in sorted((HERE / room).rglob("*.py")):
            if "@action\n" not in file.read_text():
                continue
            module = importlib.import_module(".".join(file.relative_to(HERE).with_suffix("").parts))
            for name, member in inspect.getmembers(module, inspect.isfunction):
                if member.__code__.co_name == "framed" and member.__module__ == module.__name__:
                    yield f"{module.__name__}.{name}", member


def plain(asked: str, at: datetime) -> list[Any] | None:
    """Something of a plain kind, or the terms that are asked for; None for what takes more than that."""
    kinds: dict[str, Callable[[], list[Any]]] = {
        "str": lambda: [WORDS],
        "bool": lambda: [True, False],
        "int": lambda: [1],
        "date": lambda: [date(2026, 2, 1)],
        "datetime": lambda: [at],
        "ServiceRequest": lambda: [make.a_service_request()],
        "OfferTerms": lambda: [make.offer_terms(at)],
        "DisclosureItems": lambda: [make.ALL_ITEMS],
        "ClaimTerms": lambda: [claims.claim_terms()],
        "Ruling": lambda: [complaints.ruling()],
        "Seat": lambda: [Seat.OWNER],
        "AffiliationBasis": lambda: [AffiliationBasis.COMMON_OWNER],
        "CommitmentSource": lambda: [CommitmentSource.PAGE],
        "ComplaintTerms": lambda: [ComplaintTerms(WORDS, clause="2.3.1", breach_at=at)],
        "OrderRecord": lambda: [make.an_order_record(make.a_product())],
        "Sequence": lambda: [[]],
        "Mapping": lambda: [{}],
        "Parcel": lambda: [Parcel(**service.PARCEL)],
        "UnitTerms": lambda: [UnitTerms("SN-2")],
        "TolledOutages": lambda: [TolledOutages.known()],
        "EditionNumbers": lambda: [law_for_order(edition_in_force(at), at)],
    }
    made = kinds.get(asked.partition("[")[0].partition(" | ")[0])
    return made() if made else None


def one_of(asked: str) -> list[Any] | None:
    """A row of the model that is asked for, the first there is; None without one."""
    for kind in asked.split(" | "):
        for model in apps.get_models():
            if model.__name__ == kind and (row := model._default_manager.order_by("pk").first()) is not None:
                return [row]
    return None


def calls_of(action: Framed, given: dict[str, list[Any]], *, at: datetime) -> list[Call]:
    """The calls to try, with `given` by the name of an argument or its type; none where something is lacking."""
    calls: list[Call] = [{"at": at + timedelta(days=1)}]
    for name, parameter in inspect.signature(action).parameters.items():
        asked = str(parameter.annotation)
        if name in ("by", "at"):
            continue
        choices = given.get(name) or given.get(asked)
        if choices is None and parameter.default is not inspect.Parameter.empty:
            continue
        choices = choices or one_of(asked) or plain(asked, at)
        if choices is None:
            return []
        calls = [{**call, name: choice} for call in calls for choice in choices]
    return calls
