"""Parts told before the visit, the report with parts and photos, and charges that were not told."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.disclose import disclose
from cases.actions.parts import list_parts
from cases.actions.visits import check_in, complete
from cases.case_file import case_file
from cases.models import Attachment, PartsList, UsedPart
from cases.parts import is_told
from cases.terms import DisclosureItems, ReportDetails
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.service import CHARGED, a_part, a_photo
from tests.factories.visits import BEGINS, R0
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.1.1"), pytest.mark.clause("3.1")]

TOLD = DisclosureItems("a year", "no limit", "repair", "CAN harness 49 USD, everything else free")


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def listed(appointment, *parts, by=None, at=R0):
    return list_parts(appointment, parts, by=by or make.seller_of(appointment), at=at)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def appointment():
    return make.requested(at=R0)


def test_a_changed_list_is_a_new_version_and_the_old_one_stays(appointment):
    first = listed(appointment, a_part(), a_part("Fuse", quantity=2, brought_by="buyer"))
    assert listed(appointment, a_part(), a_part("Fuse", quantity=2, brought_by="buyer")) == first
    second = listed(appointment, a_part("Fuse"))
    nothing = listed(appointment)
    assert [told.version for told in (first, second, nothing)] == [1, 2, 3]
    assert [[str(part) for part in told.parts.all()] for told in PartsList.objects.all()] == [
        ["1 × CAN harness", "2 × Fuse"],
        ["1 × Fuse"],
        [],
    ]
    events = Event.objects.filter(kind="parts.listed")
    assert [event.detail["version"] for event in events] == [1, 2, 3]
    assert make.fresh(appointment).state == "requested"


def test_the_same_key_changes_nothing(appointment):
    by = make.with_key(make.seller_of(appointment), "parts-1")
    first = listed(appointment, a_part(), by=by)
    assert listed(appointment, a_part("Another"), by=by) == first
    assert PartsList.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"name": " "}, ["name_2"]),
        ({"quantity": 0}, ["quantity_2"]),
        ({"paid_by": "buyer"}, ["amount_2", "currency_2"]),
        ({"amount": Decimal(5), "currency": "EUR"}, ["paid_by_2"]),
    ],
)
def test_a_part_says_all_that_matters(appointment, given, missing):
    with pytest.raises(RuleBroken) as told:
        listed(appointment, a_part(), a_part(**given))
    assert (told.value.code, told.value.status) == ("parts_incomplete", 422)
    assert told.value.context["missing"] == missing
    assert not PartsList.objects.exists()


def test_only_the_seller_and_the_engineer_of_the_visit_tell_parts(appointment):
    visit = make_visit.planned()
    for by in (make.buyer_of(visit.appointment), make.seller_of(make.a_product())):
        with pytest.raises(PermissionDenied):
            listed(visit.appointment, a_part(), by=by)
    colleague = make.an_engineer(visit.appointment.seller)
    with pytest.raises(PermissionDenied):
        listed(
            visit.appointment, a_part(), by=make_visit.engineer_of(type(visit)(engineer=colleague, appointment=visit.appointment))
        )  # fmt: skip
    assert listed(visit.appointment, a_part(), by=make_visit.engineer_of(visit)).version == 1


def test_after_check_in_parts_belong_in_the_report():
    visit = make_visit.planned()
    check_in(visit, by=make.seller_of(visit.appointment), at=BEGINS)
    assert refused(listed, visit.appointment, a_part(), at=BEGINS) == ("after_the_visit", 409)


@pytest.mark.parametrize(
    ("standard", "given", "is_disclosed"),
    [
        ("free of charge", {"paid_by": "seller"}, True),
        ("CAN harness 49 USD", CHARGED, True),
        ("can  HARNESS: 49,00 usd", CHARGED, True),
        ("zt-h1 at USD 49.00", CHARGED, True),
        ("CAN harness 149 USD", CHARGED, False),
        ("CAN harness 49 EUR", CHARGED, False),
        ("CAN harness at cost, USD", CHARGED, False),
        ("Fuse 49 USD", CHARGED, False),
        ("", CHARGED, False),
    ],
)
def test_a_charge_is_told_when_the_standard_names_part_amount_and_currency(standard, given, is_disclosed):
    assert is_told(a_part(**given), standard) is is_disclosed


def test_a_listed_charge_is_marked_until_the_terms_name_it(appointment):
    listed(appointment, a_part(**CHARGED), a_part("Fuse"))
    assert Event.objects.get(kind="parts.listed").detail["charges_not_told"] == ["CAN harness"]

    def marked():
        file = case_file(make.fresh(appointment.case), make.buyer_of(appointment), at=R0)
        return [part.name for part in file.parts_untold]

    assert marked() == ["CAN harness"]
    disclose(appointment, TOLD, by=make.seller_of(appointment), at=R0)
    assert marked() == []


def test_the_report_keeps_parts_photos_and_the_charge_that_was_not_told():
    visit = make_visit.planned()
    seller = make.seller_of(visit.appointment)
    disclose(visit.appointment, TOLD, by=seller, at=R0)
    details = ReportDetails(
        result="remedied",
        parts=[a_part(**CHARGED), a_part("Screen", **{**CHARGED, "amount": Decimal("120.00")})],
        photos=[a_photo()],
    )
    visit = check_in(visit, by=seller, at=BEGINS)
    done = complete(visit, "Replaced the harness.", details=details, by=seller, at=BEGINS)
    assert [(part.name, part.is_outside) for part in UsedPart.objects.all()] == [
        ("CAN harness", False),
        ("Screen", True),
    ]
    assert make.fresh(visit).result == "remedied"
    photo = Attachment.objects.get(visit=visit)
    assert (photo.content_type, photo.message) == ("image/jpeg", None)
    with photo.file.open("rb") as stored:
        assert stored.read(3) == b"\xff\xd8\xff"
    told = Event.objects.get(kind="appointment.completed").detail
    assert told == {"visit": 1, "result": "remedied", "parts": 2, "charges_not_told": ["Screen"], "photos": 1}
    assert done.state == "completed"


def test_a_report_whose_parts_are_incomplete_changes_nothing():
    visit = make_visit.planned()
    seller = make.seller_of(visit.appointment)
    visit = check_in(visit, by=seller, at=BEGINS)
    details = ReportDetails(parts=[a_part(paid_by="buyer")])
    assert refused(complete, visit, "Done.", details=details, by=seller, at=BEGINS) == ("parts_incomplete", 422)
    assert (make.fresh(visit).state, UsedPart.objects.count()) == ("checked_in", 0)
