"""Sellers' things in the admin: master data by forms, machines by steps with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from sellers import queries
from sellers.actions import commitments, engineers, members, points, products
from sellers.actions import sellers as seller_actions
from sellers.admin_affiliations import AffiliationAdmin as _AffiliationAdmin  # noqa: F401  # registers itself
from sellers.admin_enrolments import EnrolmentAdmin as _EnrolmentAdmin  # noqa: F401  # registers itself
from sellers.admin_judgement import JudgeAnewForm, JudgeForm, RecordForm, not_to_judge_anew, record_for
from sellers.admin_people import PersonField
from sellers.admin_told import Told
from sellers.events import subject_of
from sellers.models import (
    ApiClient,
    CommitmentState,
    Engineer,
    FormerLegalName,
    MarkPeriod,
    Membership,
    Product,
    Seller,
    SellerCommitment,
    ServicePoint,
    Term,
)
from sellers.permissions import JUDGING_ROLES, SCREENING_ROLES
from sellers.seller_facts import facts
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Actor, Seat
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.accounts.models import User
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.staff import MasterDataAdmin, OptionalReasonForm, ReadOnlyRows, ReadOnlyStateAdmin, Step
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of


class OfferedForm(forms.ModelForm[Any]):
    """Ticks instead of JSON for what is offered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked = {"service_types": ServiceType, "skills": ServiceType, "methods": ServiceMethod}
        for name, choices in ticked.items():
            if name in self.fields:
                self.fields[name] = forms.MultipleChoiceField(
                    label=self.fields[name].label,
                    choices=choices.choices,
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                )


class FormerNameRows(ReadOnlyRows):
    """What the legal entity was called before, and so who it still is: of the graph, for auditors' eyes (3.2)."""

    model = FormerLegalName
    fields = readonly_fields = ("legal_name", "since", "until")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return cast(PersonRequest, request).user.platform_role in JUDGING_ROLES


@admin.register(Seller)
class SellerAdmin(Told, MasterDataAdmin):
    list_display = ("name", "legal_name", "country", "city", "email")
    list_filter = ("country", "enrolments__state")
    search_fields = ("name", "legal_name", "slug", "email")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (FormerNameRows,)
    steps = (
        Step(
            "record_commitment",
            _("Record a promise"),
            record_for,
            SCREENING_ROLES,
            clause="2.3.3",
            consequence=_("What the seller was reported to have said waits for an auditor, who judges each term."),
            form=RecordForm,
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), *(["slug", "figures"] if obj else [])]

    @admin.display(description=_("figures"))
    def figures(self, seller: Seller) -> str:
        """What the higher apps tell of a seller, a line each."""
        at = clock.now()
        lines = [(capfirst(str(fact.label)), fact.tell(seller, at)) for fact in facts()]
        return format_html_join("", "<p><strong>{}</strong>: {}</p>", lines) or "–"

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else {"slug": ("name",)}

    def events_about(self, thing: Seller) -> QuerySet[Event]:
        return events_of(f"seller/{thing.pk}")

    def add_thing(self, thing: Seller, by: Actor, at: datetime) -> Seller:
        return seller_actions.register_seller(thing, by=by, at=at)

    def change_thing(self, thing: Seller, changes: dict[str, Any], by: Actor, at: datetime) -> Seller:
        return seller_actions.change_seller(thing, changes, by=by, at=at)


class OfSellerAdmin(Told, MasterDataAdmin):
    """A thing that belongs to one seller for good."""

    list_select_related: ClassVar[tuple[str, ...]] = ("seller",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), *(["seller"] if obj else [])]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """People by their address: a search that only scripts can fill in leaves those without them out."""
        if db_field.related_model is User:
            return PersonField(label=capfirst(db_field.verbose_name), required=not db_field.blank)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def events_about(self, thing: Any) -> QuerySet[Event]:
        return events_of(f"seller/{thing.seller_id}").filter(subject=subject_of(thing))


@admin.register(Membership)
class MembershipAdmin(OfSellerAdmin):
    list_display = ("user", "seller", "seat")
    list_filter = ("seat",)
    search_fields = ("user__email", "user__name", "seller__name")
    list_select_related = ("user", "seller")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), *(["user"] if obj else [])]

    def add_thing(self, thing: Membership, by: Actor, at: datetime) -> Membership:
        return members.add_member(thing.seller, thing.user, Seat(thing.seat), by=by, at=at)

    def change_thing(self, thing: Membership, changes: dict[str, Any], by: Actor, at: datetime) -> object:
        return members.change_seat(thing, Seat(changes["seat"]), by=by, at=at) if changes else thing


@admin.register(ApiClient)
class ApiClientAdmin(OfSellerAdmin):
    list_display = ("application", "seller", "buyer", "order_feed")
    list_filter = ("order_feed",)
    search_fields = ("application__name", "application__client_id", "seller__name", "buyer__email")
    list_select_related = ("application", "seller", "buyer")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def events_about(self, thing: ApiClient) -> QuerySet[Event]:
        stream = subject_of(thing) if thing.seller_id is None else f"seller/{thing.seller_id}"
        return events_of(stream).filter(subject=subject_of(thing))

    def add_thing(self, thing: ApiClient, by: Actor, at: datetime) -> ApiClient:
        return members.bind_client(thing, by=by, at=at)


class MarkRows(ReadOnlyRows):
    model = MarkPeriod
    fields = readonly_fields = ("begins_at", "ends_at")


