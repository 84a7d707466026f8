"""One program under supervision: how it is started, asked to stop and started again."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# Back-off between restarts, in seconds; a program that stayed up this long has recovered.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
RECOVERED_AFTER = 60.0
LARGEST_LOG = 5 * 1024 * 1024
PR_SET_PDEATHSIG = 1


def _tie_to_parent() -> Callable[[], None] | None:
    """Return what a child runs before exec so that the kernel ends it with its parent; None where that is unknown."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Program:
    """A command line and the environment it is given beside our own."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


class Child:
    """A program that should be running: its process, log and the pause before the next start."""

    def __init__(self, program: Program, log_dir: Path, cwd: Path) -> None:
        self.program = program
        self.log = log_dir / f"{program.name}.log"
        self.cwd = cwd
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.pause = FIRST_PAUSE
        self.not_before = 0.0

    def start(self) -> None:
        """Start the program in a process group of its own, so that a Ctrl-C reaches only the supervisor."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.command,
                cwd=self.cwd,
                env={**os.environ, **self.program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_tie_to_parent(),  # noqa: PLW1509 - the supervisor has one thread
            )
        self.started_at = time.monotonic()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def postpone(self) -> float:
        """Note that the program ended by itself; return the seconds until it may start again."""
        instant = time.monotonic()
        if instant - self.started_at > RECOVERED_AFTER:
            self.pause = FIRST_PAUSE
        pause = self.pause
        self.not_before = instant + pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        return pause

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole process group."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def stop(self, grace: float) -> None:
        """Ask the program to end, wait `grace` seconds, then end its group."""
        if self.process is None:
            return
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(grace)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        self.signal(signal.SIGKILL)

    def last_words(self, lines: int = 5) -> str:
        """Return the end of the program's log."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""
