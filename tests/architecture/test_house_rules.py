"""The product keeps the house rules, and each rule is shown to bite."""

import subprocess

import pytest

from tests.architecture.house_rules import ROOT, RULES, Source, broken, product

LONGEST_FILE = 400

# rule -> what breaks it and, in the same kind of file, what does not.
EXAMPLES = {
    "foreign_clock": (
        "cases/models/order.py",
        ["x = datetime.now(UTC)", "x = timezone.now", "f = DateTimeField(auto_now=True)", "from time import time"],
        ["x = at", "x = datetime.fromisoformat(text)", "x = time.monotonic()"],
    ),
    "clock_read_inside": (
        "cases/actions/book.py",
        ["at = clock.now()", "from zestech_aftersales.clock import now"],
        ["from zestech_aftersales import clock", "x = other.now()"],
    ),
    "state_written": (
        "cases/actions/book.py",
        [
            "appointment.state = 'agreed'",
            "rows.update(state='missed')",
            "Order.objects.bulk_update(rows, ['state'])",
            "setattr(order, 'state', 'paid')",
        ],
        [
            "appointment.agree()",
            "rows.update(seen_at=at)",
            "Cover(state='pending')",
            "@transition(field=state)\ndef miss(self):\n    self.state = 'missed'",
        ],
    ),
    "query_in_channel": (
        "zestech_aftersales/portal/views.py",
        ["orders = Order.objects.filter(buyer=user)", "Order._default_manager"],
        ["orders = queries.orders_for(user)"],
    ),
    "rule_number": (
        "cases/deadlines.py",
        ["timedelta(hours=48)", "timedelta(2)", "timedelta(days=7 * 2)", "periods.days_limit(start, 14, zone)"],
        [
            "timedelta(hours=law.response_hours)",
            "timedelta(0)",
            "timedelta(days=1)",
            "timedelta(seconds=30)",
            "days_limit(start, n, zone)",
        ],
    ),
    "signal_receiver": (
        "cases/apps.py",
        ["from django.db.models.signals import post_save", "from django.dispatch import receiver"],
        ["from django.db.models.signals import post_migrate", "from django.db import models"],
    ),
    "refreshed": (
        "cases/actions/book.py",
        ["order.refresh_from_db()"],
        ["order = Order.objects.select_for_update().get(pk=order.pk)"],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_product_keeps_the_rule(rule: str) -> None:
    assert broken(rule, product()) == []


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, (_, wrong, _) in EXAMPLES.items() for text in wrong])
def test_a_breach_is_seen(rule: str, text: str) -> None:
    assert broken(rule, [Source.of(EXAMPLES[rule][0], text)])


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, (*_, right) in EXAMPLES.items() for text in right])
def test_what_is_right_passes(rule: str, text: str) -> None:
    assert broken(rule, [Source.of(EXAMPLES[rule][0], text)]) == []


def test_every_rule_has_examples() -> None:
    assert EXAMPLES.keys() == RULES.keys()


def test_the_clock_may_be_read_at_the_doors() -> None:
    doors = ["cases/tasks.py", "zestech_aftersales/api/views.py", "cases/management/commands/sweep.py"]
    assert broken("clock_read_inside", [Source.of(door, "at = clock.now()") for door in doors]) == []


def tracked(*patterns: str) -> list[str]:
    """Return the files of the repository, those not committed yet included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def test_no_file_is_too_long_to_live_in() -> None:
    names = tracked(
        "*.py",
        ":!*/migrations/*",
        "*.html",
        "*.css",
        "*.js",
        "*.yml",
        "Makefile",
        ".ci/*",
        ":!static/vendor",
        ":!tests/vendor",
    )
    assert names
    too_long = {name: lines for name in names if (lines := len((ROOT / name).read_text().splitlines())) > LONGEST_FILE}
    assert too_long == {}
