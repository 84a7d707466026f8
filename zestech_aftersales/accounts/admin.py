"""People in the admin: administrators read and edit them, nobody deletes them."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.accounts.models import User

# One way to log in for everybody: with lock-out and second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = ("email", "name", "platform_role", "is_active", "last_login")
    list_filter = ("platform_role", "is_active", "language")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("is_staff", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "name", "time_zone", "language")}),
        (_("Rights"), {"fields": ("platform_role", "is_staff", "is_active")}),
        (_("Log-in"), {"fields": ("last_login",)}),
    )
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            # They choose a password by "forgot password": nobody else ever knows it.
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        # Somebody's own rights are for another administrator to change.
        own = ("platform_role", "is_active") if obj is not None and obj.pk == request.user.pk else ()
        return (*self.readonly_fields, *own)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # The hash of a password is nothing to guess at, letter by letter.
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False
