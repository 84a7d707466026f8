"""Pieces of the staff's admin: states and instants read-only, no delete, steps that ask for a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, TypeVar, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_fsm import FSMFieldMixin, TransitionNotAllowed

from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event

Thing = TypeVar("Thing", bound=Model)


def staff_actor(request: HttpRequest) -> Actor:
    """The person at the staff desk, as an action wants them."""
    return Actor(channel=Channel.ADMIN, user=cast(PersonRequest, request).user)


class ReasonForm(forms.Form):
    """What a step asks for; its fields go to the action by name."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("It is kept on the timeline with your name."),
    )


class OptionalReasonForm(ReasonForm):
    """For steps that speak for themselves."""

    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 4}))


def _always(_thing: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """A button of the admin that calls one of our actions, after asking for a reason.

    `perform(thing, by=..., at=..., **answers of the form)` is the action itself. `roles` are the
    platform roles that see the button; `offered` says for which things (the action checks again).
    """

    name: str
    label: str | Promise
    perform: Callable[..., object]
    roles: Iterable[str]
    clause: str = ""
    consequence: str | Promise = ""
    form: type[forms.Form] = ReasonForm
    offered: Callable[[Any], bool] = _always

    def is_open_to(self, request: HttpRequest) -> bool:
        return cast(PersonRequest, request).user.platform_role in set(self.roles)


class ReadOnlyStateAdmin(admin.ModelAdmin[Any]):
    """Shows a thing and offers its steps. Nothing is added, edited or deleted here.

    `steps` appear as buttons of one thing and as actions of the list. `events_about` gives the
    history page the thing's events.
    """

    steps: ClassVar[Sequence[Step]] = ()
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

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.step_view)
        return [path("steps/<slug:name>/", view, name=self._step_url_name), *super().get_urls()]

    @property
    def _step_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_step"

    def step_url(self, step: Step, things: Iterable[Model]) -> str:
        """Where a step asks for its reason, for one or several things."""
        asked = urlencode({"thing": [str(thing.pk) for thing in things]}, doseq=True)
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
        offered = [step for step in self.steps if obj is not None and step.is_open_to(request) and step.offered(obj)]
        context["steps"] = [{"label": step.label, "url": self.step_url(step, [obj])} for step in offered]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def step_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask for the reason of a step, then perform it on each thing by itself."""
        step = next((step for step in self.steps if step.name == name), None)
        if step is None:
            raise Http404
        if not (step.is_open_to(request) and self.has_view_permission(request)):
            raise PermissionDenied
        things = list(self.get_queryset(request).filter(pk__in=_numbers(request.GET.getlist("thing"))))
        if not things:
            raise Http404
        form = step.form(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            for thing in things:
                self._perform(step, thing, form.cleaned_data, request)
            return HttpResponseRedirect(self._page_after(things))
        context = {
            **self.admin_site.each_context(request),
            "title": step.label,
            "opts": self.opts,
            "step": step,
            "things": things,
            "form": form,
            "back": self._page_after(things),
        }
        return TemplateResponse(request, "admin/reason.html", context)

    def _page_after(self, things: Sequence[Model]) -> str:
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{page}_change", args=[things[0].pk]) if len(things) == 1 else reverse(f"{page}_changelist")

    def _perform(self, step: Step, thing: Model, answers: dict[str, Any], request: HttpRequest) -> None:
        at = cast(PersonRequest, request).received_at
        words = {"step": step.label, "thing": thing}
        try:
            step.perform(thing, by=staff_actor(request), at=at, **answers)
        except RuleBroken as broken:
            messages.error(request, f"{thing}: {told(broken)}")
        except TransitionNotAllowed:
            messages.error(request, _("%(thing)s: “%(step)s” does not follow from its present state.") % words)
        except PermissionDenied:
            messages.error(request, _("%(thing)s: “%(step)s” is not for you to do.") % words)
        else:
            messages.success(request, _("%(thing)s: “%(step)s” is done.") % words)

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


def _ask(step: Step, shown: ReadOnlyStateAdmin, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse:
    return HttpResponseRedirect(shown.step_url(step, chosen))


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit()][:1000]
