"""What sellers type about the programme: the application, leaving it, the mark of a product."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sellers.applications import Application
from sellers.models import Enrolment, Seller
from zestech_aftersales.dashboard.forms import NamesField
from zestech_aftersales.pages.forms import MomentField
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.ui.instants import instant_words
from zestech_aftersales.ui.keyed import KeyedForm

# What is taken over from the application before, so that nobody types it twice.
KEPT = ("service_types", "methods", "charging", "contact_name", "contact_email", "contact_phone", "statement")


class ApplyForm(KeyedForm):
    """The application for the programme: what is offered, where, at what charge, and the agreement to the rules."""

    service_types = forms.MultipleChoiceField(
        label=gettext_lazy("Services you offer"), choices=ServiceType.choices, widget=forms.CheckboxSelectMultiple
    )
    methods = forms.MultipleChoiceField(
        label=gettext_lazy("How you serve"), choices=ServiceMethod.choices, widget=forms.CheckboxSelectMultiple
    )
    places = NamesField(
        label=gettext_lazy("Where you serve"), required=False, max_length=1000,
        help_text=gettext_lazy(
            "With commas between them: countries (AE), cities (Berlin), cities of a country (DE Frankfurt). Not needed "
            "for guidance by video alone. Keep your service points and engineers up to date as well: they are looked at."
        ),
    )  # fmt: skip
    charging = forms.CharField(
        label=gettext_lazy("Charging standard"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What is free of charge, and what costs how much."),
    )  # fmt: skip
    contact_name = forms.CharField(label=gettext_lazy("Contact for the service"), max_length=120)
    contact_email = forms.EmailField(label=gettext_lazy("E-mail of the contact"), required=False)
    contact_phone = forms.CharField(
        label=gettext_lazy("Phone of the contact"), required=False, max_length=40,
        help_text=gettext_lazy("E-mail or phone: one of them is needed."),
    )  # fmt: skip
    statement = forms.CharField(
        label=gettext_lazy("What else should we know?"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    edition = forms.IntegerField(widget=forms.HiddenInput)
    is_agreed = forms.BooleanField()

    def __init__(
        self, *args: object, seller: Seller, edition: RuleEdition, before: Enrolment | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("edition", edition.number)
        self.initial.setdefault("contact_email", seller.email)
        self.initial.setdefault("contact_phone", seller.phone)
        # Only the whole says whether they are needed: the action does.
        for name in ("places", "contact_email", "contact_phone"):
            cast(Any, self.fields[name]).is_needed = True
        if before is not None and before.service_types:
            self.initial.update({name: getattr(before, name) for name in KEPT})
            self.initial["places"] = ", ".join(before.places)
        self.fields["is_agreed"].label = _("I agree to the after-sales rules, edition %(number)s, in force since %(day)s") % {
            "number": edition.number,
            "day": instant_words(edition.effective_at),
        }  # fmt: skip

    def show_again(self, edition: RuleEdition) -> None:
        """Ask for the agreement anew, to the edition that came into force meanwhile."""
        typed = cast(QueryDict, self.data).copy()
        typed["edition"] = str(edition.number)
        typed.pop("is_agreed", None)
        self.data = typed

    @property
    def application(self) -> Application:
        """What was stated, as the action takes it."""
        typed = {name: value for name, value in self.cleaned_data.items() if name in Application.__slots__}
        return Application(**typed, agreed_edition=self.cleaned_data["edition"])


class WithdrawForm(KeyedForm):
    """Leaving the programme."""

    reason = forms.CharField(
        label=gettext_lazy("Why do you leave?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_understood = forms.BooleanField(label=gettext_lazy("I have read what follows from it"))


class MarkForm(KeyedForm):
    """From when on a product bears the mark."""

    begins_at = MomentField(
        label=gettext_lazy("From"), required=False,
        help_text=gettext_lazy(
            "Empty: from now on. An earlier time says since when your page has shown the mark; orders already taken in "
            "keep the cover that they have."
        ),
    )  # fmt: skip
    ends_at = MomentField(
        label=gettext_lazy("Until"), required=False,
        help_text=gettext_lazy("Empty: until you end it. The last instant is included."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=2000)


class UnmarkForm(KeyedForm):
    """Ending the mark of a product."""

    reason = forms.CharField(
        label=gettext_lazy("Why does the mark end?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
