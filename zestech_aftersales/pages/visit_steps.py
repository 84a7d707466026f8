"""The steps around a visit: no-shows with their evidence, other dates and the answers to them (2.3.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.actions import new_dates, no_shows, substitutes, video_sessions
from cases.case_file import CaseFile
from cases.terms import Window
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.pages.engineers import choose_engineer
from zestech_aftersales.pages.forms import (
    MomentField,
    PhotosField,
    StepForm,
    ask_for,
    require_both_ends,
    window_words,
    windows_of,
)
from zestech_aftersales.pages.steps import Step

PROPOSED_WINDOWS = 3


class EvidenceForm(StepForm):
    """What happened, with photos."""

    evidence = forms.CharField(
        label=_("What happened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Who waited where, from when to when, and who was called. The other side and the platform read it."),
    )  # fmt: skip
    photos = PhotosField()


class ProposeDateForm(StepForm):
    """Up to three times, and why."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add_who_comes(self, [])
        for n in range(1, PROPOSED_WINDOWS + 1):
            begin = MomentField(label=_("Time %(n)d from") % {"n": n}, required=n == 1)
            self.fields[f"starts_at_{n}"] = begin
            self.fields[f"ends_at_{n}"] = MomentField(label=_("until"), required=n == 1)
        self.fields["starts_at_1"].help_text = _("In your own time zone.")
        times = [f"{end}_at_{n}" for n in range(1, PROPOSED_WINDOWS + 1) for end in ("starts", "ends")]
        self.order_fields([*times, *WHO_COMES, "reason"])

    def clean(self) -> dict[str, Any]:
        """Both ends of each time or none."""
        cleaned = super().clean() or {}
        for n in range(1, PROPOSED_WINDOWS + 1):
            require_both_ends(self, f"starts_at_{n}", f"ends_at_{n}")
        return cleaned

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The two ends of each time, as they stand beside each other."""
        return [(self[f"starts_at_{n}"], self[f"ends_at_{n}"]) for n in range(1, PROPOSED_WINDOWS + 1)]

    @property
    def others(self) -> list[forms.BoundField]:
        """The fields below them."""
        return [self[name] for name in (*WHO_COMES, "reason") if name in self.fields]

    def field_for(self, missing: str) -> str:
        """The times stand in pairs of fields."""
        return "starts_at_1" if missing == "windows" else missing

    @property
    def windows(self) -> list[Window]:
        """The times as typed."""
        typed = self.cleaned_data
        return windows_of(
            [(typed.get(f"starts_at_{n}"), typed.get(f"ends_at_{n}")) for n in range(1, PROPOSED_WINDOWS + 1)]
        )


WHO_COMES = ("engineer", "contact_name")


def add_who_comes(form: StepForm, windows: list[Window]) -> None:
    """Let the seller say who comes at the new date; the buyer is not asked."""
    if not form.file.is_for_seller:
        return
    form.fields["engineer"] = forms.ModelChoiceField(label=_("Who comes then?"), queryset=None, required=False)
    form.fields["contact_name"] = forms.CharField(
        label=_("Or a named person"), max_length=120, required=False,
        help_text=_("Who comes if it is no engineer of the list."),
    )  # fmt: skip
    choose_engineer(form, form.file, windows, nobody=gettext("whoever was to come before"))


class AnotherEngineerForm(StepForm):
    """Who comes instead, and why."""

    engineer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Who comes instead?"), queryset=None, required=False
    )
    contact_name = forms.CharField(
        label=_("Or a named person"), max_length=120, required=False,
        help_text=_("Who comes if it is no engineer of the list."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept on the record of the case, for both sides. Leave out anything about health."),
    )  # fmt: skip

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visit = self.file.visit
        choose_engineer(self, self.file, [Window(*visit.span)] if visit and visit.has_date else [])
        ask_for(self, ("engineer",))


class VideoLinkForm(StepForm):
    """The link of the session."""

    video_url = forms.CharField(
        label=_("Video link"), max_length=500, widget=forms.URLInput, help_text=_("It begins with https://.")
    )

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.file.visit is not None:
            self.initial.setdefault("video_url", self.file.visit.video_url)


class AcceptDateForm(StepForm):
    """The yes to a proposed date, with the chosen time."""

    window = forms.TypedChoiceField(label=_("Which time suits you?"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        proposal = self.file.proposal
        windows = [Window.from_json(kept) for kept in (proposal.windows if proposal else [])]
        self.fields["window"].choices = [(n, window_words(each)) for n, each in enumerate(windows)]  # type: ignore[attr-defined]
        if len(windows) == 1:
            self.initial.setdefault("window", 0)
        add_who_comes(self, windows)


class DeclineDateForm(StepForm):
    """The no to a proposed date, with what would suit instead."""

    wish = forms.CharField(label=_("What would suit you?"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


def _seller_no_show(file: CaseFile, form: EvidenceForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    return no_shows.report_seller_no_show(file.visits[-1], typed["evidence"], photos=typed["photos"], by=by, at=at)


def _broken_off(file: CaseFile, form: EvidenceForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    return no_shows.report_broken_off(file.visits[-1], typed["evidence"], photos=typed["photos"], by=by, at=at)


def _buyer_no_show(file: CaseFile, form: EvidenceForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    return no_shows.report_buyer_no_show(file.visits[-1], typed["evidence"], photos=typed["photos"], by=by, at=at)


def _dispute(file: CaseFile, form: EvidenceForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    return no_shows.dispute_no_show(file.visits[-1], typed["evidence"], photos=typed["photos"], by=by, at=at)


def _video_link(file: CaseFile, form: VideoLinkForm, by: Actor, at: datetime) -> object:
    return video_sessions.give_video_link(file.visits[-1], form.cleaned_data["video_url"], by=by, at=at)


def _send_another(file: CaseFile, form: AnotherEngineerForm, by: Actor, at: datetime) -> object:
    return substitutes.send_another_engineer(
        file.visits[-1], **_typed(form, "engineer", "contact_name", "reason"), by=by, at=at
    )


def _typed(form: forms.Form, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}


def _propose(file: CaseFile, form: ProposeDateForm, by: Actor, at: datetime) -> object:
    told = {"reason": form.cleaned_data["reason"], **_who_comes(form)}
    return new_dates.propose_new_date(file.appointment, form.windows, **told, by=by, at=at)


def _accept(file: CaseFile, form: AcceptDateForm, by: Actor, at: datetime) -> object:
    chosen = form.cleaned_data["window"]
    return new_dates.accept_new_date(_proposal(file), window=chosen, **_who_comes(form), by=by, at=at)


def _who_comes(form: StepForm) -> dict[str, Any]:
    return _typed(form, *(name for name in WHO_COMES if name in form.cleaned_data))


def _decline(file: CaseFile, form: DeclineDateForm, by: Actor, at: datetime) -> object:
    return new_dates.decline_new_date(_proposal(file), form.cleaned_data["wish"], by=by, at=at)


def _proposal(file: CaseFile) -> Any:
    # The page may be older than the case: the action says what became of the proposal.
    return file.proposal or file.proposals[-1]


VISIT_STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "seller_no_show", _("Nobody came"), _("Report it"), _("Reported. The seller must offer a new date in time."),
            EvidenceForm, _seller_no_show,
            _("The appointment stays confirmed. From now on a limit runs for the seller to offer you a new date; if he misses it, the service counts as refused."),
            "2.3.1", is_grave=True,
        ),
        Step(
            "broken_off", _("The work was broken off"), _("Report it"), _("Reported. The seller must offer a new date in time."),
            EvidenceForm, _broken_off,
            _("For an engineer who left before the work was done. From now on a limit runs for the seller to offer you a new date; if he misses it, the service counts as refused."),
            "2.3.1", is_grave=True,
        ),
        Step(
            "buyer_no_show", _("The buyer was not there"), _("Report it"), _("Reported. Agree on a new date with the buyer."),
            EvidenceForm, _buyer_no_show,
            _("The appointment stays confirmed, and you still owe the service. Whether the buyer’s reasons exclude it is decided by the platform on a claim."),
            "4.1.1", is_grave=True,
        ),
        Step(
            "dispute_no_show", _("Dispute the no-show"), _("Dispute it"), _("Your account stands beside the report."),
            EvidenceForm, _dispute, _("Say why the report is wrong. Both accounts stay on the record; no limit moves."), "2.3.1",
        ),
        Step(
            "another_engineer", _("Send another engineer"), _("Send this engineer"), _("The buyer is told who comes."),
            AnotherEngineerForm, _send_another,
            _("For a visit that is planned: date and place stay as they are, and no limit moves. Whoever cannot come no longer sees the case."),
            "2.3.1", template="case/new_date.html",
        ),
        Step(
            "video_link", _("Give the video link"), _("Give the link"), _("The buyer has the link."),
            VideoLinkForm, _video_link, _("It stands in the case and in the calendar file, for both sides. No limit moves."),
            "2.2.1", template="case/new_date.html",
        ),
        Step(
            "propose_date", _("Propose another date"), _("Propose it"), _("The date is proposed."),
            ProposeDateForm, _propose,
            _("Nothing changes before the other side says yes. No other limit moves."), "2.3.1",
            template="case/propose_date.html",
        ),
        Step(
            "accept_date", _("Accept the proposed date"), _("Accept it"), _("The other side knows that this time suits you."),
            AcceptDateForm, _accept, _("The visit is planned for the time you choose; before the seller has confirmed, he confirms that time."), "2.3.1",
            template="case/new_date.html", names="date",
        ),
        Step(
            "decline_date", _("Decline the proposed date"), _("Decline it"), _("Your answer is sent."),
            DeclineDateForm, _decline,
            _("What was agreed stays as it was. If the seller owes you a date, a fresh limit begins for him."), "2.3.1",
            template="case/new_date.html", names="date",
        ),
    )
}  # fmt: skip
