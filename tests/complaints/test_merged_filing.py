"""A breach of a case that was merged away is complained of in the surviving case (3.3, domain section 3)."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from cases.actions.merges import merge_cases
from cases.models import ServiceCase
from complaints.actions.filing import ComplaintTerms, file_complaint
from complaints.queries.complaints import complaints_of
from complaints.queries.filing import matters_of
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.claims import a_supporter
from tests.factories.complaints import BREACH, FILED, R0
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.3")]
LATER = R0 + timedelta(days=10)


@pytest.fixture
def duplicate():
    """A request that nobody answered."""
    return file.unanswered()


@pytest.fixture
def survivor(duplicate):
    """The same fault booked again, into which the first case was merged."""
    again = make.requested(duplicate.case.cover, at=LATER, title="Buttons dead")
    merge_cases(duplicate.case, again.case, reason="The same wire.", by=a_supporter(), at=LATER + timedelta(hours=1))
    return ServiceCase.objects.select_related("cover__order", "cover__edition").get(pk=again.case_id)


def complained(case, terms, *, by, at=FILED):
    return file_complaint(case, terms, by=by, at=at)


def test_the_breach_of_the_merged_case_is_offered_in_the_surviving_one(duplicate, survivor):
    fact = file.fact_of(duplicate)
    offered = [(each.key, each.at, each.appointment) for each in matters_of(survivor, at=LATER + timedelta(hours=2))]
    assert offered == [(fact, BREACH, duplicate)]
    complaint = complained(survivor, ComplaintTerms("Nobody ever answered.", breach=fact), by=make.buyer_of(duplicate))
    assert (complaint.state, complaint.case, complaint.appointment) == ("negotiating", survivor, duplicate)
    assert complaints_of(survivor, make.buyer_of(duplicate)) == [complaint]


def test_a_complaint_filed_before_the_merger_makes_the_second_one_a_duplicate(duplicate):
    first = file.filed(duplicate, at=LATER - timedelta(days=1))
    again = make.requested(duplicate.case.cover, at=LATER, title="Buttons dead")
    merge_cases(duplicate.case, again.case, reason="The same wire.", by=a_supporter(), at=LATER + timedelta(hours=1))
    by = make.buyer_of(duplicate)
    second = complained(again.case, ComplaintTerms("Nobody answered.", breach=file.fact_of(duplicate)), by=by)
    assert (second.state, second.failed_codes) == ("rejected", ["duplicate"])
    assert first.reference in next(item["reason"] for item in second.acceptance if item["code"] == "duplicate")
    assert complaints_of(again.case, by) == [second, first]


def test_what_the_buyer_tells_is_about_the_request_of_the_merged_case(duplicate, survivor):
    terms = ComplaintTerms("He was rude.", clause="2.3.3", breach_at=BREACH + timedelta(hours=1))
    complaint = complained(survivor, terms, by=make.buyer_of(duplicate))
    assert (complaint.state, complaint.appointment) == ("negotiating", duplicate)


def test_in_the_merged_case_itself_nothing_new_is_filed(duplicate, survivor):
    with pytest.raises(RuleBroken) as told:
        complained(
            duplicate.case, ComplaintTerms("Nobody.", breach=file.fact_of(duplicate)), by=make.buyer_of(duplicate)
        )
    assert (told.value.code, told.value.context["reference"]) == ("case_merged", survivor.reference)


def test_a_limit_that_passes_while_an_unknown_breach_is_named_stays_written(duplicate, survivor):
    """A refusal that follows an expiry is committed with it (T9)."""
    at = LATER + timedelta(hours=49)
    with pytest.raises(RuleBroken) as told:
        complained(survivor, ComplaintTerms("x", breach="visit/1"), by=make.buyer_of(duplicate), at=at)
    assert told.value.code == "breach_unknown"
    missed = Event.objects.filter(kind="appointment.deemed_refused", stream=survivor.stream)
    assert [event.effective_at for event in missed] == [LATER + timedelta(hours=48)]


def test_the_page_of_the_merged_case_leads_to_the_surviving_one(duplicate, survivor, client, frozen):
    frozen.move_to(FILED)
    client.force_login(duplicate.buyer)
    answer = client.get(f"/portal/cases/{duplicate.case.reference}/complain/")
    assert answer.url == f"/portal/cases/{survivor.reference}/complain/"
    assert quote(file.fact_of(duplicate), safe="") in client.get(answer.url).content.decode()
