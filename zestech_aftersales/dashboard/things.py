"""What a seller keeps: products with their promises, service points, engineers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sellers import queries
from sellers.actions.engineers import add_engineer, change_engineer
from sellers.actions.points import add_point, change_point
from sellers.models import Engineer, Seller, ServicePoint
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.forms import DAY_NAMES, EngineerForm, HoursField, PointForm
from zestech_aftersales.dashboard.people import speakers_only
from zestech_aftersales.ui.keyed import KeyedForm, attempt
from zestech_aftersales.ui.keyset import keyset_page

# More points or engineers than this no page shows; the API lists them all.
SHOWN = 200


@require_GET
@speakers_only
def products(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """The products, each with its mark's history and what was promised about it."""
    at = cast(PersonRequest, request).received_at
    page = keyset_page(request, queries.products_with_promises(by))
    about_all = queries.commitments_for(by).filter(product=None).order_by("-begins_at")[:SHOWN]
    rows = [(product, product.is_marked_at(at)) for product in page.things]
    context = {"page": page, "rows": rows, "about_all": about_all, "is_enrolled": queries.is_enrolled(by)}
    context["base_url"] = settings.BASE_URL
    return render(request, "dashboard/products.html", context)


@require_GET
@speakers_only
def points(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """The service points with their hours."""
    found = queries.points_for(by)[:SHOWN]
    return render(request, "dashboard/points.html", {"rows": [(point, _hours(point)) for point in found]})


@require_http_methods(["GET", "POST"])
@speakers_only
def point(request: HttpRequest, by: Actor, pk: int | None = None) -> HttpResponseBase:
    """Add a service point, or change one."""
    kept = None if pk is None else _one(queries.points_for(by), pk)
    seller = _seller(by)
    form = PointForm(request.POST or None, point=kept, zone=seller.time_zone)

    def keep(actor: Actor) -> object:
        at = cast(PersonRequest, request).received_at
        if kept is None:
            return add_point(ServicePoint(seller=seller, **form.values), by=actor, at=at)
        return change_point(kept, form.values, by=actor, at=at)

    return _form_page(request, by, form, keep, "dashboard/point.html", "dashboard:points", kept)


@require_GET
@speakers_only
def engineers(request: HttpRequest, by: Actor) -> HttpResponseBase:
    """The engineers."""
    return render(request, "dashboard/engineers.html", {"engineers": queries.engineers_for(by)[:SHOWN]})


@require_http_methods(["GET", "POST"])
@speakers_only
def engineer(request: HttpRequest, by: Actor, pk: int | None = None) -> HttpResponseBase:
    """Add an engineer, or change one."""
    kept = None if pk is None else _one(queries.engineers_for(by), pk)
    seller = _seller(by)
    form = EngineerForm(request.POST or None, members=queries.log_ins_of(seller), engineer=kept, zone=seller.time_zone)

    def keep(actor: Actor) -> object:
        at = cast(PersonRequest, request).received_at
        if kept is None:
            return add_engineer(Engineer(seller=seller, **form.values), by=actor, at=at)
        return change_engineer(kept, form.values, by=actor, at=at)

    return _form_page(request, by, form, keep, "dashboard/engineer.html", "dashboard:engineers", kept)


def _form_page(
    request: HttpRequest,
    by: Actor,
    form: KeyedForm,
    keep: Callable[[Actor], object],
    template: str,
    back: str,
    kept: ServicePoint | Engineer | None,
) -> HttpResponse:
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: keep(by.with_key(form.cleaned_data["key"]))) is not None
    ):
        messages.success(request, _("Saved."))
        return redirect(back)
    context = {"form": form, "kept": kept, "refusal": form.refusal}
    return render(request, template, context, status=form.status)


def _seller(by: Actor) -> Seller:
    seller = queries.seller_of(by)
    if seller is None:
        raise Http404
    return seller


def _one(things: Any, pk: int) -> Any:
    thing = things.filter(pk=pk).first()
    if thing is None:
        raise Http404
    return thing


def _hours(point: ServicePoint) -> list[tuple[object, str]]:
    """The opening hours in words, day by day."""
    return [(name, HoursField.text(point.opening_hours.get(day, []))) for day, name in DAY_NAMES.items()]
