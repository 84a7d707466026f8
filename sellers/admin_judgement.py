"""The staff's forms for commitments: recording what was reported, and the auditor's decision on each term (2.3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sellers.actions.commitments import record_commitment
from sellers.admin_people import PersonField
from sellers.models import CommitmentSource, CommitmentState, Product, Seller, SellerCommitment, Term
from sellers.proposals import Proposal, TermProposal
from sellers.queries import authors_of_judgement, judgement_that_stands, proposal_for
from sellers.term_forms import TermRowsForm
from sellers.terms import Promise, Verdict
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.models import User
from zestech_aftersales.staff import FormOfThings


class RecordForm(TermRowsForm, FormOfThings):
    """What a seller said, as somebody reported it: where, about what, to whom, and its terms."""

    # The page of a step has no button that adds one.
    fewest = 6
    statement = forms.CharField(
        label=_("In the seller’s own words"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )
    source = forms.ChoiceField(label=_("Where it was said"), choices=CommitmentSource.choices)
    evidence = forms.CharField(
        label=_("Where it can be read"), max_length=300, required=False, help_text=_("A link, a case, who reported it.")
    )
    product: forms.ModelChoiceField[Product] = forms.ModelChoiceField(
        Product.objects.none(), to_field_name="sku", label=_("SKU"), required=False, widget=forms.TextInput,
        help_text=_("Empty: it was said of all products."),
    )  # fmt: skip
    made_to = PersonField(label=_("Said to"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(Any, self.fields["product"]).queryset = Product.objects.filter(seller__in=self.things)
        self.order_fields(["statement", "source", "evidence", "product", "made_to"])

    def clean(self) -> dict[str, Any]:
        """What the action takes."""
        typed = super().clean()
        if len(self.things) > 1:
            self.add_error(None, _now("Record it for one seller at a time."))
        names = ("statement", "source", "evidence", "product", "made_to")
        return {name: typed.get(name) for name in names} | {"terms": self.terms}


def record_for(
    seller: Seller, *, source: str, terms: Sequence[Promise], by: Actor, at: datetime, **told: Any
) -> SellerCommitment:
    """Record what was reported; it waits for an auditor to judge it."""
    return record_commitment(seller, source=CommitmentSource(source), terms=terms, by=by, at=at, **told)


def _verdict_on(
    term: Term, proposal: Proposal, proposed: TermProposal, *, initial: str, tells_shown: bool = False
) -> forms.ChoiceField:
    """The choice of a verdict on one term, beside what the system proposes; `tells_shown` sends back what was set."""
    return forms.ChoiceField(
        label=term.promise.text,
        choices=Verdict.choices,
        initial=initial,
        show_hidden_initial=tells_shown,
        help_text=_now("“%(words)s” Proposed: %(leaning)s (the whole: %(whole)s). %(reason)s")
        % {
            "words": term.commitment.statement[:300],
            "leaning": proposed.leaning.label,
            "whole": proposal.whole.label,
            "reason": proposed.reason,
        },
    )


class JudgeForm(FormOfThings):
    """One choice for each term, set to the proposal; a reason where the auditor differs from it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposed: dict[str, Verdict] = {}
        for commitment in self.things:
            if commitment.state == CommitmentState.RECORDED:
                self._ask_about(commitment)
        self.fields["reason"] = forms.CharField(
            label=_("Reason"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("Needed where you differ from the proposal. It is kept on the timeline with your name."),
        )

    def _ask_about(self, commitment: SellerCommitment) -> None:
        terms = list(commitment.terms.all())
        proposal = proposal_for(commitment, [term.promise for term in terms])
        for term, proposed in zip(terms, proposal.terms, strict=True):
            name = f"term_{term.pk}"
            self.proposed[name] = proposed.verdict
            self.fields[name] = _verdict_on(term, proposal, proposed, initial=proposed.verdict.value)

    def clean(self) -> dict[str, Any]:
        """What the action takes: the decisions by the terms' keys, and the reason."""
        typed = super().clean() or {}
        decisions = {int(name.removeprefix("term_")): typed[name] for name in self.proposed if name in typed}
        differs = any(typed.get(name) != verdict for name, verdict in self.proposed.items() if name in typed)
        reason = str(typed.get("reason", "")).strip()
        if differs and not reason:
            self.add_error("reason", _now("Say why you differ from the proposal."))
        return {"decisions": decisions, "reason": reason}


class JudgeAnewForm(TermRowsForm, FormOfThings):
    """The verdict on each term as it stands, to be changed; what the words say and was overlooked; the reason.

    It brings back which judgement it showed. Where another one stands by now, what this auditor changed and typed stays,
    and every other verdict is shown as it is now.
    """

    # The page of a step has no button that adds one.
    fewest = 3
    judgement = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Both sides read it. It is kept on the timeline with your name."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = str(self.data.get("judgement", ""))
        for commitment in self.things:
            self._show(commitment)
        for n in range(1, self.count + 1):
            self.fields[f"what_{n}"].required = False
            self.fields[f"what_{n}"].label = _now("Overlooked term %(n)d") % {"n": n}
        judged = [name for name in self.fields if name.startswith("term_")]
        self.order_fields([*judged, *(name for name in self.fields if name not in ("reason", *judged)), "reason"])

    def _show(self, commitment: SellerCommitment) -> None:
        terms = list(commitment.terms.all())
        proposal = proposal_for(commitment, [term.promise for term in terms])
        for term, proposed in zip(terms, proposal.terms, strict=True):
            self.fields[f"term_{term.pk}"] = _verdict_on(
                term, proposal, proposed, initial=term.reason, tells_shown=True
            )
        stands = judgement_that_stands(commitment)
        self.initial["judgement"] = stands and stands.pk
        if self.is_bound and self.seen != str(self.initial["judgement"]):
            self._bring_up_to_date(terms)

    def _bring_up_to_date(self, terms: Sequence[Term]) -> None:
        data = cast(QueryDict, self.data).copy()
        for term in terms:
            name, shown = self.add_prefix(f"term_{term.pk}"), self.add_initial_prefix(f"term_{term.pk}")
            if data.get(name) == data.get(shown):
                data[name] = term.reason
            data[shown] = term.reason
        data["judgement"] = str(self.initial["judgement"])
        self.data = data

    def clean(self) -> dict[str, Any]:
        """What the action takes: verdicts by the terms' keys, what was overlooked, and the reason."""
        typed = super().clean()
        if len(self.things) > 1:
            self.add_error(None, _now("Judge one promise anew at a time."))
        verdicts = {name: verdict for name, verdict in typed.items() if name.startswith("term_")}
        decisions = {int(name.removeprefix("term_")): verdict for name, verdict in verdicts.items()}
        # A form that does not say what it showed is held to have shown nothing that stands.
        seen = int(self.seen) if self.seen.isascii() and self.seen.isdigit() and len(self.seen) < 19 else 0
        return {"decisions": decisions, "added": self.terms, "reason": typed.get("reason", ""), "seen": seen}


def not_to_judge_anew(commitment: SellerCommitment, person: User) -> str | Words:
    """Why this auditor leaves it to another one; "" where he does not have to."""
    took_part = person.pk in authors_of_judgement(commitment)
    return _("You took part in an earlier step: another person has to decide.") if took_part else ""
