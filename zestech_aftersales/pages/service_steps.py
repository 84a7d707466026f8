"""The seller's steps around the service itself: parts told before the visit, shipments, a replaced unit (2.1.1, 2.3.4, 3.1)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.actions import parts, units
from cases.case_file import CaseFile
from cases.terms import UnitTerms
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.pages.part_forms import ListPartsForm, UnitForm
from zestech_aftersales.pages.shipments import AnnounceForm, announce
from zestech_aftersales.pages.steps import Step


def _list_parts(file: CaseFile, form: ListPartsForm, by: Actor, at: datetime) -> object:
    return parts.list_parts(file.appointment, form.parts, by=by, at=at)


def _replace_unit(file: CaseFile, form: UnitForm, by: Actor, at: datetime) -> object:
    unit = UnitTerms(form.cleaned_data["new_serial"], form.cleaned_data["old_serial"])
    return units.replace_unit(file.case, unit, by=by, at=at)


SERVICE_STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "list_parts", _("Parts for the visit"), _("Tell the buyer"), _("The parts are with the buyer."),
            ListPartsForm, _list_parts,
            _("The buyer reads before the visit what it needs, who brings it and who pays. A charge that your service terms do not name is marked. Leave all rows empty if nothing is needed."),
            "3.1", template="case/parts.html",
        ),
        Step(
            "announce_shipment", _("Announce a shipment"), _("Announce it"), _("The shipment is announced."),
            AnnounceForm, announce,
            _("For spare parts and accessories that the buyer is sent. It stops no limit: an offer or a visit is owed as before."),
            "2.1.1",
        ),
        Step(
            "replace_unit", _("Record a replaced unit"), _("Record it"), _("Recorded: the cover goes on for the new unit."),
            UnitForm, _replace_unit,
            _("The new unit inherits what is left of the cover; its end does not move. Later requests are about the new unit."),
            "2.3.4",
        ),
    )
}  # fmt: skip
