"""Pieces of the staff's admin: states and instants read-only, no delete, steps that ask for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar, cast
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import DateTimeField, Model, QuerySet, URLField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_fsm import FSMFieldMixin, TransitionNotAllowed

from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.desk.lists import DeskList
from zestech_aftersales.desk.personal import PersonalAdmin
from zestech_aftersales.desk.reader import staff_actor as staff_actor  # noqa: PLC0414  # where the admins look for it
from zestech_aftersales.desk.steps import (
    Ahead,
    Outcome,
    has_changed,
    marks_of,
    seen_of,
)
from zestech_aftersales.desk.steps import FormOfThings as FormOfThings  # noqa: PLC0414
from zestech_aftersales.desk.steps import OptionalReasonForm as OptionalReasonForm  # noqa: PLC0414
from zestech_aftersales.desk.steps import ReasonForm as ReasonForm  # noqa: PLC0414
from zestech_aftersales.desk.steps import Step as Step  # noqa: PLC0414
from zestech_aftersales.desk.steps import decision_in as decision_in  # noqa: PLC0414
from zestech_aftersales.desk.steps import fields_told as fields_told  # noqa: PLC0414
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.record import earlier

Thing = TypeVar("Thing", bound=Model)
# How many things a step is performed on at once: as many as fit into an address and a look.
AT_ONCE = 100


class ReadOnlyStateAdmin(DeskList, PersonalAdmin):
    """Shows a thing and offers its steps. Nothing is added, edited or deleted here.

    `steps` appear as buttons of one thing and as actions of the list. `events_about` gives the
    history page the thing's events.
    """

    steps: ClassVar[Sequence[Step]] = ()
    # What a link without a scheme would become; said, because Django warns where it is not.
    formfield_overrides: ClassVar[dict[Any, Any]] = {URLField: {"assume_scheme": "https"}}
    change_form_template = "admin/change_form_with_steps.html"
    object_history_template = "admin/timeline.html"
    show_full_result_count = False
    list_per_page = 50

    def events_about(self, thing: Any) -> QuerySet[Event]:
        """The events that the history page of this thing shows."""
        return Event.objects.filter(subject=f"{self.opts.model_name}/{thing.pk}").order_by("id")

    def headline(self, event: Event) -> str | Promise:
        """What an event is called on the history page."""
        return event.kind

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        kept = [
            field.name
            for field in self.opts.get_fields()
            if isinstance(field, (FSMFieldMixin, DateTimeField)) and not getattr(field, "primary_key", False)
        ]
        return [*dict.fromkeys([*super().get_readonly_fields(request, obj), *kept])]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = dict(super().get_actions(request))
        for step in self.steps:
            if step.is_open_to(request):
                actions[step.name] = (partial(_ask, step), step.name, step.label)
        return actions

    def steps_for(self, request: HttpRequest, thing: Any) -> list[Step]:
        """The steps that a thing's page offers to this person."""
        person = cast(PersonRequest, request).user
        return [step for step in self._open_steps(request, thing) if not step.withheld(thing, person)]

    def withheld_for(self, request: HttpRequest, thing: Any) -> list[tuple[Step, str | Promise]]:
        """The steps that are open to others of this person's role, each with why not to him."""
        person = cast(PersonRequest, request).user
        told = [(step, step.withheld(thing, person)) for step in self._open_steps(request, thing)]
        return [(step, why) for step, why in told if why]

    def _open_steps(self, request: HttpRequest, thing: Any) -> list[Step]:
        return [step for step in self.steps if step.is_open_to(request) and step.offered(thing)]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.step_view)
        return [path("steps/<slug:name>/", view, name=self._step_url_name), *super().get_urls()]

    @property
    def _step_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_step"

    def step_url(self, step: Step, things: Iterable[Model]) -> str:
        """Where a step asks for its reason, for one or several things; it tells which proposals the page showed."""
        chosen = list(things)
        asked = urlencode({"thing": [str(thing.pk) for thing in chosen], "seen": marks_of(step, chosen)}, doseq=True)
        return f"{reverse(f'admin:{self._step_url_name}', args=[step.name])}?{asked}"

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        offered = [] if obj is None else self.steps_for(request, obj)
        context["withheld"] = [] if obj is None else self.withheld_for(request, obj)
        context["steps"] = [{"label": step.label, "url": self.step_url(step, [obj])} for step in offered]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def step_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask for the reason of a step, then perform it on each thing by itself."""
        step = next((step for step in self.steps if step.name == name), None)
        if step is None:
            raise Http404
        if not (step.is_open_to(request) and self.has_view_permission(request)):
            raise PermissionDenied
        things = self._chosen(request, _numbers(request.GET.getlist("thing")))
        if not things:
            raise Http404
        person = cast(PersonRequest, request).user
        form = step.form_for(request, things)
        is_filled = request.method == "POST" and form.is_valid()
        if not is_filled and has_changed(request, marks_of(step, things)):
            messages.warning(request, _("What is proposed has changed since you opened its page: it stands below."))
        status = HTTPStatus.OK
        if is_filled:
            outcomes = [self._performed(step, thing, form.cleaned_data, request) for thing in things]
            if len(outcomes) > 1 or not outcomes[0].trouble:
                return self._answer(step, outcomes, request)
            # Of one thing the page comes again with what was typed, and says why.
            form.add_error(None, f"{things[0]}: {outcomes[0].trouble}")
            status = HTTPStatus.CONFLICT
            things = self._chosen(request, [things[0].pk])
        context = {
            **self.admin_site.each_context(request),
            "title": step.label,
            "opts": self.opts,
            "step": step,
            "things": Ahead.all_of(step, things, person),
            "form": form,
            "key": key_of(request),
            "back": self._page_after(things),
        }
        return TemplateResponse(request, "admin/reason.html", context, status=status)

    def _chosen(self, request: HttpRequest, numbers: Sequence[int]) -> list[Any]:
        """The things of a step, with what its page tells of them, as their list has it."""
        found, related = self.get_queryset(request).filter(pk__in=numbers), self.get_list_select_related(request)
        return list(found if isinstance(related, bool) else found.select_related(*related))

    def _page_after(self, things: Sequence[Model]) -> str:
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{page}_change", args=[things[0].pk]) if len(things) == 1 else reverse(f"{page}_changelist")

    def _performed(self, step: Step, thing: Model, answers: dict[str, Any], request: HttpRequest) -> Outcome:
        at = cast(PersonRequest, request).received_at
        # One form is one command to each of its things: sent twice, it is done once.
        by = staff_actor(request).with_key(f"{key_of(request)}/{thing.pk}")
        by = by.because(answers.get("why", ""))
        if step.decides is not None:
            by = by.having_seen(seen_of(request, thing))
        answers = {name: answer for name, answer in answers.items() if name != "why"}
        if earlier(by):
            return Outcome(thing)
        try:
            step.perform(thing, by=by, at=at, **answers)
        except IntegrityError:
            # The same form, sent twice at one moment: the other one was first.
            if not earlier(by):
                raise
        except RuleBroken as broken:
            return Outcome(thing, told(broken))
        except TransitionNotAllowed:
            return Outcome(thing, _("“%(step)s” does not follow from its present state.") % {"step": step.label})
        except PermissionDenied as denied:
            return Outcome(thing, str(denied) or _("“%(step)s” is not for you to do.") % {"step": step.label})
        return Outcome(thing)

    def _answer(self, step: Step, outcomes: Sequence[Outcome], request: HttpRequest) -> HttpResponse:
        """Of one thing its page with a message; of several a table that says what became of each."""
        failed = [outcome for outcome in outcomes if outcome.trouble]
        if len(outcomes) == 1:
            words = {"step": step.label, "thing": outcomes[0].thing}
            messages.success(request, _("%(thing)s: “%(step)s” is done.") % words)
            return HttpResponseRedirect(self._page_after([outcomes[0].thing]))
        context = {
            **self.admin_site.each_context(request),
            "title": step.label,
            "opts": self.opts,
            "step": step,
            "outcomes": outcomes,
            "done": len(outcomes) - len(failed),
            "failed": len(failed),
            "again": self.step_url(step, [outcome.thing for outcome in failed]) if failed else "",
        }
        return TemplateResponse(request, "admin/outcomes.html", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The thing's events, instead of the admin's own log."""
        thing = self.get_object(request, object_id)
        if thing is None:
            raise Http404
        if not self.has_view_permission(request, thing):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Timeline: %(thing)s") % {"thing": thing},
            "opts": self.opts,
            "object": thing,
            "lines": [
                {"event": event, "headline": self.headline(event)}
                for event in self.events_about(thing).select_related("actor", "acting_for")
            ],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/timeline.html", context)


