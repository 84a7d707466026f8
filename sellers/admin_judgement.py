"""The auditor's form: the system's proposal for each term, accepted as it stands or decided otherwise with reasons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sellers.models import CommitmentState, SellerCommitment
from sellers.queries import proposal_for
from sellers.terms import Verdict
from zestech_aftersales.staff import FormOfThings


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
            self.fields[name] = forms.ChoiceField(
                label=term.promise.text,
                choices=Verdict.choices,
                initial=proposed.verdict.value,
                help_text=_now("“%(words)s” Proposed: %(leaning)s (the whole: %(whole)s). %(reason)s")
                % {
                    "words": commitment.statement[:300],
                    "leaning": proposed.leaning.label,
                    "whole": proposal.whole.label,
                    "reason": proposed.reason,
                },
            )

    def clean(self) -> dict[str, Any]:
        """What the action takes: the decisions by the terms' keys, and the reason."""
        typed = super().clean() or {}
        decisions = {int(name.removeprefix("term_")): typed[name] for name in self.proposed if name in typed}
        differs = any(typed.get(name) != verdict for name, verdict in self.proposed.items() if name in typed)
        reason = str(typed.get("reason", "")).strip()
        if differs and not reason:
            self.add_error("reason", _now("Say why you differ from the proposal."))
        return {"decisions": decisions, "reason": reason}
