"""Sending an engineer: refused without the service, out of the area, on a day off, or while he is elsewhere."""

from datetime import timedelta

import pytest

from cases.actions.answers import accept
from cases.actions.confirm import confirm
from cases.models import Offer, Visit
from cases.planning import fitting
from cases.terms import Window
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.visits import BEGINS, ENDS, R0
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.2.1")]

MICROSECOND = timedelta(microseconds=1)
UNFIT = [
    ({"skills": ["debugging"]}, "service"),
    ({"areas": ["DE"]}, "area"),
    ({"days_off": ["2026-03-05"]}, "day_off"),
    ({"working_hours": {"thu": [["09:00", "17:00"]]}}, "hours"),
    ({"is_active": False}, "inactive"),
]


def refused(call, *args, **given):
    with pytest.raises(RuleBroken) as told:
        call(*args, **given)
    return told.value.code, told.value.status, told.value.context.get("reason")


def agreed(seller=None, **given):
    """A door visit agreed for the window from BEGINS to ENDS."""
    cover = make.a_cover(make.a_product(seller)) if seller else None
    appointment = make.requested(cover, at=R0)
    return make.accepted(make.offered(appointment, at=R0, **given), at=R0)


def confirmed(appointment, **given):
    return confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=R0, **given)


@pytest.mark.parametrize(("kept", "reason"), UNFIT)
def test_an_offer_names_nobody_who_cannot_come(kept, reason):
    appointment = make.requested(at=R0)
    engineer = make.an_engineer(appointment.seller, **kept)
    assert refused(make.offered, appointment, at=R0, engineer=engineer) == ("engineer_unfit", 422, reason)
    assert not Offer.objects.exists()
    assert make.fresh(appointment).state == "requested"
    able = make.an_engineer(appointment.seller, skills=["fault_detection"], areas=["AE"], days_off=["2026-03-07"])
    assert make.offered(appointment, at=R0, engineer=able).engineer == able


@pytest.mark.parametrize(("kept", "reason"), UNFIT)
def test_nobody_who_cannot_come_is_confirmed(kept, reason):
    appointment = agreed()
    engineer = make.an_engineer(appointment.seller, **kept)
    assert refused(confirmed, appointment, engineer=engineer) == ("engineer_unfit", 422, reason)
    assert make.fresh(appointment).state == "agreed"
    assert confirmed(appointment, engineer=make.an_engineer(appointment.seller)).state == "confirmed"


def test_whom_the_offer_named_is_looked_at_again_and_somebody_else_may_come():
    seller = make.a_seller()
    engineer = make.an_engineer(seller)
    appointment = agreed(seller, engineer=engineer)
    engineer.days_off = ["2026-03-05"]
    engineer.save()
    assert refused(confirmed, appointment) == ("engineer_unfit", 422, "day_off")
    confirmed(appointment, contact_name="Badr of the night shift")
    visit = Visit.objects.get()
    assert (visit.engineer, visit.contact_name) == (None, "Badr of the night shift")


@pytest.mark.parametrize(
    ("begin", "end", "is_free"),
    [
        (BEGINS, ENDS, False),
        (ENDS, ENDS + (ENDS - BEGINS), True),
        (ENDS - MICROSECOND, ENDS + (ENDS - BEGINS), False),
        (BEGINS - timedelta(hours=1), BEGINS, True),
        (BEGINS - timedelta(hours=1), BEGINS + MICROSECOND, False),
        (BEGINS - timedelta(hours=1), ENDS + timedelta(hours=1), False),
    ],
)
def test_nobody_is_at_two_places(begin, end, is_free):
    visit = make_visit.planned()
    other = make.requested(make.a_cover(make.a_product(visit.appointment.seller)), at=R0)
    given = {"at": R0, "engineer": visit.engineer, "windows": [Window(begin, end)]}
    if is_free:
        assert make.offered(other, **given).engineer == visit.engineer
    else:
        assert refused(make.offered, other, **given) == ("engineer_booked", 409, "booked")


def test_of_two_agreed_visits_at_once_the_second_needs_somebody_else():
    seller = make.a_seller()
    engineer = make.an_engineer(seller)
    first, second = (agreed(seller, engineer=engineer) for _visit in range(2))
    confirmed(first)
    assert refused(confirmed, second) == ("engineer_booked", 409, "booked")
    confirmed(second, engineer=make.an_engineer(seller, name="Colleague"))
    assert sorted(str(each.engineer) for each in Visit.objects.all()) == ["Colleague", "Engineer"]


def test_what_was_cancelled_or_moved_takes_nobody():
    visit = make_visit.planned()
    seller = visit.appointment.seller
    buyer, by = make.buyer_of(visit.appointment), make.seller_of(visit.appointment)
    other = make.requested(make.a_cover(make.a_product(seller)), at=R0)
    make_visit.taken(make_visit.proposed(visit.appointment, by=by, at=R0 + timedelta(days=3)), by=buyer, at=R0)
    assert make.offered(other, at=R0, engineer=visit.engineer).engineer == visit.engineer


def test_the_buyers_yes_to_a_video_session_binds_whatever_the_seller_keeps_but_not_two_at_once():
    seller = make.a_seller()
    engineer = make.an_engineer(seller)
    offers = [
        make.offered(
            make.requested(make.a_cover(make.a_product(seller)), at=R0, method="remote"), at=R0, engineer=engineer
        )
        for _offer in range(2)
    ]
    engineer.days_off = ["2026-03-05", "2026-03-06"]
    engineer.save()
    first, second = ((each, make.buyer_of(each.appointment)) for each in offers)
    assert accept(first[0], window=0, by=first[1], at=R0).state == "confirmed"
    assert refused(accept, second[0], window=0, by=second[1], at=R0)[:2] == ("engineer_booked", 409)
    assert accept(second[0], window=1, by=second[1], at=R0).state == "confirmed"


def test_a_new_date_is_one_on_which_the_engineer_works():
    visit = make_visit.planned()
    appointment, engineer = visit.appointment, visit.engineer
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    wished = make_visit.proposed(appointment, by=buyer, at=R0)
    engineer.days_off = [wished.shown_windows[0]["starts_at"].date().isoformat()]
    engineer.save()
    assert refused(make_visit.taken, wished, by=seller, at=R0) == ("engineer_unfit", 422, "day_off")
    assert refused(make_visit.proposed, appointment, by=seller, at=R0) == ("engineer_unfit", 422, "day_off")
    assert make_visit.taken(wished, by=seller, at=R0, window=1).state == "planned"


def test_the_list_of_choices_says_who_can_come_and_why_others_cannot(django_assert_num_queries):
    visit = make_visit.planned()
    seller = visit.appointment.seller
    other = make.requested(make.a_cover(make.a_product(seller)), at=R0)
    for kept, reason in UNFIT:
        make.an_engineer(seller, name=f"A {reason}", **kept)
    able = make.an_engineer(seller, name="Zaid")
    everybody = list(seller.engineers.all())
    with django_assert_num_queries(1):
        judged = fitting(everybody, other, [Window(BEGINS, ENDS)])
    assert judged[0] == (able, None)
    told = {str(engineer): why for engineer, why in judged[1:]}
    assert told == {"Engineer": "booked", **{f"A {reason}": reason for _kept, reason in UNFIT}}
