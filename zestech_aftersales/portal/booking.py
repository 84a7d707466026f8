"""Book a service in four steps; a limit starts when the last one is received."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases import queries
from cases.actions.bookings import request_service
from cases.actions.holds import hold_slot, let_go_of_slot
from cases.case_file import case_file
from cases.cover_ends import is_bookable, with_longest_months
from cases.covers import bookable_points, methods_for, offered_methods, offered_services, terms_for_request
from cases.free_slots import DAYS_AHEAD, free_slots
from cases.models import Cover, ServiceCase
from cases.permissions import may_see_recipient
from cases.terms import ServiceRequest
from sellers.models import ServicePoint
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.portal.drafts import Draft
from zestech_aftersales.portal.forms import CheckForm, FaultForm, MethodForm, place_of, place_value
from zestech_aftersales.portal.views import buyer
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.ui.instants import instant_words
from zestech_aftersales.ui.keyed import attempt

# How far ahead and how many free times of a point are shown.
SLOTS_SHOWN = 24
Places = list[tuple[str, list[tuple[str, str]]]]


@login_required
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Step 1: which order line; lines without a running cover say why."""
    by, at = buyer(request), cast(PersonRequest, request).received_at
    covers = list(with_longest_months(queries.covers_for(by), at=at).order_by("-id")[:100])
    asked = request.POST.get("cover") or request.GET.get("cover", "")
    chosen = next((cover for cover in covers if str(cover.pk) == asked), None)
    case = _case(request, request.POST.get("case") or request.GET.get("case", ""))
    if request.method == "POST":
        if chosen is not None and is_bookable(chosen, at):
            goes_on = case is not None and case.cover_id == chosen.pk
            Draft(request.session).begin(chosen.pk, case.reference if case and goes_on else "")
            return redirect("portal:book_fault")
        return _step(
            request,
            1,
            "portal/book_line.html",
            {"covers": covers, "at": at, "case": case, "is_missing": True},
            status=422,
        )
    if chosen is None:
        bookable = [cover for cover in covers if is_bookable(cover, at)]
        chosen = bookable[0] if len(bookable) == 1 else None
    return _step(request, 1, "portal/book_line.html", {"covers": covers, "at": at, "case": case, "chosen": chosen})


