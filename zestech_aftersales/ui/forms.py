"""The renderer of all forms of the site: Bootstrap's classes, errors and hints tied to their field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input

_CLASS_BY_WIDGET: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxSelectMultiple, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.MultiWidget, "form-control"),
    (forms.Textarea, "form-control"),
    (forms.FileInput, "form-control"),
    (Input, "form-control"),
)


class PageField(BoundField):
    """A bound field that knows how our pages show it."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """The widget's attributes with our class added to its own; is-invalid where there are errors."""
        widget = widget or self.field.widget
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if widget.is_hidden:
            return built
        ours = next((name for kind, name in _CLASS_BY_WIDGET if isinstance(widget, kind)), "")
        names = [str(built.get("class") or widget.attrs.get("class", "")), ours]
        if self.errors:
            names.append("is-invalid")
        if joined := " ".join(name for name in names if name):
            built["class"] = joined
        return built

    @property
    def shape(self) -> str:
        """How the field's template lays it out: check, choices or plain."""
        if isinstance(self.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "choices"
        return "check" if isinstance(self.field.widget, forms.CheckboxInput) else "plain"

    @property
    def first_id(self) -> str:
        """The id a link in the error summary goes to: the first control of the field."""
        return f"{self.auto_id}_0" if self.shape == "choices" else str(self.id_for_label or self.auto_id)


class PageRenderer(TemplatesSetting):
    """Named by FORM_RENDERER."""

    bound_field_class = PageField
    form_template_name = "forms/form.html"
    field_template_name = "partials/_field.html"
