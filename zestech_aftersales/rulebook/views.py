"""The rules, for everybody: clauses with source and plain reading, numbers, editions."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zestech_aftersales import clock
from zestech_aftersales.rulebook.clauses import CLAUSES, SECTIONS
from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.forms import CountForm
from zestech_aftersales.rulebook.limits import LIMITS, limit_words
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.numbers import number_rows
from zestech_aftersales.rulebook.queries import edition_in_force, editions


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules page, with the numbers of the edition in force or of ?edition=N."""
    at, known = _received_at(request), list(editions())
    in_force = edition_in_force(at)
    shown = _chosen(request.GET.get("edition"), known) or in_force
    before = next((each.law for each in known if each.number == shown.number - 1), None)
    return render(
        request,
        "rulebook/rules.html",
        {
            "edition": shown,
            "in_force": in_force,
            "editions": known,
            "coming": _coming(known, at),
            "sections": _sections(shown.law),
            "numbers": list(number_rows(shown.law, before)),
        },
    )


@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """Count a limit under an edition: the arithmetic of every clock, for everybody to check."""
    form = CountForm(request.GET or None, initial={"edition": edition_in_force(_received_at(request))})
    context: dict[str, object] = {
        "form": form,
        "trail": [(_("Rules"), "/rules/"), (_("Count a limit"), "")],
    }
    if form.is_valid():
        kind, law = form.cleaned_data["kind"], form.cleaned_data["edition"].law
        context |= {"due": form.due(), "limit": LIMITS[kind], "words": limit_words(kind, law)}
    return render(request, "rulebook/count.html", context)


def _received_at(request: HttpRequest) -> datetime:
    return getattr(request, "received_at", None) or clock.now()


def _chosen(number: str | None, known: list[RuleEdition]) -> RuleEdition | None:
    if number is None:
        return None
    for edition in known:
        if str(edition.number) == number:
            return edition
    raise Http404(_("There is no such edition of the rules."))


def _coming(known: list[RuleEdition], at: datetime) -> list[dict[str, object]]:
    """The editions that are published but not in force yet, the next one first, each with what it changes."""
    laws = {each.number: each.law for each in known}
    return [
        {
            "edition": each,
            "changes": [row for row in number_rows(each.law, laws.get(each.number - 1)) if row.sense],
        }
        for each in reversed(known)
        if each.effective_at > at
    ]


def _sections(law: EditionNumbers) -> list[dict[str, object]]:
    return [
        {
            "number": number,
            "title": title,
            "clauses": [
                {
                    "clause": each,
                    "lead": each.lead,
                    "limit": each.limit_under(law),
                    "means": each.means_under(law),
                }
                for each in CLAUSES.values()
                if each.section == number
            ],
        }
        for number, title in SECTIONS.items()
    ]
