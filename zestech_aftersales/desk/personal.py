"""Personal details in the admin: shown by role, or under a reading access that records each look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zestech_aftersales.desk.access import is_told, open_access
from zestech_aftersales.desk.actions import note_look
from zestech_aftersales.desk.reader import reader_of, staff_actor


class PersonalAdmin(admin.ModelAdmin[Any]):
    """Leaves the `personal` fields of a thing out for whom they are no business."""

    personal: ClassVar[Sequence[str]] = ()

    def _is_hidden(self, request: HttpRequest, obj: Any) -> bool:
        if not self.personal or obj is None or is_told(reader_of(request)):
            return False
        return open_access(reader_of(request)) is None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        if not self._is_hidden(request, obj):
            return [field for field in fields if field != "hidden_details"]
        return [*(field for field in fields if field not in self.personal), "hidden_details"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *(["hidden_details"] if self.personal else [])]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No list is narrowed by what its pages hide: who asks letter by letter reads it all the same."""
        if lookup.partition("__")[0] in self.personal:
            return False
        return super().lookup_allowed(lookup, value, request)

    @admin.display(description=gettext_lazy("Address and phone"))
    def hidden_details(self, thing: Any) -> str:
        """Says why something is missing."""
        return _("Not shown to your role. An administrator can open a reading access with a reason.")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if self.personal and obj is not None and not is_told(reader_of(request)):
            access = open_access(reader_of(request))
            if access is not None:
                subject = f"{self.opts.model_name}/{obj.pk}"
                note_look(access, subject, by=staff_actor(request), at=reader_of(request).at)
        return super().render_change_form(request, context, add, change, form_url, obj)