class MarkFilter(admin.SimpleListFilter):
    """Products by whether they bear the mark now."""

    title = _("mark")
    parameter_name = "mark"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("bears the mark")), ("no", _("without the mark"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() is None else queryset.filter(bears_mark=self.value() == "yes")


@admin.register(Product)
class ProductAdmin(OfSellerAdmin):
    form = OfferedForm
    list_display = ("sku", "name", "brand", "seller", "is_marked_now")
    list_filter = (MarkFilter, "brand")
    search_fields = ("sku", "name", "brand", "seller__name")
    readonly_fields = ("page",)
    inlines = (MarkRows,)
    steps = (
        Step(
            "mark",
            _("Set the mark"),
            products.mark,
            SCREENING_ROLES,
            clause="1.1",
            consequence=_("Orders placed from now on are covered."),
            form=OptionalReasonForm,
            offered=lambda product: not product.bears_mark,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        at = cast(PersonRequest, request).received_at
        return queries.with_mark_at(super().get_queryset(request), at)

    @admin.display(description=_("bears the mark"), boolean=True)
    def is_marked_now(self, product: Any) -> bool:
        return bool(product.bears_mark)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), *(["sku"] if obj else [])]

    def add_thing(self, thing: Product, by: Actor, at: datetime) -> Product:
        return products.add_product(thing, by=by, at=at)

    def change_thing(self, thing: Product, changes: dict[str, Any], by: Actor, at: datetime) -> Product:
        return products.change_product(thing, changes, by=by, at=at)


@admin.register(ServicePoint)
class ServicePointAdmin(OfSellerAdmin):
    list_display = ("name", "city", "country", "seller", "time_zone", "capacity", "is_active")
    list_filter = ("is_active", "has_published_slots", "country")
    search_fields = ("name", "city", "address", "seller__name")

    def add_thing(self, thing: ServicePoint, by: Actor, at: datetime) -> ServicePoint:
        return points.add_point(thing, by=by, at=at)

    def change_thing(self, thing: ServicePoint, changes: dict[str, Any], by: Actor, at: datetime) -> ServicePoint:
        return points.change_point(thing, changes, by=by, at=at)


@admin.register(Engineer)
class EngineerAdmin(OfSellerAdmin):
    form = OfferedForm
    list_display = ("name", "seller", "user", "time_zone", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "seller__name", "user__email")
    list_select_related = ("seller", "user")

    def add_thing(self, thing: Engineer, by: Actor, at: datetime) -> Engineer:
        return engineers.add_engineer(thing, by=by, at=at)

    def change_thing(self, thing: Engineer, changes: dict[str, Any], by: Actor, at: datetime) -> Engineer:
        return engineers.change_engineer(thing, changes, by=by, at=at)


class TermRows(ReadOnlyRows):
    model = Term
    fields = readonly_fields = ("dimension", "value", "excludes", "state", "reason")


@admin.register(SellerCommitment)
class SellerCommitmentAdmin(Told, ReadOnlyStateAdmin):
    list_display = ("statement", "seller", "product", "source", "state", "begins_at", "ended_at")
    list_filter = ("state", "source", "terms__dimension")
    search_fields = ("statement", "seller__name", "product__sku", "made_to__email")
    list_select_related = ("seller", "product")
    inlines = (TermRows,)
    readonly_fields = ("looked_at_again",)
    steps = (
        Step(
            "judge",
            _("Judge"),
            commitments.judge,
            JUDGING_ROLES,
            clause="2.3.3",
            consequence=_(
                "Each term is held against the rules and earlier promises: what narrows is void, the rest binds. The "
                "proposal is set already; accept it as it stands, or decide otherwise and say why."
            ),
            form=JudgeForm,
            offered=lambda commitment: commitment.state == CommitmentState.RECORDED,
        ),
        Step(
            "judge_anew",
            _("Put the judgement right"),
            commitments.judge_anew,
            JUDGING_ROLES,
            clause="2.3.3",
            consequence=_(
                "What binds now has bound from the start, what is void has never bound: open requests and the limits "
                "missed under it are counted anew, and covers end as they should. Where the words were read wrong, find "
                "the term not to be promised and add what they do say: it is judged as the system proposes."
            ),
            form=JudgeAnewForm,
            offered=lambda commitment: commitment.state != CommitmentState.RECORDED,
            withheld=not_to_judge_anew,
        ),
        Step(
            "end",
            _("End on the seller's request"),
            commitments.end,
            SCREENING_ROLES,
            clause="2.3.3",
            consequence=_("Orders placed before keep it."),
            offered=lambda commitment: commitment.state in (CommitmentState.BINDING, CommitmentState.SPLIT),
        ),
    )

    def events_about(self, thing: SellerCommitment) -> QuerySet[Event]:
        return events_of(f"seller/{thing.seller_id}").filter(subject=subject_of(thing))

    @admin.display(description=_("to be looked at again"))
    def looked_at_again(self, commitment: SellerCommitment) -> str:
        """What a judgement that was put right leaves to be judged anew, each with why."""
        for_this = _("void as narrower than this promise, which no longer binds")
        this = _("this one is void as narrower than an earlier promise, which no longer binds")
        later = queries.to_reconsider(commitment) if commitment.put_right_at else []
        told = [(each, for_this) for each in later]
        told += [(each, this) for each in queries.no_longer_narrower_than(commitment)]
        page = "admin:sellers_sellercommitment_change"
        lines = [(reverse(page, args=[each.pk]), each, why) for each, why in told]
        return format_html_join("", '<p><a href="{}">{}</a>: {}</p>', lines) or "–"
