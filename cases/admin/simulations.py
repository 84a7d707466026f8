"""The simulator at the staff desk: a draft, or free numbers, over past requests; nothing of them changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cases.actions.simulations import KEPT, begin_simulation
from cases.admin.editions import compared
from cases.admin.told import Told
from cases.models import Clock, EditionDraft, Fate, SimulatedChange, Simulation
from cases.number_forms import SimulationForm
from cases.simulation import COUNTED
from cases.simulations import run_on
from sellers.models import Seller
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.rulebook.editions import UNITS
from zestech_aftersales.rulebook.numbers import number_rows
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.staff import MasterDataAdmin, OptionalReasonForm, ReadOnlyStateAdmin, Step, staff_actor
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of

# How many batches one press counts; the loop behind beat goes on with the rest.
ROUNDS_AT_ONCE = 10
SELLERS_SHOWN = 50
FAIL, RESCUE = f"{Fate.MET}>{Fate.MISSED}", f"{Fate.MISSED}>{Fate.MET}"
READ = (
    "draft", "seller", "begins_at", "ends_at", "requested_by", "requested_at", "progress", "result", "comparison",
)  # fmt: skip


def count_on(simulation: Simulation, *, reason: str, by: Actor, at: datetime) -> object:
    """The next batches, at once."""
    del reason, by
    return run_on(simulation, now=lambda: at, rounds=ROUNDS_AT_ONCE)


def change_words(name: str) -> str:
    """A kind of change in words: "met → missed"."""
    before, _arrow, after = name.partition(">")
    return f"{Fate(before).label} → {Fate(after).label}"


def listed(simulation: Simulation, **wanted: str | int) -> str:
    """The address of the list of the changes of a run."""
    query = urlencode({"simulation__id__exact": simulation.pk, **wanted})
    return f"{reverse('admin:cases_simulatedchange_changelist')}?{query}"


def by_clock(simulation: Simulation) -> list[dict[str, Any]]:
    """How many clocks would have ended otherwise, by clock and kind of change, each with its list."""
    told = []
    for clock, kinds in sorted(simulation.tally.get("clocks", {}).items()):
        for name, number in sorted(kinds.items()):
            before, _arrow, after = name.partition(">")
            url = listed(simulation, clock__exact=clock, before__exact=before, after__exact=after)
            told.append({"clock": Clock(clock).label, "change": change_words(name), "number": number, "url": url})
    return told


def by_seller(simulation: Simulation) -> list[dict[str, Any]]:
    """The sellers whose requests differ, those with most first."""
    tally = simulation.tally.get("sellers", {})
    first = sorted(tally.items(), key=lambda each: (-each[1]["requests"], int(each[0])))[:SELLERS_SHOWN]
    names = Seller.objects.in_bulk([int(key) for key, _counted in first])
    return [
        {
            "name": names[int(key)].name,
            "requests": counted["requests"],
            "fail": counted.get(FAIL, 0),
            "rescue": counted.get(RESCUE, 0),
            "url": listed(simulation, appointment__seller__id__exact=key),
        }
        for key, counted in first
    ]


def total(simulation: Simulation, name: str) -> int:
    """How many clocks changed in one way."""
    kinds: Iterable[dict[str, int]] = simulation.tally.get("clocks", {}).values()
    return sum(each.get(name, 0) for each in kinds)


def uncounted(simulation: Simulation) -> list[str | Promise]:
    """The numbers that differ from those then in force, of which a run counts nothing."""
    in_force = edition_in_force(simulation.requested_at).law
    rows = number_rows(simulation.law, in_force)
    return [row.label for row in rows if row.sense and row.field not in COUNTED]


@admin.register(Simulation)
class SimulationAdmin(Told, MasterDataAdmin):
    """Begun with a form, counted in batches, then read; each differing request is linked."""

    form = SimulationForm
    raw_id_fields = ("seller", "draft")
    list_display = ("__str__", "draft", "begins_at", "ends_at", "seller", "progress", "differing", "requested_by")
    list_select_related = ("draft", "seller", "requested_by")
    ordering = ("-id",)
    steps = (
        Step(
            "count_on", _("Count on"), count_on, PlatformRole.values,
            consequence=_("The next requests are counted now. It also goes on by itself where the worker runs."),
            form=OptionalReasonForm, offered=lambda simulation: simulation.finished_at is None,
        ),
    )  # fmt: skip

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, which knows the law in force now."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.in_force = edition_in_force(cast(PersonRequest, request).received_at).law
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """This month, and the numbers of ?draft=3 if one is named."""
        wanted: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        law = edition_in_force(cast(PersonRequest, request).received_at).law
        today = cast(PersonRequest, request).received_at.astimezone(law.zone_info).date()
        named = str(wanted.pop("draft", ""))
        draft = EditionDraft.objects.filter(pk=int(named)).first() if named.isascii() and named.isdigit() else None
        if draft is not None:
            wanted |= {"draft": draft.pk, **draft.numbers}
        return {"first_day": today.replace(day=1), "last_day": today, **wanted}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["first_day", "last_day", "seller", "draft", *UNITS] if obj is None else list(READ)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [] if obj is None else list(READ)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(cast(PersonRequest, request).user.platform_role)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Begin the run and count its first batches at once."""
        del change
        asked, at = form.cleaned_data, cast(PersonRequest, request).received_at
        begun = begin_simulation(
            form.numbers, first_day=asked["first_day"], last_day=asked["last_day"], seller=asked["seller"],
            draft=asked["draft"], by=staff_actor(request), at=at,
        )  # fmt: skip
        run_on(begun, now=lambda: at, rounds=ROUNDS_AT_ONCE)
        obj.pk = begun.pk

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:cases_simulation_change", args=[obj.pk]))

    @admin.display(description=_("progress"))
    def progress(self, simulation: Simulation) -> str:
        share = 100 if simulation.finished_at else 100 * simulation.done // max(simulation.total, 1)
        words = _("%(done)d of %(total)d (%(share)d %%)")
        return words % {"done": simulation.done, "total": simulation.total, "share": min(share, 100)}

    @admin.display(description=_("result"))
    def result(self, simulation: Simulation) -> SafeString:
        return render_to_string(
            "admin/_simulation.html",
            {
                "simulation": simulation,
                "fail": total(simulation, FAIL),
                "rescue": total(simulation, RESCUE),
                "clocks": by_clock(simulation),
                "sellers": by_seller(simulation),
                "all": listed(simulation),
                "kept": KEPT,
                "uncounted": uncounted(simulation),
            },
        )

    @admin.display(description=_("numbers beside those then in force"))
    def comparison(self, simulation: Simulation) -> SafeString:
        return compared(simulation.law, edition_in_force(simulation.requested_at).law)

    def events_about(self, thing: Simulation) -> QuerySet[Event]:
        return events_of(thing.subject)


@admin.register(SimulatedChange)
class SimulatedChangeAdmin(Told, ReadOnlyStateAdmin):
    """Each clock that would have ended otherwise, with its case."""

    list_display = (
        "reference", "seller", "clock", "before", "after", "due_before", "due_after", "answered_at", "simulation",
    )  # fmt: skip
    list_filter = ("clock", "before", "after")
    list_select_related = ("appointment__case", "appointment__seller", "simulation")
    ordering = ("-simulation_id", "id")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "appointment__seller__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("case"))
    def reference(self, change: SimulatedChange) -> SafeString:
        url = reverse("admin:cases_serviceappointment_change", args=[change.appointment_id])
        return format_html('<a href="{}">{}</a>', url, change.appointment.case.reference)

    @admin.display(description=_("seller"))
    def seller(self, change: SimulatedChange) -> str:
        return str(change.appointment.seller)
