"""The rules page and the limit that anybody can count."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from zestech_aftersales.rulebook import CLAUSES
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.rulebook.links import clause_url
from zestech_aftersales.rulebook.publication import publish_edition

pytestmark = pytest.mark.django_db

SECOND = datetime(2026, 3, 8, 16, tzinfo=UTC)


@pytest.fixture
def second(frozen):
    return publish_edition(NUMBERS | {"response_hours": 36}, effective_at=SECOND, at=datetime.now(UTC))


@pytest.fixture
def page(client, frozen):
    """Return the text of the rules page, read by nobody in particular."""

    def read(**query: str) -> str:
        answer = client.get("/rules/", query)
        assert answer.status_code == 200
        text: str = answer.content.decode()
        return text

    return read


def test_everybody_can_read_every_clause_with_its_source(page):
    text = page()

    for number, each in CLAUSES.items():
        assert f'id="c-{number}"' in text
        assert str(each.title) in text.replace("&#x27;", "'")
    assert "Due to force majeure, the seller fails to provide services" in text
    assert "unforeseeable, unavoidable or insurmountable" in text, "the source's own “or”"
    assert "48 hours to respond and 14 natural days to confirm" in text
    assert "style=" not in text


def test_the_numbers_are_those_of_the_edition_in_force(page, second, frozen):
    assert "48 hours to respond" in page()
    frozen.move_to(SECOND)
    text = page()
    assert "36 hours to respond" in text
    assert "(was 48 hours)" in text


def test_another_edition_can_be_read_and_says_so(page, second):
    text = page(edition="2")

    assert "36 hours to respond" in text
    assert "You are reading edition 2. In force now is edition 1." in text
    assert "You are reading" not in page(edition="1")


@pytest.mark.parametrize("number", ["0", "9", "-1", "1.0", "x", "", "１"])
def test_an_edition_that_does_not_exist_is_not_found(client, frozen, number):
    assert client.get("/rules/", {"edition": number}).status_code == 404


def test_rules_are_only_read(client, frozen):
    assert client.post("/rules/").status_code == 405
    assert client.post("/rules/count/").status_code == 405


def test_a_clause_has_an_address():
    assert clause_url("2.3.1") == "/rules/#c-2.3.1"
    assert clause_url("5.1", edition=2) == "/rules/?edition=2#c-5.1"
    with pytest.raises(KeyError):
        clause_url("9.9")


def test_the_page_costs_the_same_however_many_editions(client, second, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        client.get("/rules/")


# --- Counting --------------------------------------------------------------------------------------------------------


def counted(client, **answers: str):
    defaults = {"kind": "confirmation", "start": "2026-03-02T01:15:30", "pause_begin": "", "pause_end": ""}
    query = defaults | answers
    if "edition" not in query:
        from zestech_aftersales.rulebook.models import RuleEdition

        query["edition"] = str(RuleEdition.objects.get(number=1).pk)
    return client.get(reverse("rulebook:count"), query)


def test_the_form_is_empty_at_first(client, frozen):
    answer = client.get(reverse("rulebook:count"))

    assert answer.status_code == 200
    assert "due" not in answer.context


def test_a_limit_is_counted(client, frozen):
    answer = counted(client)

    assert answer.context["due"] == datetime(2026, 3, 16, 16, tzinfo=UTC)
    assert "14 natural days" in answer.content.decode()
    assert "2026-03-16T16:00:00+00:00" in answer.content.decode()


def test_a_limit_is_counted_under_another_edition_and_with_a_pause(client, frozen, second):
    answer = counted(
        client,
        kind="response",
        edition=str(second.pk),
        pause_begin="2026-03-02T02:00:00",
        pause_end="2026-03-02T04:00:00",
    )

    assert answer.context["due"] == datetime(2026, 3, 3, 15, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"kind": "lunch"}, "kind"),
        ({"start": ""}, "start"),
        ({"start": "yesterday"}, "start"),
        ({"start": "9999-12-31T23:59:59"}, "start"),
        ({"start": "0001-01-01T00:00:00"}, "start"),
        ({"edition": "0"}, "edition"),
        ({"pause_begin": "2026-03-03T00:00:00"}, "pause_end"),
        ({"pause_end": "2026-03-03T00:00:00"}, "pause_begin"),
        ({"pause_begin": "2026-03-03T00:00:00", "pause_end": "2026-03-02T00:00:00"}, "pause_end"),
        ({"kind": "cover", "pause_begin": "2026-03-03T00:00:00", "pause_end": "2026-03-04T00:00:00"}, "pause_begin"),
    ],
)
def test_what_cannot_be_counted_is_said_at_its_field(client, frozen, answers, field):
    answer = counted(client, **answers)

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {field}
    assert "due" not in answer.context
    assert "There is a problem" in answer.content.decode()


# --- Admin -----------------------------------------------------------------------------------------------------------


def test_the_admin_shows_editions_and_changes_none(admin_client, second):
    shown = admin_client.get(f"/admin/rulebook/ruleedition/{second.pk}/change/")

    assert "36 hours" in shown.content.decode()
    assert admin_client.get("/admin/rulebook/ruleedition/").status_code == 200
    for address in ("add/", f"{second.pk}/delete/"):
        assert admin_client.get(f"/admin/rulebook/ruleedition/{address}").status_code == 403
    assert admin_client.post(f"/admin/rulebook/ruleedition/{second.pk}/change/", {"number": 7}).status_code == 403
