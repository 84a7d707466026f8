"""Rule editions in the admin: to be read, never to be changed."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.numbers import number_rows


@admin.register(RuleEdition)
class RuleEditionAdmin(admin.ModelAdmin[RuleEdition]):
    """Editions are published by the decision of two administrators; here they are only shown."""

    list_display = ("number", "published_at", "effective_at")
    fields = ("number", "published_at", "effective_at", "in_words")
    readonly_fields = fields

    @admin.display(description=_("numbers"))
    def in_words(self, edition: RuleEdition) -> SafeString:
        """Every number with its name and clause."""
        rows = ((row.label, row.words, row.clause) for row in number_rows(edition.law))
        return format_html_join("", "<p>{}: <b>{}</b> ({})</p>", rows)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RuleEdition | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RuleEdition | None = None) -> bool:
        return False
