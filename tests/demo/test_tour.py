"""The tour: every outcome is what the rules say, and a wrong one would be told."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.management import CommandError
from rich.console import Console

from complaints.models import Determination, Violation
from zestech_aftersales.demo.script import EXPECTED, READINGS
from zestech_aftersales.demo.telling import REQUESTED
from zestech_aftersales.demo.tour import Answer, Outcome, tell
from zestech_aftersales.management.commands.tour import Command, must_be_right
from zestech_aftersales.rulebook.queries import edition_in_force

SECONDS = 120  # it takes about ten; machines that run several suites at once need longer


@pytest.mark.django_db
@pytest.mark.clause("2.3.1")
@pytest.mark.clause("2.3.2")
@pytest.mark.clause("3.1")
def test_the_story_comes_out_as_the_rules_say(frozen, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    out = io.StringIO()
    outcomes = tell(Console(file=out, width=160), frozen, edition_in_force(REQUESTED).law, pace=0)
    must_be_right(outcomes)
    assert [each.expected for each in outcomes] == [*EXPECTED, *READINGS]
    told = out.getvalue()
    # Each step with its instant in both zones, the state and the clause.
    assert "2026-11-25T01:15:30.000001Z   Wed 25 Nov 09:15:30.000001 +0800   day 2" in told
    assert "2026-12-08T16:00:00Z   Wed 09 Dec 00:00:00.000000 +0800   day 15, 24:00" in told
    assert "409 deadline_passed, rule 2.3.1" in told
    assert "422 disclosure_incomplete, rule 3.1" in told
    the_judgement_is_told(told)
    assert "(passed, being established)" in told
    assert "effective 2026-11-25T01:15:30Z, recorded 2026-11-25T01:16:01Z" in told
    assert "403: You proposed this yourself" in told
    assert "Decide on the offer: stands still while the platform rules" in told
    assert "Reminded at 75 %: Demo Seller Owner, Demo Seller Staff." in told
    assert told.count("✓") == len(EXPECTED) + len(READINGS)

    wrong = replace(outcomes[0], expected=replace(EXPECTED[0], effective_at="2026-12-07T16:00:00Z"))
    assert not wrong.is_right
    with pytest.raises(CommandError, match="Not what the rules say: on time"):
        must_be_right([wrong, *outcomes[1:]])


def the_judgement_is_told(told: str) -> None:
    """Each refusal of it by its own code and rule, and what people decided as it is kept."""
    for words, refusal in (
        ("The buyer escalates in the last instant", "409 too_early, rule 3.4"),
        ("to clear the seller, and tries to approve it alone", "403: "),
        ("The seller applies in the last instant of the bar", "409 barred, rule 3.2"),
    ):
        [line] = [line for line in told.splitlines() if words in line]
        assert told.partition(line)[2].lstrip().startswith(f"→ {refusal}"), words
    assert "Support determines: the seller is liable" in told
    assert [each.liability for each in Determination.objects.all()] == ["seller"]
    assert told.count("Heard, and confirmed by an auditor") == 2
    assert [each.state for each in Violation.objects.filter(seller__enrolments__state="cleared")] == ["confirmed"] * 2


@pytest.mark.parametrize("change", [{"state": "agreed"}, {"clause": "2.3.2"}])
def test_an_outcome_is_state_instant_and_clause(change):
    right = Outcome(EXPECTED[0], "confirmed", REQUESTED.fromisoformat(EXPECTED[0].effective_at), "2.3.1")
    assert right.is_right
    assert not replace(right, **change).is_right


def test_an_answer_is_right_word_for_word():
    right = Answer(READINGS[0], READINGS[0].answer)
    must_be_right([right])
    with pytest.raises(CommandError, match=f"Not what the rules say: {READINGS[0].case}"):
        must_be_right([replace(right, found=READINGS[0].answer.replace("05:15:30Z", "05:15:31Z"))])


@pytest.mark.slow
def test_the_command_plays_in_a_database_of_its_own(tmp_path, monkeypatch):
    """It needs none of the program's settings, and leaves nothing behind."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/real.sqlite3")
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    ended = subprocess.run(
        [sys.executable, "manage.py", "tour"],
        cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "What came out" in ended.stdout
    assert not (tmp_path / "real.sqlite3").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["var"]


def test_it_never_plays_in_the_programs_database(tmp_path):
    with pytest.raises(CommandError, match="database of its own"):
        Command().play(tmp_path, 0)
