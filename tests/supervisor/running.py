"""Drive `manage.py up` as a person at a terminal would, and see which processes belong to it."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
READY = "Ctrl-C stops everything"
PATIENCE = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_of(var_dir: Path) -> set[int]:
    """Return every process that was given this VAR_DIR, zombies left out."""
    mark = f"VAR_DIR={var_dir}".encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
    return found


def wait_until_gone(processes: set[int], seconds: float) -> set[int]:
    """Return those of the processes that are still there after `seconds`; the kernel tells when one ends."""
    left = set()
    for process in processes:
        try:
            handle = os.pidfd_open(process)
        except ProcessLookupError:
            continue
        try:
            if not select.select([handle], [], [], seconds)[0]:
                left.add(process)
        finally:
            os.close(handle)
    return left


class Up:
    """A running `manage.py up` with a folder and a port of its own."""

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.said = ""
        environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "EMAIL_URL"}}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env={
                **environment,
                "VAR_DIR": str(var_dir),
                "PORT": str(self.port),
                "DEBUG": "on",
                "PYTHONUNBUFFERED": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        self.wait_for(READY)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        for process in wait_until_gone(processes_of(self.var_dir), 10):
            os.kill(process, signal.SIGKILL)

    def wait_for(self, words: str) -> None:
        """Read what it prints until the words come."""
        assert self.process.stdout is not None
        while words not in self.said:
            if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
                raise AssertionError(f"{words!r} did not come within {PATIENCE} s:\n{self.said}")
            chunk = os.read(self.process.stdout.fileno(), 65536)
            if not chunk:
                raise AssertionError(f"it ended with {self.process.wait()}:\n{self.said}")
            self.said += chunk.decode()

    def pid_of(self, words: str) -> int:
        """Return the first process whose command line has the words."""
        for process in sorted(processes_of(self.var_dir)):
            with contextlib.suppress(OSError):
                if words in Path(f"/proc/{process}/cmdline").read_bytes().decode().replace("\0", " "):
                    return process
        raise AssertionError(f"no process runs {words!r}")
