"""The supervisor: keeps a handful of programs running until it is asked to stop."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import IO, Any, Self

from zestech_aftersales.supervisor.children import Child, Program

POLL_SECONDS = 0.2
STOP_GRACE_SECONDS = 10.0


class AlreadyRunning(Exception):
    """Another supervisor works in the same folder."""


class Keeper:
    """Start programs in order, restart what ends, stop everything in reverse order.

    `say` is given one line for the person at the terminal. Use as a context manager: leaving it stops everything.
    """

    def __init__(self, var_dir: Path, cwd: Path, say: Callable[[str], None]) -> None:
        self.var_dir = var_dir
        self.cwd = cwd
        self.say = say
        self.children: list[Child] = []
        self.asked_to_stop = threading.Event()
        self.parent = os.getppid()
        self._before: dict[signal.Signals, Any] = {}
        self._lock: IO[str] | None = None
        self._watchdog: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        (self.var_dir / "log").mkdir(parents=True, exist_ok=True)
        self._take_lock()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._on_signal)
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("watchdog.py"))],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self.children):
            child.stop(STOP_GRACE_SECONDS)
            self._tell_watchdog("-", child)
        if self._watchdog is not None and self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
            self._watchdog.wait()
        for number, reaction in self._before.items():
            signal.signal(number, reaction)
        if self._lock is not None:
            self._lock.close()

    def start(self, program: Program) -> None:
        """Start a program and keep it running from now on."""
        child = Child(program, self.var_dir / "log", self.cwd)
        self.children.append(child)
        self._start(child)

    def keep(self) -> None:
        """Restart what ends, until a signal asks to stop or the parent `make` is gone."""
        while not self.asked_to_stop.wait(POLL_SECONDS):
            self.look_after()
            if self._is_abandoned():
                return

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until the condition holds while looking after the children; False when time or patience ran out."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or self.asked_to_stop.wait(POLL_SECONDS):
                return False
            self.look_after()
        return True

    def look_after(self) -> None:
        """Note the children that ended, and start those whose pause is over."""
        for child in self.children:
            if child.is_running:
                continue
            if child.process is not None:
                self._bury(child)
            elif time.monotonic() >= child.not_before:
                self._start(child)

    def _start(self, child: Child) -> None:
        child.start()
        self._tell_watchdog("+", child)

    def _bury(self, child: Child) -> None:
        code = child.process.returncode if child.process else None
        child.signal(signal.SIGKILL)
        self._tell_watchdog("-", child)
        child.process = None
        pause = child.postpone()
        self.say(f"{child.program.name} ended ({code}); starting it again in {pause:g} s. See {child.log}")
        words = child.last_words()
        if words:
            self.say(words)

    def _tell_watchdog(self, sign: str, child: Child) -> None:
        if self._watchdog is None or self._watchdog.stdin is None or child.process is None:
            return
        with contextlib.suppress(BrokenPipeError):
            self._watchdog.stdin.write(f"{sign}{child.process.pid}\n")
            self._watchdog.stdin.flush()

    def _take_lock(self) -> None:
        """Refuse a second supervisor in the same folder: it would take the first one's broker away."""
        self._lock = (self.var_dir / "up.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise AlreadyRunning from error

    def _is_abandoned(self) -> bool:
        return "MAKELEVEL" in os.environ and os.getppid() != self.parent

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked_to_stop.is_set():
            for child in self.children:
                child.signal(signal.SIGKILL)
        self.asked_to_stop.set()
