"""The parts of the supervisor: one at a time, back-off, the watchdog, a taken port."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.supervisor.running import wait_until_gone
from zestech_aftersales.management.commands.up import refuse_taken_port
from zestech_aftersales.supervisor import watchdog
from zestech_aftersales.supervisor.children import FIRST_PAUSE, LONGEST_PAUSE, Child, Program
from zestech_aftersales.supervisor.keeper import AlreadyRunning, Keeper

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]


def test_a_taken_port_is_refused_at_once() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(CommandError, match="cannot be used"):
            refuse_taken_port(other.getsockname()[1])


def test_one_supervisor_a_folder(tmp_path: Path) -> None:
    with Keeper(tmp_path, tmp_path, print), pytest.raises(AlreadyRunning), Keeper(tmp_path, tmp_path, print):
        pass


def test_leaving_stops_the_children(tmp_path: Path) -> None:
    with Keeper(tmp_path, tmp_path, print) as keeper:
        keeper.start(Program("sleeper", SLEEPER))
        process = keeper.children[0].process
        assert process is not None
    assert wait_until_gone({process.pid}, 5) == set()


def test_what_ends_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    with Keeper(tmp_path, tmp_path, said.append) as keeper:
        keeper.start(Program("short", [sys.executable, "-c", "print('last words')"]))
        assert keeper.wait_for(lambda: len(said) > 1, seconds=20)
        assert keeper.wait_for(lambda: keeper.children[0].process is not None, seconds=20)
    assert "short ended (0); starting it again" in said[0]
    assert "last words" in said[1]


def test_the_pause_doubles_up_to_its_limit_and_recovers(tmp_path: Path) -> None:
    child = Child(Program("short", []), tmp_path, tmp_path)
    child.started_at = float("inf")
    pauses = [child.postpone() for _ in range(10)]
    assert pauses[:3] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert pauses[-1] == LONGEST_PAUSE
    child.started_at = float("-inf")
    assert child.postpone() == FIRST_PAUSE


def test_the_watchdog_ends_what_a_lost_supervisor_left() -> None:
    sleeper = subprocess.Popen(SLEEPER, start_new_session=True)
    kept = subprocess.Popen(SLEEPER, start_new_session=True)
    try:
        assert watchdog.__file__
        dog = subprocess.Popen([sys.executable, "-I", watchdog.__file__], stdin=subprocess.PIPE, text=True)
        dog.communicate(f"+{sleeper.pid}\n+{kept.pid}\n-{kept.pid}\n", timeout=20)
        assert sleeper.wait(10) != 0
        assert kept.poll() is None
    finally:
        for process in (sleeper, kept):
            if process.poll() is None:
                os.killpg(process.pid, 9)
            process.wait()
