"""Limits of the judgement stand in the seller's one queue, and every kind of thing has its whole list (3.2 to 3.4)."""

from datetime import timedelta

import pytest

from complaints.models import JudgementDeadline, Violation
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories import violations as judged
from tests.factories.clearances import a_violation
from tests.factories.complaints import FILED, HOUR
from zestech_aftersales.dashboard.judgement.clocks import JudgedClock
from zestech_aftersales.dashboard.judgement.sections import SHOWN

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]
R0 = judged.R0


def lines(client, query=""):
    """The queue's lines in their order: a reference of a case, or the name of a judged thing."""
    shown = client.get(f"/dashboard/{query}").context["rows"]
    return [str(row.thing) if isinstance(row, JudgedClock) else row.appointment.case.reference for row in shown]


def test_one_list_by_the_next_limit(client, frozen):
    violation = judged.a_notified()
    owner, seller = make.seller_of(violation), violation.seller
    due = violation.deadlines.get().due_at
    before, after = (
        make.requested(make.a_cover(make.a_product(seller)), at=due - timedelta(hours=48) + apart)
        for apart in (-HOUR, HOUR)
    )
    frozen.move_to(due - timedelta(hours=30))
    client.force_login(owner.user)
    wanted = [before.case.reference, str(violation), after.case.reference]
    assert lines(client) == wanted
    assert [line for line in lines(client, "?view=all") if line in wanted] == wanted
    for view in ("confirm", "buyer", "visits", "missed"):
        assert str(violation) not in lines(client, f"?view={view}")


def test_every_limit_is_on_exactly_one_page(client, frozen, monkeypatch):
    violation = judged.a_notified()
    seller = violation.seller
    for n in range(30):
        make.requested(make.a_cover(make.a_product(seller)), at=R0 + timedelta(hours=100 + n))
    frozen.move_to(R0 + timedelta(hours=130))
    client.force_login(make.seller_of(violation).user)
    seen, query = [], ""
    while True:
        page = client.get(f"/dashboard/{query}")
        seen += lines(client, query)
        query = page.context["next_url"]
        if not query:
            break
    assert seen.count(str(violation)) == 1
    assert len(seen) == len(set(seen)) == 31


def test_many_limits_at_once_all_stand_in_the_queue(client, frozen):
    violation = judged.a_notified()
    first = violation.deadlines.get()
    others = [a_violation(violation.seller, at=R0, state="notified") for _n in range(69)]
    for n, other in enumerate(others):
        JudgementDeadline.objects.create(
            violation=other, clock="hearing", amount=5, clause="3.2", started_at=judged.NOTIFIED,
            due_at=first.due_at + timedelta(minutes=n),
        )  # fmt: skip
    frozen.move_to(judged.NOTIFIED + HOUR)
    client.force_login(make.seller_of(violation).user)
    assert sorted(lines(client)) == sorted(map(str, [violation, *others]))


@pytest.mark.clause("3.4")
def test_the_button_says_what_is_to_be_done(client, frozen):
    complaint = file.filed()
    frozen.move_to(FILED + HOUR)
    client.force_login(make.seller_of(complaint).user)
    [row] = [row for row in client.get("/dashboard/").context["rows"] if isinstance(row, JudgedClock)]
    assert (row.thing, str(row.button)) == (complaint, "Propose")
    determined = file.determined(file.escalated(complaint))
    frozen.move_to(file.NEGOTIATED + 2 * HOUR)
    rows = client.get("/dashboard/").context["rows"]
    told = {str(row.thing): str(row.button) for row in rows if isinstance(row, JudgedClock)}
    assert told[str(determined)] == "Object"


def test_each_kind_has_its_whole_list_page_by_page(client):
    violation = judged.a_notified()
    seller = violation.seller
    for _n in range(SHOWN + 2):
        a_violation(seller, at=R0)
    client.force_login(make.seller_of(violation).user)
    index = client.get("/dashboard/judgement/").content.decode()
    assert "/dashboard/judgement/all/violations/" in index
    assert "/dashboard/judgement/all/losses/" not in index
    seen = []
    for page in (1, 2):
        shown = client.get(f"/dashboard/judgement/all/violations/?page={page}")
        [listed] = shown.context["lists"]
        seen += [row.thing.pk for row in listed.rows]
    assert sorted(seen) == sorted(Violation.objects.filter(seller=seller).values_list("pk", flat=True))
    assert "page=1" in shown.content.decode()
    assert client.get("/dashboard/judgement/all/secrets/").status_code == 404
    client.force_login(make.seller_of(make.a_cover()).user)
    [other] = client.get("/dashboard/judgement/all/violations/").context["lists"]
    assert other.rows == []
