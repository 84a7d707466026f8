"""The case page and its steps, for whichever channel includes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from cases import queries
from cases.actions.messages import write
from cases.case_file import CaseFile, case_file
from cases.models import Attachment
from sellers.queries import actor_of
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.pages.calendars import calendar_answer
from zestech_aftersales.pages.claim_steps import CLAIM_STEPS
from zestech_aftersales.pages.complaints import of_case
from zestech_aftersales.pages.forms import MessageForm
from zestech_aftersales.pages.life_steps import LIFE_STEPS
from zestech_aftersales.pages.limits import cover_end, limit, notice_limit, proof_limit, sign_off_limit, would_be_page
from zestech_aftersales.pages.longer_limit_steps import LONGER_LIMIT_STEPS
from zestech_aftersales.pages.packs import pack
from zestech_aftersales.pages.promises import promise, promised_page
from zestech_aftersales.pages.service_steps import SERVICE_STEPS
from zestech_aftersales.pages.shipments import shipment_step
from zestech_aftersales.pages.steps import STEPS
from zestech_aftersales.pages.visit_steps import VISIT_STEPS
from zestech_aftersales.timeline.record import earlier
from zestech_aftersales.ui.keyed import attempt


@dataclass(frozen=True, slots=True)
class CasePages:
    """The case pages of one channel: its URL namespace, and who acts in it."""

    namespace: str
    actor: Callable[[PersonRequest, str], Actor]

    def urls(self) -> list[URLPattern]:
        """The addresses below `cases/` and `covers/`, to be included in the channel's own."""
        return [
            path("cases/<str:reference>/", login_required(self.page), name="case"),
            path("cases/<str:reference>/message/", login_required(self.message), name="message"),
            path("cases/<str:reference>/visits.ics", login_required(require_safe(self.calendar)), name="visits_file"),
            path(
                "packs/<str:reference>/",
                login_required(require_http_methods(["GET", "POST"])(partial(pack, self))),
                name="pack",
            ),
            path(
                "cases/<str:reference>/messages/<int:pk>/promise/",
                login_required(require_http_methods(["GET", "POST"])(partial(promise, self))),
                name="promise",
            ),
            path(
                "covers/<int:pk>/promises/", login_required(require_safe(partial(promised_page, self))), name="promised"
            ),
            path("cases/<str:reference>/<slug:name>/", login_required(self.step), name="step"),
            path(
                "cases/<str:reference>/shipments/<int:pk>/<slug:name>/",
                login_required(partial(shipment_step, self)),
                name="shipment",
            ),
            path(
                "cases/<str:reference>/limits/<int:pk>/",
                login_required(require_safe(partial(limit, self))),
                name="limit",
            ),
            path(
                "cases/<str:reference>/claims/<int:pk>/limit/",
                login_required(require_safe(partial(proof_limit, self))),
                name="proof_limit",
            ),
            path(
                "cases/<str:reference>/claims/<int:pk>/notice/",
                login_required(require_safe(partial(notice_limit, self))),
                name="notice_limit",
            ),
            path(
                "cases/<str:reference>/sign-off/<int:pk>/limit/",
                login_required(require_safe(partial(sign_off_limit, self))),
                name="sign_off_limit",
            ),
            path("covers/<int:pk>/end/", login_required(require_safe(partial(cover_end, self))), name="cover_end"),
            path(
                "covers/<int:pk>/limits/", login_required(require_safe(partial(would_be_page, self))), name="would_be"
            ),
        ]

    def page(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The case: who must act, how much time is left, the thread, what one can do, the history."""
        file, by = self.file(request, reference)
        survivor = file.case.merged_into
        if survivor is not None and queries.cases_for(by).filter(pk=survivor.pk).exists():
            told = _("%(reference)s was merged into this case. Everything of it is kept and shown here.")
            messages.info(request, told % {"reference": file.case.reference})
            return redirect(f"{reverse(f'{self.namespace}:case', args=[survivor.reference])}#merged-{file.case.pk}")
        return self._shown(request, file, MessageForm(), by)

    def calendar(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The visits of a case as a file for one's own calendar."""
        timed = cast(PersonRequest, request)
        by = self.actor(timed, "")
        case = queries.case_by_reference(reference, by)
        visits = queries.visits_for(by).filter(appointment__case=case).order_by("starts_at", "pk")
        return calendar_answer(f"{case.reference}.ics", visits, self.namespace, by=by, at=timed.received_at)

    def message(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Write in the thread."""
        file, by = self.file(request, reference)
        if request.method != "POST":
            return redirect(self.address(file))
        form = MessageForm(request.POST, request.FILES)
        if form.is_valid():
            sender, at = by.with_key(form.cleaned_data["key"]), cast(PersonRequest, request).received_at
            photos = form.cleaned_data["photos"]
            if attempt(form, lambda: write(file.case, form.cleaned_data["body"], photos=photos, by=sender, at=at)):
                return redirect(f"{self.address(file)}#thread")
        return self._shown(request, file, form, by)

    def step(self, request: HttpRequest, reference: str, name: str) -> HttpResponse:
        """One step: shown with what it means first, taken on POST."""
        step = (STEPS | CLAIM_STEPS | VISIT_STEPS | LIFE_STEPS | SERVICE_STEPS | LONGER_LIMIT_STEPS).get(name)
        file, by = self.file(request, reference)
        if step is None:
            raise Http404
        if request.method != "POST" and name not in [choice.name for choice in file.choices]:
            return redirect(self.address(file))
        form = step.form(request.POST or None, request.FILES or None, file=file)
        if request.method == "POST" and form.is_valid():
            actor, at = by.with_key(form.cleaned_data["key"]), cast(PersonRequest, request).received_at
            # What was done before under this key is answered alike, however the case went on.
            changed = None if earlier(actor) else step.still_meant(file, request.POST.get("seen", ""))
            if changed is not None:
                form.refuse(changed)
            elif attempt(form, lambda: step.take(file, form, actor, at)) is not None:
                messages.success(request, str(step.done))
                return redirect(self.address(file))
            # A refusal may have been committed with an expiry: show the case as it stands now.
            file, _by = self.file(request, reference)
        return render(
            request,
            step.template,
            {
                "step": step,
                "form": form,
                "file": file,
                "pages": self,
                "refusal": form.refusal,
                "back": self.address(file),
            },
            status=form.status,
        )

    def _shown(self, request: HttpRequest, file: CaseFile, form: MessageForm, by: Actor) -> HttpResponse:
        complaints = of_case(file, by, can_file=self.namespace == "portal")
        return render(
            request,
            "case/page.html",
            {"file": file, "form": form, "refusal": form.refusal, "pages": self, "complaints": complaints},
            status=form.status,
        )

    def file(self, request: HttpRequest, reference: str) -> tuple[CaseFile, Actor]:
        """The case as who asks sees it; Http404 out of reach."""
        timed = cast(PersonRequest, request)
        by = self.actor(timed, "")
        return case_file(queries.case_by_reference(reference, by), by, at=timed.received_at), by

    def address(self, file: CaseFile) -> str:
        """Where the case is shown in this channel."""
        return reverse(f"{self.namespace}:case", args=[file.case.reference])


@login_required
@require_GET
def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo of a case, for the people of that case only."""
    person = cast(PersonRequest, request).user
    reach = [Actor(channel=Channel.PORTAL, user=person), actor_of(person, Channel.DASHBOARD)]
    found = next((photo for by in reach for photo in queries.attachments_for(by).filter(pk=pk)), None)
    if found is None:
        raise Http404
    return _file_answer(found)


def _file_answer(photo: Attachment) -> FileResponse:
    answer = FileResponse(photo.file.open("rb"), content_type=photo.content_type)
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer
