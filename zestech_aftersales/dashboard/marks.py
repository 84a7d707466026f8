"""Setting and ending the mark of one product, with what follows from it (1.1, 4.3)."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sellers import queries
from sellers.actions.products import mark, unmark
from sellers.models import Product
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.dashboard.people import speakers_only
from zestech_aftersales.dashboard.programme_forms import MarkForm, UnmarkForm
from zestech_aftersales.ui.keyed import attempt


@require_http_methods(["GET", "POST"])
@speakers_only
def set_mark(request: HttpRequest, by: Actor, pk: int) -> HttpResponseBase:
    """Let a product bear the mark, from now or from an instant that has come."""
    product = _product(by, pk)
    form = MarkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("begins_at", "ends_at", "reason")}
        actor, at = by.with_key(form.cleaned_data["key"]), cast(PersonRequest, request).received_at
        if attempt(form, lambda: mark(product, by=actor, at=at, **typed)):
            messages.success(request, _("%(product)s bears the mark.") % {"product": product.name})
            return redirect("dashboard:products")
    return _page(request, by, product, form, ends=False)


@require_http_methods(["GET", "POST"])
@speakers_only
def end_mark(request: HttpRequest, by: Actor, pk: int) -> HttpResponseBase:
    """End the mark of a product: this instant is its last."""
    product = _product(by, pk)
    form = UnmarkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor, at = by.with_key(form.cleaned_data["key"]), cast(PersonRequest, request).received_at
        if attempt(form, lambda: unmark(product, by=actor, at=at, reason=form.cleaned_data["reason"])):
            messages.success(request, _("The mark of %(product)s has ended.") % {"product": product.name})
            return redirect("dashboard:products")
    return _page(request, by, product, form, ends=True)


def _page(
    request: HttpRequest, by: Actor, product: Product, form: MarkForm | UnmarkForm, *, ends: bool
) -> HttpResponseBase:
    context: dict[str, Any] = {"product": product, "form": form, "refusal": form.refusal, "ends": ends}
    context["is_enrolled"] = queries.is_enrolled(by)
    return render(request, "dashboard/mark.html", context, status=form.status)


def _product(by: Actor, pk: int) -> Product:
    product = queries.products_for(by).filter(pk=pk).first()
    if product is None:
        raise Http404
    return product
