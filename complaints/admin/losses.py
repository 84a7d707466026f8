"""Loss claims at the staff desk: drafted by finance, approved together with an auditor, followed to the payment (3.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from complaints.actions import losses
from complaints.admin.late import ShowsLate
from complaints.admin.limits import LimitRows
from complaints.admin.loss_forms import AdjustForm, DraftForm, HeadsForm, RepaymentForm, lowered
from complaints.loss_words import LOSS_WORDS
from complaints.losses import Head
from complaints.models import LossClaim, LossItem, LossState, Violation
from complaints.permissions import AUDITORS, FINANCE
from complaints.queries.losses import COLUMNS, ledger, ledgers, sellers_with_losses, took_part
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.models import User
from zestech_aftersales.staff import ReadOnlyRows, ReadOnlyStateAdmin, Step, decision_in, fields_told
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of

BOTH = (*FINANCE, *AUDITORS)


def draft(violation: Violation, *, heads: list[Head], reason: str, by: Actor, at: datetime) -> object:
    """A claim on this breach."""
    return losses.draft(violation, heads, reason=reason, by=by, at=at)


def redraft(claim: LossClaim, *, heads: list[Head], by: Actor, at: datetime) -> object:
    """Other heads instead."""
    return losses.redraft(claim, heads, by=by, at=at)


def adjust(
    claim: LossClaim, *, percent: Decimal | None, amounts: dict[int, Decimal], reason: str, by: Actor, at: datetime
) -> object:
    """Single heads lowered, or every head by the same share."""
    wanted = amounts if percent is None else lowered(claim, percent)
    return losses.adjust(claim, wanted, reason=reason, by=by, at=at)


def _of_the_same_role(claim: LossClaim, person: User) -> str:
    """Why somebody of the role that put it up does not decide: one of finance and one auditor sign together."""
    is_same = claim.decision is not None and claim.decision.proposer.platform_role == person.platform_role
    return _now("your role has put it up, so the other one, finance or auditor, decides.") if is_same else ""


def _not_by_two_roles(claim: LossClaim, person: User) -> str:
    """Why somebody does not approve: also where who put it up has changed roles since (it can be sent back)."""
    if same := _of_the_same_role(claim, person):
        return same
    if claim.decision is None or losses.is_put_up_by_its_role(claim):
        return ""
    return _now("whoever put it up has another role by now: send it back, and have it put up anew.")


def _took_part(claim: LossClaim, person: User) -> str:
    """Why somebody does not settle a contested claim."""
    if claim.was_contested and took_part(claim, person):
        return _now("you drafted, put up or approved it, so somebody else settles what the seller contests.")
    return ""


def bill_link(item: LossItem) -> SafeString | str:
    """The bill itself; the link opens to finance and auditors alone."""
    if item.file is None:
        return "–"
    return format_html('<a href="{}">{}</a>', item.file.get_absolute_url(), item.file.name)


def _claim_proposed(claim: LossClaim) -> list[str]:
    """Every head with its bill, and what they come to."""
    heads = [
        format_html("{}; {}, {}: {}", item, item.voucher, bill_link(item), item.note) for item in claim.items.all()
    ]
    return [
        *fields_told(claim, "seller", "violation", "reason"),
        *heads,
        f"{capfirst(_now('amounts'))}: {_joined(claim.totals)}",
    ]


def _in(*states: LossState) -> Callable[[Any], bool]:
    return lambda claim: claim.state in states


CLAIM_A_LOSS = Step(
    "claim-loss", _("Claim a loss"), draft, FINANCE, "3.4",
    _("A draft that only the staff sees. One of finance and one auditor approve it together."),
    DraftForm, lambda violation: violation.stands,
)  # fmt: skip
ANSWERED = (LossState.ACCEPTED, LossState.CONTESTED, LossState.UNCONTESTED)


class ItemRows(ReadOnlyRows):
    model = LossItem
    fields = readonly_fields = (
        "head", "claimed_money", "voucher", "bill", "note", "owed_money", "adjusted_reason",
    )  # fmt: skip

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("file")

    @admin.display(description=_("claimed"))
    def claimed_money(self, item: LossItem) -> str:
        return str(item.claimed_money)

    @admin.display(description=_("owed"))
    def owed_money(self, item: LossItem) -> str:
        return str(item.owed_money)

    @admin.display(description=_("file"))
    def bill(self, item: LossItem) -> SafeString | str:
        return bill_link(item)


class LossLimitRows(LimitRows):
    fk_name = "loss_claim"


@admin.register(LossClaim)
class LossClaimAdmin(ShowsLate, ReadOnlyStateAdmin):
    change_list_template = "admin/losses.html"
    list_display = ("__str__", "seller", "violation", "state", "amounts", "notified_at", "answered_at", "settled_at")
    list_filter = ("state", "was_contested", "is_owed_back")
    search_fields = ("seller__name__istartswith", "seller__slug__iexact")
    search_help_text = _("The beginning of the seller’s name")
    ordering = ("-id",)
    inlines = (ItemRows, LossLimitRows)
    readonly_fields = ("amounts", "late", "who_may_decide", "seller_ledger")
    exclude = ("decision",)
    steps = (
        Step(
            "redraft", _("Change the heads"), redraft, FINANCE, "3.4", _("The heads below take the place of those of the draft."),
            HeadsForm, lambda claim: claim.state == LossState.DRAFT and claim.decision_id is None,
        ),
        Step(
            "put-up", _("Put up for approval"), losses.put_up, BOTH, "3.4",
            _("Somebody of the other role, finance or auditor, approves it or sends it back."),
            offered=lambda claim: claim.state == LossState.DRAFT and claim.decision_id is None,
        ),
        Step(
            "approve", _("Approve and notify the seller"), losses.approve, BOTH, "3.4",
            _("The seller is told at once and can answer as long as the rules give him; then it counts as not contested."),
            offered=lambda claim: claim.state == LossState.DRAFT and claim.decision_id is not None,
            withheld=_not_by_two_roles, decides=decision_in("decision"), shows=_claim_proposed,
        ),
        Step(
            "decline", _("Send back"), losses.decline, BOTH, "3.4", _("It is a draft again and can be changed."),
            offered=lambda claim: claim.state == LossState.DRAFT and claim.decision_id is not None,
            withheld=_of_the_same_role, decides=decision_in("decision"), shows=_claim_proposed,
        ),
        Step(
            "discard", _("Give the draft up"), losses.discard, FINANCE, "3.4",
            _("It was made by mistake. The seller never hears of it."),
            offered=lambda claim: claim.state == LossState.DRAFT and claim.decision_id is None,
        ),
        Step(
            "adjust", _("Lower it"), adjust, BOTH, "3.4",
            _("Amounts only become less. A contested claim is settled by somebody who took no part in it before."),
            AdjustForm, _in(*ANSWERED), _took_part,
        ),
        Step(
            "final", _("Make it final"), losses.make_final, BOTH, "3.4",
            _("It is owed as it stands. A contested claim is settled by somebody who took no part in it before."),
            offered=_in(*ANSWERED, LossState.ADJUSTED), withheld=_took_part,
        ),
        Step(
            "recover", _("Note the payment"), losses.recover, FINANCE, "3.4", _("The reason names the receipt."),
            offered=_in(LossState.FINAL),
        ),
        Step(
            "write-off", _("Write it off"), losses.write_off, FINANCE, "3.4", _("Nothing more is asked of the seller."),
            offered=_in(LossState.FINAL),
        ),
        Step(
            "pay-back", _("Note the repayment"), losses.pay_back, FINANCE, "3.4",
            _("What the seller had paid for a breach that counts no longer was paid back to him; he is told."),
            RepaymentForm, lambda claim: claim.state == LossState.WITHDRAWN and claim.is_owed_back,
        ),
    )  # fmt: skip

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .select_related("decision__proposer", "seller", "violation")
            .prefetch_related("items__file")
        )

    def get_urls(self) -> list[URLPattern]:
        pages = self.admin_site.admin_view
        return [
            path("ledger/", pages(self.ledger_view), name="complaints_ledgers"),
            path("ledger/<int:seller_id>/", pages(self.ledger_view), name="complaints_ledger"),
            *super().get_urls(),
        ]

    def ledger_view(self, request: HttpRequest, seller_id: int | None = None) -> HttpResponse:
        """What every seller owes and was paid back, by currency; of one seller with the claims behind it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        sellers = sellers_with_losses()
        if seller_id is not None:
            sellers = sellers.filter(pk=get_object_or_404(sellers, pk=seller_id).pk)
        page = self.get_paginator(request, sellers, self.list_per_page).get_page(request.GET.get("page"))
        told = ledgers([each.pk for each in page])
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Ledger of losses"),
            "opts": self.opts,
            "columns": [label for _name, label, _where in COLUMNS],
            "rows": [(each, told[each.pk]) for each in page],
            "page": page,
            "claims": self.get_queryset(request).filter(seller=seller_id).order_by("-id") if seller_id else (),
            "is_of_one": seller_id is not None,
        }
        return TemplateResponse(request, "admin/ledger.html", context)

    def events_about(self, thing: Any) -> QuerySet[Event]:
        return events_of(thing.subject)

    def headline(self, event: Event) -> str | Promise:
        words = LOSS_WORDS.get(event.kind)
        return words.headline if words else event.kind

    @admin.display(description=_("amounts"))
    def amounts(self, claim: LossClaim) -> str:
        return _joined(claim.totals) or "–"

    @admin.display(description=_("who may decide"))
    def who_may_decide(self, claim: LossClaim) -> str:
        """Four eyes, said before anybody tries."""
        if claim.state == LossState.DRAFT and claim.decision is not None:
            return _now("put up by %(person)s: the other role decides") % {"person": claim.decision.proposer}
        if claim.state == LossState.CONTESTED:
            return _now("somebody of finance or an auditor who took no part in it before")
        return "–"

    @admin.display(description=_("ledger of the seller"))
    def seller_ledger(self, claim: LossClaim) -> SafeString | str:
        page = reverse("admin:complaints_ledger", args=[claim.seller_id])
        lines = [
            ", ".join(f"{label} {money}" for label, money in line.labelled if money.amount)
            for line in ledger(claim.seller_id)
        ]
        told = "; ".join(line for line in lines if line)
        return format_html('{} <a href="{}">{}</a>', told, page, _now("the whole ledger")) if told else "–"


def _joined(totals: Iterable[object]) -> str:
    return " + ".join(str(money) for money in totals)
