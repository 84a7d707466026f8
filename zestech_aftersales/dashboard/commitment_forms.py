"""What a seller types about his promises: making one to all buyers, and ending it."""

from __future__ import annotations

from typing import Any, Self, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sellers.models import CommitmentSource, Product, SellerCommitment
from sellers.term_forms import TermRowsForm
from zestech_aftersales.ui.keyed import KeyedForm

# What was said to one buyer is recorded from its message, in the case.
SOURCES = [each for each in CommitmentSource.choices if each[0] != CommitmentSource.COMMUNICATION]


class CommitmentForm(TermRowsForm, KeyedForm):
    """A promise to all buyers: the words, where they stand, what they are about, and their terms."""

    statement = forms.CharField(
        label=_("In your own words"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("As buyers read it. The terms below are what counts of it."),
    )  # fmt: skip
    source = forms.ChoiceField(label=_("Where you say it"), choices=SOURCES, initial=CommitmentSource.UNILATERAL.value)
    product: forms.ModelChoiceField[Product] = forms.ModelChoiceField(
        label=_("Product"), queryset=None, required=False, empty_label=_("all products")
    )

    def __init__(
        self, *args: Any, products: QuerySet[Product], replaced: SellerCommitment | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        product = cast(Any, self.fields["product"])
        product.queryset = products.order_by("name", "pk")
        if replaced is not None:
            # A promise replaces only one about the same thing.
            product.disabled = True
            self.initial = {"source": replaced.source, **self.initial, "product": replaced.product_id}

    @classmethod
    def read_from(cls, typed: QueryDict, **given: Any) -> Self:
        """The form once the system has read the typed words: nothing is recorded yet."""
        kept = {name: typed.get(name, "") for name in ("statement", "source", "product", "key")}
        return cls(initial=kept, words=kept["statement"], **given)

    def field_for(self, missing: str) -> str:
        return "what_1"


class EndForm(KeyedForm):
    """Why a promise ends."""

    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept with the promise, and told to the buyer whom it was made to."),
    )  # fmt: skip
