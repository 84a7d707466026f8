"""Forms that carry an idempotency key, and refusals shown in the form that met them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_fsm import TransitionNotAllowed

from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from django.http import QueryDict

T = TypeVar("T")


class KeyedForm(forms.Form):
    """A form whose double click is one command: the key is made with the page and sent with the form."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    refusal: RuleBroken | None = None

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not self.is_bound:
            self.initial.setdefault("key", uuid.uuid4().hex)

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows the form again."""
        if self.refusal is not None:
            return self.refusal.status
        return 422 if self.errors else 200

    def field_for(self, missing: str) -> str:
        """The field at which a refusal's word for something missing is shown."""
        return missing

    def refuse(self, refused: RuleBroken) -> None:
        """Keep a refusal, and mark the fields that it names as missing or wrong."""
        self.refusal = self._renewed() if refused.code == "idempotency_key_reused" else refused
        faults: dict[str, list[str]] = dict(refused.context.get("fields", {}))
        for missing in refused.context.get("missing", []):
            faults.setdefault(self.field_for(str(missing)), [gettext("This is needed.")])
        for name, texts in faults.items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, [*texts])

    def _renewed(self) -> RuleBroken:
        """The refusal of a form whose key was spent; what is typed now can be sent under a new key."""
        data = cast("QueryDict", self.data).copy()
        data[self.add_prefix("key")] = uuid.uuid4().hex
        self.data = data
        return RuleBroken(
            "",
            "idempotency_key_reused",
            status=422,
            detail=_(
                "This form was already sent with something else. To send what it says now as well, send it again."
            ),
        )


def attempt(form: KeyedForm, command: Callable[[], T]) -> T | None:
    """Carry a command out; a refusal is kept in the form, with all that was typed, and None is returned."""
    try:
        return command()
    except RuleBroken as refused:
        form.refuse(refused)
    except TransitionNotAllowed:
        form.refusal = RuleBroken(
            "",
            "illegal_transition",
            detail=_("The case has moved on meanwhile. Go back to the case to see where it stands."),
        )
    return None
