"""What people type in a complaint, turned into what the actions take."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.actions.filing import ComplaintTerms
from complaints.complaint_file import ComplaintFile
from complaints.matters import DUTIES
from zestech_aftersales.pages.forms import MomentField, PhotosField
from zestech_aftersales.rulebook import clause
from zestech_aftersales.ui.keyed import KeyedForm

LONGEST = 4000


def words_field(label: Any, *, rows: int = 5, **options: Any) -> forms.CharField:
    """Several lines in one's own words."""
    return forms.CharField(label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **options)


class ComplainForm(KeyedForm):
    """A complaint: what happened and what is asked for; the duty and the instant where no fact of the case tells them."""

    clause = forms.ChoiceField(label=_("Which duty was not done?"), required=False)
    breach_at = MomentField(label=_("When did it happen?"), help_text=_("In your own time zone."))
    statement = words_field(_("What happened?"))
    remedy = words_field(_("What do you ask for?"), rows=3, required=False)
    photos = PhotosField()

    def __init__(self, *args: object, key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.breach = key
        duties = [(each, f"{each} {clause(each).title}") for each in DUTIES]
        self.fields["clause"].choices = [*duties, ("", _("Something else: delivery, payment, the product itself"))]  # type: ignore[attr-defined]
        if key:
            del self.fields["clause"], self.fields["breach_at"]

    @property
    def terms(self) -> ComplaintTerms:
        """The complaint as typed."""
        typed = self.cleaned_data
        return ComplaintTerms(
            statement=typed["statement"],
            breach=self.breach,
            clause=typed.get("clause", ""),
            breach_at=typed.get("breach_at"),
            remedy=typed["remedy"],
            photos=typed["photos"],
        )


class ComplaintForm(KeyedForm):
    """A form about a complaint; `file` is the complaint as the person sees it."""

    def __init__(self, *args: object, file: ComplaintFile, **kwargs: Any) -> None:
        self.file = file
        super().__init__(*args, **kwargs)


class ProposalForm(ComplaintForm):
    """How it should be settled."""

    text = words_field(
        _("Your proposal"), help_text=_("Say who does what until when. By putting it you accept it yourself.")
    )

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = next((each.proposal for each in self.file.proposals if each.is_mine and each.proposal), None)
        if mine is not None:
            self.initial.setdefault("text", mine.text)


class AcceptForm(ComplaintForm):
    """Whose proposal is accepted, with the hash of the text that was read."""

    of = forms.ChoiceField(choices=[(side, side) for side in ("buyer", "seller", "platform")], widget=forms.HiddenInput)
    text_hash = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class WithdrawForm(ComplaintForm):
    """Why the complaint is taken back."""

    reason = words_field(_("Reason"), rows=3, required=False)


class EvidenceForm(ComplaintForm):
    """The answer to a request for evidence."""

    request = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    words = words_field(_("Your answer"), required=False)
    photos = PhotosField()


class ObjectionForm(ComplaintForm):
    """What is wrong with the decision, and the new evidence."""

    text = words_field(_("What is wrong with the decision?"))
    evidence = words_field(
        _("New evidence"),
        rows=4,
        required=False,
        help_text=_("What the platform did not know yet: describe it, or add photos."),
    )
    photos = PhotosField()
