"""The case file and its internal notes: for the staff alone, whoever asks in whatever way."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions.merges import merge_cases
from cases.actions.messages import write as say
from complaints.actions.assignment import assign
from complaints.actions.losses import draft
from complaints.actions.notes import add_note
from complaints.models import InternalNote
from tests.factories import api
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as complain
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.clearances import a_proposal
from tests.factories.packs import taken
from tests.factories.sellers import EnrolmentFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
SECRET = "The buyer has told this story three times."


@pytest.fixture
def appointment(frozen):
    appointment = make.requested(make.a_cover(ship_address="9 Quiet Street"), at=R0, address="7 Hidden Lane")
    make.offered(appointment, at=R0 + HOUR)
    claim.claimed(appointment, at=R0 + 2 * HOUR, begins_at=R0 + HOUR)
    return make.fresh(appointment)


def page_of(appointment):
    return f"/admin/cases/servicecase/{appointment.case_id}/file/"


def write(client, appointment, text=SECRET):
    return client.post(page_of(appointment), {"subject": f"case/{appointment.case_id}", "text": text})


@pytest.mark.parametrize("person", [SupportFactory, AuditorFactory, FinanceFactory, AdministratorFactory])
def test_the_staff_reads_everything_on_one_page_and_adds_notes(client, appointment, person):
    me = person()
    client.force_login(me)
    assert write(client, appointment).status_code == 302
    page = client.get(page_of(appointment)).content.decode()
    order = appointment.case.cover.order.number
    for words in (order, appointment.case.title, "effective response", "Offers", "Exclusion claims", SECRET, str(me)):
        assert words in page
    assert ("7 Hidden Lane" in page) is (me.platform_role in ("support", "auditor"))


def test_an_empty_note_is_refused_and_what_was_typed_stays(client, appointment):
    client.force_login(SupportFactory())
    answer = write(client, appointment, "   ")
    assert answer.status_code == 200
    assert answer.context["form"].errors
    other = client.post(page_of(appointment), {"subject": "case/999", "text": SECRET})
    assert SECRET in other.content.decode()
    assert not InternalNote.objects.exists()


def test_a_note_is_for_the_staff_to_write(appointment):
    for person in (appointment.buyer, make.seller_of(appointment).user):
        with pytest.raises(PermissionDenied):
            add_note("case/1", SECRET, by=Actor(channel=Channel.PORTAL, user=person), at=R0)
    with pytest.raises(RuleBroken):
        add_note("case/1", " ", by=Actor(channel=Channel.ADMIN, user=SupportFactory()), at=R0)


def test_the_same_key_writes_one_note():
    by = Actor(channel=Channel.ADMIN, user=SupportFactory(), key="once")
    assert add_note("case/1", SECRET, by=by, at=R0) == add_note("case/1", SECRET, by=by, at=R0)
    assert InternalNote.objects.count() == 1


def test_no_event_holds_the_words_and_no_party_is_told(client, appointment):
    client.force_login(SupportFactory())
    write(client, appointment)
    event = Event.objects.get(kind="note.written")
    assert event.stream == f"note/{InternalNote.objects.get().pk}"
    assert not any(SECRET in str((each.before, each.after, each.detail)) for each in Event.objects.all())
    assert not Event.objects.filter(stream=appointment.case.stream, kind__startswith="note").exists()


def test_neither_buyer_nor_seller_nor_their_systems_ever_read_a_note(client, appointment):
    client.force_login(SupportFactory())
    write(client, appointment)
    reference = appointment.case.reference
    seen = {
        appointment.buyer: [reverse("portal:case", args=[reference]), "/portal/", "/notices/"],
        make.seller_of(appointment).user: [reverse("dashboard:case", args=[reference]), "/dashboard/", "/dashboard/cases.csv", "/notices/"],
    }  # fmt: skip
    for person, pages in seen.items():
        client.force_login(person)
        for page in pages:
            answer = client.get(page, follow=True)
            assert answer.status_code == 200, page
            assert SECRET not in answer.content.decode()
        assert client.get(page_of(appointment)).status_code == 302
    for bound in ({"seller": appointment.seller}, {"buyer": appointment.buyer}):
        caller = api.a_caller(**bound)
        for path in ("cases/", f"cases/{reference}/", "appointments/", f"appointments/{appointment.pk}/"):
            assert SECRET not in caller.get(path).content.decode()


def test_a_note_on_a_complaint_or_a_violation_is_read_by_no_party_either(client, frozen):
    """Not on the pages of either, not by a system bound to a party, not in what a party takes along."""
    violation = judged.a_notified()
    case = violation.appointment.case
    complaint = complain.filed(violation.appointment)
    frozen.move_to(complain.FILED + HOUR)
    client.force_login(SupportFactory())
    file = f"/admin/cases/servicecase/{case.pk}/file/"
    subjects = [subject for subject, _name in client.get(file).context["file"].subjects]
    assert subjects == [case.stream, complaint.subject, violation.subject]
    for subject in subjects:
        assert client.post(file, {"subject": subject, "text": SECRET}).status_code == 302
    assert client.get(file).content.decode().count(SECRET) == 3
    buyer, seller = make.buyer_of(complaint), make.seller_of(complaint)
    told = f"/dashboard/judgement/violations/{violation.pk}/"
    seen = {
        buyer: ["/portal/complaints/", reverse("portal:complaint", args=[complaint.reference])],
        seller: ["/dashboard/", reverse("dashboard:complaint", args=[complaint.reference]), "/dashboard/judgement/", told],
    }  # fmt: skip
    for by, pages in seen.items():
        client.force_login(by.user)
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert SECRET not in answer.content.decode(), page
        for thing in (complaint, case):
            with zipfile.ZipFile(io.BytesIO(taken(thing, by, at=complain.FILED + HOUR))) as pack:
                entries = {name: pack.read(name).decode(errors="ignore") for name in pack.namelist()}
            assert complaint.subject in entries["manifest.json"] or thing == case
            assert [name for name, content in entries.items() if SECRET in content] == []
    for caller, paths in (
        (api.a_caller(buyer=complaint.buyer), ["complaints/", f"complaints/{complaint.reference}/"]),
        (api.a_caller(seller=complaint.seller), ["complaints/", f"complaints/{complaint.reference}/", "violations/", f"violations/{violation.pk}/"]),
    ):  # fmt: skip
        for path in paths:
            answer = caller.get(path)
            assert answer.status_code == 200, path
            assert SECRET not in answer.content.decode(), path


def test_strangers_find_no_file(client, appointment):
    client.force_login(UserFactory())
    assert client.get(page_of(appointment)).status_code == 302
    client.force_login(SupportFactory())
    assert client.get("/admin/cases/servicecase/999999/file/").status_code == 404


def test_the_file_asks_the_same_number_of_questions_for_one_and_three(client, appointment):
    client.force_login(AuditorFactory())
    write(client, appointment)
    client.get(page_of(appointment))
    with CaptureQueriesContext(connection) as one:
        client.get(page_of(appointment))
    for _n in range(2):
        write(client, appointment)
    with CaptureQueriesContext(connection) as three:
        client.get(page_of(appointment))
    assert len(one) == len(three) <= 26


def test_the_timeline_is_the_whole_one(client, frozen):
    """What happened in the case, in its duplicate, in the complaint, the violation and the loss, and who looked after it."""
    violation = judged.a_confirmed()
    case = violation.appointment.case
    draft(violation, [lost.ATTORNEY], reason="The refusal.", by=lost.of_finance(), at=lost.DRAFTED)
    complaint = complain.escalated(complain.filed(violation.appointment))
    auditor = AuditorFactory()
    assign(violation, auditor, reason="Speaks Arabic.", by=Actor(channel=Channel.ADMIN, user=auditor), at=lost.DRAFTED)
    client.force_login(auditor)
    answer = client.get(f"/admin/cases/servicecase/{case.pk}/file/")
    told = {line.event.stream for line in answer.context["file"].history}
    assert told == {
        case.stream, case.cover.order.stream, complaint.subject, violation.subject, f"assignment/{violation.subject}",
        f"loss/{violation.loss_claims.get().pk}",
    }  # fmt: skip
    page = answer.content.decode()
    for words in ("Assigned to an auditor", "Speaks Arabic.", "The violation is confirmed", complaint.reference):
        assert words in page
    recorded = [line.event.recorded_at for line in answer.context["file"].history]
    assert recorded == sorted(recorded, reverse=True)
    history = client.get(f"/admin/complaints/violation/{violation.pk}/history/").content.decode()
    assert "Assigned to an auditor" in history


def test_a_duplicate_is_read_with_the_case_it_was_merged_into(client, frozen):
    first = make.requested(at=R0, title="Dead buttons")
    say(first.case, "It began on Monday.", by=make.buyer_of(first), at=R0 + HOUR)
    make.cancelled(first, at=R0 + 2 * HOUR)
    second = make.requested(first.case.cover, at=R0 + 3 * HOUR, title="Dead screen")
    merge_cases(first.case, second.case, reason="The same wire.", by=claim.a_supporter(), at=R0 + 4 * HOUR)
    client.force_login(SupportFactory())
    file = client.get(page_of(second)).context["file"]
    assert {first.case.stream, second.case.stream} <= {line.event.stream for line in file.history}
    assert {each.pk for each in file.appointments} == {first.pk, second.pk}
    assert "It began on Monday." in client.get(page_of(second)).content.decode()
    assert f"{second.case_id}/file/" in client.get(page_of(first)).content.decode()


def test_a_note_sent_twice_is_one(client, appointment):
    client.force_login(SupportFactory())
    form = client.get(page_of(appointment)).context["form"]
    given = {"subject": f"case/{appointment.case_id}", "text": SECRET, "key": form["key"].value()}
    assert given["key"]
    for _n in range(2):
        assert client.post(page_of(appointment), given).status_code == 302
    assert InternalNote.objects.count() == 1


def test_what_a_clearance_reached_is_for_auditors(client, frozen):
    violation = judged.a_confirmed()
    seller = violation.seller
    EnrolmentFactory(seller=seller, state="active")
    clearance = a_proposal(seller, at=lost.DRAFTED, cited=[violation])
    page = f"/admin/cases/servicecase/{violation.appointment.case_id}/file/"
    for person, is_shown in ((AuditorFactory, True), (SupportFactory, False)):
        client.force_login(person())
        told = {line.event.stream for line in client.get(page).context["file"].history}
        assert (clearance.subject in told) is is_shown
