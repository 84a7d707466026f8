"""A modest reader of sentences: which promises the words of a seller seem to make, in English and Chinese.

Only ever a proposal: people correct it before anything is recorded, and an auditor judges what the buyer reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sellers.terms import MONTHS_OF_A_YEAR, UNLIMITED, Charge, Dimension, Promise, PromiseError
from zestech_aftersales.rulebook.services import ServiceMethod

HOURS_OF_A_DAY = 24
DAYS_OF_A_WEEK = 7
ENGLISH = (
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
)  # fmt: skip
NUMBER_WORDS = {word: number for number, word in enumerate(ENGLISH, start=1)}
DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
# A clause of a sentence: what is said in it belongs together.
CLAUSE_ENDS = re.compile(r"[,;.!?\n，。；！？、]|\band\b|\bbut\b|但是|而且|并且|以及")
NUMBER = r"(?P<number>\d{1,5}|[零一二两三四五六七八九十]{1,3}|" + "|".join(ENGLISH) + r")\s*(?:个|-)?\s*"
AMOUNT = re.compile(
    NUMBER
    + r"(?:(?P<hours>hours?\b|hrs?\b|h\b|小时|钟头)|(?P<days>(?:natural|calendar|working|business)?\s*days?\b|自然日|工作日|天|日)"
    r"|(?P<weeks>weeks?\b|星期|周)|(?P<months>months?\b|月)|(?P<years>years?\b|yrs?\b|年)"
    r"|(?P<times>(?:free\s+)?(?:times\b|services?\b|visits?\b|repairs?\b)|次))",
    re.IGNORECASE,
)
ABOUT_A_SOLUTION = re.compile(r"solution|solve|resol|fix|repair|plan\b|方案|解决|修好|修复", re.IGNORECASE)
ABOUT_A_CONFIRMATION = re.compile(r"confirm|appointment|确认|预约", re.IGNORECASE)
ABOUT_A_REPLY = re.compile(r"repl|respon|answer|get back|contact|回复|答复|响应|联系", re.IGNORECASE)
ABOUT_THE_COVER = re.compile(r"cover|warrant|guarant|service|support|保修|质保|售后|服务", re.IGNORECASE)
FREE = re.compile(r"\bfree\b|no charge|at no cost|without charge|on us\b|免费|不收费|不另收费", re.IGNORECASE)
CHARGED = re.compile(r"not free|you pay|at your (?:own )?(?:cost|expense)|收费|自费|付费", re.IGNORECASE)
WITHOUT_LIMIT = re.compile(r"unlimited|as often as|any number of|不限次|无限次", re.IGNORECASE)
TAKEN_AWAY = re.compile(r"\bno\b|\bnot\b|n't\b|never|without|except|不提供|不能|不上门|不包|没有|除外", re.IGNORECASE)
METHODS = {
    ServiceMethod.DOOR: re.compile(r"door|on-?site|your (?:home|house|place)|come to you|上门", re.IGNORECASE),
    ServiceMethod.POINT: re.compile(r"service (?:point|cent)|workshop|网点|服务点|服务中心", re.IGNORECASE),
    ServiceMethod.REMOTE: re.compile(r"remote|video|远程|视频", re.IGNORECASE),
}


def promises_in(text: str) -> list[Promise]:
    """The promises that the words seem to make, in their order, each once; empty where nothing is recognised."""
    found: dict[tuple[str, object], Promise] = {}
    for clause in CLAUSE_ENDS.split(text[:5000]):
        for dimension, value, excludes in _read(clause, text):
            try:
                promise = Promise(dimension, value, excludes)
            except PromiseError:
                # "reply in 0 hours", "20000 hours": nobody promises that.
                continue
            found.setdefault((dimension.value, value), promise)
    return list(found.values())


def _read(clause: str, text: str) -> Iterator[tuple[Dimension, int | str, bool]]:
    for match in AMOUNT.finditer(clause):
        number = _number(match["number"])
        if number is not None and (read := _amount(match.lastgroup or "", number, clause, text)):
            yield *read, False
    if WITHOUT_LIMIT.search(clause):
        yield Dimension.NUMBER_OF_SERVICES, UNLIMITED, False
    if CHARGED.search(clause) and not re.search("不收费|不另收费", clause):
        yield Dimension.CHARGE, Charge.CHARGED.value, False
    elif FREE.search(clause):
        yield Dimension.CHARGE, Charge.FREE.value, False
    for method, words in METHODS.items():
        if words.search(clause):
            yield Dimension.METHODS, method.value, bool(TAKEN_AWAY.search(clause))


def _amount(unit: str, number: int, clause: str, text: str) -> tuple[Dimension, int] | None:
    match unit:
        case "hours":
            return _hours_dimension(clause, text), number
        case "days" | "weeks":
            days = number * (DAYS_OF_A_WEEK if unit == "weeks" else 1)
            if ABOUT_A_CONFIRMATION.search(clause):
                return Dimension.CONFIRMATION_DAYS, days
            if ABOUT_A_REPLY.search(clause) or ABOUT_A_SOLUTION.search(clause):
                return _hours_dimension(clause, text), days * HOURS_OF_A_DAY
        case "months" | "years" if ABOUT_THE_COVER.search(clause) or ABOUT_THE_COVER.search(text):
            return Dimension.COVER_MONTHS, number * (MONTHS_OF_A_YEAR if unit == "years" else 1)
        case "times":
            return Dimension.NUMBER_OF_SERVICES, number
    return None


def _hours_dimension(clause: str, text: str) -> Dimension:
    for words in (clause, text):
        if ABOUT_A_REPLY.search(words):
            return Dimension.RESPONSE_HOURS
        if ABOUT_A_SOLUTION.search(words):
            return Dimension.SOLUTION_HOURS
    return Dimension.RESPONSE_HOURS


def _number(words: str) -> int | None:
    """A number in digits, as an English word to twelve, or in Chinese to ninety-nine."""
    if words.isascii():
        return int(words) if words.isdigit() else NUMBER_WORDS.get(words.lower())
    tens, has_ten, ones = words.partition("十")
    if not has_ten:
        return DIGITS.get(words)
    if (tens and tens not in DIGITS) or (ones and ones not in DIGITS):
        return None
    return DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0)