class ReadOnlyRows(admin.TabularInline[Any, Any]):
    """Rows that belong to a thing, shown on its page."""

    extra = 0
    can_delete = False
    show_change_link = False
    # Its cells say all: no line with the row's name above them.
    is_read_only = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MasterDataAdmin(ReadOnlyStateAdmin):
    """For data that people keep: forms stay, but what they hold is saved by an action.

    Who may add and change follows from the platform role (accounts), as everywhere in the admin.
    """

    def add_thing(self, thing: Any, by: Actor, at: datetime) -> Any:
        """Save a new thing by its action and return what was saved."""
        raise PermissionDenied

    def change_thing(self, thing: Any, changes: dict[str, Any], by: Actor, at: datetime) -> object:
        """Save the changed fields by their action."""
        raise PermissionDenied

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by, at = staff_actor(request), cast(PersonRequest, request).received_at
        if change:
            self.change_thing(obj, {name: form.cleaned_data[name] for name in form.changed_data}, by, at)
        else:
            obj.pk = self.add_thing(obj, by, at).pk

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The stock page without its transaction: the action brings its own and is never nested."""
        try:
            # Django wraps changeform_view around this method; the stubs leave it out.
            return self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined]
        except RuleBroken as broken:
            messages.error(request, told(broken))
            return HttpResponseRedirect(request.get_full_path())


def told(broken: RuleBroken) -> str:
    """A refusal in one line, with its clause."""
    return f"{broken.detail} ({_('Rule %(clause)s') % {'clause': broken.clause}})" if broken.clause else broken.detail


def key_of(request: HttpRequest) -> str:
    """What tells a form that is sent again from a new one; a form that brings none is a new one."""
    return request.POST.get("key", "")[:40] or uuid4().hex


def _ask(step: Step, shown: ReadOnlyStateAdmin, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
    things = list(chosen.order_by()[: AT_ONCE + 1])
    if len(things) > AT_ONCE:
        messages.error(request, _("Choose at most %(n)d at once: nothing was done.") % {"n": AT_ONCE})
        return None
    return HttpResponseRedirect(shown.step_url(step, things))


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19][:AT_ONCE]