@login_required
@require_http_methods(["GET", "POST"])
def fault(request: HttpRequest) -> HttpResponse:
    """Step 2: the problem, with photos."""
    draft = Draft(request.session)
    cover = _cover(request, draft)
    if cover is None:
        return redirect("portal:book")
    has_photos = bool(draft.answers["photos"])
    case = _case(request, draft.answers.get("case", ""))
    initial = {"title": case.title if case else "", **draft.answers}
    services = offered_services(cover, terms_for_request(cover, cast(PersonRequest, request).received_at))
    form = FaultForm(
        request.POST or None, request.FILES or None, services=services, has_photos=has_photos, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        if typed.get("drop_photos"):
            draft.drop_photos()
        draft.add_photos(typed["photos"])
        draft.update(**{name: typed[name] for name in ("title", "description", "service_type")})
        return redirect("portal:book_method")
    return _step(
        request, 2, "portal/book_fault.html", {"form": form, "cover": cover, "photos": draft.answers["photos"]}
    )


@login_required
@require_http_methods(["GET", "POST"])
def method(request: HttpRequest) -> HttpResponse:
    """Step 3: the method, the place and the time."""
    draft = Draft(request.session)
    cover = _cover(request, draft)
    if cover is None or "title" not in draft.answers:
        return redirect("portal:book")
    by, at = buyer(request), cast(PersonRequest, request).received_at
    terms = terms_for_request(cover, at)
    methods = methods_for(draft.answers["service_type"], offered_methods(cover, terms))
    places = free_places(list(bookable_points(cover, terms)), by, at) if ServiceMethod.POINT in methods else []
    initial = {**_sent_to(cover, by), **draft.answers}
    form = MethodForm(request.POST or None, methods=methods, places=places, initial=initial)
    if request.method == "POST" and form.is_valid() and _hold(request, form, cover):
        draft.update(**{name: value for name, value in form.cleaned_data.items() if name != "key"})
        return redirect("portal:book_check")
    context = {
        "form": form,
        "refusal": form.refusal,
        "cover": cover,
        "law": cover.edition.law,
        "has_door": ServiceMethod.DOOR in methods,
        "has_places": places,
        "minutes": settings.SLOT_HOLD_MINUTES,
    }
    return _step(request, 3, "portal/book_method.html", context, status=form.status)


@login_required
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Step 4: check the answers and send; the request is received in this very request."""
    draft = Draft(request.session)
    cover = _cover(request, draft)
    if cover is None or "method" not in draft.answers:
        return redirect("portal:book")
    at = cast(PersonRequest, request).received_at
    wanted, case = _wanted(cover, draft, at), _case(request, draft.answers.get("case", ""))
    form = CheckForm(request.POST or None, initial={"key": draft.answers["key"]})
    if request.method == "POST" and form.is_valid():
        by = buyer(request, form.cleaned_data["key"])
        appointment = attempt(form, lambda: request_service(cover, wanted, by=by, at=at, case=case))
        if appointment is not None:
            draft.forget()
            return redirect("portal:booked", appointment.case.reference)
    context = {
        "form": form,
        "refusal": form.refusal,
        "cover": cover,
        "hold": wanted.point and queries.hold_of(buyer(request), wanted.point, wanted.slot_starts_at, at=at),
        "case": case,
        "wanted": wanted,
        "method": ServiceMethod(wanted.method).label,
        "service": ServiceType(wanted.service_type).label,
        "photos": draft.answers["photos"],
    }
    return _step(request, 4, "portal/book_check.html", context, status=form.status)


@login_required
@require_GET
def booked(request: HttpRequest, reference: str) -> HttpResponse:
    """The confirmation: the reference and every limit that now runs."""
    by, at = buyer(request), cast(PersonRequest, request).received_at
    file = case_file(queries.case_by_reference(reference, by), by, at=at)
    return render(request, "portal/booked.html", {"file": file})


def free_places(points: list[ServicePoint], by: Actor, at: datetime) -> Places:
    """The seller's points with their next free times in the viewer's zone, grouped by point and day."""
    places: Places = []
    free = free_slots(points, by, at=at, days=DAYS_AHEAD)
    for point in points:
        if not point.has_published_slots:
            places.append((str(point), [(place_value(point, None), _("By agreement"))]))
            continue
        shown = [slot for slot in free if slot.point_id == point.pk][:SLOTS_SHOWN]
        for day, of_day in groupby(shown, lambda slot: instant_words(slot.starts_at, "day")):
            times = [(place_value(point, slot.starts_at), instant_words(slot.starts_at, "time")) for slot in of_day]
            places.append((f"{point} · {day}", times))
    return places


def _sent_to(cover: Cover, by: Actor) -> dict[str, str]:
    """Where the order went, to begin with; nothing for somebody of the staff who is not told that."""
    order = cover.order
    if not may_see_recipient(order, by):
        return {}
    return {
        "address": order.ship_address, "city": order.ship_city, "country": order.ship_country, "phone": order.phone,
    }  # fmt: skip


def _hold(request: HttpRequest, form: MethodForm, cover: Cover) -> bool:
    """Hold the chosen slot while the answers are checked; False where it has just gone."""
    by, at = buyer(request), cast(PersonRequest, request).received_at
    if form.cleaned_data["method"] != ServiceMethod.POINT:
        let_go_of_slot(cover, by=by, at=at)
        return True
    point_id, slot = place_of(form.cleaned_data["place"])
    point = get_object_or_404(bookable_points(cover, terms_for_request(cover, at)), pk=point_id)
    attempt(form, lambda: hold_slot(cover, point, slot, by=by, at=at))
    return form.refusal is None


def _wanted(cover: Cover, draft: Draft, at: datetime) -> ServiceRequest:
    answers = draft.answers
    point, slot = None, None
    if answers["method"] == ServiceMethod.POINT:
        point_id, slot = place_of(answers["place"])
        point = bookable_points(cover, terms_for_request(cover, at)).filter(pk=point_id).first()
    at_the_door = answers["method"] == ServiceMethod.DOOR
    return ServiceRequest(
        title=answers["title"],
        method=answers["method"],
        service_type=answers["service_type"],
        description=answers["description"],
        wish=answers["wish"],
        point=point,
        slot_starts_at=slot,
        address=answers["address"] if at_the_door else "",
        city=answers["city"],
        country=answers["country"],
        phone=answers["phone"],
        photos=draft.photos(),
    )


def _cover(request: HttpRequest, draft: Draft) -> Cover | None:
    cover_id = draft.answers.get("cover")
    return None if cover_id is None else queries.covers_for(buyer(request)).filter(pk=cover_id).first()


def _case(request: HttpRequest, reference: str) -> ServiceCase | None:
    """The buyer's own case that the booking goes on with; None for a new one."""
    return queries.case_by_reference(reference, buyer(request)) if reference else None


def _step(request: HttpRequest, number: int, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    form = context.get("form")
    if status == 200 and form is not None and form.errors:
        status = 422
    label = _("Step %(number)d of 4") % {"number": number}
    return render(request, template, {**context, "number": number, "step_label": label}, status=status)
