"""Each string is translated, its placeholders stand, what is compiled is what is kept, and pages speak one language."""

import importlib.util
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation

from tests.clock_fixture import R0
from tests.factories import cases as make
from tests.factories.accounts import UserFactory
from zestech_aftersales.ui.instants import instant_words

SPEC = importlib.util.spec_from_file_location("messages", Path(__file__).parents[2] / ".ci/messages.py")
assert SPEC is not None
messages = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(messages)

HAN = re.compile("[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[0-9]*[sdf]|\{\w*\}|%%|</?\w[^>]*>|`[^`]+`")
# Names and formats that are the same in Chinese.
SAME = {"API", "SKU", "ZESTECH"}
# Three English words in a row: more than a name, a code or a unit.
ENGLISH = re.compile(r"[A-Za-z’']+(?: [a-z’']{2,}){2,}")
ENGLISH_ON_PURPOSE = re.compile(
    r"<blockquote[^>]*lang=\"en\".*?</blockquote>|<(script|style|code)\b.*?</\1>|<[^>]+>", re.DOTALL
)


def texts_of(message):
    """The singular and the plural, or the one text there is."""
    return message.id if isinstance(message.id, tuple) else (message.id,)


def said_of(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


@pytest.fixture(scope="module")
def catalog():
    return messages.kept()


@pytest.fixture(scope="module")
def entries(catalog):
    return [message for message in catalog if message.id]


def read(client, path, language):
    """The words of a page, asked for by a browser of that language."""
    response = client.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


def test_no_string_waits_for_its_translation(catalog):
    kept = {(message.context, texts_of(message)[0]) for message in catalog if messages.is_translated(message.string)}
    waiting = sorted(
        f"{place}: {text}"
        for place, (context, said) in messages.messages()
        if (context, text := said[0] if isinstance(said, tuple) else said) not in kept
    )

    assert not waiting, "Translate these (make messages collects them):\n" + "\n".join(waiting)


def test_no_entry_is_a_guess_or_empty(entries):
    assert [message.id for message in entries if message.fuzzy or not messages.is_translated(message.string)] == []


def test_what_is_compiled_is_what_is_kept(catalog):
    assert messages.MO.read_bytes() == messages.compiled(catalog), "run make messages"


def test_chinese_has_one_plural_form(catalog, entries):
    assert catalog.num_plurals == 1
    assert {len(message.string) for message in entries if message.pluralizable} == {1}


def test_each_placeholder_stands_in_its_translation(entries):
    wrong = [
        (message.id, text)
        for message in entries
        for text in said_of(message)
        if set(PLACEHOLDER.findall(text)) != {each for said in texts_of(message) for each in PLACEHOLDER.findall(said)}
    ]

    assert wrong == []


def test_each_translation_is_chinese(entries):
    left = {text for message in entries for text in said_of(message) if not HAN.search(text)}

    assert left - SAME == {"%(zone)s，%(day)s 24:00"}


def test_no_place_and_no_order_of_the_code_is_kept():
    text = messages.PO.read_text(encoding="utf-8")

    assert "\n#: " not in text
    assert "\n#~ " not in text


def test_strings_are_found_wherever_they_stand():
    code = 'f"{_(\'inside\')}"\npgettext("of what", "a" " b")\nngettext("one", "more", n)\nother("no")\n_(name)'
    template = (
        "{% comment %}x{% endcomment %}{% load i18n %}\n  <p title=\"{% translate 'Attribute' %}\">{{ _('Constant') }}"
        "{% blocktranslate count n=n trimmed %}\n {{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}</p>"
    )

    assert set(messages.in_code(code)) == {(None, "inside"), ("of what", "a b"), (None, ("one", "more"))}
    assert list(messages.in_template(template)) == [
        (None, "Attribute"),
        (None, "Constant"),
        (None, ("%(n)s day", "%(n)s days")),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["home", "account_login", "rulebook:rules", "help", "accessibility"])
def test_a_visitor_is_met_in_the_language_of_the_browser(client, frozen, name):
    english, chinese = read(client, reverse(name), "en"), read(client, reverse(name), "zh-CN,zh;q=0.9")

    assert '<html lang="en">' in english
    assert not HAN.search(english)
    assert '<html lang="zh-hans">' in chinese
    assert HAN.search(chinese)
    assert ENGLISH.findall(ENGLISH_ON_PURPOSE.sub("\n", chinese)) == []


@pytest.mark.django_db
def test_a_persons_own_language_counts_before_the_browsers(client, frozen):
    client.force_login(UserFactory(language="zh-hans"))
    chinese = read(client, reverse("portal:orders"), "en")
    client.force_login(UserFactory(language="en"))
    english = read(client, reverse("portal:orders"), "zh-CN")

    assert '<html lang="zh-hans">' in chinese
    assert "尚无订单" in chinese
    assert '<html lang="en">' in english
    assert not HAN.search(english)


@pytest.mark.django_db
def test_pages_of_a_buyer_and_a_seller_are_chinese_throughout(client, frozen):
    cover = make.a_cover()
    buyer = cover.line.order.buyer
    owner = make.a_member(make.a_seller())
    for person, paths in (
        (buyer, ["portal:orders", "portal:cases", "profile", "notices"]),
        (owner, ["dashboard:cases", "dashboard:calendar", "dashboard:programme", "dashboard:points"]),
    ):
        person.language = "zh-hans"
        person.save(update_fields=["language"])
        client.force_login(person)
        for path in paths:
            page = ENGLISH_ON_PURPOSE.sub("\n", read(client, reverse(path), "en"))
            assert ENGLISH.findall(page) == [], path


@pytest.mark.django_db
def test_a_case_is_told_in_chinese_to_both_sides(client, frozen):
    wanted = make.offered(make.requested(at=R0), at=R0).appointment
    place = wanted.case.reference
    words = {wanted.case.title, wanted.case.description, "free of charge"}
    for person, pages in (
        (wanted.buyer, [f"/portal/cases/{place}/", f"/portal/cases/{place}/accept/", f"/portal/cases/{place}/flag/"]),
        (make.a_member(wanted.seller), [f"/dashboard/cases/{place}/", f"/dashboard/cases/{place}/revise/"]),
    ):
        person.language = "zh-hans"
        person.save(update_fields=["language"])
        client.force_login(person)
        for path in pages:
            page = ENGLISH_ON_PURPOSE.sub("\n", read(client, path, "en"))
            assert [text for text in ENGLISH.findall(page) if not any(text in said for said in words)] == [], path


def test_dates_are_written_as_the_language_writes_them():
    at = datetime(2026, 3, 2, 1, 15, tzinfo=UTC)

    assert instant_words(at) == "Mon 2 Mar 2026, 01:15 (UTC)"
    with translation.override("zh-hans"):
        assert instant_words(at) == "2026年3月2日 星期一 01:15 (UTC)"
        assert instant_words(at, "day") == "2026年3月2日 星期一"
