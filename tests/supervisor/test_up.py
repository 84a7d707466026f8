"""`manage.py up` with real processes: it answers, stops, restarts what dies and leaves nothing behind."""

import os
import signal
import sqlite3
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.supervisor.running import Up, processes_of, wait_until_gone

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("up"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all starts, so that the later ones find the data of the first."""
    return tmp_path_factory.mktemp("up")


def page(up: Up, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port}{path}", timeout=20) as answer:
        return str(answer.read().decode())


def test_it_answers_stops_at_ctrl_c_and_keeps_its_data(var_dir: Path) -> None:
    with Up(var_dir) as up:
        assert "ok" in page(up, "/healthz")
        assert f"http://127.0.0.1:{up.port}/" in up.said
        assert "buyer@example.com" in up.said
        family = processes_of(var_dir)
        assert len(family) >= 6  # itself, its watchdog, broker, web (two), worker, beat

        up.process.send_signal(signal.SIGINT)

        assert up.process.wait(30) == 0
        assert wait_until_gone(family, 10) == set()
    secret = (var_dir / "secret-key").read_text()
    with closing(sqlite3.connect(var_dir / "db.sqlite3")) as database:
        database.execute("CREATE TABLE kept_by_the_test (words TEXT)")

    with Up(var_dir) as up:
        assert (var_dir / "secret-key").read_text() == secret
        with closing(sqlite3.connect(var_dir / "db.sqlite3")) as database:
            assert database.execute("SELECT count(*) FROM kept_by_the_test").fetchone() == (0,)


def test_a_child_that_dies_comes_back_and_kill_9_leaves_no_orphan(var_dir: Path) -> None:
    with Up(var_dir) as up:
        first = up.pid_of("celery --app zestech_aftersales beat")
        os.kill(first, signal.SIGKILL)
        up.wait_for("beat ended (-9); starting it again")
        assert wait_until_gone({first}, 10) == set()

        family = processes_of(var_dir)
        up.process.kill()
        up.process.wait()

        assert wait_until_gone(family, 15) == set()
