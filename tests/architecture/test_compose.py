"""docker-compose.yml is the production shape: each command and variable in it is held against the code."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery import Celery
from celery.bin.celery import celery
from django.core.management import get_commands
from gunicorn.config import Config

from zestech_aftersales.supervisor import programs
from zestech_aftersales.supervisor.children import Program

ROOT = Path(__file__).parents[2]
OURS = {"migrate", "web", "worker", "beat"}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def settings_names() -> set[str]:
    """Return every variable that settings.py reads."""
    text = (ROOT / "zestech_aftersales" / "settings.py").read_text()
    return set(re.findall(r"""(?:env\.\w+|\w+_from_env)\(\s*["']([A-Z_]+)["']""", text))


def check_command(words: list[str]) -> None:
    """Raise AssertionError when the code has no such program, module, command or option."""
    program, *rest = words
    if program == "gunicorn":
        options = Config().parser().parse_args(rest)
        assert callable(importlib.import_module(options.args[0]).application)
    elif program == "celery":
        assert rest[0] == "--app"
        assert isinstance(importlib.import_module(rest[1]).celery_app, Celery)
        command = celery.commands[rest[2]]
        known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
        assert {word for word in rest[3:] if word.startswith("--")} <= known
    else:
        assert words[:2] == ["python", "manage.py"], words
        assert (ROOT / "manage.py").exists()
        assert words[2] in get_commands()


@pytest.mark.parametrize("service", sorted(OURS))
def test_commands_exist(service: str) -> None:
    check_command(compose()["services"][service]["command"])


@pytest.mark.parametrize(
    "wrong",
    [
        ["gunicorn", "zestech_aftersales.nowhere"],
        ["celery", "--app", "zestech_aftersales", "worker", "--no-such-option"],
        ["celery", "--app", "zestech_aftersales", "no-such-command"],
        ["python", "manage.py", "no_such_command"],
    ],
)
def test_a_wrong_command_is_seen(wrong: list[str]) -> None:
    with pytest.raises((AssertionError, ImportError, KeyError)):
        check_command(wrong)


@pytest.mark.parametrize("program", [programs.web(8000), programs.worker(), programs.beat()], ids=lambda p: p.name)
def test_up_runs_commands_that_exist(program: Program) -> None:
    assert program.command[1] == "-m"
    check_command([word for word in program.command[2:] if word])


def test_all_parts_of_the_shape_are_there() -> None:
    services = compose()["services"]
    assert services.keys() == {"db", "redis"} | OURS
    assert {services[name]["image"] for name in OURS} == {"zestech-aftersales"}
    assert all(services[name]["environment"]["DEBUG"] == "off" for name in OURS)


def test_the_site_is_published_to_this_machine_only() -> None:
    services = compose()["services"]
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert len(published) == 1
    assert published[0].startswith("127.0.0.1:")


def test_every_variable_is_one_the_settings_read() -> None:
    known = settings_names()
    assert {"DATABASE_URL", "SECRET_KEY"} <= known
    for name in OURS:
        assert compose()["services"][name]["environment"].keys() <= known


def test_the_image_names_what_the_settings_read() -> None:
    text = (ROOT / "Dockerfile").read_text()
    given = set(re.findall(r"\b([A-Z][A-Z_]+)=", text)) - {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    assert given <= settings_names()
    assert "requirements.lock" in text
